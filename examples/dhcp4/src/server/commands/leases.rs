//! `lease4-get`, `lease4-get-all`, `lease4-get-page`, `lease4-add`, `lease4-del`.

use std::{collections::HashSet, net::Ipv4Addr};

use dhcp4_api::{Lease, LeaseState, MacAddr};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    either,
    selector::{Selector, octets, written},
};
use crate::{
    channel::{Answer, Command},
    server::{Server, run::now},
};

/// The lease of an address or of a client.
pub(super) fn get(server: &mut Server, command: &Command) -> Answer {
    either(Selector::read(command).map(|selector| match selector.find(server.engine.leases()) {
        Some(lease) => Answer::success("there is a lease").with(shown(lease)),
        None => Answer::empty("there is no such lease"),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllArguments {
    subnets: Option<HashSet<u32>>,
}

/// All leases, or those of some subnets, by ascending address.
pub(super) fn get_all(server: &mut Server, command: &Command) -> Answer {
    either(command.read().map(|AllArguments { subnets }| {
        let wanted = |lease: &&Lease| subnets.as_ref().is_none_or(|subnets| subnets.contains(&lease.subnet_id));
        let mut leases: Vec<&Lease> = server.engine.leases().iter().filter(wanted).collect();
        leases.sort_by_key(|lease| lease.address);
        found(&leases, json!({}))
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageArguments {
    from: String,
    limit: usize,
}

/// A number of leases behind an address, by ascending address.
pub(super) fn get_page(server: &mut Server, command: &Command) -> Answer {
    either(command.read().map(|PageArguments { from, limit }| {
        let from = match from.as_str() {
            "start" => None,
            text => match text.parse::<Ipv4Addr>() {
                Ok(address) => Some(address),
                Err(_) => {
                    return Answer::error(format!(
                        "lease4-get-page: `arguments.from`: expected \"start\" or the last address of the page before, found \
                         \"{text}\""
                    ));
                }
            },
        };
        if limit == 0 {
            return Answer::error("lease4-get-page: `arguments.limit`: expected a number above 0, found 0");
        }
        let behind = |lease: &&Lease| from.is_none_or(|from| lease.address > from);
        let mut leases: Vec<&Lease> = server.engine.leases().iter().filter(behind).collect();
        leases.sort_by_key(|lease| lease.address);
        leases.truncate(limit);
        found(&leases, json!({"count": leases.len()}))
    }))
}

fn found(leases: &[&Lease], mut arguments: Value) -> Answer {
    let text = format!("leases found: {}", leases.len());
    arguments["leases"] = leases.iter().map(|lease| shown(lease)).collect();
    if leases.is_empty() { Answer::empty(text).with(arguments) } else { Answer::success(text).with(arguments) }
}

/// A lease in the reference's spelling.
fn shown(lease: &Lease) -> Value {
    let mut shown = json!({
        "ip-address": lease.address,
        "hw-address": lease.hwaddr.to_string(),
        "subnet-id": lease.subnet_id,
        "valid-lft": lease.valid_lifetime,
        "cltt": lease.cltt,
        "hostname": lease.hostname,
        "state": match lease.state {
            LeaseState::Default => 0,
            LeaseState::Declined => 1,
            LeaseState::ExpiredReclaimed => 2,
        },
    });
    if let Some(client_id) = &lease.client_id {
        shown["client-id"] = json!(written(client_id));
    }
    shown
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AddArguments {
    ip_address: Ipv4Addr,
    hw_address: MacAddr,
    client_id: Option<String>,
    subnet_id: Option<u32>,
    valid_lft: Option<u32>,
    expire: Option<u64>,
    hostname: Option<String>,
}

/// Records a lease that no client has asked for.
pub(super) fn add(server: &mut Server, command: &Command) -> Answer {
    either(command.read().and_then(|arguments: AddArguments| {
        let lease = lease(server, arguments).map_err(|problem| Answer::error(format!("lease4-add: {problem}")))?;
        match server.engine.add_lease(&lease) {
            Ok(()) => Ok(Answer::success(format!("lease {} added in subnet {}", lease.address, lease.subnet_id))),
            Err(error) => Err(Answer::error(format!("lease4-add: {}: {error}", lease.address))),
        }
    }))
}

fn lease(server: &Server, arguments: AddArguments) -> Result<Lease, String> {
    let AddArguments { ip_address: address, hw_address, client_id, subnet_id, valid_lft, expire, hostname } = arguments;
    let subnets = &server.engine.config().subnets;
    let subnet = match subnet_id {
        Some(id) => subnets.iter().find(|subnet| subnet.id == id).ok_or_else(|| {
            format!("`arguments.subnet-id`: there is no subnet {id}; expected the id of a subnet of the configuration")
        })?,
        None => subnets
            .iter()
            .find(|subnet| subnet.contains(address))
            .ok_or_else(|| format!("`arguments.ip-address`: {address} is in no subnet of the configuration"))?,
    };
    if !subnet.contains(address) {
        return Err(format!("`arguments.ip-address`: {address} is not in subnet {}, {}", subnet.id, subnet.prefix));
    }
    let client_id = client_id.map(|text| octets(&text)).transpose();
    let client_id = client_id.map_err(|error| format!("`arguments.client-id`: {error}"))?;
    let valid_lifetime = valid_lft.unwrap_or(subnet.valid_lifetime);
    if valid_lifetime == 0 {
        return Err("`arguments.valid-lft`: expected a number of seconds above 0, found 0".to_owned());
    }
    let cltt = match expire {
        None => now(),
        Some(expire) => expire.checked_sub(u64::from(valid_lifetime)).filter(|_| expire > now()).ok_or_else(|| {
            format!("`arguments.expire`: expected a time to come, in seconds since 1970, found {expire}")
        })?,
    };
    Ok(Lease {
        address,
        hwaddr: hw_address,
        client_id,
        valid_lifetime,
        cltt,
        subnet_id: subnet.id,
        state: LeaseState::Default,
        hostname: hostname.unwrap_or_default(),
    })
}

/// Removes the lease of an address or of a client, so that the address is free.
pub(super) fn delete(server: &mut Server, command: &Command) -> Answer {
    either(Selector::read(command).map(|selector| {
        let Some(address) = selector.find(server.engine.leases()).map(|lease| lease.address) else {
            return Answer::empty("there is no such lease");
        };
        match server.engine.delete_lease(address) {
            Ok(()) => Answer::success(format!("lease {address} deleted")),
            Err(error) => Answer::error(format!("lease4-del: {address}: {error}")),
        }
    }))
}
