//! Tests of what is answered to which packet.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcp4_api::{DhcpOption, Lease, LeaseState, MessageType, Packet, code};
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{codec, testing, testing::packet};

const SERVER: Ipv4Addr = Ipv4Addr::LOCALHOST;

struct Server {
    engine: Engine,
    now: u64,
}

impl Server {
    fn new(config: Config) -> Self {
        Self { engine: Engine::new(config, Hooks::new(), LeaseStore::default()), now: 1000 }
    }

    /// The answer to the packet.
    fn ask(&mut self, query: &Packet) -> Option<Packet> {
        let datagram = codec::encode(query).unwrap();
        let link = Link { interface: "lo".into(), address: SERVER, port: 6767 };
        let source = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 6868);
        let mut outgoing = self.engine.handle(&datagram, &link, source, self.now);
        assert!(outgoing.len() <= 1);
        let outgoing = outgoing.pop()?;
        assert_eq!(outgoing.destination, source);
        let mut answer = Packet::default();
        codec::decode(&outgoing.datagram, &mut answer).unwrap();
        assert_eq!(answer.xid, query.xid);
        assert_eq!(
            outgoing.durable,
            answer.message_type() == Some(MessageType::Ack) && !answer.yiaddr.is_unspecified()
        );
        Some(answer)
    }

    fn kind(&mut self, query: &Packet) -> Option<MessageType> {
        self.ask(query)?.message_type()
    }

    fn discover(&mut self, client: u8) -> Option<Ipv4Addr> {
        let offer = self.ask(&packet(MessageType::Discover, client, &[]))?;
        assert_eq!(offer.message_type(), Some(MessageType::Offer));
        Some(offer.yiaddr)
    }

    /// The lease that the client gets by DISCOVER and REQUEST.
    fn lease(&mut self, client: u8) -> Ipv4Addr {
        let address = self.discover(client).expect("an offer");
        let ack = self.ask(&selecting(client, address)).expect("an answer");
        assert_eq!((ack.message_type(), ack.yiaddr), (Some(MessageType::Ack), address));
        address
    }

    fn on_record(&self, address: Ipv4Addr) -> Option<&Lease> {
        self.engine.leases().get(address)
    }
}

fn address(code: u8, address: Ipv4Addr) -> DhcpOption {
    DhcpOption::new(code, address.octets())
}

fn selecting(client: u8, requested: Ipv4Addr) -> Packet {
    let options = [address(code::REQUESTED_ADDRESS, requested), address(code::SERVER_IDENTIFIER, SERVER)];
    packet(MessageType::Request, client, &options)
}

fn rebooting(client: u8, requested: Ipv4Addr) -> Packet {
    packet(MessageType::Request, client, &[address(code::REQUESTED_ADDRESS, requested)])
}

fn from(kind: MessageType, client: u8, ciaddr: Ipv4Addr) -> Packet {
    Packet { ciaddr, ..packet(kind, client, &[]) }
}

#[test]
fn an_offer_becomes_a_lease_with_its_options() {
    let mut server = Server::new(testing::config());
    let mut discover = packet(MessageType::Discover, 1, &[DhcpOption::new(code::PARAMETER_REQUEST_LIST, [6, 12, 99])]);
    discover.set_option(code::CLIENT_IDENTIFIER, *b"id");
    discover.set_option(code::HOST_NAME, *b"one");
    let offer = server.ask(&discover).unwrap();
    assert_eq!(offer.yiaddr, Ipv4Addr::new(192, 0, 2, 10));
    let codes: Vec<u8> = offer.options.iter().map(|option| option.code).collect();
    assert_eq!(codes, [53, 54, 61, 51, 58, 59, 1, 3, 6, 224, 12]);
    assert_eq!(offer.option(code::LEASE_TIME), Some(&600_u32.to_be_bytes()[..]));
    assert_eq!(offer.option_address(code::SUBNET_MASK), Some(Ipv4Addr::new(255, 255, 255, 0)));
    assert_eq!(offer.hostname(), Some("one"));
    assert!(server.engine.leases().is_empty(), "an offer is not recorded");
    let mut request = selecting(1, offer.yiaddr);
    request.set_option(code::CLIENT_IDENTIFIER, *b"id");
    assert_eq!(server.kind(&request), Some(MessageType::Ack));
    let lease = server.on_record(offer.yiaddr).unwrap();
    assert_eq!((lease.client_id.as_deref(), lease.cltt, lease.valid_lifetime), (Some(&b"id"[..]), 1000, 600));
}

