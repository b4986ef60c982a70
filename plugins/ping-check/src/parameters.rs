//! The parameters as they are spelled in the configuration.

use std::time::Duration;

use serde::Deserialize;

const DEFAULT_REPLY_TIMEOUT: u64 = 100;
const MAX_REPLY_TIMEOUT: u64 = 600_000;
const DEFAULT_REQUESTS: u32 = 1;
const MAX_REQUESTS: u32 = 10;
const DEFAULT_THREADS: usize = 8;
const MAX_THREADS: usize = 256;
/// Where the first packet of a traceroute goes: hardly anybody listens there.
const DEFAULT_PORT: u16 = 33434;

/// What the configuration gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parameters {
    #[serde(default)]
    method: MethodName,
    port: Option<u16>,
    reply_timeout: Option<u64>,
    min_ping_requests: Option<u32>,
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MethodName {
    #[default]
    Icmp,
    Udp,
}

/// How an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// An ICMP echo request: who uses the address replies.
    Icmp,
    /// A UDP datagram to a port where nobody listens: who uses the address says so (ICMP port unreachable).
    Udp(u16),
}

/// The checked parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    /// How an address is asked.
    pub(crate) method: Method,
    /// For how long a request is waited for its reply.
    pub(crate) reply_timeout: Duration,
    /// After how many requests without a reply an address counts as free.
    pub(crate) requests: u32,
    /// How many addresses are asked at the same time.
    pub(crate) threads: usize,
}

impl Parameters {
    /// The settings, or the parameter that cannot be used.
    pub(crate) fn check(self) -> Result<Settings, String> {
        let method = match (self.method, self.port) {
            (MethodName::Icmp, None) => Method::Icmp,
            (MethodName::Icmp, Some(_)) => {
                return Err("`port` is for `\"method\": \"udp\"`; ICMP has no ports, so leave it out".to_owned());
            }
            (MethodName::Udp, port) => Method::Udp(within("port", port.unwrap_or(DEFAULT_PORT), 1, u16::MAX)?),
        };
        let timeout =
            within("reply-timeout", self.reply_timeout.unwrap_or(DEFAULT_REPLY_TIMEOUT), 1, MAX_REPLY_TIMEOUT)?;
        let requests = self.min_ping_requests.unwrap_or(DEFAULT_REQUESTS);
        Ok(Settings {
            method,
            reply_timeout: Duration::from_millis(timeout),
            requests: within("min-ping-requests", requests, 1, MAX_REQUESTS)?,
            threads: within("threads", self.threads.unwrap_or(DEFAULT_THREADS), 1, MAX_THREADS)?,
        })
    }
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, found: T, least: T, most: T) -> Result<T, String> {
    if least <= found && found <= most {
        return Ok(found);
    }
    Err(format!("`{name}`: expected a number from {least} to {most}, found {found}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(parameters: Value) -> Result<Settings, String> {
        serde_json::from_value::<Parameters>(parameters).map_err(|error| error.to_string())?.check()
    }

    #[test]
    fn defaults_fill_in_what_is_left_out() {
        let defaults =
            Settings { method: Method::Icmp, reply_timeout: Duration::from_millis(100), requests: 1, threads: 8 };
        assert_eq!(check(json!({})).unwrap(), defaults);
        assert_eq!(check(json!({"method": "udp"})).unwrap(), Settings { method: Method::Udp(33434), ..defaults });
        let all = json!({"method": "udp", "port": 7, "reply-timeout": 2000, "min-ping-requests": 3, "threads": 2});
        let reply_timeout = Duration::from_secs(2);
        assert_eq!(check(all).unwrap(), Settings { method: Method::Udp(7), reply_timeout, requests: 3, threads: 2 });
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let cases = [
            (json!({"method": "arp"}), "unknown variant `arp`, expected `icmp` or `udp`"),
            (json!({"port": 7}), "leave it out"),
            (json!({"method": "udp", "port": 0}), "`port`: expected a number from 1 to 65535, found 0"),
            (json!({"reply-timeout": 0}), "`reply-timeout`: expected"),
            (json!({"reply-timeout": -1}), "-1"),
            (json!({"min-ping-requests": 11}), "`min-ping-requests`: expected a number from 1 to 10, found 11"),
            (json!({"threads": 0}), "`threads`: expected"),
            (json!({"timeout": 1}), "unknown field `timeout`"),
        ];
        for (parameters, expected) in cases {
            let error = check(parameters).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
