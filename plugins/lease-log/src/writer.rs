//! Writes lines until the queue is closed, and does not give up before that.

use std::{
    io::{self, ErrorKind},
    path::Path,
    sync::Arc,
    time::Duration,
};

use crate::{output::Output, queue::Queue, record::Line};

/// After what time a line that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Writes lines to an output.
#[derive(Debug)]
pub(crate) struct Writer<O> {
    output: O,
    problems: Problems,
}

/// Records that could not be written before the end.
#[derive(Debug)]
pub(crate) struct Unwritten {
    /// How many.
    pub(crate) records: u64,
    /// Why.
    pub(crate) error: io::Error,
}

impl<O: Output> Writer<O> {
    /// A writer to this output, which is named so in reports.
    pub(crate) fn new(output: O, path: &Path) -> Self {
        Self { output, problems: Problems { path: path.display().to_string(), reported: None } }
    }

    /// Writes what is in the queue until it is closed and empty.
    pub(crate) fn run(&mut self, queue: &Arc<Queue>) -> Result<(), Unwritten> {
        let mut unwritten: Option<Unwritten> = None;
        while let Some(lines) = queue.take() {
            for line in lines {
                // After a line that could be written only in part, another one would make it unreadable.
                if let Some(unwritten) = &mut unwritten {
                    unwritten.records += line.records();
                } else if let Err(error) = self.write(&line, || queue.closed_within(RETRY)) {
                    unwritten = Some(Unwritten { records: line.records(), error });
                }
            }
        }
        match unwritten {
            Some(unwritten) => Err(unwritten),
            None => self.output.sync().map_err(|error| Unwritten { records: 0, error }),
        }
    }

    /// Writes the line; tries again after an error until `give_up` says that there is no time left.
    pub(crate) fn write(&mut self, line: &Line, give_up: impl Fn() -> bool) -> io::Result<()> {
        let text = line.to_string();
        let hindrance = self.retry(&give_up, |output| match line {
            Line::Rotation => output.rotate(),
            Line::Record(_) | Line::Lost(_) => output.begin(text.len() as u64),
        })?;
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let written = self.retry(&give_up, |output| match output.write(rest) {
                Ok(0) => Err(ErrorKind::WriteZero.into()),
                result => result,
            })?;
            rest = rest.get(written..).unwrap_or_default();
        }
        match hindrance {
            Some(error) => {
                self.problems.report(format!("no new file can be begun, the log goes on in this one: {error}"))
            }
            None => self.problems.report_end(),
        }
        Ok(())
    }

    fn retry<T>(&mut self, give_up: impl Fn() -> bool, action: impl Fn(&mut O) -> io::Result<T>) -> io::Result<T> {
        loop {
            match action(&mut self.output) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.problems.report(format!("records wait until the log can be written again: {error}"));
                    if give_up() {
                        return Err(error);
                    }
                }
                done => return done,
            }
        }
    }
}

/// Tells the operator about problems, each once.
#[derive(Debug)]
struct Problems {
    path: String,
    reported: Option<String>,
}

impl Problems {
    fn report(&mut self, text: String) {
        if self.reported.as_ref() != Some(&text) {
            tracing::error!("{}: {text}", self.path);
            self.reported = Some(text);
        }
    }

    fn report_end(&mut self) {
        if self.reported.take().is_some() {
            tracing::info!("{}: the log can be written again", self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Receiver, Sender, channel},
        thread,
    };

    use super::*;
    use crate::record::{Event, Record, tests::lease};

    /// Does with each write what it is told, and tells that it waits for that.
    struct Scripted {
        waits: Sender<()>,
        answers: Receiver<Result<usize, ErrorKind>>,
        written: Vec<u8>,
    }

    impl Output for Scripted {
        fn begin(&mut self, _: u64) -> io::Result<Option<io::Error>> {
            Ok(None)
        }

        fn rotate(&mut self) -> io::Result<Option<io::Error>> {
            Ok(None)
        }

        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.waits.send(()).ok();
            // Once nobody tells any more, everything works.
            let length = self.answers.recv().unwrap_or(Ok(usize::MAX))?.min(octets.len());
            self.written.extend(&octets[..length]);
            Ok(length)
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Script {
        writer: Writer<Scripted>,
        answers: Sender<Result<usize, ErrorKind>>,
        waits: Receiver<()>,
        queue: Arc<Queue>,
    }

    fn script(capacity: usize) -> Script {
        let ((waits, waited), (answers, answered)) = (channel(), channel());
        let output = Scripted { waits, answers: answered, written: Vec::new() };
        Script {
            writer: Writer::new(output, Path::new("scripted")),
            answers,
            waits: waited,
            queue: Arc::new(Queue::new(capacity)),
        }
    }

    fn record(last: u8) -> Record {
        Record::new(Event::Assigned, &lease(last), None)
    }

    fn third_words(writer: &Writer<Scripted>) -> Vec<String> {
        let text = String::from_utf8(writer.output.written.clone()).unwrap();
        text.lines().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect()
    }

    #[test]
    fn while_the_disk_is_slow_nobody_waits_and_nothing_is_lost_silently() {
        let Script { mut writer, answers, waits, queue } = script(2);
        assert!(queue.push(record(1)).is_none());
        let thread = thread::spawn({
            let queue = Arc::clone(&queue);
            move || (writer.run(&queue).is_ok(), writer)
        });
        waits.recv().unwrap();
        // The writer holds the first record; two fit into the queue, two are lost.
        for last in 2..=5 {
            assert!(queue.push(record(last)).is_none());
        }
        drop(answers);
        queue.close();
        let (complete, writer) = thread.join().unwrap();
        assert!(complete);
        let expected = ["address=192.0.2.1", "address=192.0.2.2", "address=192.0.2.3", "records=2"];
        assert_eq!(third_words(&writer), expected);
    }

    #[test]
    fn a_line_goes_on_where_it_was_interrupted() {
        let Script { mut writer, answers, waits: _waits, .. } = script(2);
        let steps = [
            Ok(5),
            Err(ErrorKind::Interrupted),
            Err(ErrorKind::StorageFull),
            Ok(0),
            Ok(1),
            Err(ErrorKind::StorageFull),
        ];
        steps.into_iter().for_each(|step| answers.send(step).unwrap());
        drop(answers);
        let line = Line::Record(record(1));
        writer.write(&line, || false).unwrap();
        assert_eq!(String::from_utf8(writer.output.written.clone()).unwrap(), line.to_string());
        assert_eq!(writer.problems.reported, None);
    }

    #[test]
    fn what_cannot_be_written_before_the_end_is_counted() {
        let Script { mut writer, answers, waits: _waits, queue } = script(2);
        for last in 1..=4 {
            assert!(queue.push(record(last)).is_none());
        }
        queue.close();
        answers.send(Ok(3)).unwrap();
        answers.send(Err(ErrorKind::StorageFull)).unwrap();
        drop(answers);
        let unwritten = writer.run(&queue).unwrap_err();
        // Two in the queue, two lost before.
        assert_eq!((unwritten.records, unwritten.error.kind()), (4, ErrorKind::StorageFull));
        assert_eq!(writer.output.written.len(), 3);
    }
}
