//! Models of parking: in every order of events the continuation runs exactly once, or never if the call was given up.
#![expect(unsafe_code, reason = "makes tickets and parked calls from what crosses the boundary")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Hold, Holder, Outcome, Parked, Parkings, Ticket};
use crate::abi::ParkApi;

static API: ParkApi = ParkApi::OWN;

/// One call with the library whose callout took its tickets, and how often its continuation has run with which outcome.
struct Call {
    parkings: Arc<Parkings>,
    holder: Arc<Holder>,
    hold: Hold,
    ran: Arc<[AtomicUsize; 2]>,
}

impl Call {
    fn new() -> Call {
        let parkings = Parkings::new();
        let hold = parkings.open("modelled");
        Call::with(Arc::new(parkings), hold)
    }

    fn with(parkings: Arc<Parkings>, hold: Hold) -> Call {
        let ran = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        Call { parkings, holder: Arc::new(Holder::new()), hold, ran }
    }

    fn ticket(&self) -> Ticket {
        let claim = self.holder.take_ticket(self.hold.parking()).unwrap();
        // SAFETY: the pointer is made for this ticket.
        unsafe { Ticket::from_raw(claim.into_raw(), &API) }.unwrap()
    }

    /// The call has answered PARK; hands the request over, and tells afterwards how often it went on.
    fn hand_over(self) -> impl FnOnce() -> [usize; 2] {
        let Call { parkings, hold, ran, .. } = self;
        // SAFETY: the pointer is made for this call.
        let parked = unsafe { Parked::from_raw(hold.into_raw(), &API) }.unwrap();
        let counted = Arc::clone(&ran);
        parked.resume_with((), move |(), outcome| {
            counted[usize::from(outcome == Outcome::Dropped)].fetch_add(1, Ordering::Relaxed);
        });
        move || {
            assert_eq!(parkings.taken(), 0, "the place has been given back");
            assert_eq!(Arc::strong_count(&ran), 1, "the continuation is gone");
            [ran[0].load(Ordering::Relaxed), ran[1].load(Ordering::Relaxed)]
        }
    }
}

#[test]
fn several_tickets_and_the_end_of_the_call() {
    loom::model(|| {
        let call = Call::new();
        let tickets = [call.ticket(), call.ticket()];
        let threads = tickets.map(|ticket| thread::spawn(move || ticket.resume()));
        let ran = call.hand_over();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(ran(), [1, 0]);
    });
}

#[test]
fn a_ticket_the_deadline_and_the_end_of_the_call() {
    loom::model(|| {
        let call = Call::new();
        let (ticket, parking) = (call.ticket(), Arc::clone(call.hold.parking()));
        let owner = thread::spawn(move || ticket.resume());
        let deadline = thread::spawn(move || parking.expire());
        let ran = call.hand_over();
        owner.join().unwrap();
        deadline.join().unwrap();
        let ran = ran();
        assert!(ran == [1, 0] || ran == [0, 1], "{ran:?}");
    });
}

#[test]
fn a_library_that_goes_while_it_takes_a_ticket() {
    loom::model(|| {
        let call = Call::new();
        // The ticket of another library keeps the call from ending before the second thread has had its say.
        let other = Arc::new(Holder::new()).take_ticket(call.hold.parking()).unwrap();
        let (holder, parking) = (Arc::clone(&call.holder), Arc::clone(call.hold.parking()));
        let callout = thread::spawn(move || {
            // A claim that is never resolved stands for a ticket that its plugin keeps.
            holder.take_ticket(&parking)
        });
        let holder = Arc::clone(&call.holder);
        let unload = thread::spawn(move || holder.leave());
        // SAFETY: the pointer is made for this ticket.
        let other = unsafe { Ticket::from_raw(other.into_raw(), &API) }.unwrap();
        let taken = callout.join().unwrap();
        assert!(taken.is_ok());
        let ran = call.hand_over();
        other.resume();
        unload.join().unwrap();
        assert_eq!(ran(), [0, 1], "before or after the unload, the ticket has its outcome");
    });
}

#[test]
fn a_reference_and_an_unpark_while_the_call_ends() {
    loom::model(|| {
        let parkings = Arc::new(Parkings::new());
        let lot = parkings.lot("modelled");
        let hold = lot.park(&parkings, "key").unwrap().unwrap();
        // The first callout has referred to the request, and unparks it from elsewhere; the second one refers to it too.
        assert_eq!(lot.reference("key"), Ok(1));
        let unparking = {
            let lot = Arc::clone(&lot);
            thread::spawn(move || assert!(lot.unpark("key", false)))
        };
        assert!(lot.reference("key").is_ok());
        hold.parking().settle().unwrap();
        let ran = Call::with(Arc::clone(&parkings), hold).hand_over();
        unparking.join().unwrap();
        // The second reference holds it, in whichever order.
        assert_eq!(lot.len(), 1);
        assert!(lot.unpark("key", false));
        assert_eq!(ran(), [1, 0]);
        assert_eq!((lot.len(), parkings.taken()), (0, 0));
    });
}

#[test]
fn an_unpark_a_clear_and_the_end_of_the_call() {
    loom::model(|| {
        let parkings = Arc::new(Parkings::new());
        let lot = parkings.lot("modelled");
        let hold = lot.park(&parkings, "key").unwrap().unwrap();
        let unparking = {
            let lot = Arc::clone(&lot);
            thread::spawn(move || lot.unpark("key", false))
        };
        let clearing = {
            let parkings = Arc::clone(&parkings);
            thread::spawn(move || parkings.clear_lots())
        };
        hold.parking().settle().unwrap();
        let ran = Call::with(Arc::clone(&parkings), hold).hand_over();
        unparking.join().unwrap();
        clearing.join().unwrap();
        let ran = ran();
        assert!(ran == [1, 0] || ran == [0, 1], "{ran:?}");
        assert_eq!((lot.len(), parkings.taken()), (0, 0));
    });
}

/// Counts how often it is woken.
struct Woken(AtomicUsize);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_call_that_is_awaited() {
    loom::model(|| {
        let call = Call::new();
        let ticket = call.ticket();
        // SAFETY: the pointer is made for this call.
        let mut parked = unsafe { Parked::from_raw(call.hold.into_raw(), &API) }.unwrap();
        let owner = thread::spawn(move || ticket.resume());
        let wakers = [(); 2].map(|()| Arc::new(Woken(AtomicUsize::new(0))));
        let mut poll = |woken: &Arc<Woken>| {
            let waker = Arc::clone(woken).into();
            Pin::new(&mut parked).poll(&mut Context::from_waker(&waker))
        };
        // Either it is ready, or the waker of the last poll is woken.
        let ready = wakers.each_ref().map(|waker| poll(waker).is_ready());
        owner.join().unwrap();
        assert!(ready[1] || wakers[1].0.load(Ordering::Relaxed) == 1);
        assert_eq!(poll(&wakers[0]), Poll::Ready(Outcome::Resumed));
    });
}

#[test]
fn a_call_that_is_given_up() {
    loom::model(|| {
        let call = Call::new();
        let (ticket, ran) = (call.ticket(), Arc::clone(&call.ran));
        let owner = thread::spawn(move || ticket.resume());
        let hold = call.hold;
        drop(hold);
        owner.join().unwrap();
        assert_eq!(call.parkings.taken(), 0);
        assert_eq!([ran[0].load(Ordering::Relaxed), ran[1].load(Ordering::Relaxed)], [0, 0]);
    });
}
