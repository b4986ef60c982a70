//! Looks for reserved addresses in the pools of the configuration.

use dhcp4_api::Pool;
use serde::Deserialize;

use crate::reservations::Reservations;

/// The part of the configuration that says which addresses any client can get.
#[derive(Deserialize)]
struct Configuration {
    #[serde(rename = "Dhcp4")]
    dhcp4: Dhcp4,
}

#[derive(Deserialize)]
struct Dhcp4 {
    #[serde(default)]
    subnet4: Vec<SubnetPools>,
}

#[derive(Deserialize)]
struct SubnetPools {
    id: u32,
    #[serde(default)]
    pools: Vec<PoolText>,
}

#[derive(Deserialize)]
struct PoolText {
    pool: String,
}

/// Refuses the configuration if a reserved address is in one of its pools.
pub(crate) fn check(json_config: &str, reservations: &Reservations) -> Result<(), String> {
    let configuration: Configuration = serde_json::from_str(json_config)
        .map_err(|error| format!("the pools of the configuration are not readable: {error}"))?;
    for subnet in configuration.dhcp4.subnet4 {
        for PoolText { pool: text } in subnet.pools {
            let pool: Pool = text.parse().map_err(|error| format!("the pools of subnet {}: {error}", subnet.id))?;
            if let Some((address, client)) = reservations.first_in(&pool) {
                return Err(format!(
                    "{address} is reserved for {client}, but is in the pool \"{text}\" of subnet {}, so that the server would \
                     propose it to other clients; divide the pool so that it leaves the address out, or remove the \
                     reservation",
                    subnet.id
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(pools: Value) -> Result<(), String> {
        let reservations = ["192.0.2.100", "192.0.2.200"].iter().enumerate().map(|(number, address)| {
            let client = format!("02:00:00:00:00:{number:02x}");
            serde_json::from_value(json!({"hw-address": client, "ip-address": address})).unwrap()
        });
        let config = json!({"Dhcp4": {"valid-lifetime": 600, "subnet4": [{"id": 7, "pools": pools}]}});
        check(&config.to_string(), &Reservations::new(reservations.collect()).unwrap())
    }

    #[test]
    fn pools_without_reserved_addresses_are_good() {
        assert_eq!(checked(json!([])), Ok(()));
        assert_eq!(checked(json!([{"pool": "192.0.2.10 - 192.0.2.99"}, {"pool": "192.0.2.101-192.0.2.199"}])), Ok(()));
        assert_eq!(check("{\"Dhcp4\": {}}", &Reservations::default()), Ok(()));
    }

    #[test]
    fn a_pool_with_a_reserved_address_is_named() {
        for pool in ["192.0.2.10 - 192.0.2.100", "192.0.2.200 - 192.0.2.250", "192.0.2.128/25"] {
            let error = checked(json!([{"pool": "192.0.2.1 - 192.0.2.9"}, {"pool": pool}])).unwrap_err();
            assert!(error.contains(pool) && error.contains("subnet 7") && error.contains("divide the pool"), "{error}");
        }
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_refused() {
        assert!(checked(json!([{"pool": "all"}])).unwrap_err().contains("\"all\" is no pool"));
        assert!(check("[]", &Reservations::default()).unwrap_err().contains("not readable"));
    }
}
