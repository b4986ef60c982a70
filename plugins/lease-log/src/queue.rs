//! The records that wait for the writer: never more than fit, and what does not fit is counted.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::record::{Line, Lost, Record};

/// The records that wait for the writer.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<Line>,
    lost: Option<Lost>,
    closed: bool,
}

impl Queue {
    /// An empty queue for this many records.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { waiting: Mutex::default(), changed: Condvar::new(), capacity }
    }

    /// Adds the record, or counts it as lost if the queue is full; gives it back if the queue is closed.
    ///
    /// Nobody holds the lock while a disk works, so this does not wait for one.
    #[must_use = "a closed queue has not taken the record"]
    pub(crate) fn push(&self, record: Record) -> Option<Record> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Some(record);
        }
        if waiting.lines.len() < self.capacity {
            waiting.lines.push(Line::Record(record));
            drop(waiting);
            self.changed.notify_one();
            return None;
        }
        let last = record.time();
        let lost = waiting.lost.get_or_insert(Lost { records: 0, first: last, last });
        lost.records += 1;
        lost.last = last;
        None
    }

    /// Has what comes from now on written to a new file; false if the queue is full or closed.
    #[must_use = "a queue that is full or closed does not do it"]
    pub(crate) fn rotate(&self) -> bool {
        let mut waiting = self.lock();
        if waiting.closed || waiting.lines.len() >= self.capacity {
            return false;
        }
        waiting.lines.push(Line::Rotation);
        drop(waiting);
        self.changed.notify_one();
        true
    }

    /// Waits for lines and takes them all; nothing once the queue is closed and empty.
    ///
    /// Records are lost only while the queue is full, and it is emptied as a whole, so what was lost comes after the rest.
    pub(crate) fn take(&self) -> Option<Vec<Line>> {
        let empty = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.closed;
        let mut waiting = self.changed.wait_while(self.lock(), empty).unwrap_or_else(PoisonError::into_inner);
        let mut lines = std::mem::take(&mut waiting.lines);
        lines.extend(waiting.lost.take().map(Line::Lost));
        (!lines.is_empty()).then_some(lines)
    }

    /// Takes no more records.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Waits until the queue is closed, but not longer than this; tells whether it is closed.
    pub(crate) fn closed_within(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut waiting = self.lock();
        while !waiting.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (waiting, _) = self.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// The lines are whole at any time, also after a panic of another thread.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Event, tests::lease};

    fn record(last: u8) -> Record {
        Record::new(Event::Assigned, &lease(last), None)
    }

    fn taken(queue: &Queue) -> Vec<String> {
        let in_words = |line: &Line| match line {
            Line::Record(record) => record.to_string().split(' ').nth(2).unwrap().to_owned(),
            Line::Lost(lost) => format!("lost {}", lost.records),
            Line::Rotation => "rotation".to_owned(),
        };
        queue.take().unwrap_or_default().iter().map(in_words).collect()
    }

    #[test]
    fn what_does_not_fit_is_counted_and_told_once() {
        let queue = Queue::new(2);
        for last in 1..=5 {
            assert!(queue.push(record(last)).is_none());
        }
        assert_eq!(taken(&queue), ["address=192.0.2.1", "address=192.0.2.2", "lost 3"]);
        assert!(queue.push(record(6)).is_none());
        assert_eq!(taken(&queue), ["address=192.0.2.6"]);
    }

    #[test]
    fn a_rotation_has_its_place_among_the_records() {
        let queue = Queue::new(3);
        assert!(queue.push(record(1)).is_none());
        assert!(queue.rotate());
        assert!(queue.push(record(2)).is_none());
        assert!(!queue.rotate(), "the queue is full");
        assert_eq!(taken(&queue), ["address=192.0.2.1", "rotation", "address=192.0.2.2"]);
        queue.close();
        assert!(!queue.rotate());
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_has_and_takes_nothing() {
        let queue = Queue::new(2);
        assert!(queue.push(record(1)).is_none());
        assert!(!queue.closed_within(Duration::ZERO));
        queue.close();
        assert!(queue.closed_within(Duration::from_secs(3600)));
        assert!(queue.push(record(2)).is_some());
        assert_eq!(taken(&queue), ["address=192.0.2.1"]);
        assert!(queue.take().is_none());
    }
}
