//! Leases by command.

use dhcp4::{Config, LeaseStore, channel::Outcome};
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, first},
};

#[test]
fn leases_are_found_by_address_and_by_client() {
    let served = Served::start(&json!([]));
    let address = Client::new(served.address, 1).lease();
    assert_eq!(served.ask("lease4-get-all", Value::Null).arguments.unwrap()["leases"].as_array().unwrap().len(), 1);
    let added =
        json!({"ip-address": first(50), "hw-address": "02:00:00:00:00:02", "client-id": "01:02", "hostname": "two"});
    served.get("lease4-add", added);
    let by_client = json!({"identifier-type": "client-id", "identifier": "01:02", "subnet-id": 1});
    let lease = served.get("lease4-get", by_client.clone());
    assert_eq!(lease, served.get("lease4-get", json!({"ip-address": first(50)})));
    let expected = json!({"ip-address": first(50), "hw-address": "02:00:00:00:00:02", "client-id": "01:02", "subnet-id": 1,
                          "valid-lft": 600, "cltt": lease["cltt"], "hostname": "two", "state": 0});
    assert_eq!(lease, expected);
    let by_hwaddr = json!({"identifier-type": "hw-address", "identifier": "02:00:00:00:00:01", "subnet-id": 1});
    assert_eq!(served.get("lease4-get", by_hwaddr)["ip-address"], json!(address));
    assert_eq!(served.ask("lease4-get", json!({"ip-address": first(51)})).result, Outcome::Empty);
    assert!(served.error("lease4-get", json!({})).contains("expected either \"ip-address\""));
    served.get("lease4-del", by_client.clone());
    assert_eq!(served.ask("lease4-del", by_client).result, Outcome::Empty);
}

#[test]
fn all_leases_come_at_once_by_subnet_or_by_page() {
    let served = Served::start(&json!([]));
    assert_eq!(served.ask("lease4-get-all", Value::Null).result, Outcome::Empty);
    for number in (1..=25).rev() {
        let hwaddr = format!("02:00:00:00:00:{number:02x}");
        served.get("lease4-add", json!({"ip-address": first(10 + number), "hw-address": hwaddr}));
    }
    served.get("lease4-add", json!({"ip-address": "198.51.100.200", "hw-address": "02:00:00:00:00:01"}));
    let addresses = |arguments: &Value| -> Vec<String> {
        let leases = arguments["leases"].as_array().unwrap();
        leases.iter().map(|lease| lease["ip-address"].as_str().unwrap().to_owned()).collect()
    };
    let all = addresses(&served.get("lease4-get-all", Value::Null));
    let mut expected: Vec<String> = (11..=35).map(|last| first(last).to_string()).collect();
    expected.push("198.51.100.200".to_owned());
    assert_eq!(all, expected);
    assert_eq!(addresses(&served.get("lease4-get-all", json!({"subnets": [2, 9]}))), ["198.51.100.200"]);

    let (mut from, mut paged) = ("start".to_owned(), Vec::new());
    loop {
        let answer = served.ask("lease4-get-page", json!({"from": from, "limit": 10}));
        let arguments = answer.arguments.unwrap();
        let page = addresses(&arguments);
        assert_eq!(arguments["count"], json!(page.len()));
        let Some(last) = page.last() else {
            assert_eq!(answer.result, Outcome::Empty);
            break;
        };
        from.clone_from(last);
        paged.extend(page);
        assert!(paged.len() <= expected.len(), "a page that was there before: {paged:?}");
    }
    assert_eq!(paged, expected);
    assert!(served.error("lease4-get-page", json!({"from": "begin", "limit": 1})).contains("\"start\""));
    assert!(served.error("lease4-get-page", json!({"from": "start", "limit": 0})).contains("above 0"));
    assert!(served.error("lease4-get-page", json!({"from": "start"})).contains("missing field `limit`"));
    assert!(served.error("lease4-get-all", json!({"subnets": ["1"]})).contains("`arguments.subnets[0]`"));
}

#[test]
fn an_added_lease_is_as_good_as_one_that_a_client_has_got() {
    let served = Served::start(&json!([]));
    served.get("lease4-add", json!({"ip-address": first(10), "hw-address": "02:00:00:00:00:01"}));
    assert_eq!(Client::new(served.address, 2).lease(), first(11), "the address is taken");
    assert_eq!(Client::new(served.address, 1).lease(), first(10), "the client has it");
    served.get("lease4-add", json!({"ip-address": first(200), "hw-address": "02:00:00:00:00:03"}));
    let mut client = json!({"ip-address": first(20), "hw-address": "02:00:00:00:00:01"});
    assert!(served.error("lease4-add", client.clone()).contains("the client has the lease 192.0.2.10"));
    client["hw-address"] = json!("02:00:00:00:00:04");
    served.get("lease4-add", client.clone());
    client["hw-address"] = json!("02:00:00:00:00:05");
    assert!(served.error("lease4-add", client.clone()).contains("192.0.2.20: the address belongs to another client"));
    served.get("lease4-del", json!({"ip-address": first(20)}));
    served.get("lease4-add", client);
    served.get("lease4-del", json!({"ip-address": first(11)}));

    // What was answered is on record.
    let config = Config::load(&served.file()).unwrap();
    served.get("shutdown", Value::Null);
    let _directory = served.ended();
    let store = LeaseStore::open(&config.lease_database).unwrap();
    let mut left: Vec<_> = store.iter().map(|lease| (lease.address, lease.hwaddr.to_string())).collect();
    left.sort();
    let expected = [(10, "02:00:00:00:00:01"), (20, "02:00:00:00:00:05"), (200, "02:00:00:00:00:03")];
    assert_eq!(left, expected.map(|(last, hwaddr)| (first(last), hwaddr.to_owned())));
}

#[test]
fn what_cannot_be_a_lease_is_refused_in_words() {
    let served = Served::start(&json!([]));
    let good = json!({"ip-address": first(10), "hw-address": "02:00:00:00:00:01"});
    let cases = [
        ("ip-address", json!("192.0.3.1"), "`arguments.ip-address`: 192.0.3.1 is in no subnet"),
        ("ip-address", json!("192.0.2"), "`arguments.ip-address`"),
        ("hw-address", json!(""), "`arguments.hw-address`: \"\" is no hardware address"),
        ("subnet-id", json!(2), "192.0.2.10 is not in subnet 2, 198.51.100.0/24"),
        ("subnet-id", json!(7), "there is no subnet 7"),
        ("client-id", json!("1"), "`arguments.client-id`: \"1\" is no client identifier"),
        ("valid-lft", json!(0), "above 0"),
        ("valid-lft", json!(-1), "`arguments.valid-lft`"),
        ("expire", json!(1), "a time to come"),
        ("state", json!(1), "unknown field `state`"),
    ];
    for (key, value, expected) in cases {
        let mut arguments = good.clone();
        arguments[key] = value;
        let error = served.error("lease4-add", arguments);
        assert!(error.contains(expected), "{error}");
    }
    assert!(served.error("lease4-add", Value::Null).contains("missing field `ip-address`"));
    assert_eq!(served.ask("lease4-get-all", Value::Null).result, Outcome::Empty);
}
