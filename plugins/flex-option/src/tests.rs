//! The plugin at its hook point.

use dhcp4_api::{Packet, Subnet, buffer4_send, code, pkt4_send};
use hooks::{Hooks, LibraryConfig, Source};
use serde_json::{Value, json};

fn library(parameters: Value) -> LibraryConfig {
    LibraryConfig::new(Source::Builtin("flex-option".into())).parameters(parameters)
}

fn load(options: Value) -> Result<Hooks, hooks::Error> {
    let hooks = Hooks::new();
    hooks.load_libraries(vec![library(json!({"options": options}))]).map(|()| hooks)
}

/// The answer of this type to the client in the subnet with the id 7, as the callouts leave it.
fn answer(hooks: &Hooks, kind: u8, client: &str) -> Packet {
    let query = Packet { chaddr: client.parse().unwrap(), ..Packet::default() };
    let mut response = Packet { op: Packet::BOOTREPLY, ..Packet::default() };
    response.set_option(code::MESSAGE_TYPE, [kind]);
    response.set_option(code::ROUTERS, [192, 0, 2, 1]);
    let subnet = Some(Subnet {
        id: 7,
        prefix: "192.0.2.0/24".parse().unwrap(),
        pools: Vec::new(),
        options: Vec::new(),
        always_send: Vec::new(),
        valid_lifetime: 600,
        renew_timer: None,
        rebind_timer: None,
        relays: Vec::new(),
        interface: None,
    });
    let step = pkt4_send::call(&mut hooks.handle(), || pkt4_send::Args {
        query4: &query,
        response4: &mut response,
        subnet4: &subnet,
    });
    assert!(step.is_continue());
    response
}

const ACK: u8 = 5;
const NAK: u8 = 6;
const CLIENT: &str = "02:00:00:00:00:01";

#[test]
fn options_are_added_superseded_and_removed() {
    let hooks = load(json!([
        {"code": 6, "supersede": "192.0.2.53, 192.0.2.54", "comment": "the new resolvers"},
        {"name": "boot-file-name", "add": "pxelinux.0"},
        {"name": "vendor-encapsulated-options", "add": "0x0601", "csv-format": false},
        {"code": 3, "remove": true},
        {"code": 224, "add": "0a:1b"},
    ]))
    .unwrap();
    let answer = answer(&hooks, ACK, CLIENT);
    assert_eq!(answer.option(6), Some(&[192, 0, 2, 53, 192, 0, 2, 54][..]));
    assert_eq!(answer.option(67), Some(&b"pxelinux.0"[..]));
    assert_eq!(answer.option(43), Some(&[6, 1][..]));
    assert_eq!(answer.option(3), None);
    assert_eq!(answer.option(224), Some(&[0x0a, 0x1b][..]));
}

#[test]
fn conditions_choose_the_answers_and_the_first_add_wins() {
    let hooks = load(json!([
        {"code": 66, "add": "phones.example.org", "client": "02:00:5e:*"},
        {"code": 66, "add": "here.example.org", "subnet-id": 7},
        {"code": 67, "add": "elsewhere", "subnet-id": 8},
        {"code": 12, "add": "one", "client": CLIENT, "subnet-id": 7},
    ]))
    .unwrap();
    let phone = answer(&hooks, ACK, "02:00:5e:00:00:01");
    assert_eq!(phone.option(66), Some(&b"phones.example.org"[..]));
    assert_eq!((phone.option(67), phone.option(12)), (None, None));
    let other = answer(&hooks, ACK, CLIENT);
    assert_eq!((other.option(66), other.option(12)), (Some(&b"here.example.org"[..]), Some(&b"one"[..])));
}

#[test]
fn a_nak_stays_as_it_is() {
    let hooks = load(json!([{"code": 3, "remove": true}, {"code": 6, "add": "192.0.2.53"}])).unwrap();
    let nak = answer(&hooks, NAK, CLIENT);
    assert_eq!((nak.option(3), nak.option(6)), (Some(&[192, 0, 2, 1][..]), None));
}

/// Stands for an earlier callout that has already packed the answer.
#[hooks::callout(buffer4_send)]
fn skip() -> buffer4_send::NextStep {
    buffer4_send::NextStep::Skip
}

#[test]
fn an_answer_that_is_packed_already_stays_as_it_is() {
    let options = json!([{"code": 6, "add": "192.0.2.53"}]);
    let hooks = load(options.clone()).unwrap();
    let mut handle = hooks.handle();
    let mut response = Packet::default();
    assert!(buffer4_send::call(&mut handle, || buffer4_send::Args { response4: &mut response }).is_skip());
    let parameters = serde_json::from_value(json!({"options": options})).unwrap();
    let plugin = crate::FlexOption { rules: crate::parameters::Parameters::into_rules(parameters).unwrap() };
    crate::change_options(&plugin, &mut handle, &Packet::default(), &mut response, &None);
    assert_eq!(response, Packet::default());
}

#[test]
fn wrong_parameters_are_refused_and_named() {
    let cases = [
        (json!([{"code": 6, "add": "192.0.2.1"}, {"code": 3, "add": "x"}]), &["`parameters.options[1]`", "\"x\""][..]),
        (
            json!([{"code": 53, "supersede": "05", "csv-format": false}]),
            &["parameters.options[0]", "dhcp-message-type"],
        ),
        (json!([{"name": "dhcp-lease-time", "supersede": "1"}]), &["option 51", "valid-lifetime"]),
        (json!([{"code": 0, "remove": true}]), &["option 0 (pad)"]),
        (json!([{"code": 255, "remove": true}]), &["option 255 (end)"]),
        (json!([{"code": 256, "remove": true}]), &["`parameters.options[0].code`", "256"]),
        (json!([{"code": 6}]), &["exactly one of `add`, `supersede` and `remove`"]),
        (json!([{"code": 6, "add": "192.0.2.1", "remove": true}]), &["exactly one"]),
        (json!([{"code": 6, "remove": false}]), &["`remove` is false"]),
        (json!([{"code": 6, "remove": true, "csv-format": true}]), &["`csv-format`"]),
        (json!([{"add": "192.0.2.1"}]), &["`code` or `name`"]),
        (json!([{"code": 6, "remove": true, "client": "02:00"}]), &["`parameters.options[0].client`", "\"02:00\""]),
        (json!([{"code": 6, "remove": true, "client-class": "phones"}]), &["unknown field `client-class`"]),
        (json!([{"code": 6, "remove": "option[60].exists"}]), &["`parameters.options[0].remove`", "boolean"]),
        (json!([{"code": 6, "remove": true}, {"code": 6, "add": "192.0.2.1"}]), &["`options[0]` and `options[1]`"]),
    ];
    for (options, expected) in cases {
        let error = load(options).unwrap_err();
        assert!(error.is_load());
        for part in expected {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
}
