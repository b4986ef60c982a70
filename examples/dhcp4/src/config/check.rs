//! Checks a configuration and fills in what it leaves out.

use std::{collections::HashMap, path::Path};

use dhcp4_api::{DhcpOption, Pool, Prefix, Subnet};

use super::{
    Config, Interface, LeaseDatabase, Library,
    error::{Problem, problem},
    option_data, schema,
};

const DEFAULT_VALID_LIFETIME: u32 = 7200;
const DEFAULT_OFFER_LIFETIME: u32 = 60;
const DEFAULT_DECLINE_PROBATION_PERIOD: u32 = 86_400;
const DEFAULT_HOLD_RECLAIMED_TIME: u32 = 3600;
const DEFAULT_PARKED_PACKET_LIMIT: usize = 256;

/// The checked configuration, or the first problem that it has.
pub(super) fn check(raw: schema::Dhcp4, directory: &Path, json: String) -> Result<Config, Problem> {
    let lifetimes = Lifetimes {
        valid: raw.valid_lifetime.unwrap_or(DEFAULT_VALID_LIFETIME),
        renew: raw.renew_timer,
        rebind: raw.rebind_timer,
    };
    lifetimes.check("Dhcp4")?;
    let decline_probation_period = raw.decline_probation_period.unwrap_or(DEFAULT_DECLINE_PROBATION_PERIOD);
    positive("Dhcp4.decline-probation-period", decline_probation_period)?;
    let offer_lifetime = raw.offer_lifetime.unwrap_or(DEFAULT_OFFER_LIFETIME);
    positive("Dhcp4.offer-lifetime", offer_lifetime)?;
    let global = options("Dhcp4", &raw.option_data)?;
    let mut subnets = Vec::new();
    for (index, subnet) in raw.subnet4.into_iter().enumerate() {
        subnets.push(self::subnet(&format!("Dhcp4.subnet4[{index}]"), subnet, &lifetimes, &global)?);
    }
    distinct(&subnets)?;
    subnets.sort_by_key(|subnet| subnet.id);
    Ok(Config {
        interfaces: interfaces(&raw.interfaces_config)?,
        port: raw.interfaces_config.port.unwrap_or(67),
        offer_lifetime,
        decline_probation_period,
        hold_reclaimed_time: raw.expired_leases_processing.hold_reclaimed_time.unwrap_or(DEFAULT_HOLD_RECLAIMED_TIME),
        parked_packet_limit: raw.parked_packet_limit.unwrap_or(DEFAULT_PARKED_PACKET_LIMIT),
        lease_database: lease_database(raw.lease_database, directory)?,
        subnets,
        libraries: libraries(raw.hooks_libraries, directory)?,
        json,
    })
}

struct Lifetimes {
    valid: u32,
    renew: Option<u32>,
    rebind: Option<u32>,
}

impl Lifetimes {
    fn check(&self, path: &str) -> Result<(), Problem> {
        positive(&format!("{path}.valid-lifetime"), self.valid)?;
        if let (Some(renew), Some(rebind)) = (self.renew, self.rebind)
            && renew > rebind
        {
            return problem(
                format!("{path}.renew-timer"),
                format!("{renew} is above the rebind-timer {rebind}; a client renews before it rebinds"),
            );
        }
        Ok(())
    }
}

fn positive(path: &str, seconds: u32) -> Result<(), Problem> {
    if seconds == 0 { problem(path, "expected a number of seconds above 0, found 0") } else { Ok(()) }
}

fn interfaces(raw: &schema::Interfaces) -> Result<Vec<Interface>, Problem> {
    let path = "Dhcp4.interfaces-config.interfaces";
    if raw.interfaces.is_empty() {
        return problem(path, "expected at least one interface such as \"eth0\", \"eth0/192.0.2.1\" or \"*\"");
    }
    let mut interfaces: Vec<Interface> = Vec::new();
    for (index, text) in raw.interfaces.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let (name, address) = match text.split_once('/') {
            None => (text.as_str(), None),
            Some((name, address)) => match address.parse() {
                Ok(address) => (name, Some(address)),
                Err(_) => {
                    return problem(path, format!("expected \"interface/address\", found \"{text}\""));
                }
            },
        };
        if name.is_empty() || (name == "*" && raw.interfaces.len() > 1) {
            return problem(path, format!("\"{text}\" names no interface of its own; \"*\" stands alone"));
        }
        if interfaces.iter().any(|other| other.name == name) {
            return problem(path, format!("interface \"{name}\" is listed twice; list it once"));
        }
        interfaces.push(Interface { name: name.to_owned(), address });
    }
    Ok(interfaces)
}

