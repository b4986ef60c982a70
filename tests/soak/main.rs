//! A soak: two threads send requests through the hook points of three libraries while a third one reloads, replaces, moves, removes
//! and adds libraries, and fails to, all the time.
//!
//! It ends after `HOOKS_SOAK_SECONDS` (3) and at least `HOOKS_SOAK_RELOADS` (0) reloads, and prints what it has seen.

mod builds;
mod changer;
mod figures;
mod memory;
mod operations;
mod request;
mod tally;

use std::alloc::System;
use std::collections::HashSet;
use std::env;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use cap::Cap;
use hooks::{Hooks, LibraryPolicy, ParkingOptions};
use hooks_tests::{Journal, Stops};

use builds::Builds;
use changer::{Changer, Limits};
use figures::Figures;
use memory::Memory;
use request::{Request, Returned};
use tally::Tally;

/// The heap of host and libraries, which counts.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const READERS: u64 = 2;
/// One in so many requests is to be parked.
const PARKED: u64 = 61;
/// One in so many requests has the libraries register or deregister a callout.
const TOGGLING: u64 = 997;

fn main_limits() -> Limits {
    let number =
        |name| env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}: no number")));
    let seconds = number("HOOKS_SOAK_SECONDS").unwrap_or(3);
    Limits { time: Duration::from_secs(seconds), reloads: number("HOOKS_SOAK_RELOADS").unwrap_or(0) }
}

#[test]
fn reloads_under_load_lose_nothing() {
    let builds = Builds::new();
    assert_eq!(memory::images().0, 0);
    // Every build and every way to fail has been met, so that all images are mapped and what stays for good is there.
    run(&builds, Limits { time: Duration::ZERO, reloads: 0 });
    let before = Memory::now(&HEAP);
    let figures = run(&builds, main_limits());
    let after = Memory::now(&HEAP);
    figures.print(&before, &after);
    assert_eq!(after.images, before.images, "an image for each hash, and no other");
    assert_eq!(fs::read_dir(builds.staging()).unwrap().count(), 0, "private copies are removed");
    let hashes: HashSet<_> = hooks::images().into_iter().map(|image| image.sha256).collect();
    assert_eq!((after.images.0, hooks::images().len(), hashes.len()), (builds.count(), builds.count(), builds.count()));
    assert_eq!(after.heap, before.heap, "the heap has grown");
    assert_eq!((after.files, after.threads), (before.files, before.threads), "open files and threads");
}

/// One `Hooks` from its beginning to its end.
fn run(builds: &Builds, limits: Limits) -> Figures {
    let (journal, hooks, returned) = (Journal::new(), hooks_tests::hooks(), Arc::new(Returned::default()));
    hooks.set_parking(ParkingOptions::new().cap(0));
    hooks.set_library_policy(LibraryPolicy::new().staging_directory(builds.staging()));
    let (done, parked) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut tally, changes) = thread::scope(|scope| {
        let changer = scope.spawn(|| {
            let _stops = Stops(&done);
            Changer::new(&hooks, builds, journal.path()).run(limits)
        });
        let reader = || {
            let mut tally = Tally::default();
            while !done.load(Ordering::Relaxed) {
                parked.fetch_add(serve(&hooks, &returned, &mut tally), Ordering::Relaxed);
            }
            tally
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(reader)).collect();
        let changes = changer.join().unwrap();
        let mut tally = Tally::default();
        readers.into_iter().for_each(|reader| tally.add(reader.join().unwrap()));
        (tally, changes)
    });
    tally.add(changes.tally);
    // Who is still parked is told that the libraries go.
    hooks.prepare_unload_libraries();
    returned.finish(&mut tally);
    assert!(hooks.unload_libraries(), "a request is still there");
    assert_eq!((hooks.parked(), hooks.generations().draining.len()), (0, 0));
    drop(hooks);
    let ended = returned.ended();
    assert_eq!(ended[0] + ended[1], parked.into_inner(), "parked requests end once");
    tally.check(&journal, &changes.sets);
    Figures {
        requests: tally.requests(),
        stamps: tally.stamps(),
        sets: tally.sets(),
        ended,
        builds: builds.count(),
        ..changes.figures
    }
}

/// A batch of requests; how many of them were parked.
fn serve(hooks: &Hooks, returned: &Arc<Returned>, tally: &mut Tally) -> u64 {
    let mut parked = 0;
    for number in 0..TOGGLING {
        let mut request = Request::new(hooks.handle());
        match request.arrive(number % PARKED == 0) {
            Some(waiting) => {
                parked += 1;
                returned.wait_for(waiting, request);
            }
            None => request.finish(number == 0, tally),
        }
    }
    returned.finish(tally);
    parked
}
