//! The figures of a soak.

use std::io::{self, Write};
use std::time::Duration;

use crate::memory::Memory;

/// What has happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) time: Duration,
    pub(crate) builds: usize,
    pub(crate) requests: u64,
    pub(crate) stamps: u64,
    /// Sets that requests have met.
    pub(crate) sets: usize,
    /// Parked requests that were resumed, and dropped.
    pub(crate) ended: [u64; 2],
    /// Calls of `reload` and the like that put another set in place.
    pub(crate) reloads: u64,
    /// Those that failed as they should.
    pub(crate) failures: u64,
    /// Instances that were loaded for good.
    pub(crate) instances: u64,
    /// Times that reloads took, together and at most.
    pub(crate) spent: Duration,
    pub(crate) longest: Duration,
    /// How much of it the thread ran.
    pub(crate) ran: Duration,
    /// Closures of the component, registered and deregistered.
    pub(crate) closures: u64,
    /// Calls through requests that lasted.
    pub(crate) again: u64,
}

impl Figures {
    /// Writes them to the standard error.
    pub(crate) fn print(&self, before: &Memory, after: &Memory) {
        let Figures { time, builds, requests, stamps, sets, ended, reloads, failures, .. } = *self;
        let Figures { instances, spent, ran, longest, closures, again, .. } = *self;
        let changes = reloads + failures;
        let mean = |time: Duration| time.as_secs_f64() * 1e3 / changes.max(1) as f64;
        let (images, bytes) = after.images;
        let text = format!(
            "\nsoak of {:.1} s\n\
             {reloads:>12} reloads, {failures} more failed as they should; {:.2} ms each ({:.2} of the processor), at most {:.1} ms\n\
             {builds:>12} builds with hashes of their own; {images} images mapped, {bytes} bytes\n\
             {instances:>12} instances loaded, unloaded and dropped once\n\
             {requests:>12} requests, each of one set; {sets} sets seen\n\
             {stamps:>12} callouts called, as many as the libraries have counted\n\
             {:>12} parked requests resumed, {} dropped with their library\n\
             {again:>12} calls through requests that lasted; {closures} closures registered and deregistered\n\
             {:>12} bytes on the heap before, {} after\n\
             {:>12} KiB resident before, {} after; {} open files and {} threads before, {} and {} after\n",
            time.as_secs_f64(),
            mean(spent),
            mean(ran),
            longest.as_secs_f64() * 1e3,
            ended[0],
            ended[1],
            before.heap,
            after.heap,
            before.resident,
            after.resident,
            before.files,
            before.threads,
            after.files,
            after.threads,
        );
        // Not by a macro, whose text the test harness would keep to itself.
        drop(io::stderr().write_all(text.as_bytes()));
    }
}
