//! Tests of the checks, through the whole way from the text.

use std::{net::Ipv4Addr, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use hooks::Source;

use crate::config::{Config, ConfigError, Fsync, LibraryPaths};

fn good() -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 6767},
        "valid-lifetime": 600,
        "renew-timer": 200,
        "control-socket": {"socket-type": "unix", "socket-name": "control"},
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

fn read(text: &str) -> Result<Config, ConfigError> {
    Config::parse_with(text, Path::new("/etc/dhcp4.json"), &LibraryPaths::of_directory("/etc/lib"))
}

fn parse(config: &Value) -> Result<Config, String> {
    read(&config.to_string()).map_err(|error| error.to_string())
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
    let [builtin, file] = &config.libraries[..] else { panic!("two libraries") };
    assert_eq!((&builtin.library[..], &builtin.source), ("builtin:deny-list", &Source::Builtin("deny-list".into())));
    assert_eq!(builtin.parameters, Some(json!({"deny": []})));
    assert_eq!((&file.library[..], &file.source), ("lib/x.so", &Source::File("/etc/lib/x.so".into())));
    assert_eq!(file.parameters, None);
    assert_eq!(config.control_socket.unwrap().path, Path::new("/etc/control"));
}

#[test]
fn each_mistake_is_named_with_its_path() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &[&str])] = &[
        (|c| c["valid-lifetime"] = json!(0), &["Dhcp4.valid-lifetime", "above 0"]),
        (|c| c["offer-lifetime"] = json!(0), &["Dhcp4.offer-lifetime", "above 0"]),
        (|c| c["decline-probation-period"] = json!(0), &["decline-probation-period"]),
        (|c| c["rebind-timer"] = json!(100), &["Dhcp4.renew-timer", "200", "100"]),
        (|c| c["valid-lifetime"] = json!("x"), &["Dhcp4.valid-lifetime", "expected u32", "dhcp4.json:1:"]),
        (|c| c["valid-lifetime"] = json!(null), &["Dhcp4.valid-lifetime", "null", "expected u32"]),
        (|c| c["valid-lifetme"] = json!(1), &["Dhcp4.valid-lifetme", "unknown key", "\"valid-lifetime\""]),
        (|c| c["interfaces-config"]["prot"] = json!(1), &["Dhcp4.interfaces-config.prot", "\"port\""]),
        (|c| c["interfaces-config"]["port"] = json!(65536), &["Dhcp4.interfaces-config.port", "65536"]),
        (|c| c["interfaces-config"]["interfaces"] = json!("lo"), &["interfaces:", "expected a list", "found a string"]),
        (|c| c["control-socket"] = json!(null), &["Dhcp4.control-socket", "expected a map", "found null"]),
        (|c| c["control-socket"]["socket-type"] = json!("http"), &["socket-type", "\"unix\"", "\"http\""]),
        (
            |c| c["control-socket"] = json!({"socket-type": "unix"}),
            &["Dhcp4.control-socket", "\"socket-name\" is missing"],
        ),
        (|c| c["control-socket"]["socket-name"] = json!(""), &["socket-name", "path of a unix socket"]),
        (|c| c["control-socket"]["socket-name"] = json!("x".repeat(200)), &["socket-name", "205 octets", "107"]),
        (|c| c["control-socket"]["mode"] = json!(1), &["Dhcp4.control-socket.mode", "unknown key"]),
        (|c| c["expired-leases-processing"] = json!({"hold": 1}), &["expired-leases-processing.hold", "unknown key"]),
        (|c| c["interfaces-config"]["interfaces"] = json!([]), &["at least one interface"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["lo/x"]), &["interfaces[0]", "interface/address"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["lo", "lo"]), &["interfaces[1]", "twice"]),
        (|c| c["interfaces-config"]["interfaces"] = json!(["*", "lo"]), &["stands alone"]),
        (|c| c["lease-database"]["type"] = json!("mysql"), &["lease-database.type", "memfile"]),
        (|c| c["lease-database"] = json!({"type": "memfile"}), &["lease-database", "\"name\"", "persist"]),
        (|c| c["lease-database"]["path"] = json!("x"), &["Dhcp4.lease-database.path", "unknown key"]),
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
        (|c| c["subnet4"][0]["pools"][0]["pol"] = json!(1), &["subnet4[0].pools[0].pol", "unknown key", "\"pool\""]),
        (|c| c["subnet4"][0]["relay"] = json!({"ip-addresses": ["x"]}), &["subnet4[0].relay.ip-addresses", "IPv4"]),
        (|c| c["subnet4"][0]["relay"]["ip"] = json!([]), &["subnet4[0].relay.ip", "unknown key"]),
        (|c| c["subnet4"][0]["subnets"] = json!([]), &["Dhcp4.subnet4[0].subnets", "unknown key"]),
        (|c| c["option-data"][0]["csv"] = json!(true), &["Dhcp4.option-data[0].csv", "unknown key"]),
    ];
    for (change, expected) in cases {
        let error = error(change);
        for part in ["/etc/dhcp4.json"].iter().chain(*expected) {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
    }
}