fn lease_database(raw: schema::LeaseDatabase, directory: &Path) -> Result<LeaseDatabase, Problem> {
    if raw.kind != "memfile" {
        return problem(
            "Dhcp4.lease-database.type",
            format!("expected \"memfile\", the only type that this server has, found \"{}\"", raw.kind),
        );
    }
    let file = match (raw.persist.unwrap_or(true), raw.name) {
        (false, _) => None,
        (true, Some(name)) if !name.is_empty() => Some(directory.join(name)),
        (true, _) => {
            return problem(
                "Dhcp4.lease-database.name",
                "expected the path of the lease file; or set \"persist\" to false to keep leases in memory only",
            );
        }
    };
    Ok(LeaseDatabase { file, fsync: raw.fsync.unwrap_or_default() })
}

fn libraries(raw: Vec<schema::Library>, directory: &Path) -> Result<Vec<Library>, Problem> {
    let mut libraries = Vec::new();
    for (index, schema::Library { library, parameters }) in raw.into_iter().enumerate() {
        if library.is_empty() || library == "builtin:" {
            return problem(
                format!("Dhcp4.hooks-libraries[{index}].library"),
                "expected the path of a shared library, or \"builtin:\" and the name of a library that is compiled in",
            );
        }
        // A name without a directory is looked for beside the program, so it is left as it is.
        let library = if library.contains('/') && !library.starts_with("builtin:") {
            directory.join(library).to_string_lossy().into_owned()
        } else {
            library
        };
        libraries.push(Library { library, parameters });
    }
    Ok(libraries)
}

fn subnet(path: &str, raw: schema::Subnet, above: &Lifetimes, global: &[Chosen]) -> Result<Subnet, Problem> {
    if raw.id == 0 {
        return problem(format!("{path}.id"), "expected a number above 0, found 0");
    }
    let prefix: Prefix = raw.subnet.parse().or_else(|error| problem(format!("{path}.subnet"), format!("{error}")))?;
    let mut pools: Vec<Pool> = Vec::new();
    for (index, raw) in raw.pools.iter().enumerate() {
        let path = format!("{path}.pools[{index}].pool");
        let pool: Pool = raw.pool.parse().or_else(|error| problem(path.as_str(), format!("{error}")))?;
        if !prefix.contains(pool.first) || !prefix.contains(pool.last) {
            return problem(path, format!("pool {pool} is not inside the subnet {prefix}"));
        }
        if let Some(other) = pools.iter().find(|other| other.overlaps(&pool)) {
            return problem(path, format!("pool {pool} overlaps pool {other}; give each address to one pool"));
        }
        pools.push(pool);
    }
    let lifetimes = Lifetimes {
        valid: raw.valid_lifetime.unwrap_or(above.valid),
        renew: raw.renew_timer.or(above.renew),
        rebind: raw.rebind_timer.or(above.rebind),
    };
    lifetimes.check(path)?;
    let mut chosen = options(path, &raw.option_data)?;
    for option in global {
        if !chosen.iter().any(|own| own.option.code == option.option.code) {
            chosen.push(option.clone());
        }
    }
    Ok(Subnet {
        id: raw.id,
        prefix,
        pools,
        always_send: chosen.iter().filter(|own| own.always).map(|own| own.option.code).collect(),
        options: chosen.into_iter().map(|own| own.option).collect(),
        valid_lifetime: lifetimes.valid,
        renew_timer: lifetimes.renew,
        rebind_timer: lifetimes.rebind,
        relays: raw.relay.ip_addresses,
        interface: raw.interface,
    })
}

#[derive(Clone)]
struct Chosen {
    option: DhcpOption,
    always: bool,
}

fn options(path: &str, elements: &[schema::OptionData]) -> Result<Vec<Chosen>, Problem> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let path = format!("{path}.option-data[{index}]");
        let option = option_data::read(element).or_else(|error| problem(path.as_str(), error))?;
        if chosen.iter().any(|other| other.option.code == option.code) {
            return problem(path, format!("option {} is given twice here; keep one of them", option.code));
        }
        chosen.push(Chosen { option, always: element.always_send });
    }
    Ok(chosen)
}

fn distinct(subnets: &[Subnet]) -> Result<(), Problem> {
    let mut ids = HashMap::new();
    let mut by_address: Vec<(usize, &Subnet)> = subnets.iter().enumerate().collect();
    for (index, subnet) in &by_address {
        if let Some(other) = ids.insert(subnet.id, *index) {
            return problem(
                format!("Dhcp4.subnet4[{index}].id"),
                format!("id {} is already that of subnet4[{other}]; leases refer to a subnet by its id", subnet.id),
            );
        }
    }
    // Prefixes sorted by their first address overlap if and only if two neighbours do.
    by_address.sort_by_key(|(_, subnet)| subnet.prefix.first());
    for pair in by_address.windows(2) {
        if let [(_, lower), (index, upper)] = pair
            && lower.prefix.contains(upper.prefix.first())
        {
            return problem(
                format!("Dhcp4.subnet4[{index}].subnet"),
                format!("subnet {} overlaps subnet {}", upper.prefix, lower.prefix),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
