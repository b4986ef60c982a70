//! What is printed. Nobody is told if stdout was closed: `hooks inspect FILE | head` has read what it wanted.

use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

use super::UNREADABLE;

/// Stdout, until it cannot be written any more; and stderr.
pub(super) struct Output {
    stdout: BufWriter<StdoutLock<'static>>,
    failed: Option<io::Error>,
}

impl Output {
    pub(super) fn new() -> Output {
        Output { stdout: BufWriter::new(io::stdout().lock()), failed: None }
    }

    /// A line on stdout.
    pub(super) fn line(&mut self, line: impl Display) {
        if self.failed.is_none() {
            self.failed = writeln!(self.stdout, "{line}").err();
        }
    }

    /// A value as JSON on stdout, on one line.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) {
        match serde_json::to_string(value) {
            Ok(json) => self.line(json),
            Err(error) => self.failed = Some(error.into()),
        }
    }

    /// A line on stderr, after all that was written so far.
    pub(super) fn error(&mut self, line: impl Display) {
        if self.failed.is_none() {
            self.failed = self.stdout.flush().err();
        }
        // There is nobody to whom it could be told.
        drop(writeln!(io::stderr(), "hooks: {line}"));
    }

    /// The exit code: `code`, unless what was found out could not be written.
    pub(super) fn finish(mut self, code: u8) -> u8 {
        let failed = self.failed.take().or_else(|| self.stdout.flush().err());
        match failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                drop(writeln!(io::stderr(), "hooks: the output cannot be written: {error}"));
                UNREADABLE
            }
            _ => code,
        }
    }
}
