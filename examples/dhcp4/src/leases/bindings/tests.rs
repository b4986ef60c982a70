//! Tests of the bindings: the invariants hold after any steps, and each rule once by hand.

use std::collections::{HashMap, HashSet};

use dhcp4_api::MacAddr;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::testing;

fn client(number: u8) -> Client {
    Client { hwaddr: MacAddr::from([2, 0, 0, 0, 0, number]), client_id: None }
}

fn lease(address: Ipv4Addr, number: u8, now: u64) -> Lease {
    Lease {
        address,
        hwaddr: client(number).hwaddr,
        client_id: None,
        valid_lifetime: 20,
        cltt: now,
        subnet_id: 1,
        state: LeaseState::Default,
        hostname: String::new(),
    }
}

/// The pool 192.0.2.10 - 192.0.2.13.
fn small() -> (Bindings, Subnet) {
    let mut subnet = testing::config().subnets.swap_remove(0);
    subnet.pools = vec!["192.0.2.10 - 192.0.2.13".parse().unwrap()];
    (Bindings::new(LeaseStore::default(), std::slice::from_ref(&subnet), 100), subnet)
}

#[test]
fn an_offer_keeps_the_address_until_its_time_has_come() {
    let (mut bindings, subnet) = small();
    let mut offered = HashSet::new();
    for number in 1..=4 {
        let address = bindings.candidate(&subnet, &client(number), None).unwrap();
        bindings.reserve(&subnet, address, &client(number), 100).unwrap();
        assert!(offered.insert(address));
        assert_eq!(
            bindings.candidate(&subnet, &client(number), None),
            Some(address),
            "the same client, the same offer"
        );
    }
    assert_eq!(bindings.candidate(&subnet, &client(5), Some(Ipv4Addr::new(192, 0, 2, 10))), None);
    assert_eq!(bindings.reserve(&subnet, Ipv4Addr::new(192, 0, 2, 10), &client(5), 100), Err(Refusal::InUse));
    assert_eq!(bindings.first_deadline(), Some(100));
    assert_eq!(bindings.due(100), None);
    let requested = Some(Ipv4Addr::new(192, 0, 2, 12));
    assert_eq!(bindings.candidate(&subnet, &client(5), requested), requested);
}

#[test]
fn each_refusal_has_its_reason() {
    let (mut bindings, subnet) = small();
    let address = Ipv4Addr::new(192, 0, 2, 200);
    let refusal = |bindings: &mut Bindings, address| bindings.reserve(&subnet, address, &client(1), 10).unwrap_err();
    assert_eq!(refusal(&mut bindings, Ipv4Addr::UNSPECIFIED), Refusal::NoFreeAddress);
    assert_eq!(refusal(&mut bindings, Ipv4Addr::new(198, 51, 100, 1)), Refusal::OutsideSubnet);
    bindings.assign(&lease(address, 2, 0), &client(2)).unwrap();
    assert_eq!(refusal(&mut bindings, address), Refusal::InUse);
    bindings
        .update(&Lease { state: LeaseState::Declined, hwaddr: MacAddr::default(), ..lease(address, 2, 0) })
        .unwrap();
    assert_eq!(refusal(&mut bindings, address), Refusal::Declined);
    bindings.remove(address).unwrap();
    bindings.reserve(&subnet, address, &client(1), 10).unwrap();
}

#[test]
fn a_client_that_comes_back_gets_the_address_that_it_had() {
    let (mut bindings, subnet) = small();
    let address = Ipv4Addr::new(192, 0, 2, 13);
    bindings.assign(&lease(address, 1, 0), &client(1)).unwrap();
    bindings.update(&Lease { state: LeaseState::ExpiredReclaimed, ..lease(address, 1, 0) }).unwrap();
    assert_eq!(bindings.candidate(&subnet, &client(1), None), Some(address));
    assert_eq!(bindings.candidate(&subnet, &client(2), Some(address)), Some(address));
    bindings.assign(&lease(address, 2, 0), &client(2)).unwrap();
    assert_ne!(bindings.candidate(&subnet, &client(1), None), Some(address));
}

#[test]
fn an_offer_is_good_also_if_the_former_address_becomes_free() {
    let (mut bindings, subnet) = small();
    let former = Ipv4Addr::new(192, 0, 2, 10);
    bindings.update(&Lease { state: LeaseState::ExpiredReclaimed, ..lease(former, 1, 0) }).unwrap();
    bindings.reserve(&subnet, former, &client(2), 50).unwrap();
    let offered = bindings.candidate(&subnet, &client(1), None).unwrap();
    assert_ne!(offered, former, "it is offered to another client");
    bindings.reserve(&subnet, offered, &client(1), 100).unwrap();
    assert_eq!(bindings.due(50), None);
    assert_eq!(bindings.candidate(&subnet, &client(1), Some(offered)), Some(offered));
    assert_eq!(bindings.candidate(&subnet, &client(1), None), Some(former));
}

