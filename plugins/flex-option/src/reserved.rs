//! The options that must be as the server makes them.

use dhcp4_api::code;

/// Where a wrong value would break the protocol or contradict what the server has recorded: code, the reference's name, why,
/// and the way out.
const RESERVED: &[(u8, &str, &str, &str)] = &[
    (code::PAD, "pad", "the code stands for the space between options", "remove the element"),
    (
        code::REQUESTED_ADDRESS,
        "dhcp-requested-address",
        "only clients send it",
        "to give a client a certain address use the library static-lease",
    ),
    (
        code::LEASE_TIME,
        "dhcp-lease-time",
        "the client would believe in a lifetime that the server has not recorded, and could use its address while another \
         client gets it",
        "set `valid-lifetime` of the subnet",
    ),
    (
        code::OVERLOAD,
        "dhcp-option-overload",
        "clients would look for options in fields where there are none",
        "remove the element",
    ),
    (
        code::MESSAGE_TYPE,
        "dhcp-message-type",
        "it says whether the answer grants or refuses the lease",
        "use a library that attaches to lease4_select to refuse a lease",
    ),
    (
        code::SERVER_IDENTIFIER,
        "dhcp-server-identifier",
        "clients that choose an offer of this server would answer to another one",
        "set the address in `interfaces-config`",
    ),
    (code::PARAMETER_REQUEST_LIST, "dhcp-parameter-request-list", "only clients send it", "remove the element"),
    (57, "dhcp-max-message-size", "only clients send it", "remove the element"),
    (
        code::RENEWAL_TIME,
        "dhcp-renewal-time",
        "the server computes it so that it fits the lifetime of the lease",
        "set `renew-timer` of the subnet",
    ),
    (
        code::REBINDING_TIME,
        "dhcp-rebinding-time",
        "the server computes it so that it fits the lifetime of the lease",
        "set `rebind-timer` of the subnet",
    ),
    (
        code::CLIENT_IDENTIFIER,
        "dhcp-client-identifier",
        "it goes back to the client as the client has sent it (RFC 6842)",
        "remove the element",
    ),
    (
        code::RELAY_AGENT_INFORMATION,
        "dhcp-agent-options",
        "it goes back to the relay agent as the relay agent has sent it (RFC 3046)",
        "remove the element",
    ),
    (code::END, "end", "the code ends the options", "remove the element"),
];

/// Refuses an option that is given by its name or by its code, if it is reserved.
pub(crate) fn check(name: Option<&str>, code: Option<u8>) -> Result<(), String> {
    let found = RESERVED.iter().find(|reserved| Some(reserved.0) == code || Some(reserved.1) == name);
    match found {
        None => Ok(()),
        Some((code, name, reason, way_out)) => {
            Err(format!("option {code} ({name}) cannot be changed: {reason}; {way_out}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_options_are_refused_by_name_and_by_code() {
        for (code, name, reason, way_out) in RESERVED {
            for refused in [check(None, Some(*code)), check(Some(name), None), check(Some("routers"), Some(*code))] {
                let error = refused.unwrap_err();
                assert!(error.contains(reason) && error.contains(way_out), "{error}");
            }
        }
        assert_eq!(
            RESERVED.iter().map(|reserved| reserved.0).collect::<Vec<_>>(),
            [0, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82, 255]
        );
    }

    #[test]
    fn other_options_are_free() {
        assert_eq!(check(Some("routers"), None), Ok(()));
        assert_eq!(check(None, Some(60)), Ok(()));
        assert_eq!(check(None, None), Ok(()));
    }
}
