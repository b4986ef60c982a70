//! The interfaces of the configuration on this machine.

use std::net::Ipv4Addr;

use if_addrs::IfAddr;

use super::ServerError;
use crate::config::Interface;

/// An interface that exists and the address that identifies the server there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) address: Ipv4Addr,
}

/// The interfaces of the configuration with their addresses.
pub(super) fn find(wanted: &[Interface]) -> Result<Vec<Found>, ServerError> {
    let addresses = if_addrs::get_if_addrs().map_err(ServerError::Interfaces)?;
    let existing: Vec<Found> = addresses
        .into_iter()
        .filter_map(|interface| match interface.addr {
            IfAddr::V4(v4) => Some(Found { name: interface.name, address: v4.ip }),
            IfAddr::V6(_) => None,
        })
        .collect();
    choose(wanted, &existing)
}

fn choose(wanted: &[Interface], existing: &[Found]) -> Result<Vec<Found>, ServerError> {
    let mut chosen: Vec<Found> = Vec::new();
    for Interface { name, address } in wanted {
        let of_name = || existing.iter().filter(|found| found.name == *name);
        let known = || {
            let listed: Vec<String> = existing.iter().map(|one| format!("{}/{}", one.name, one.address)).collect();
            listed.join(", ")
        };
        if name == "*" {
            for found in existing.iter().filter(|found| !found.address.is_loopback()) {
                if !chosen.iter().any(|other| other.name == found.name) {
                    chosen.push(found.clone());
                }
            }
            continue;
        }
        let first = of_name().next().ok_or_else(|| ServerError::NoInterface { name: name.clone(), known: known() })?;
        chosen.push(match address {
            None => first.clone(),
            // Every address of 127.0.0.0/8 belongs to the loopback interface without being listed.
            Some(address) if address.is_loopback() && first.address.is_loopback() => {
                Found { name: name.clone(), address: *address }
            }
            Some(address) => of_name()
                .find(|found| found.address == *address)
                .cloned()
                .ok_or_else(|| ServerError::NoAddress { name: name.clone(), address: *address, known: known() })?,
        });
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, last: u8) -> Found {
        let address = if name == "lo" { Ipv4Addr::LOCALHOST } else { Ipv4Addr::new(192, 0, 2, last) };
        Found { name: name.into(), address }
    }

    fn chosen(name: &str, address: Option<Ipv4Addr>) -> Result<Vec<Found>, String> {
        let existing = [found("lo", 0), found("eth0", 1), found("eth0", 2), found("eth1", 3)];
        choose(&[Interface { name: name.into(), address }], &existing).map_err(|error| error.to_string())
    }

    #[test]
    fn names_stand_for_their_first_address() {
        assert_eq!(chosen("eth0", None).unwrap(), [found("eth0", 1)]);
        assert_eq!(chosen("eth0", Some(Ipv4Addr::new(192, 0, 2, 2))).unwrap(), [found("eth0", 2)]);
        assert_eq!(chosen("*", None).unwrap(), [found("eth0", 1), found("eth1", 3)]);
        let other_loopback = Ipv4Addr::new(127, 0, 0, 9);
        assert_eq!(chosen("lo", Some(other_loopback)).unwrap()[0].address, other_loopback);
    }

    #[test]
    fn what_does_not_exist_is_told_with_what_does() {
        assert!(chosen("eth9", None).unwrap_err().contains("lo/127.0.0.1, eth0/192.0.2.1"));
        assert!(chosen("eth0", Some(Ipv4Addr::new(192, 0, 2, 3))).unwrap_err().contains("does not have the address"));
        assert!(chosen("eth0", Some(Ipv4Addr::LOCALHOST)).is_err());
    }

    #[test]
    fn this_machine_has_a_loopback_interface() {
        let lo = Interface { name: "lo".into(), address: Some(Ipv4Addr::LOCALHOST) };
        assert_eq!(find(&[lo]).unwrap(), [found("lo", 0)]);
    }
}
