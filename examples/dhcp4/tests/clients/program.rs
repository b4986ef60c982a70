//! A program that runs beside the test and does not outlive it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// Only a test that fails waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A child process, killed at the end of the test, and what it writes to its standard error.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts the program.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        // A thread reads, so that a program that writes much never waits for the test.
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Waits for a line with the text, among those not yet seen, and gives back what follows the text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let (mut seen, begin) = (Vec::new(), Instant::now());
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(begin.elapsed())) else {
                panic!("the program has not written `{text}`, but: {seen:#?}");
            };
            if let Some((_, after)) = line.split_once(text) {
                return after.trim().to_owned();
            }
            seen.push(line);
        }
    }

    /// Sends the signal, such as `HUP`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -s {signal}");
    }

    /// Waits until the program ends.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