#[test]
fn each_client_gets_an_address_of_its_own_and_keeps_it() {
    let mut server = Server::new(testing::config());
    let first: Vec<Ipv4Addr> = (1..=90).map(|client| server.lease(client)).collect();
    assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), 90);
    assert_eq!(server.discover(91), None, "the pool has 90 addresses");
    assert_eq!(server.engine.statistics().get("v4-allocation-fail"), 1);
    server.now += 100;
    assert_eq!((1..=90).map(|client| server.lease(client)).collect::<Vec<_>>(), first);
}

#[test]
fn a_lease_is_extended_released_and_given_to_another() {
    let mut server = Server::new(testing::config());
    let address = server.lease(1);
    server.now += 300;
    assert_eq!(server.kind(&from(MessageType::Request, 1, address)), Some(MessageType::Ack));
    assert_eq!(server.on_record(address).unwrap().expires(), 1900);
    assert_eq!(server.kind(&from(MessageType::Release, 2, address)), None);
    assert!(server.on_record(address).is_some(), "only its client can release a lease");
    assert_eq!(server.kind(&from(MessageType::Release, 1, address)), None);
    assert!(server.on_record(address).is_none());
    assert_eq!(server.kind(&selecting(2, address)), Some(MessageType::Ack));
}

#[test]
fn each_request_that_cannot_be_granted_is_refused_or_left_to_others() {
    let mut server = Server::new(testing::config());
    let (taken, foreign) = (server.lease(1), Ipv4Addr::new(10, 0, 0, 1));
    let free = Ipv4Addr::new(192, 0, 2, 50);
    let nak = Some(MessageType::Nak);
    assert_eq!(server.kind(&selecting(2, taken)), nak);
    assert_eq!(server.kind(&selecting(2, foreign)), nak);
    assert_eq!(server.kind(&rebooting(2, foreign)), nak);
    assert_eq!(server.kind(&rebooting(2, taken)), nak);
    assert_eq!(server.kind(&rebooting(2, free)), None, "an unknown client may be that of another server");
    assert_eq!(server.kind(&rebooting(1, free)), nak);
    assert_eq!(server.kind(&rebooting(1, taken)), Some(MessageType::Ack));
    assert_eq!(server.kind(&from(MessageType::Request, 2, taken)), nak);
    assert_eq!(server.kind(&from(MessageType::Request, 2, free)), Some(MessageType::Ack), "a lost lease comes back");
    assert_eq!(server.kind(&packet(MessageType::Request, 3, &[])), None);
    let outside_pool = Ipv4Addr::new(192, 0, 2, 200);
    assert_eq!(server.kind(&selecting(3, outside_pool)), nak);
    assert_eq!(server.engine.leases().len(), 2);
}

#[test]
fn a_request_for_another_server_frees_the_offer() {
    let mut server = Server::new(testing::config());
    let offered = server.discover(1).unwrap();
    assert_ne!(server.discover(2), Some(offered));
    let mut other = selecting(1, offered);
    other.set_option(code::SERVER_IDENTIFIER, [192, 0, 2, 254]);
    assert_eq!(server.kind(&other), None);
    let mut wishing = packet(MessageType::Discover, 3, &[address(code::REQUESTED_ADDRESS, offered)]);
    wishing.xid = 7;
    assert_eq!(server.ask(&wishing).unwrap().yiaddr, offered);
}

