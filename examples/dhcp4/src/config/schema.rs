//! The configuration as it is spelled in the file.

use std::net::Ipv4Addr;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "Dhcp4")]
    pub(super) dhcp4: Dhcp4,
}

/// What the key `Dhcp4` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Dhcp4 {
    pub(super) interfaces_config: Interfaces,
    pub(super) lease_database: LeaseDatabase,
    pub(super) valid_lifetime: Option<u32>,
    pub(super) renew_timer: Option<u32>,
    pub(super) rebind_timer: Option<u32>,
    pub(super) offer_lifetime: Option<u32>,
    pub(super) decline_probation_period: Option<u32>,
    pub(super) parked_packet_limit: Option<usize>,
    #[serde(default)]
    pub(super) expired_leases_processing: ExpiredLeases,
    #[serde(default)]
    pub(super) option_data: Vec<OptionData>,
    #[serde(default)]
    pub(super) subnet4: Vec<Subnet>,
    #[serde(default)]
    pub(super) hooks_libraries: Vec<Library>,
}

/// `interfaces-config`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Interfaces {
    pub(super) interfaces: Vec<String>,
    pub(super) port: Option<u16>,
}

/// `lease-database`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LeaseDatabase {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) persist: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) fsync: Option<Fsync>,
}

/// When records of the lease file are made durable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fsync {
    /// After each record, before the server goes on.
    Always,
    /// Once per burst of packets, before any of its answers leaves.
    #[default]
    Batch,
    /// Left to the operating system.
    Never,
}

/// `expired-leases-processing`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExpiredLeases {
    pub(super) hold_reclaimed_time: Option<u32>,
}

/// One element of `option-data`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OptionData {
    pub(super) name: Option<String>,
    pub(super) code: Option<u8>,
    pub(super) data: String,
    pub(super) csv_format: Option<bool>,
    #[serde(default)]
    pub(super) always_send: bool,
}

/// One element of `subnet4`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Subnet {
    pub(super) id: u32,
    pub(super) subnet: String,
    #[serde(default)]
    pub(super) pools: Vec<Pool>,
    pub(super) interface: Option<String>,
    #[serde(default)]
    pub(super) relay: Relay,
    pub(super) valid_lifetime: Option<u32>,
    pub(super) renew_timer: Option<u32>,
    pub(super) rebind_timer: Option<u32>,
    #[serde(default)]
    pub(super) option_data: Vec<OptionData>,
}

/// One element of `pools`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pool {
    pub(super) pool: String,
}

/// `relay`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Relay {
    #[serde(default)]
    pub(super) ip_addresses: Vec<Ipv4Addr>,
}

/// One element of `hooks-libraries`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Library {
    pub(super) library: String,
    #[serde(default)]
    pub(super) parameters: serde_json::Value,
}
