//! The configuration under test, and what the model knows of it.

use std::{net::Ipv4Addr, path::Path};

use dhcp4::{Config, Link};
use dhcp4_api::MacAddr;
use serde_json::json;

/// For how many seconds an offered address is kept for its client.
pub(crate) const OFFER_LIFETIME: u64 = 30;
/// For how many seconds nobody gets a declined address.
pub(crate) const PROBATION: u32 = 900;
/// For how many seconds a reclaimed lease is kept.
pub(crate) const HOLD_RECLAIMED: u64 = 200;
/// The name server of the configuration, and the one that flex-option puts in its place.
pub(crate) const NAME_SERVERS: [[u8; 4]; 2] = [[192, 0, 2, 53], [192, 0, 2, 54]];

/// A subnet.
pub(crate) struct Net {
    pub(crate) id: u32,
    /// The first three octets of its addresses.
    prefix: [u8; 3],
    /// The last octets of its pools, first and last.
    pools: &'static [(u8, u8)],
    /// The relay agent of its clients; those of a subnet without one reach the server directly.
    pub(crate) relay: Option<Ipv4Addr>,
    /// For how many seconds its leases are valid.
    lifetime: u32,
}

/// The first one is that of direct clients; the last one knows its relay agent only by the address.
pub(crate) const NETS: [Net; 3] = [
    Net { id: 1, prefix: [192, 0, 2], pools: &[(10, 29), (128, 143)], relay: None, lifetime: 1200 },
    Net {
        id: 2,
        prefix: [198, 51, 100],
        pools: &[(32, 63)],
        relay: Some(Ipv4Addr::new(203, 0, 113, 1)),
        lifetime: 600,
    },
    Net { id: 3, prefix: [10, 1, 0], pools: &[(10, 49)], relay: Some(Ipv4Addr::new(10, 1, 0, 1)), lifetime: 300 },
];

impl Net {
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        address.octets().starts_with(&self.prefix)
    }

    pub(crate) fn in_pool(&self, address: Ipv4Addr) -> bool {
        self.contains(address) && self.pools.iter().any(|(first, last)| (*first..=*last).contains(&address.octets()[3]))
    }

    /// The addresses of its pools.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.pools.iter().flat_map(|(first, last)| *first..=*last).map(|octet| self.address(octet))
    }

    pub(crate) fn address(&self, last: u8) -> Ipv4Addr {
        let [a, b, c] = self.prefix;
        Ipv4Addr::new(a, b, c, last)
    }
}

/// The subnet with this id.
pub(crate) fn net(id: u32) -> Option<&'static Net> {
    NETS.iter().find(|net| net.id == id)
}

/// The hardware address of the client with this number.
pub(crate) fn mac(number: u8) -> MacAddr {
    MacAddr::from([2, 0, 0, 0, 0, number])
}

/// The numbers of the clients with a reservation, and their addresses.
pub(crate) fn reservations() -> [(u8, Ipv4Addr); 3] {
    [(0xf0, NETS[0].address(200)), (0xf1, NETS[0].address(201)), (0xf2, NETS[1].address(200))]
}

/// The numbers of the clients on the deny list.
pub(crate) const DENIED: [u8; 2] = [0xd0, 0xd1];

/// Where the server hears all packets.
pub(crate) fn link() -> Link {
    Link { interface: "eth0".into(), address: Ipv4Addr::new(192, 0, 2, 1), port: 67 }
}

/// The configuration, with its lease file in the directory.
pub(crate) fn config(directory: &Path, plugins: bool) -> Config {
    let subnet = |net: &Net| {
        let [a, b, c] = net.prefix;
        let pool =
            |(first, last): &(u8, u8)| json!({"pool": format!("{} - {}", net.address(*first), net.address(*last))});
        let mut subnet = json!({"id": net.id, "subnet": format!("{a}.{b}.{c}.0/24"), "valid-lifetime": net.lifetime,
            "pools": net.pools.iter().map(pool).collect::<Vec<_>>()});
        match net.relay {
            None => subnet["interface"] = json!("eth0"),
            Some(relay) if !net.contains(relay) => subnet["relay"] = json!({"ip-addresses": [relay]}),
            Some(_) => {}
        }
        subnet
    };
    let reservation = |(client, address)| json!({"hw-address": mac(client).to_string(), "ip-address": address});
    let libraries = json!([
        {"library": "builtin:deny-list", "parameters": {"deny": DENIED.map(|client| mac(client).to_string())}},
        {"library": "builtin:static-lease", "parameters": {"reservations": reservations().map(reservation)}},
        {"library": "builtin:flex-option", "parameters": {
            "options": [{"code": 6, "supersede": Ipv4Addr::from(NAME_SERVERS[1]).to_string()}]}},
        {"library": "builtin:lease-log", "parameters": {"path": directory.join("lease.log")}}
    ]);
    let json = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "name": "leases", "fsync": "never"},
        "offer-lifetime": OFFER_LIFETIME,
        "decline-probation-period": PROBATION,
        "expired-leases-processing": {"hold-reclaimed-time": HOLD_RECLAIMED},
        "option-data": [{"name": "domain-name-servers", "data": Ipv4Addr::from(NAME_SERVERS[0]).to_string()}],
        "subnet4": NETS.iter().map(subnet).collect::<Vec<_>>(),
        "hooks-libraries": if plugins { libraries } else { json!([]) }
    }});
    Config::parse(&json.to_string(), &directory.join("dhcp4.json")).unwrap()
}
