//! Models of parking: in every order of events the continuation runs exactly once, or never if the call was given up.
#![expect(unsafe_code, reason = "makes tickets and parked calls from what crosses the boundary")]

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Hold, Holder, Outcome, Parked, Parkings, Ticket};
use crate::abi::ParkApi;

static API: ParkApi = ParkApi::OWN;

/// One call with the library whose callout took its tickets, and how often its continuation has run with which outcome.
struct Call {
    parkings: Parkings,
    holder: Arc<Holder>,
    hold: Hold,
    ran: Arc<[AtomicUsize; 2]>,
}

impl Call {
    fn new() -> Call {
        let parkings = Parkings::new();
        let hold = parkings.open("modelled");
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
        threads.map(|thread| thread.join().unwrap());
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
            // A claim that goes without a word stands for a ticket that its plugin keeps.
            holder.take_ticket(&parking).is_ok()
        });
        let holder = Arc::clone(&call.holder);
        let unload = thread::spawn(move || holder.leave());
        // SAFETY: the pointer is made for this ticket.
        let other = unsafe { Ticket::from_raw(other.into_raw(), &API) }.unwrap();
        let taken = callout.join().unwrap();
        let ran = call.hand_over();
        other.resume();
        unload.join().unwrap();
        assert_eq!(ran(), if taken { [0, 1] } else { [1, 0] });
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