#[test]
fn a_declined_address_rests_for_its_probation() {
    let mut server = Server::new(testing::config());
    let declined = server.lease(1);
    let decline = packet(MessageType::Decline, 1, &[address(code::REQUESTED_ADDRESS, declined)]);
    assert_eq!(server.kind(&Packet { chaddr: [2, 0, 0, 0, 0, 9].into(), ..decline.clone() }), None);
    assert_eq!(server.on_record(declined).unwrap().state, LeaseState::Default);
    assert_eq!(server.kind(&decline), None);
    let lease = server.on_record(declined).unwrap();
    assert_eq!((lease.state, lease.hwaddr.is_empty(), lease.expires()), (LeaseState::Declined, true, 2000));
    assert_eq!(server.kind(&selecting(1, declined)), Some(MessageType::Nak));
    server.now = 1999;
    assert_ne!(server.discover(1), Some(declined));
    server.now = 2100;
    let wish = packet(MessageType::Discover, 3, &[address(code::REQUESTED_ADDRESS, declined)]);
    assert_eq!(server.ask(&wish).unwrap().yiaddr, declined);
    assert_eq!(server.engine.statistics().get("reclaimed-declined-addresses"), 1);
}

#[test]
fn an_expired_lease_is_kept_for_its_client_and_then_forgotten() {
    let mut server = Server::new(testing::config());
    let address = server.lease(1);
    assert_eq!(server.engine.next_deadline(), Some(1600));
    server.engine.tick(1599);
    assert_eq!(server.on_record(address).unwrap().state, LeaseState::Default);
    server.engine.tick(1600);
    assert_eq!(server.on_record(address).unwrap().state, LeaseState::ExpiredReclaimed);
    server.now = 1650;
    assert_eq!(server.discover(1), Some(address));
    server.engine.tick(1700);
    assert!(server.engine.leases().is_empty());
}

#[test]
fn an_inform_is_answered_with_options_only() {
    let mut server = Server::new(testing::config());
    let ciaddr = Ipv4Addr::new(192, 0, 2, 5);
    let ack = server.ask(&from(MessageType::Inform, 1, ciaddr)).unwrap();
    assert_eq!((ack.message_type(), ack.ciaddr), (Some(MessageType::Ack), ciaddr));
    assert!(ack.yiaddr.is_unspecified() && ack.option(code::LEASE_TIME).is_none());
    assert_eq!(ack.option_address(code::DOMAIN_NAME_SERVERS), Some(Ipv4Addr::new(192, 0, 2, 53)));
    assert!(server.engine.leases().is_empty());
}

#[test]
fn a_relayed_packet_is_answered_with_what_the_relay_agent_added() {
    let mut server = Server::new(testing::config());
    let mut discover = packet(MessageType::Discover, 1, &[DhcpOption::new(code::RELAY_AGENT_INFORMATION, [1, 1, 7])]);
    discover.giaddr = Ipv4Addr::new(203, 0, 113, 1);
    let offer = server.ask(&discover).unwrap();
    assert_eq!(offer.yiaddr, Ipv4Addr::new(198, 51, 100, 128));
    assert_eq!(offer.options.last(), Some(&DhcpOption::new(code::RELAY_AGENT_INFORMATION, [1, 1, 7])));
    let nak = server.ask(&Packet { giaddr: discover.giaddr, ..selecting(1, Ipv4Addr::new(10, 0, 0, 1)) }).unwrap();
    assert!(nak.wants_broadcast());
}

#[test]
fn what_is_no_query_is_counted_and_dropped() {
    let mut server = Server::new(testing::config());
    let link = Link { interface: "lo".into(), address: SERVER, port: 6767 };
    let source = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 6868);
    assert_eq!(server.engine.handle(&[1; 50], &link, source, 1), []);
    assert_eq!(server.engine.statistics().get("pkt4-parse-failed"), 1);
    let nobody = Packet { chaddr: Default::default(), ..packet(MessageType::Discover, 1, &[]) };
    let reply = Packet { op: Packet::BOOTREPLY, ..packet(MessageType::Discover, 1, &[]) };
    let unknown = packet(MessageType::Discover, 1, &[DhcpOption::new(code::MESSAGE_TYPE, [99])]);
    for query in [nobody, reply, unknown, packet(MessageType::Ack, 1, &[])] {
        assert_eq!(server.ask(&query), None);
    }
    assert_eq!(server.engine.statistics().get("pkt4-receive-drop"), 5);
}

