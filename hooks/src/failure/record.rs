//! What has been seen of one callout's failures.

use std::time::Instant;

use super::health::Health;

/// So many bytes of a failure's text are kept.
const LONGEST_TEXT: usize = 1024;

/// The failures of one callout.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) failures: u64,
    /// What it said the last time, and when.
    pub(crate) last: Option<(String, Instant)>,
    pub(crate) health: Health,
}

impl Record {
    /// It has failed once more.
    pub(crate) fn count(&mut self, text: &str, now: Instant) {
        self.failures += 1;
        let kept = text.floor_char_boundary(LONGEST_TEXT);
        let end = if kept < text.len() { "…" } else { "" };
        self.last = Some((format!("{}{end}", &text[..kept]), now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut() {
        let (now, mut record) = (Instant::now(), Record::default());
        record.count("short", now);
        record.count(&"é".repeat(10_000), now);
        assert_eq!((record.failures, record.last), (2, Some(("é".repeat(512) + "…", now))));
    }
}
