//! The configuration.

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    path::Path,
};

use dhcp4_api::{MessageType, Packet, code};
use hooks::Hooks;
use serde_json::Value;

use crate::{Config, ConfigError, Engine, LeaseStore, LibraryPaths, Link, decode, encode};

/// The bytes as the text of a configuration.
///
/// It is refused with problems that have their place in the text, or it is whole, can be written as `config-get` and
/// `config-write` do and read again as the same, and a server can work with it.
pub fn config(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let config = match parse(text) {
        Ok(config) => config,
        Err(error) => return is_told(text, &error),
    };
    is_whole(&config);
    let json: Value = serde_json::from_str(&config.json).unwrap();
    for written in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
        let again = parse(&written).unwrap_or_else(|error| panic!("{text}\nis written as\n{written}\n{error}"));
        assert_eq!(again.json, written);
        assert_eq!(without_places(again), without_places(config.clone()));
    }
    serves(config);
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse_with(text, Path::new("/nowhere/dhcp4.json"), &LibraryPaths::of_directory("/nowhere/hooks"))
}

/// The configuration without what tells where in which text it was.
pub(super) fn without_places(mut config: Config) -> Config {
    config.json.clear();
    config.libraries.iter_mut().for_each(|library| library.place = (0, 0));
    config
}

/// The problems are in the order of the text and inside it, and each is on a line of its own.
fn is_told(text: &str, error: &ConfigError) {
    let problems = error.problems();
    assert!((1..=101).contains(&problems.len()), "{} problems", problems.len());
    let told = error.to_string();
    assert_eq!(told.split('\n').count(), problems.len(), "{told}");
    assert!(!told.replace('\n', "").contains(char::is_control), "{told:?}");
    let places: Vec<_> = problems.iter().filter_map(|problem| problem.place).collect();
    assert!(places.is_sorted(), "{told}");
    let lines: Vec<&str> = text.split('\n').collect();
    for (line, column) in places {
        // The parser tells the column in bytes, and that of the end of a line as the one before its first.
        let length = line.checked_sub(1).and_then(|line| lines.get(line)).map(|line| line.len());
        assert!(length.is_some_and(|length| column <= length + 1), "{line}:{column} is not in the text: {told}");
    }
}

fn is_whole(config: &Config) {
    assert!(!config.interfaces.is_empty());
    assert!(config.subnets.is_sorted_by(|one, other| one.id < other.id) && config.offer_lifetime > 0);
    for subnet in &config.subnets {
        assert!(subnet.id > 0 && subnet.valid_lifetime > 0);
        assert!(subnet.renew_timer.zip(subnet.rebind_timer).is_none_or(|(renew, rebind)| renew <= rebind));
        for (index, pool) in subnet.pools.iter().enumerate() {
            assert!(pool.first <= pool.last && subnet.contains(pool.first) && subnet.contains(pool.last), "{pool}");
            assert!(
                !subnet.pools.iter().skip(index + 1).any(|other| other.overlaps(pool)),
                "{pool} overlaps another one"
            );
        }
        let codes: Vec<u8> = subnet.options.iter().map(|option| option.code).collect();
        assert!(codes.iter().enumerate().all(|(index, code)| !codes[..index].contains(code)), "{codes:?}");
        let apart = config.subnets.iter().filter(|other| other.id != subnet.id);
        assert!(!apart.map(|other| other.prefix.first()).any(|first| subnet.contains(first)), "{} overlaps", subnet.id);
    }
}

/// A server without libraries offers addresses of the pools.
fn serves(mut config: Config) {
    config.libraries.clear();
    let mut engine = Engine::new(config, Hooks::new(), LeaseStore::default());
    for offered in lease(&mut engine) {
        let pools = engine.config().subnets.iter().flat_map(|subnet| &subnet.pools);
        assert!(pools.clone().any(|pool| pool.contains(offered)), "{offered} is offered, but in no pool");
    }
    engine.tick(u64::from(u32::MAX) * 3);
}

/// Clients of the first subnets get what they were offered; these are the addresses.
pub(super) fn lease(engine: &mut Engine) -> Vec<Ipv4Addr> {
    let mut leased = Vec::new();
    for (number, subnet) in engine.config().subnets.clone().iter().take(4).enumerate() {
        let relay = subnet.relays.first().copied().unwrap_or_else(|| subnet.prefix.first());
        let mut query = query(number as u8, relay);
        let Some(offer) = ask(engine, &query) else { continue };
        query.set_option(code::MESSAGE_TYPE, [MessageType::Request.as_u8()]);
        query.set_option(code::REQUESTED_ADDRESS, offer.yiaddr.octets());
        query.set_option(code::SERVER_IDENTIFIER, SERVER.octets());
        let ack = ask(engine, &query).expect("what was offered can be had");
        assert_eq!((ack.message_type(), ack.yiaddr), (Some(MessageType::Ack), offer.yiaddr));
        assert!(engine.leases().get(ack.yiaddr).is_some());
        leased.push(ack.yiaddr);
    }
    leased
}

const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const NOW: u64 = 1_800_000_000;

/// A DISCOVER of a client behind a relay agent, which asks for all options that there are.
fn query(number: u8, relay: Ipv4Addr) -> Packet {
    let chaddr = [2, 0, 0, 0, 0, number].into();
    let mut query = Packet { op: Packet::BOOTREQUEST, giaddr: relay, chaddr, xid: 7, ..Packet::default() };
    query.set_option(code::MESSAGE_TYPE, [MessageType::Discover.as_u8()]);
    query.set_option(code::PARAMETER_REQUEST_LIST, (1..255).collect::<Vec<u8>>());
    query
}

fn ask(engine: &mut Engine, query: &Packet) -> Option<Packet> {
    let link = Link { interface: "eth0".into(), address: SERVER, port: 67 };
    let outgoing = engine.handle(&encode(query).unwrap(), &link, SocketAddrV4::new(query.giaddr, 67), NOW);
    let mut answer = Packet::default();
    decode(&outgoing.first()?.datagram, &mut answer).unwrap();
    Some(answer)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("config", super::config);
    }
}