#[test]
fn an_acknowledged_lease_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = testing::config();
    config.lease_database.file = Some(directory.path().join("leases"));
    let store = LeaseStore::open(&config.lease_database).unwrap();
    let mut server = Server { engine: Engine::new(config.clone(), Hooks::new(), store), now: 1000 };
    let address = server.lease(1);
    server.engine.commit().unwrap();
    drop(server);
    let store = LeaseStore::open(&config.lease_database).unwrap();
    assert_eq!(store.get(address).map(Lease::expires), Some(1600));
}

#[test]
fn a_write_that_fails_keeps_the_answer_back() {
    let Some(store) = LeaseStore::on_a_full_disk() else { return };
    let mut server = Server { engine: Engine::new(testing::config(), Hooks::new(), store), now: 1000 };
    let offered = server.discover(1).unwrap();
    assert_eq!(server.ask(&selecting(1, offered)), None);
    assert_eq!(server.engine.statistics().get("lease-write-failed"), 1);
    assert!(server.engine.leases().is_empty());
    let wish = packet(MessageType::Discover, 2, &[address(code::REQUESTED_ADDRESS, offered)]);
    assert_eq!(server.ask(&wish).unwrap().yiaddr, offered, "the address is free again");
}

/// A packet of any kind whose addresses are often ones that matter.
fn any_packet() -> impl Strategy<Value = Packet> {
    let near = || {
        prop_oneof![(8_u8..16).prop_map(|last| Ipv4Addr::new(192, 0, 2, last)), any::<u32>().prop_map(Ipv4Addr::from)]
    };
    let maybe = move || proptest::option::of(near());
    (1_u8..=9, 0_u8..6, maybe(), maybe(), maybe(), any::<bool>(), proptest::option::of(vec(any::<u8>(), 0..3)))
        .prop_map(|(kind, client, ciaddr, requested, giaddr, ours, id)| {
            let mut query = packet(MessageType::Discover, client, &[DhcpOption::new(code::MESSAGE_TYPE, [kind])]);
            query.ciaddr = ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
            query.giaddr = giaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
            if let Some(requested) = requested {
                query.set_option(code::REQUESTED_ADDRESS, requested.octets());
            }
            if ours {
                query.set_option(code::SERVER_IDENTIFIER, SERVER.octets());
            }
            if let Some(id) = id {
                query.set_option(code::CLIENT_IDENTIFIER, id);
            }
            query
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_clients_send_every_acknowledged_lease_is_on_record(queries in vec((any_packet(), 0_u64..90), 1..150)) {
        let mut server = Server::new(testing::config());
        for (query, wait) in queries {
            server.now += wait;
            let Some(answer) = server.ask(&query) else { continue };
            if answer.yiaddr.is_unspecified() {
                continue;
            }
            let client = crate::leases::Client::of(&query).unwrap();
            let lease = server.on_record(answer.yiaddr);
            match answer.message_type() {
                Some(MessageType::Ack) => {
                    let lease = lease.expect("an acknowledged lease is on record");
                    prop_assert!(client.owns(lease) && lease.state == LeaseState::Default);
                    prop_assert_eq!(lease.expires(), server.now + 600);
                }
                _ => {
                    let taken = |lease: &Lease| lease.state != LeaseState::ExpiredReclaimed;
                    let own = |lease: &Lease| client.owns(lease) && lease.state == LeaseState::Default;
                    prop_assert!(lease.is_none_or(|lease| !taken(lease) || own(lease)));
                }
            }
            prop_assert!(server.engine.config().subnets.iter().any(|subnet| subnet.contains(answer.yiaddr)));
        }
    }
}
