//! What this process uses.

use std::alloc::System;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use cap::Cap;

/// What this process uses now.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Bytes that host and libraries have allocated.
    pub(crate) heap: usize,
    /// KiB in memory, as the system counts them.
    pub(crate) resident: usize,
    /// Mapped libraries of the soak, and their bytes.
    pub(crate) images: (usize, usize),
    pub(crate) files: usize,
    pub(crate) threads: usize,
}

impl Memory {
    pub(crate) fn now(heap: &Cap<System>) -> Memory {
        let heap = heap.allocated();
        let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
        let resident =
            rollup.lines().find_map(|line| line.strip_prefix("Rss:")?.split_whitespace().next()?.parse().ok());
        let count = |folder| fs::read_dir(folder).map_or(0, Iterator::count);
        Memory {
            heap,
            resident: resident.unwrap_or_default(),
            images: images(),
            files: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
        }
    }
}

/// How many libraries of the soak are mapped, each from a private copy, and how many bytes they take.
pub(crate) fn images() -> (usize, usize) {
    let maps = fs::read_to_string("/proc/self/maps").expect("the system tells what is mapped");
    let mut images: BTreeMap<&str, usize> = BTreeMap::new();
    for line in maps.lines().filter(|line| line.contains("/libsoak_")) {
        let mut parts = line.split_whitespace();
        let range = parts.next().and_then(|range| range.split_once('-'));
        let address = |text: &str| usize::from_str_radix(text, 16).expect("an address");
        let bytes = range.map_or(0, |(start, end)| address(end) - address(start));
        *images.entry(parts.nth(4).unwrap_or_default()).or_default() += bytes;
    }
    (images.len(), images.values().sum())
}

/// How long the running thread has had a processor.
pub(crate) fn processor_time() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(statistics.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or_default())
}
