//! Checks a configuration and fills in what it leaves out.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Config, ControlSocket, Interface, LeaseDatabase, LibraryPaths,
    element::{Element, Map},
    libraries,
    lifetimes::{Lifetimes, positive},
    option_data, subnets,
};

const DEFAULT_PORT: u16 = 67;
const DEFAULT_OFFER_LIFETIME: u32 = 60;
const DEFAULT_DECLINE_PROBATION_PERIOD: u32 = 86_400;
const DEFAULT_HOLD_RECLAIMED_TIME: u32 = 3600;
const DEFAULT_PARKED_PACKET_LIMIT: usize = 256;

/// The longest path of a unix socket that the system takes, without the zero at its end.
const MAX_SOCKET_PATH: usize = 107;

/// The keys of `Dhcp4`.
const KEYS: &[&str] = &[
    "interfaces-config",
    "control-socket",
    "lease-database",
    "valid-lifetime",
    "renew-timer",
    "rebind-timer",
    "offer-lifetime",
    "decline-probation-period",
    "parked-packet-limit",
    "slow-callout-limit",
    "expired-leases-processing",
    "option-data",
    "subnet4",
    "hooks-libraries",
];

/// The checked configuration; nothing if so much is wrong that there is none. It is to be used only if no problem has been
/// noted.
pub(super) fn check(root: &Element<'_>, file: &Path, paths: &LibraryPaths, json: &str) -> Option<Config> {
    let directory = file.parent().unwrap_or(Path::new(""));
    let dhcp4 = root.map(&["Dhcp4"])?.required("Dhcp4")?.map(KEYS)?;
    let lifetimes = Lifetimes::read(&dhcp4, &Lifetimes::DEFAULT);
    let interfaces = dhcp4.required("interfaces-config").and_then(|element| interfaces(&element));
    let control_socket = dhcp4.get("control-socket").and_then(|element| control_socket(&element, directory));
    let lease_database = dhcp4.required("lease-database").and_then(|element| lease_database(&element, directory));
    let global = option_data::read(&dhcp4.list("option-data", "maps with \"data\""));
    let subnets = subnets::read(&dhcp4, &lifetimes, &global);
    let expired = dhcp4.get("expired-leases-processing").and_then(|element| element.map(&["hold-reclaimed-time"]));
    let hold_reclaimed_time = expired.and_then(|expired| expired.optional("hold-reclaimed-time"));
    let offer_lifetime = positive(&dhcp4, "offer-lifetime", DEFAULT_OFFER_LIFETIME);
    let decline_probation_period = positive(&dhcp4, "decline-probation-period", DEFAULT_DECLINE_PROBATION_PERIOD);
    let parked_packet_limit = dhcp4.optional("parked-packet-limit").unwrap_or(DEFAULT_PARKED_PACKET_LIMIT);
    let slow_callout_limit = dhcp4.optional("slow-callout-limit").filter(|milliseconds| *milliseconds > 0);
    let libraries = libraries::read(&dhcp4, directory, paths);
    let (interfaces, port) = interfaces?;
    Some(Config {
        file: file.to_owned(),
        interfaces,
        port,
        control_socket,
        offer_lifetime,
        decline_probation_period,
        hold_reclaimed_time: hold_reclaimed_time.unwrap_or(DEFAULT_HOLD_RECLAIMED_TIME),
        parked_packet_limit,
        slow_callout_limit: slow_callout_limit.map(Duration::from_millis),
        lease_database: lease_database?,
        subnets,
        libraries,
        library_paths: paths.clone(),
        json: json.to_owned(),
    })
}

fn interfaces(element: &Element<'_>) -> Option<(Vec<Interface>, u16)> {
    let map = element.map(&["interfaces", "port"])?;
    let port = map.optional("port").unwrap_or(DEFAULT_PORT);
    let list = map.required("interfaces")?;
    let elements = list.list("names of interfaces");
    if elements.is_empty() {
        list.problem("expected at least one interface such as \"eth0\", \"eth0/192.0.2.1\" or \"*\"");
    }
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut names = HashSet::new();
    for element in &elements {
        let Some(text) = element.read::<String>() else { continue };
        let (name, address) = match text.split_once('/') {
            None => (text.as_str(), None),
            Some((name, address)) => match address.parse() {
                Ok(address) => (name, Some(address)),
                Err(_) => {
                    element.problem(format!("expected \"interface/address\", found \"{text}\""));
                    continue;
                }
            },
        };
        if name.is_empty() || (name == "*" && elements.len() > 1) {
            element.problem(format!("\"{text}\" names no interface of its own; \"*\" stands alone"));
        } else if !names.insert(name.to_owned()) {
            element.problem(format!("interface \"{name}\" is listed twice; list it once"));
        } else {
            interfaces.push(Interface { name: name.to_owned(), address });
        }
    }
    Some((interfaces, port))
}

fn control_socket(element: &Element<'_>, directory: &Path) -> Option<ControlSocket> {
    let map = element.map(&["socket-type", "socket-name"])?;
    kind(&map, "socket-type", "unix");
    let name = map.required("socket-name")?;
    let text = name.read::<String>()?;
    if text.is_empty() || text.ends_with('/') {
        name.problem(format!("expected the path of a unix socket, found \"{text}\""));
        return None;
    }
    // The socket and its lock are found again from wherever the server was started.
    let path = directory.join(text);
    let path = std::path::absolute(&path).unwrap_or(path);
    let length = path.as_os_str().len();
    if length > MAX_SOCKET_PATH {
        name.problem(format!(
            "the path {} has {length} octets; expected at most {MAX_SOCKET_PATH}, which is what the system takes",
            path.display()
        ));
        return None;
    }
    Some(ControlSocket { path })
}

fn lease_database(element: &Element<'_>, directory: &Path) -> Option<LeaseDatabase> {
    let map = element.map(&["type", "persist", "name", "fsync"])?;
    kind(&map, "type", "memfile");
    let fsync = map.optional("fsync").unwrap_or_default();
    let name = map.optional::<PathBuf>("name");
    let file = match (map.optional("persist").unwrap_or(true), name) {
        (false, _) => None,
        (true, Some(name)) if !name.as_os_str().is_empty() => Some(directory.join(name)),
        (true, _) => {
            map.problem(
                "expected \"name\", the path of the lease file; or set \"persist\" to false to keep leases in memory only",
            );
            return None;
        }
    };
    Some(LeaseDatabase { file, fsync })
}

/// Notes a problem if the key has another value than the only one that this server knows.
fn kind(map: &Map<'_>, key: &str, only: &str) {
    let Some(element) = map.required(key) else { return };
    if let Some(kind) = element.read::<String>()
        && kind != only
    {
        element.problem(format!("expected \"{only}\", the only one that this server has, found \"{kind}\""));
    }
}

#[cfg(test)]
mod tests;