#[test]
fn each_mistake_in_the_hooks_libraries_is_named_with_its_place() {
    // The list stands in the second line, from column 20 on, and its element behind the bracket.
    let problems = |list: &str| {
        let text = good().to_string();
        let (before, after) = text.split_once("\"hooks-libraries\":[").unwrap();
        let (_, after) = after.split_once(']').and_then(|(_, rest)| rest.split_once(']')).unwrap();
        let text = format!("{before}\n\"hooks-libraries\": {list}{after}");
        read(&text).unwrap_err().to_string()
    };
    let cases = [
        ("null", "2:20: Dhcp4.hooks-libraries: expected a list of maps", "found null"),
        ("{}", "2:20: Dhcp4.hooks-libraries: expected a list of maps", "found a map"),
        ("[7]", "2:21: Dhcp4.hooks-libraries[0]: expected a map with \"library\", \"parameters\"", "found a number"),
        ("[{}]", "2:21: Dhcp4.hooks-libraries[0]: the key \"library\" is missing", ""),
        (r#"[{"parameters": {}}]"#, "2:21: Dhcp4.hooks-libraries[0]: the key \"library\" is missing", ""),
        (r#"[{"library": 7}]"#, "2:33: Dhcp4.hooks-libraries[0].library: expected a string", "found a number"),
        (r#"[{"library": null}]"#, "2:33: Dhcp4.hooks-libraries[0].library: expected a string", "found null"),
        (r#"[{"library": ""}]"#, "2:33: Dhcp4.hooks-libraries[0].library: \"\" has no file name", ""),
        (r#"[{"library": "  "}]"#, "2:33: Dhcp4.hooks-libraries[0].library: \"  \" has no file name", ""),
        (r#"[{"library": "/etc/lib/"}]"#, "2:33: Dhcp4.hooks-libraries[0].library: \"/etc/lib/\" has no file name", ""),
        (r#"[{"library": "/etc/lib/."}]"#, "2:33: Dhcp4.hooks-libraries[0].library", "\"/etc/lib/.\" has no file name"),
        (
            r#"[{"library": "/etc/lib/.."}]"#,
            "2:33: Dhcp4.hooks-libraries[0].library",
            "\"/etc/lib/..\" has no file name",
        ),
        (
            r#"[{"library": "/etc/x.so"}]"#,
            "2:33: Dhcp4.hooks-libraries[0].library: \"/etc/x.so\" is not in",
            "/etc/lib",
        ),
        (r#"[{"library": "builtin: "}]"#, "2:33: Dhcp4.hooks-libraries[0].library: expected \"builtin:\"", ""),
        (r#"[{"library": "x.so", "path": 1}]"#, "2:41: Dhcp4.hooks-libraries[0].path: unknown key", "\"parameters\""),
        (r#"[{"library": "x.so", "library": "y.so"}]"#, "2:41: Dhcp4.hooks-libraries[0].library", "twice"),
        (
            r#"[{"library": "x.so", "parameters": {"a": [{"b": 1, "b": 2}]}}]"#,
            "2:71: Dhcp4.hooks-libraries[0].parameters.a[0].b: the key \"b\"",
            "twice",
        ),
        (
            r#"[{"library": "x.so", "parameters": []}]"#,
            "2:55: Dhcp4.hooks-libraries[0].parameters: expected a map",
            "found a list",
        ),
        (r#"[{"library": "x.so", "parameters": null}]"#, "2:55: Dhcp4.hooks-libraries[0].parameters", "found null"),
        (
            r#"[{"library": "x.so", "sha256": "9f"}]"#,
            "2:51: Dhcp4.hooks-libraries[0].sha256",
            "expected 64 hexadecimal",
        ),
        (r#"[{"library": "x.so", "sha256": 9}]"#, "2:51: Dhcp4.hooks-libraries[0].sha256", "expected a string"),
        (r#"[{"library": "x.so", "on-failure": 1}]"#, "2:55: Dhcp4.hooks-libraries[0].on-failure", "FailurePolicy"),
        (
            r#"[{"library": "x.so", "on-failure": {"action": "explode"}}]"#,
            "2:55: Dhcp4.hooks-libraries[0].on-failure: unknown variant `explode`",
            "`skip-library`",
        ),
        (
            r#"[{"library": "x.so", "on-failure": {"disable": {"what": "callout", "after": 0, "within": 9}}}]"#,
            "2:55: Dhcp4.hooks-libraries[0].on-failure: `after` is 0",
            "from 1 to 1000",
        ),
        (
            r#"[{"library": "x.so", "on-failure": {"action": "drop", "action": "drop"}}]"#,
            "2:74: Dhcp4.hooks-libraries[0].on-failure.action: the key \"action\"",
            "twice",
        ),
    ];
    for (list, begin, part) in cases {
        let error = problems(list);
        assert!(error.starts_with(&format!("/etc/dhcp4.json:{begin}")), "{list}: {error}");
        assert!(error.contains(part) && error.lines().count() == 1, "{list}: {error}");
    }
}

#[test]
fn all_problems_are_listed_in_the_order_of_the_text() {
    let text = r#"{ "Dhcp4": {
    "hooks-libraries": [{"library": 7, "parameter": {}}, null],
    "subnet4": [
        {"id": 0, "subnet": "192.0.2.0/24", "pools": [{"pool": "x"}, {"pool": "10.0.0.1/32"}], "renew-timer": "1"},
        {"id": "1", "subnet": "192.0.2.0"}
    ],
    "interfaces-config": {"interfaces": [1, "lo/x"], "port": -1}, // lease-database is missing
    "typo": {}
} }"#;
    let error = read(text).unwrap_err();
    let found: Vec<_> = error.problems().iter().map(|problem| (problem.place.unwrap(), &problem.path[..])).collect();
    assert_eq!(
        found,
        [
            ((1, 12), "Dhcp4"),
            ((2, 37), "Dhcp4.hooks-libraries[0].library"),
            ((2, 40), "Dhcp4.hooks-libraries[0].parameter"),
            ((2, 58), "Dhcp4.hooks-libraries[1]"),
            ((4, 16), "Dhcp4.subnet4[0].id"),
            ((4, 64), "Dhcp4.subnet4[0].pools[0].pool"),
            ((4, 79), "Dhcp4.subnet4[0].pools[1].pool"),
            ((4, 111), "Dhcp4.subnet4[0].renew-timer"),
            ((5, 16), "Dhcp4.subnet4[1].id"),
            ((5, 31), "Dhcp4.subnet4[1].subnet"),
            ((7, 42), "Dhcp4.interfaces-config.interfaces[0]"),
            ((7, 45), "Dhcp4.interfaces-config.interfaces[1]"),
            ((7, 62), "Dhcp4.interfaces-config.port"),
            ((8, 5), "Dhcp4.typo"),
        ]
    );
    assert!(error.to_string().contains("\n/etc/dhcp4.json:8:5: Dhcp4.typo: unknown key \"typo\""), "{error}");
}

#[test]
fn errors_of_the_syntax_name_line_and_column() {
    let parse = |text: &str| Config::parse(text, Path::new("dhcp4.json")).unwrap_err().to_string();
    assert!(parse("{\n \"Dhcp4\": {\n  /* x").starts_with("dhcp4.json:3:3: expected `*/`"));
    assert!(parse("// a\n{\n \"Dhcp4\": { # b\n  ]").starts_with("dhcp4.json:4:3: "));
    let trailing = format!("{} x", good());
    assert!(parse(&trailing).contains("trailing characters"));
    assert!(parse("").starts_with("dhcp4.json:1:0: EOF"));
    assert!(parse(r#"{"Dhcp4": {}, "Dhcp4": {}}"#).contains("twice"));
    assert!(parse(r#"{"Dhcp4": {}, "Dhcp6": {}}"#).contains("Dhcp6: unknown key"));
    assert!(parse("[]").contains("expected a map with \"Dhcp4\", found a list"));
}

#[test]
fn the_sample_configuration_is_good() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/dhcp4.json");
    let config = Config::load(&file).unwrap();
    assert_eq!((config.subnets.len(), config.libraries.len(), config.port), (2, 1, 6767));
    let missing = Config::load(&file.with_extension("missing")).unwrap_err().to_string();
    assert!(missing.contains("dhcp4.missing: cannot read"), "{missing}");
}

/// The good configuration with pieces cut out, doubled, or replaced by others of it.
fn damaged() -> impl Strategy<Value = String> {
    let cut = (any::<prop::sample::Index>(), 0_usize..12, any::<prop::sample::Index>(), 0_usize..12);
    prop::collection::vec(cut, 1..4).prop_map(|cuts| {
        let mut text: Vec<u8> = good().to_string().into_bytes();
        for (from, length, to, taken) in cuts {
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let piece = text[to..(to + taken).min(text.len())].to_vec();
            let end = (from + length).min(text.len());
            text.splice(from..end, piece);
            if text.is_empty() {
                break;
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

proptest! {
    #[test]
    fn whatever_the_text_is_there_is_a_configuration_or_a_problem(text in prop_oneof![damaged(), any::<String>()]) {
        match read(&text) {
            Ok(config) => prop_assert!(!config.interfaces.is_empty() && config.subnets.iter().all(|subnet| subnet.id > 0)),
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.problems().is_sorted_by_key(|problem| problem.place));
                prop_assert!(error.problems().iter().all(|problem| !problem.text.is_empty() && problem.place.is_some()));
            }
        }
    }
}

#[test]
fn each_wrong_value_is_a_problem_at_its_place() {
    for key in good()["Dhcp4"].as_object().unwrap().keys() {
        for wrong in [json!(true), json!(null)] {
            let problem = error(|dhcp4| dhcp4[key] = wrong);
            assert!(problem.contains(&format!(" Dhcp4.{key}: ")), "{problem}");
        }
    }
}

#[test]
fn options_that_add_up_to_more_than_can_be_sent_or_kept_are_refused() {
    let large = |octets: usize| json!([{"code": 224, "data": "00".repeat(octets), "csv-format": false}]);
    let error_of = |octets: usize, subnets: u32| {
        let subnet = |id: u32| json!({"id": id, "subnet": format!("{}/32", Ipv4Addr::from(0x0a00_0000 + id))});
        error(|dhcp4| {
            dhcp4["option-data"] = large(octets);
            dhcp4["subnet4"] = (1..=subnets).map(subnet).collect();
        })
    };
    let error = error_of(65_001, 1);
    assert!(
        error.contains("Dhcp4.subnet4[0]: the options have 65001 octets") && error.contains("at most 65000"),
        "{error}"
    );
    // 1040 times that fits into 64 MiB.
    let error = error_of(64_527, 1041);
    assert!(error.contains("Dhcp4.subnet4[1040]: the options of the subnets up to here") && error.lines().count() == 1);
}
