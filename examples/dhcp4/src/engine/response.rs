//! What is in an answer.

use dhcp4_api::{Lease, MessageType, Packet, Subnet, code};

use super::Request;

/// The options that every client gets, whether or not it asks for them.
const BASIC: &[u8] = &[code::ROUTERS, code::DOMAIN_NAME_SERVERS, code::DOMAIN_NAME];

/// An answer to the query that has what every answer has.
pub(super) fn begin(request: &Request<'_>, kind: MessageType) -> Packet {
    let query = &request.query;
    let mut response = Packet {
        op: Packet::BOOTREPLY,
        htype: query.htype,
        hops: query.hops,
        xid: query.xid,
        flags: query.flags,
        giaddr: query.giaddr,
        chaddr: query.chaddr,
        interface: request.link.interface.clone(),
        source: std::net::SocketAddrV4::new(request.link.address, request.link.port),
        destination: request.link.destination(query, kind),
        ..Packet::default()
    };
    response.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
    response.set_option(code::SERVER_IDENTIFIER, request.link.address.octets());
    // The client's identifier goes back as RFC 6842 tells, the relay agent's option as RFC 3046 does.
    for code in [code::CLIENT_IDENTIFIER, code::RELAY_AGENT_INFORMATION] {
        if let Some(data) = query.option(code) {
            response.set_option(code, data);
        }
    }
    response
}

/// A NAK with the reason.
pub(super) fn refusal(request: &Request<'_>, reason: &str) -> Packet {
    let mut nak = begin(request, MessageType::Nak);
    nak.set_option(code::MESSAGE, reason.as_bytes());
    if nak.is_relayed() {
        // The client may not have the address to which the relay agent would send.
        nak.flags |= Packet::BROADCAST;
    }
    nak
}

/// Adds the lease and the options of its subnet.
pub(super) fn grant(response: &mut Packet, request: &Request<'_>, subnet: &Subnet, lease: &Lease) {
    response.yiaddr = lease.address;
    if response.message_type() == Some(MessageType::Ack) {
        response.ciaddr = request.query.ciaddr;
    }
    response.set_option(code::LEASE_TIME, lease.valid_lifetime.to_be_bytes());
    let rebind = subnet.rebind_timer.filter(|rebind| *rebind < lease.valid_lifetime);
    let renew = subnet.renew_timer.filter(|renew| *renew < rebind.unwrap_or(lease.valid_lifetime));
    for (code, timer) in [(code::RENEWAL_TIME, renew), (code::REBINDING_TIME, rebind)] {
        if let Some(timer) = timer {
            response.set_option(code, timer.to_be_bytes());
        }
    }
    add_options(response, &request.query, subnet);
    let wants_name = requested(&request.query).contains(&code::HOST_NAME);
    if wants_name && response.option(code::HOST_NAME).is_none() && !lease.hostname.is_empty() {
        response.set_option(code::HOST_NAME, lease.hostname.as_bytes());
    }
}

/// Adds the netmask, the options that every client gets and those that this one asks for.
pub(super) fn add_options(response: &mut Packet, query: &Packet, subnet: &Subnet) {
    response.set_option(code::SUBNET_MASK, subnet.prefix.netmask().octets());
    let wanted = BASIC.iter().chain(requested(query)).chain(&subnet.always_send);
    for code in wanted {
        if let Some(option) = subnet.options.iter().find(|option| option.code == *code) {
            response.set_option(option.code, option.data.clone());
        }
    }
}

fn requested(query: &Packet) -> &[u8] {
    query.option(code::PARAMETER_REQUEST_LIST).unwrap_or_default()
}
