//! What callgrind has counted in a whole process.

use std::ops::Sub;

/// Counts of a process, or what one process has more than another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// All instructions in user space.
    pub(crate) all: f64,
    /// Those outside of the C library. What its allocator does for the same calls depends on where free memory happens to
    /// be, and differs from run to run by more than a callout takes.
    pub(crate) outside: f64,
    /// Calls of `malloc`, `calloc` and `realloc`, so that these are not overlooked.
    pub(crate) allocations: f64,
}

impl Counts {
    /// Those of a file that callgrind has written without compression.
    pub(crate) fn parse(text: &str) -> Counts {
        let mut counts = Counts::default();
        let (mut in_libc, mut allocates, mut of_a_call) = (false, false, false);
        for line in text.lines() {
            if let Some(object) = line.strip_prefix("ob=") {
                in_libc = object.contains("/libc.so") || object.contains("/libc-");
            } else if let Some(function) = line.strip_prefix("cfn=") {
                allocates = matches!(function, "malloc" | "calloc" | "realloc");
            } else if let Some(calls) = line.strip_prefix("calls=") {
                if allocates {
                    counts.allocations += number(calls.split(' ').next());
                }
                // The line behind it has what the callee took, which is counted there.
                of_a_call = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit()) && !std::mem::take(&mut of_a_call) {
                let taken = number(line.split(' ').nth(1));
                counts.all += taken;
                counts.outside += if in_libc { 0.0 } else { taken };
            }
        }
        counts
    }

    /// For each of so many.
    pub(crate) fn each(self, number: f64) -> Counts {
        Counts { all: self.all / number, outside: self.outside / number, allocations: self.allocations / number }
    }
}

impl Sub for Counts {
    type Output = Counts;

    fn sub(self, other: Counts) -> Counts {
        Counts {
            all: self.all - other.all,
            outside: self.outside - other.outside,
            allocations: self.allocations - other.allocations,
        }
    }
}

fn number(text: Option<&str>) -> f64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::Counts;

    const FILE: &str = "events: Ir\nob=/bin/server\nfl=a.rs\nfn=main\n3 100\ncob=/lib/libc.so.6\ncfn=malloc\ncalls=7 9\n4 70\n5 1\n\n\
                        ob=/lib/libc.so.6\nfl=malloc.c\nfn=malloc\n9 70\n\nob=/lib/hook.so\nfl=b.rs\nfn=callout\n2 6\ntotals: 177\n";

    #[test]
    fn what_a_callee_took_is_counted_once() {
        let counts = Counts::parse(FILE);
        assert_eq!(counts, Counts { all: 177.0, outside: 107.0, allocations: 7.0 });
        let more = Counts::parse(&FILE.replace("2 6", "2 8")) - counts;
        assert_eq!(more.each(2.0), Counts { all: 1.0, outside: 1.0, allocations: 0.0 });
    }
}
