//! `subnet4`.

use std::{
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
};

use dhcp4_api::{Pool, Prefix, Subnet};

use super::{
    element::{Element, Map},
    lifetimes::Lifetimes,
    option_data::{self, Chosen},
};

/// The keys of an element.
const KEYS: &[&str] =
    &["id", "subnet", "pools", "interface", "relay", "valid-lifetime", "renew-timer", "rebind-timer", "option-data"];

/// How many octets of options fit into a packet, beside its header and what the server adds.
const MOST_IN_PACKET: usize = 65_000;

/// How many octets the options of all subnets have at most, with those that they inherit: a small text could make very many of it.
const MOST_OPTIONS: usize = 1 << 26;

/// A subnet, and the elements that tell it from others.
struct Located<'a> {
    path: String,
    id: Element<'a>,
    prefix: Element<'a>,
    subnet: Subnet,
}

/// The subnets by ascending id; `above` and `global` are what a subnet inherits.
pub(super) fn read(dhcp4: &Map<'_>, above: &Lifetimes, global: &[Chosen]) -> Vec<Subnet> {
    let elements = dhcp4.list("subnet4", "maps with \"id\" and \"subnet\"");
    let mut room = MOST_OPTIONS;
    let located: Vec<Located<'_>> =
        elements.iter().filter_map(|element| subnet(element, above, global, &mut room)).collect();
    distinct(&located);
    let mut subnets: Vec<Subnet> = located.into_iter().map(|located| located.subnet).collect();
    subnets.sort_by_key(|subnet| subnet.id);
    subnets
}

fn subnet<'a>(element: &Element<'a>, above: &Lifetimes, global: &[Chosen], room: &mut usize) -> Option<Located<'a>> {
    let map = element.map(KEYS)?;
    let (id, prefix) = (map.required("id"), map.required("subnet"));
    let number = id.as_ref().and_then(|element| {
        let id = element.read::<u32>()?;
        if id == 0 {
            element.problem("expected a number above 0, found 0");
        }
        Some(id)
    });
    let network = prefix.as_ref().and_then(parse::<Prefix>);
    let pools = pools(&map, network);
    let lifetimes = Lifetimes::read(&map, above);
    let mut chosen = option_data::read(&map.list("option-data", "maps with \"data\""));
    let missing = |option: &&Chosen| !chosen.iter().any(|own| own.option.code == option.option.code);
    let inherited: Vec<&Chosen> = global.iter().filter(missing).collect();
    let length: usize = chosen.iter().chain(inherited.iter().copied()).map(|option| option.option.data.len()).sum();
    match room.checked_sub(length).filter(|_| length <= MOST_IN_PACKET) {
        Some(left) => {
            *room = left;
            chosen.extend(inherited.into_iter().cloned());
        }
        None if length > MOST_IN_PACKET => map.problem(format!(
            "the options have {length} octets, with those that are inherited; expected at most {MOST_IN_PACKET}, which a packet \
             takes"
        )),
        None => map.problem(format!(
            "the options of the subnets up to here have more than {MOST_OPTIONS} octets, with those that are inherited; give \
             large ones only where they are needed"
        )),
    }
    let relay = map.get("relay").and_then(|relay| relay.map(&["ip-addresses"]));
    let relays = relay.and_then(|relay| relay.optional::<Vec<Ipv4Addr>>("ip-addresses"));
    let interface = map.optional("interface");
    let subnet = Subnet {
        id: number?,
        prefix: network?,
        pools,
        always_send: chosen.iter().filter(|own| own.always).map(|own| own.option.code).collect(),
        options: chosen.into_iter().map(|own| own.option).collect(),
        valid_lifetime: lifetimes.valid,
        renew_timer: lifetimes.renew,
        rebind_timer: lifetimes.rebind,
        relays: relays.unwrap_or_default(),
        interface,
    };
    Some(Located { path: element.path(), id: id?, prefix: prefix?, subnet })
}

fn pools(subnet: &Map<'_>, prefix: Option<Prefix>) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    // Those that overlap no earlier one, by their first addresses: so only the last one that begins before the end of a pool can
    // overlap it, however many there are.
    let mut apart: BTreeMap<Ipv4Addr, Pool> = BTreeMap::new();
    for element in subnet.list("pools", "maps with \"pool\"") {
        let Some(element) = element.map(&["pool"]).and_then(|map| map.required("pool")) else { continue };
        let Some(pool) = parse::<Pool>(&element) else { continue };
        if let Some(prefix) = prefix
            && !(prefix.contains(pool.first) && prefix.contains(pool.last))
        {
            element.problem(format!("pool {pool} is not inside the subnet {prefix}"));
        }
        let before = apart.range(..=pool.last).next_back().map(|(_, other)| *other);
        match before.filter(|other| other.overlaps(&pool)) {
            Some(other) => {
                element.problem(format!("pool {pool} overlaps pool {other}; give each address to one pool"));
            }
            None => drop(apart.insert(pool.first, pool)),
        }
        pools.push(pool);
    }
    pools
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(element: &Element<'_>) -> Option<T> {
    element.read::<String>()?.parse().map_err(|error: T::Err| element.problem(error.to_string())).ok()
}

/// Notes ids that are there twice, and subnets that overlap.
fn distinct(subnets: &[Located<'_>]) {
    let mut ids = HashMap::new();
    for Located { path, id, subnet, .. } in subnets {
        if let Some(other) = ids.insert(subnet.id, path) {
            id.problem(format!("id {} is already that of {other}; leases refer to a subnet by its id", subnet.id));
        }
    }
    // Prefixes sorted by their first address overlap if and only if two neighbours do.
    let mut by_address: Vec<&Located<'_>> = subnets.iter().collect();
    by_address.sort_by_key(|located| located.subnet.prefix.first());
    for pair in by_address.windows(2) {
        if let [lower, upper] = pair
            && lower.subnet.prefix.contains(upper.subnet.prefix.first())
        {
            upper.prefix.problem(format!("subnet {} overlaps subnet {}", upper.subnet.prefix, lower.subnet.prefix));
        }
    }
}
