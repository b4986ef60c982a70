//! Adds, supersedes and removes options of the server's answers.

#![forbid(unsafe_code)]

mod parameters;
mod rule;
mod condition;
mod definition;
mod reserved;
mod value;

use dhcp4_api::{MessageType, Packet, Subnet, pkt4_send};
use hooks::{BoxError, CalloutHandle, LibraryHandle, NextStep};

use parameters::Parameters;
use rule::Rule;

/// The plugin root.
#[derive(Debug)]
pub struct FlexOption {
    rules: Vec<Rule>,
}

#[hooks::plugin]
impl hooks::Plugin for FlexOption {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self { rules: parameters.into_rules()? })
    }
}

/// Changes the options of the answer before the server packs it.
#[hooks::callout(pkt4_send)]
fn change_options(
    this: &FlexOption,
    handle: &mut CalloutHandle<'_>,
    query4: &Packet,
    response4: &mut Packet,
    subnet4: &Option<Subnet>,
) {
    // After SKIP the answer is packed already, after DROP nobody gets it.
    if handle.status() != NextStep::Continue {
        return;
    }
    // A NAK holds no configuration (RFC 2131, table 3).
    if response4.message_type() == Some(MessageType::Nak) {
        return;
    }
    for rule in &this.rules {
        rule.apply(query4, response4, subnet4.as_ref());
    }
}

#[cfg(test)]
mod tests;
