//! One connection: a command is read, and its answer written, within limits of size and time.

use std::{
    io::{self, BufReader, ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde::Deserialize;

use super::message::{Answer, Command};

/// The longest command; a large configuration fits.
pub(super) const MAX_COMMAND: usize = 1 << 20;

/// How long a client may take to send its command, and to read the answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a client that has got its answer may go on sending.
const LINGER: Duration = Duration::from_secs(1);

/// How long to wait for the client before looking whether the server ends.
const NAP: Duration = Duration::from_millis(200);

/// Reads a command and answers it with what `answer` gives.
pub(crate) fn serve(stream: &UnixStream, stop: &AtomicBool, answer: impl FnOnce(Command) -> String) {
    let mut input = Limited { stream, stop, end: Instant::now() + PATIENCE, left: MAX_COMMAND };
    let answer = match read(&mut input) {
        Ok(Some(command)) => answer(command),
        Ok(None) => return,
        Err(problem) => {
            // As a field it is quoted: it may tell any key that the client has sent, also one with line ends.
            tracing::warn!(problem, "control socket: no command");
            Answer::error(problem).to_json()
        }
    };
    if let Err(error) = write(stream, format!("{answer}\n").as_bytes(), Instant::now() + PATIENCE) {
        tracing::warn!("control socket: the answer could not be sent: {error}");
        return;
    }
    // A socket that is closed with input unread would look broken to a client that has not yet read the answer.
    if stream.shutdown(Shutdown::Write).is_ok() {
        let mut rest = Limited { stream, stop, end: Instant::now() + LINGER, left: MAX_COMMAND };
        let mut buffer = [0; 4096];
        while matches!(rest.read(&mut buffer), Ok(1..)) {}
    }
}

/// The command, nothing if the client has sent nothing, or what is wrong.
fn read(input: &mut Limited<'_>) -> Result<Option<Command>, String> {
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(&mut *input));
    // Ends with the command, so that the client need not close its side.
    match Command::deserialize(&mut json) {
        Ok(command) => Ok(Some(command)),
        Err(_) if input.left == MAX_COMMAND && !input.is_late() => Ok(None),
        Err(error) if error.is_eof() => Err("the command ends before its JSON does".to_owned()),
        Err(error) if error.is_io() => Err(io::Error::from(error).to_string()),
        Err(error) => Err(format!("expected {{\"command\": \"name\", \"arguments\": {{…}}}}: {error}")),
    }
}

/// What the client sends, up to a size, a time and the end of the server.
struct Limited<'a> {
    stream: &'a UnixStream,
    stop: &'a AtomicBool,
    end: Instant,
    left: usize,
}