#[test]
fn a_renewed_lease_ends_offers_of_its_address() {
    let (mut bindings, subnet) = small();
    let address = Ipv4Addr::new(192, 0, 2, 10);
    let with_id = |id: u8| Client { client_id: Some(vec![id]), ..client(1) };
    bindings.assign(&lease(address, 1, 0), &client(1)).unwrap();
    // Both are taken for the client without an identifier, but not for each other.
    bindings.reserve(&subnet, address, &with_id(1), 100).unwrap();
    bindings.update(&Lease { client_id: Some(vec![2]), ..lease(address, 1, 5) }).unwrap();
    let other = bindings.candidate(&subnet, &with_id(1), None).unwrap();
    assert_ne!(other, address);
    bindings.reserve(&subnet, other, &with_id(1), 100).unwrap();
}

#[test]
fn another_address_replaces_the_lease_of_the_client() {
    let (mut bindings, _) = small();
    let (old, new) = (Ipv4Addr::new(192, 0, 2, 10), Ipv4Addr::new(192, 0, 2, 99));
    bindings.assign(&lease(old, 1, 0), &client(1)).unwrap();
    let removed = bindings.assign(&lease(new, 1, 5), &client(1)).unwrap();
    assert_eq!(removed.map(|lease| lease.address), Some(old));
    assert_eq!(bindings.leases().find(1, &client(1)).map(|lease| lease.address), Some(new));
    assert!(bindings.leases().get(old).is_none());
}

#[derive(Debug, Clone)]
enum Step {
    Offer(u8, u8),
    Assign(u8),
    Release(u8),
    Decline(u8),
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_u8..8, 0_u8..8).prop_map(|(client, last)| Step::Offer(client, last)),
        (0_u8..8).prop_map(Step::Assign),
        (0_u8..8).prop_map(Step::Release),
        (0_u8..8).prop_map(Step::Decline),
        (0_u8..15).prop_map(Step::Wait),
    ];
    vec(step, 0..120)
}

proptest! {
    #[test]
    fn no_address_has_two_owners_and_none_is_lost(steps in steps()) {
        let (mut bindings, subnet) = small();
        let mut now = 0;
        // What each client was last told, and until when.
        let mut told: HashMap<Ipv4Addr, (u8, u64)> = HashMap::new();
        for step in steps {
            match step {
                Step::Offer(number, last) => {
                    let requested = Some(Ipv4Addr::new(192, 0, 2, 8 + last));
                    if let Some(address) = bindings.candidate(&subnet, &client(number), requested) {
                        prop_assert_eq!(bindings.reserve(&subnet, address, &client(number), now + 5), Ok(()));
                        prop_assert!(!told.get(&address).is_some_and(|(other, until)| *other != number && *until > now));
                    }
                }
                Step::Assign(number) => {
                    if let Some(address) = bindings.candidate(&subnet, &client(number), None) {
                        prop_assert_eq!(bindings.reserve(&subnet, address, &client(number), now + 5), Ok(()));
                        bindings.assign(&lease(address, number, now), &client(number)).unwrap();
                        prop_assert!(!told.get(&address).is_some_and(|(other, until)| *other != number && *until > now));
                        told.insert(address, (number, now + 20));
                    }
                }
                Step::Release(number) => {
                    if let Some(address) = bindings.leases().find(1, &client(number)).map(|lease| lease.address) {
                        bindings.remove(address).unwrap();
                        told.remove(&address);
                    }
                }
                Step::Decline(number) => {
                    if let Some(found) = bindings.leases().find(1, &client(number)).cloned() {
                        let declined =
                            Lease { state: LeaseState::Declined, hwaddr: MacAddr::default(), cltt: now, ..found };
                        told.remove(&declined.address);
                        bindings.update(&declined).unwrap();
                    }
                }
                Step::Wait(seconds) => {
                    now += u64::from(seconds);
                    while let Some(due) = bindings.due(now) {
                        match due.state {
                            LeaseState::Default => {
                                told.remove(&due.address);
                                bindings.update(&Lease { state: LeaseState::ExpiredReclaimed, ..due }).unwrap();
                            }
                            _ => bindings.remove(due.address).unwrap(),
                        }
                    }
                    prop_assert!(bindings.first_deadline().is_none_or(|deadline| deadline > now));
                }
            }
            for last in 0..=255 {
                let address = Ipv4Addr::new(192, 0, 2, last);
                let held = bindings.leases().get(address).is_some_and(holds) || bindings.offers.contains(address);
                prop_assert_eq!(bindings.free.contains(address), subnet.in_pool(address) && !held, "{}", address);
            }
        }
    }
}
