//! Tests of the checks, through the whole way from the text.

use std::{net::Ipv4Addr, path::Path};

use serde_json::{Value, json};

use crate::config::{Config, Fsync};

fn good() -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 6767},
        "valid-lifetime": 600,
        "renew-timer": 200,
        "lease-database": {"type": "memfile", "name": "leases"},
        "option-data": [{"name": "routers", "data": "192.0.2.1"}, {"name": "domain-name", "data": "example.org"}],
        "subnet4": [
            {"id": 7, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}, {"pool": "192.0.2.64/26"}],
             "option-data": [{"code": 3, "data": "192.0.2.254", "always-send": true}],
             "relay": {"ip-addresses": ["198.51.100.1"]}, "rebind-timer": 400},
            {"id": 2, "subnet": "203.0.113.0/24", "valid-lifetime": 60, "renew-timer": 30}
        ],
        "hooks-libraries": [{"library": "builtin:deny-list", "parameters": {"deny": []}}, {"library": "lib/x.so"}]
    }})
}

fn parse(config: &Value) -> Result<Config, String> {
    Config::parse(&config.to_string(), Path::new("/etc/dhcp4.json")).map_err(|error| error.to_string())
}

/// The error of the good configuration after `change`.
fn error(change: impl FnOnce(&mut Value)) -> String {
    let mut config = good();
    change(&mut config["Dhcp4"]);
    parse(&config).unwrap_err()
}

#[test]
fn what_is_left_out_is_inherited() {
    let config = parse(&good()).unwrap();
    assert_eq!((config.port, config.offer_lifetime), (6767, 60));
    assert_eq!(config.interfaces[0].address, Some(Ipv4Addr::LOCALHOST));
    assert_eq!(config.lease_database.file.as_deref(), Some(Path::new("/etc/leases")));
    assert_eq!(config.lease_database.fsync, Fsync::Batch);
    let [second, first] = &config.subnets[..] else { panic!("two subnets") };
    assert_eq!((second.id, first.id), (2, 7));
    assert_eq!((first.valid_lifetime, first.renew_timer, first.rebind_timer), (600, Some(200), Some(400)));
    assert_eq!((second.valid_lifetime, second.renew_timer), (60, Some(30)));
    assert_eq!(first.options.iter().map(|option| option.code).collect::<Vec<_>>(), [3, 15]);
    assert_eq!((&first.options[0].data[..], &first.always_send[..]), (&[192, 0, 2, 254][..], &[3][..]));
    assert_eq!(second.options[0].data, [192, 0, 2, 1]);
    assert_eq!(config.libraries[0].library, "builtin:deny-list");
    assert_eq!(config.libraries[1].library, "/etc/lib/x.so");
}

#[test]
fn each_mistake_is_named_with_its_path() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &[&str])] = &[
        (|c| c["valid-lifetime"] = json!(0), &["Dhcp4.valid-lifetime", "above 0"]),
        (|c| c["offer-lifetime"] = json!(0), &["Dhcp4.offer-lifetime", "above 0"]),
        (|c| c["decline-probation-period"] = json!(0), &["decline-probation-period"]),
        (|c| c["rebind-timer"] = json!(100), &["Dhcp4.renew-timer", "200", "100"]),
        (|c| c["valid-lifetime"] = json!("x"), &["Dhcp4.valid-lifetime", "expected u32", "line 1 column"]),
        (|c| c["valid-lifetme"] = json!(1), &["unknown field `valid-lifetme`", "expected one of"]),
        (|c| c["interfaces-config"]["interfaces"] = json!([]), &["at least one interface"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["lo/x"]), &["interfaces[0]", "interface/address"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["lo", "lo"]), &["interfaces[1]", "twice"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["*", "lo"]), &["stands alone"]),
        (|c| c["lease-database"]["type"] = json!("mysql"), &["lease-database.type", "memfile"]),
        (|c| c["lease-database"] = json!({"type": "memfile"}), &["lease-database.name", "persist"]),
        (|c| c["lease-database"]["fsync"] = json!("often"), &["lease-database.fsync", "always"]),
        (|c| c["subnet4"][0]["id"] = json!(0), &["subnet4[0].id"]),
        (|c| c["subnet4"][1]["id"] = json!(7), &["subnet4[1].id", "subnet4[0]"]),
        (|c| c["subnet4"][1]["subnet"] = json!("192.0.2.128/25"), &["subnet4[1].subnet", "overlaps", "192.0.2.0/24"]),
        (|c| c["subnet4"][1]["subnet"] = json!("192.0.0.0/16"), &["overlaps"]),
        (|c| c["subnet4"][0]["subnet"] = json!("192.0.2.0"), &["subnet4[0].subnet", "192.0.2.0/24"]),
        (|c| c["subnet4"][0]["pools"][0]["pool"] = json!("192.0.3.1 - 192.0.3.2"), &["pools[0].pool", "not inside"]),
        (|c| c["subnet4"][0]["pools"][1]["pool"] = json!("192.0.2.20/32"), &["pools[1].pool", "overlaps"]),
        (|c| c["subnet4"][0]["pools"][1]["pool"] = json!("x"), &["pools[1].pool", "no pool"]),
        (|c| c["subnet4"][0]["option-data"][0]["data"] = json!("x"), &["subnet4[0].option-data[0]", "addresses"]),
        (|c| c["option-data"][1]["name"] = json!("routers"), &["Dhcp4.option-data[1]"]),
        (|c| c["option-data"][0]["code"] = json!(256), &["Dhcp4.option-data[0].code"]),
        (|c| c["hooks-libraries"][0]["library"] = json!("builtin:"), &["hooks-libraries[0].library"]),
    ];
    for (change, expected) in cases {
        let error = error(change);
        for part in ["/etc/dhcp4.json"].iter().chain(*expected) {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
    }
}

#[test]
fn errors_of_the_syntax_name_line_and_column() {
    let parse = |text: &str| Config::parse(text, Path::new("dhcp4.json")).unwrap_err().to_string();
    assert!(parse("{\n \"Dhcp4\": {\n  /* x").contains("line 3 column 3"));
    assert!(parse("// a\n{\n \"Dhcp4\": { # b\n  ]").contains("line 4 column 3"));
    let trailing = format!("{} x", good());
    assert!(parse(&trailing).contains("trailing characters"));
    assert!(parse("").contains("line 1 column 0"));
}

#[test]
fn the_sample_configuration_is_good() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/dhcp4.json");
    let config = Config::load(&file).unwrap();
    assert_eq!((config.subnets.len(), config.libraries.len(), config.port), (2, 1, 6767));
    let missing = Config::load(&file.with_extension("missing")).unwrap_err().to_string();
    assert!(missing.contains("dhcp4.missing: cannot read"), "{missing}");
}
