//! Which subnet a client belongs to.

use std::net::Ipv4Addr;

use dhcp4_api::{Packet, Subnet, code, subnet4_select};

use super::{Engine, Link, Request, receive::dropped_by};

/// The sub-option of option 82 by which a relay agent names the link of the client (RFC 3527).
const LINK_SELECTION: u8 = 5;

impl Engine {
    /// Selects the subnet and asks the callouts of `subnet4_select`; nothing if the query is dropped.
    pub(super) fn select_subnet(&mut self, request: &mut Request<'_>) -> Option<Option<Subnet>> {
        let mut selected = select(&self.config.subnets, &request.query, request.link).cloned();
        let before = selected.as_ref().map(|subnet| subnet.id);
        let step = subnet4_select::call(&mut request.handle, || subnet4_select::Args {
            query4: &request.query,
            subnet4: &mut selected,
            subnet4collection: &self.config.subnets,
        });
        match step {
            subnet4_select::NextStep::Continue => {}
            subnet4_select::NextStep::Skip => return Some(None),
            subnet4_select::NextStep::Drop => {
                self.dropped(&request.query, &dropped_by(&request.handle));
                return None;
            }
        }
        let Some(subnet) = selected else { return Some(None) };
        if before != Some(subnet.id) && self.config.subnet(subnet.id).is_none() {
            tracing::error!(
                subnet = subnet.id,
                "a callout of subnet4_select has selected a subnet that is not configured"
            );
            return Some(None);
        }
        Some(Some(subnet))
    }
}

/// The subnet of the client: for a relayed packet by the link that the relay agent names, the subnet that the client
/// asks for, or the relay agent; for a direct one by the client's address, the interface or the server's address.
fn select<'a>(subnets: &'a [Subnet], query: &Packet, link: &Link) -> Option<&'a Subnet> {
    let containing = |address: Ipv4Addr| subnets.iter().find(|subnet| subnet.contains(address));
    if query.is_relayed() {
        if let Some(address) = link_selection(query).or_else(|| query.option_address(code::SUBNET_SELECTION)) {
            return containing(address);
        }
        let by_relay = subnets.iter().find(|subnet| subnet.relays.contains(&query.giaddr));
        return by_relay.or_else(|| containing(query.giaddr));
    }
    // A client behind a relay agent renews directly: its address tells more than the interface that has heard it.
    let by_interface = || subnets.iter().find(|subnet| subnet.interface.as_deref() == Some(link.interface.as_str()));
    containing(query.ciaddr).or_else(by_interface).or_else(|| containing(link.address))
}

fn link_selection(query: &Packet) -> Option<Ipv4Addr> {
    let mut rest = query.option(code::RELAY_AGENT_INFORMATION)?;
    while let [code, length, after @ ..] = rest {
        let (data, next) = after.split_at_checked(usize::from(*length))?;
        if *code == LINK_SELECTION {
            return <[u8; 4]>::try_from(data).ok().map(Ipv4Addr::from);
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn each_way_to_a_subnet() {
        let config = testing::config();
        let link = |interface: &str, address| Link { interface: interface.into(), address, port: 67 };
        let (inside, outside) = (Ipv4Addr::new(198, 51, 100, 9), Ipv4Addr::new(10, 0, 0, 1));
        let eth0 = link("eth0", outside);
        let id = |query: &Packet, link: &Link| select(&config.subnets, query, link).map(|subnet| subnet.id);
        let direct = Packet::default();
        assert_eq!(id(&direct, &link("lo", outside)), Some(1));
        assert_eq!(id(&direct, &link("eth0", inside)), Some(2));
        assert_eq!(id(&direct, &eth0), None);
        assert_eq!(id(&Packet { ciaddr: inside, ..direct.clone() }, &eth0), Some(2));
        assert_eq!(id(&Packet { ciaddr: inside, ..direct.clone() }, &link("lo", outside)), Some(2));
        assert_eq!(id(&Packet { ciaddr: outside, ..direct.clone() }, &link("lo", outside)), Some(1));
        let mut relayed = Packet { giaddr: Ipv4Addr::new(203, 0, 113, 1), ..direct };
        assert_eq!(id(&relayed, &link("lo", outside)), Some(2));
        relayed.giaddr = Ipv4Addr::new(192, 0, 2, 1);
        assert_eq!(id(&relayed, &eth0), Some(1));
        relayed.set_option(code::SUBNET_SELECTION, inside.octets());
        assert_eq!(id(&relayed, &eth0), Some(2));
        relayed.set_option(code::RELAY_AGENT_INFORMATION, [1, 1, 9, 5, 4, 192, 0, 2, 0]);
        assert_eq!(id(&relayed, &eth0), Some(1));
        relayed.set_option(code::RELAY_AGENT_INFORMATION, [5, 9, 192]);
        assert_eq!(id(&relayed, &eth0), Some(2));
    }
}
