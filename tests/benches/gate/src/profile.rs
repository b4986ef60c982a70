//! What callgrind writes: each executed instruction with its count, and who called whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Problem;

/// Where an instruction is: its file, and its address there.
pub(crate) type Place = (PathBuf, u64);

/// Executed instructions and calls.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// The function that each instruction belongs to, and how often it was executed.
    pub(crate) executed: BTreeMap<Place, (String, u64)>,
    /// The function that each call goes to, and how often; an instruction may call several.
    pub(crate) calls: BTreeMap<(Place, String), u64>,
}

impl Profile {
    /// Reads callgrind's file, written with addresses and without compression.
    pub(crate) fn parse(text: &str) -> Result<Profile, Problem> {
        let mut profile = Profile::default();
        let (mut object, mut function, mut callee) = (PathBuf::new(), String::new(), String::new());
        let mut called = None;
        for line in text.lines() {
            if let Some((key, value)) = line.split_once('=') {
                match key {
                    "ob" => object = Path::new(value).to_owned(),
                    "fn" => function = value.to_owned(),
                    "cfn" => callee = value.to_owned(),
                    "calls" => called = Some(number(value.split_whitespace().next(), line)?),
                    // Files of sources, and the object of a callee.
                    _ => {}
                }
            } else if line.starts_with("0x") {
                let mut columns = line.split_whitespace();
                let address = number(columns.next(), line)?;
                let count = number(columns.nth(1), line)?;
                let place = (object.clone(), address);
                match called.take() {
                    // The line behind `calls=` has the cost of what was called, which has lines of its own.
                    Some(times) => *profile.calls.entry((place, callee.clone())).or_default() += times,
                    None => profile.executed.entry(place).or_insert_with(|| (function.clone(), 0)).1 += count,
                }
            }
        }
        Ok(profile)
    }

    /// All executed instructions.
    pub(crate) fn instructions(&self) -> u64 {
        self.executed.values().map(|(_, count)| count).sum()
    }

    /// What this run executed more than `fewer`.
    pub(crate) fn minus(mut self, fewer: &Profile) -> Profile {
        // The private copy of a library has another folder in each run.
        let name = |place: &Place| (place.0.file_name().map(ToOwned::to_owned), place.1);
        let executed: BTreeMap<_, _> = fewer.executed.iter().map(|(place, (_, count))| (name(place), *count)).collect();
        let calls: BTreeMap<_, _> =
            fewer.calls.iter().map(|((place, to), count)| ((name(place), to.as_str()), *count)).collect();
        self.executed.retain(|place, (_, count)| {
            *count = count.saturating_sub(executed.get(&name(place)).copied().unwrap_or_default());
            *count > 0
        });
        self.calls.retain(|(place, to), count| {
            *count = count.saturating_sub(calls.get(&(name(place), to.as_str())).copied().unwrap_or_default());
            *count > 0
        });
        self
    }
}

fn number(text: Option<&str>, line: &str) -> Result<u64, Problem> {
    let text = text.unwrap_or_default();
    let parsed = match text.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| format!("callgrind has written a line that is not understood: `{line}`").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "positions: instr line\n\nob=/bin/a\nfl=???\nfn=outer\n0x10 0 4\ncob=/tmp/1/lib.so\ncfn=inner\n\
        calls=4 0x20 0 \n0x14 0 8\n0x14 0 4\n\nob=/tmp/1/lib.so\nfn=inner\n0x20 0 4\n0x21 0 4\n";

    #[test]
    fn the_cost_of_a_call_is_counted_once() {
        let profile = Profile::parse(RUN).expect("it is callgrind's form");
        assert_eq!(profile.instructions(), 16);
        let calls: Vec<_> = profile.calls.iter().map(|((place, to), count)| (place.1, to.as_str(), *count)).collect();
        assert_eq!(calls, [(0x14, "inner", 4)]);
    }

    #[test]
    fn a_difference_finds_a_library_again_in_another_folder() {
        let fewer = Profile::parse(&RUN.replace("/tmp/1/", "/tmp/2/").replace(" 4\n", " 3\n")).expect("as above");
        let difference = Profile::parse(RUN).expect("as above").minus(&fewer);
        assert_eq!(difference.instructions(), 4);
    }

    #[test]
    fn what_is_not_a_number_is_named() {
        let problem = Profile::parse("fn=a\n0x1 0 many\n").expect_err("`many` is no number");
        assert!(problem.to_string().contains("`0x1 0 many`"), "{problem}");
    }
}
