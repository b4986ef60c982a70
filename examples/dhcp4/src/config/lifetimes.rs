//! The lifetimes of leases, which subnets inherit.

use super::element::Map;

const DEFAULT_VALID_LIFETIME: u32 = 7200;

/// How long a lease is good and when its client is to extend it, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetimes {
    pub(super) valid: u32,
    pub(super) renew: Option<u32>,
    pub(super) rebind: Option<u32>,
}

impl Lifetimes {
    /// What holds if nothing is said.
    pub(super) const DEFAULT: Self = Self { valid: DEFAULT_VALID_LIFETIME, renew: None, rebind: None };

    /// The lifetimes in the map; what it leaves out is as `above`.
    pub(super) fn read(map: &Map<'_>, above: &Self) -> Self {
        let lifetimes = Self {
            valid: positive(map, "valid-lifetime", above.valid),
            renew: map.optional("renew-timer").or(above.renew),
            rebind: map.optional("rebind-timer").or(above.rebind),
        };
        if let (Some(renew), Some(rebind)) = (lifetimes.renew, lifetimes.rebind)
            && renew > rebind
        {
            let text =
                format!("renew-timer {renew} is above the rebind-timer {rebind}; a client renews before it rebinds");
            // If both are inherited, the problem has been noted there.
            if let Some(element) = map.get("renew-timer").or_else(|| map.get("rebind-timer")) {
                element.problem(text);
            }
        }
        lifetimes
    }
}

/// A number of seconds above 0.
pub(super) fn positive(map: &Map<'_>, key: &str, otherwise: u32) -> u32 {
    let Some(element) = map.get(key) else { return otherwise };
    match element.read() {
        Some(0) => {
            element.problem("expected a number of seconds above 0, found 0");
            otherwise
        }
        Some(seconds) => seconds,
        None => otherwise,
    }
}
