//! Damages packets.

use std::net::Ipv4Addr;

use dhcp4_api::{MacAddr, Packet, code};
use fastrand::Rng;

use crate::world::{NETS, mac};

/// The datagram of the query after something has happened to it.
pub(crate) fn mutated(query: &Packet, rng: &mut Rng) -> Vec<u8> {
    let mut query = query.clone();
    match rng.u8(..12) {
        0 => return bytes(rng, 700),
        1 => query.set_option(code::SERVER_IDENTIFIER, [192, 0, 2, rng.u8(..4)]),
        2 => query.giaddr = some_address(rng),
        3 => query.ciaddr = some_address(rng),
        4 => query.set_option(code::REQUESTED_ADDRESS, some_address(rng).octets()),
        5 => query.set_option(code::MESSAGE_TYPE, [rng.u8(..20)]),
        6 => return overloaded(&query, rng),
        7 => (0..rng.u8(1..6)).for_each(|_| {
            let (option, length) = (rng.u8(1..255), if rng.u8(..8) == 0 { 400 } else { 9 });
            query.set_option(option, bytes(rng, length));
        }),
        8 => query.chaddr = if rng.bool() { mac(rng.u8(..)) } else { MacAddr::new(&bytes(rng, 16)) },
        9 if rng.bool() => query.set_option(code::CLIENT_IDENTIFIER, vec![0, rng.u8(..20)]),
        9 => drop(query.remove_option(code::CLIENT_IDENTIFIER)),
        10 => {
            let mut datagram = dhcp4::encode(&query).unwrap();
            datagram.truncate(rng.usize(..=datagram.len()));
            return datagram;
        }
        _ => return flipped(dhcp4::encode(&query).unwrap(), rng),
    }
    let datagram = dhcp4::encode(&query).unwrap();
    // Sometimes one thing does not come alone.
    if rng.u8(..5) == 0 { flipped(datagram, rng) } else { datagram }
}

fn flipped(mut datagram: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..rng.u8(1..5) {
        let place = rng.usize(..datagram.len());
        datagram[place] ^= 1 << rng.u8(..8);
    }
    datagram
}

/// The packet with some of its options in the field `file` or `sname`, where option 52 says that they are, mostly.
fn overloaded(query: &Packet, rng: &mut Rng) -> Vec<u8> {
    let mut query = query.clone();
    let mut moved = Vec::new();
    for option in std::mem::take(&mut query.options) {
        if rng.bool() && moved.len() + option.data.len() + 3 < 64 {
            moved.extend([option.code, option.data.len() as u8]);
            moved.extend(option.data);
        } else {
            query.options.push(option);
        }
    }
    let (field, places) = if rng.bool() { (108, 1) } else { (44, 2) };
    query.set_option(code::OVERLOAD, [if rng.u8(..4) == 0 { rng.u8(..) } else { places }]);
    let mut datagram = dhcp4::encode(&query).unwrap();
    if rng.u8(..4) > 0 {
        moved.push(code::END);
    }
    datagram[field..field + moved.len()].copy_from_slice(&moved);
    datagram
}

fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(..=most)).map(|_| rng.u8(..)).collect()
}

fn some_address(rng: &mut Rng) -> Ipv4Addr {
    match rng.u8(..4) {
        0 => Ipv4Addr::from(rng.u32(..)),
        1 => NETS[rng.usize(..NETS.len())].relay.unwrap_or(Ipv4Addr::BROADCAST),
        _ => NETS[rng.usize(..NETS.len())].address(rng.u8(..)),
    }
}
