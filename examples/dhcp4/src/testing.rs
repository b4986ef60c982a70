//! What several tests need.

use std::path::Path;

use dhcp4_api::{DhcpOption, MacAddr, MessageType, Packet, code};
use serde_json::json;

use crate::config::Config;

/// A configuration with the subnets 192.0.2.0/24, of direct clients on the interface `lo`, and 198.51.100.0/24.
pub(crate) fn config() -> Config {
    let json = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "valid-lifetime": 600,
        "renew-timer": 200,
        "rebind-timer": 400,
        "offer-lifetime": 30,
        "decline-probation-period": 1000,
        "expired-leases-processing": {"hold-reclaimed-time": 100},
        "lease-database": {"type": "memfile", "persist": false},
        "option-data": [{"name": "domain-name-servers", "data": "192.0.2.53"}, {"code": 224, "data": "0a", "always-send": true}],
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}], "interface": "lo",
             "option-data": [{"name": "routers", "data": "192.0.2.1"}]},
            {"id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.128/25"}],
             "relay": {"ip-addresses": ["203.0.113.1"]}}
        ]
    }});
    Config::parse(&json.to_string(), Path::new("dhcp4.json")).unwrap()
}

/// A packet of the client with this number.
pub(crate) fn packet(kind: MessageType, client: u8, options: &[DhcpOption]) -> Packet {
    let mut packet = Packet {
        op: Packet::BOOTREQUEST,
        xid: 0x1000 + u32::from(client),
        chaddr: MacAddr::from([2, 0, 0, 0, 0, client]),
        ..Packet::default()
    };
    packet.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
    for option in options {
        packet.set_option(option.code, option.data.clone());
    }
    packet
}