impl Limited<'_> {
    fn is_late(&self) -> bool {
        Instant::now() >= self.end
    }
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(room) = buffer.get_mut(..buffer.len().min(self.left)).filter(|room| !room.is_empty()) else {
            return Err(io::Error::other(format!("the command is longer than {MAX_COMMAND} octets")));
        };
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::new(
                    ErrorKind::TimedOut,
                    format!("no whole command within {} seconds", PATIENCE.as_secs()),
                ));
            }
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::other("the server ends"));
            }
            self.stream.set_read_timeout(Some(left.min(NAP)))?;
            match self.stream.read(room) {
                Ok(length) => {
                    self.left -= length;
                    return Ok(length);
                }
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Writes all of it, or fails if the client does not read for too long.
fn write(mut stream: &UnixStream, mut bytes: &[u8], end: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let text = format!("the client has not read it within {} seconds", PATIENCE.as_secs());
            return Err(io::Error::new(ErrorKind::TimedOut, text));
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex, mpsc},
        thread,
    };

    use super::*;

    /// What the client reads that sends this and then closes its side, or keeps it open.
    fn exchange(sent: &[u8], close: bool) -> (Option<String>, String) {
        let (server, mut client) = UnixStream::pair().unwrap();
        let (commands, given) = mpsc::channel();
        let serving = thread::spawn(move || {
            let stop = AtomicBool::new(false);
            serve(&server, &stop, |command| {
                commands.send(format!("{} {}", command.name, command.arguments_text())).unwrap();
                "done".to_owned()
            });
        });
        // A server that has seen enough closes before all is sent.
        let _ = client.write_all(sent);
        if close {
            client.shutdown(Shutdown::Write).unwrap();
        }
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        drop(client);
        serving.join().unwrap();
        (given.try_recv().ok(), answer.trim_end().to_owned())
    }

    #[test]
    fn a_command_is_answered_whether_the_client_closes_its_side_or_not() {
        for close in [true, false] {
            let sent = br#" {"command": "x", "arguments": { "a":  1}}"#;
            assert_eq!(exchange(sent, close), (Some("x { \"a\":  1}".to_owned()), "done".to_owned()));
            assert_eq!(exchange(br#"{"command":"x"}{"command":"y"}"#, close).0, Some("x ".to_owned()));
        }
    }

    #[test]
    fn garbage_is_answered_in_words() {
        let long = format!(r#"{{"command": "{}"}}"#, "x".repeat(MAX_COMMAND));
        let deep = format!(r#"{{"command": "x", "arguments": {}"#, "[".repeat(1000));
        let cases: [(&[u8], &str); 9] = [
            (b"{", "ends before"),
            (br#"{"command": "x""#, "ends before"),
            (b"hello", "expected {"),
            (b"7 ", "expected {"),
            (br#"{"command": 7}"#, "expected a string"),
            (br#"{"arguments": {}}"#, "missing field `command`"),
            (br#"{"command": "x", "argments": {}}"#, "unknown field `argments`"),
            (b"\xff\xfe\0\0", "expected {"),
            (long.as_bytes(), "longer than 1048576 octets"),
        ];
        for (sent, expected) in cases {
            let (command, answer) = exchange(sent, true);
            assert!(command.is_none() && answer.contains("\"result\":1"), "{answer}");
            let answer: Answer = serde_json::from_str(&answer).unwrap();
            assert!(answer.text.contains(expected), "{}", answer.text);
        }
        let (command, answer) = exchange(deep.as_bytes(), true);
        assert!(command.is_none() && answer.contains("\"result\":1"), "{answer}");
        assert_eq!(exchange(b"", true), (None, String::new()));
    }

    /// What is logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_client_cannot_write_lines_of_the_log() {
        let (lines, (server, mut client)) = (Lines::default(), UnixStream::pair().unwrap());
        client.write_all(br#"{"comm\u000aERROR and": 1}"#).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            serve(&server, &AtomicBool::new(false), |_| unreachable!("there is no command"));
        });
        let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("unknown field") && logged.lines().count() == 1, "{logged}");
    }

    #[test]
    fn a_client_that_takes_too_long_is_told_or_left() {
        let (server, mut client) = UnixStream::pair().unwrap();
        client.write_all(br#"{"command": "#).unwrap();
        let stop = AtomicBool::new(false);
        let mut input = Limited { stream: &server, stop: &stop, end: Instant::now(), left: MAX_COMMAND };
        assert!(read(&mut input).unwrap_err().contains("no whole command within 10 seconds"));
        // The client does not read, and more is written than its buffer takes.
        let end = Instant::now() + Duration::from_millis(50);
        let error = write(&server, &vec![b'x'; 1 << 24], end).unwrap_err();
        assert!(error.kind() == ErrorKind::TimedOut && error.to_string().contains("has not read"), "{error}");
    }

    #[test]
    fn a_server_that_ends_waits_for_no_client() {
        let (server, mut client) = UnixStream::pair().unwrap();
        client.write_all(b"{").unwrap();
        let stop = AtomicBool::new(true);
        serve(&server, &stop, |_| unreachable!("there is no command"));
    }
}
