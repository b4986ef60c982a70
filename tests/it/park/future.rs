//! Parked calls that are awaited.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use fixture_api::{Packet, received};
use hooks::{CalloutHandle, Hooks, Outcome, Parked, ParkingOptions};
use hooks_tests::{Origin, Patience, both, logged, send};
use serde_json::json;

use super::{keep, load, park};

both!(
    a_parked_call_is_awaited,
    what_is_resolved_already_is_ready,
    the_last_task_is_woken,
    a_future_that_is_dropped_gives_the_call_up,
    a_polled_call_can_be_resumed_with_a_closure,
    deadlines_and_unloads_wake,
    a_panic_of_a_waker_is_logged,
    a_component_on_tokio,
);

/// Wakes by unparking the thread of `block_on`, which needs no runtime.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    let patience = Patience::new("the future to be ready");
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park_timeout(Duration::from_secs(61)),
        }
        patience.check();
    }
}

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll(parked: &mut Parked, waker: &Arc<impl Wake + Send + Sync + 'static>) -> Poll<Outcome> {
    Pin::new(parked).poll(&mut Context::from_waker(&Waker::from(Arc::clone(waker))))
}

/// What a component does that awaits: it keeps its request itself.
async fn serve(mut request: CalloutHandle<'static>, mut packet: Packet) -> (Packet, Outcome) {
    let name = "someone".to_owned();
    let step = received::call(&mut request, || received::Args { packet: &mut packet, name: &name, factor: 1 });
    match step {
        received::Step::Parked(parked) => {
            let outcome = parked.await;
            packet.text.push_str(" went on");
            (packet, outcome)
        }
        other => panic!("not parked: {other:?}"),
    }
}

fn resume(hooks: &Hooks) {
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
}

fn a_parked_call_is_awaited(origin: Origin) {
    let elsewhere = json!({"received": ["resume-elsewhere", {"append": "it"}, {"return": "park"}]});
    let hooks = load(origin, &[elsewhere]);
    for _ in 0..50 {
        let (packet, outcome) = block_on(serve(hooks.handle(), Packet::default()));
        assert_eq!((packet.text.as_str(), outcome), ("it went on", Outcome::Resumed));
    }
    assert_eq!(hooks.parked(), 0);
    assert!(hooks.unload_libraries());
}

fn what_is_resolved_already_is_ready(origin: Origin) {
    let count = Arc::new(Count::default());
    for (action, outcome) in [("resume-now", Outcome::Resumed), ("lose-ticket", Outcome::Dropped)] {
        let hooks = load(origin, &[json!({"received": [action, {"return": "park"}]})]);
        let mut parked = park(&mut hooks.handle(), &mut Packet::default());
        for _ in 0..3 {
            assert_eq!(poll(&mut parked, &count), Poll::Ready(outcome), "also when it is asked again");
        }
    }
}

fn the_last_task_is_woken(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    let mut parked = park(&mut hooks.handle(), &mut Packet::default());
    let (one, two) = (Arc::new(Count::default()), Arc::new(Count::default()));
    assert!(poll(&mut parked, &one).is_pending());
    assert!(poll(&mut parked, &one).is_pending());
    assert!(poll(&mut parked, &two).is_pending());
    resume(&hooks);
    assert_eq!((one.0.load(Ordering::Relaxed), two.0.load(Ordering::Relaxed)), (0, 1));
    assert_eq!(poll(&mut parked, &one), Poll::Ready(Outcome::Resumed));
    assert_eq!(Arc::strong_count(&two), 1, "no waker is kept");
}

fn a_future_that_is_dropped_gives_the_call_up(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    let count = Arc::new(Count::default());
    let mut parked = park(&mut hooks.handle(), &mut Packet::default());
    assert!(poll(&mut parked, &count).is_pending());
    assert_eq!(hooks.parked(), 1);
    drop(parked);
    assert_eq!((hooks.parked(), Arc::strong_count(&count)), (0, 1));
    resume(&hooks);
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
    assert!(hooks.unload_libraries());
}

fn a_polled_call_can_be_resumed_with_a_closure(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    let count = Arc::new(Count::default());
    for resume_first in [true, false] {
        let mut packet = Packet { text: "mine".to_owned(), ..Packet::default() };
        let mut parked = park(&mut hooks.handle(), &mut packet);
        assert!(poll(&mut parked, &count).is_pending());
        if resume_first {
            resume(&hooks);
        }
        let back = super::hand_over(parked, packet);
        if !resume_first {
            assert!(back.try_recv().is_err());
            resume(&hooks);
        }
        let (packet, outcome, _) = back.try_recv().unwrap();
        assert_eq!((packet.text.as_str(), outcome), ("mine", Outcome::Resumed));
        assert!(back.recv().is_err());
    }
    assert_eq!((count.0.load(Ordering::Relaxed), Arc::strong_count(&count)), (1, 1));
    assert_eq!(hooks.parked(), 0);
}

fn deadlines_and_unloads_wake(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    hooks.set_parking(ParkingOptions::new().deadline(Some(Duration::from_millis(5))));
    assert_eq!(block_on(serve(hooks.handle(), Packet::default())).1, Outcome::Dropped);
    hooks.set_parking(ParkingOptions::new().at_unload(Outcome::Resumed));
    let count = Arc::new(Count::default());
    let mut parked = park(&mut hooks.handle(), &mut Packet::default());
    assert!(poll(&mut parked, &count).is_pending());
    assert!(hooks.unload_libraries());
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert_eq!(poll(&mut parked, &count), Poll::Ready(Outcome::Resumed));
}

fn a_panic_of_a_waker_is_logged(origin: Origin) {
    struct Broken;
    impl Wake for Broken {
        fn wake(self: Arc<Self>) {
            panic!("the executor's mistake");
        }
    }
    let hooks = load(origin, &[keep()]);
    let mut parked = park(&mut hooks.handle(), &mut Packet::default());
    assert!(poll(&mut parked, &Arc::new(Broken)).is_pending());
    let (_, log) = logged(|| resume(&hooks));
    assert!(log.contains("the executor's mistake"), "{log}");
    assert_eq!(poll(&mut parked, &Arc::new(Count::default())), Poll::Ready(Outcome::Resumed));
}

fn a_component_on_tokio(origin: Origin) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let elsewhere = json!({"received": ["resume-elsewhere", "resume-elsewhere", {"append": "it"}, {"return": "park"}]});
    let hooks = load(origin, &[elsewhere]);
    hooks.set_parking(ParkingOptions::new().cap(0));
    let tasks: Vec<_> =
        (0..100).map(|number| runtime.spawn(serve(hooks.handle(), Packet { number, ..Packet::default() }))).collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let (packet, outcome) = runtime.block_on(task).unwrap();
        assert_eq!((packet.number, packet.text.as_str()), (number as u64, "it went on"));
        assert_eq!(outcome, Outcome::Resumed);
    }
    assert_eq!(hooks.parked(), 0);
    // A timeout of the runtime drops the future.
    let hooks = load(origin, &[keep()]);
    let request = hooks.handle();
    let given_up = runtime.block_on(async {
        tokio::time::timeout(Duration::from_millis(5), serve(request, Packet::default())).await.is_err()
    });
    assert!(given_up);
    assert_eq!(hooks.parked(), 0);
    assert!(hooks.unload_libraries());
}
