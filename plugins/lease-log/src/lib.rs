//! Writes down who had which address when.

#![forbid(unsafe_code)]

mod parameters;
mod record;
mod queue;
mod output;
mod rotation;
mod writer;
mod log;

use dhcp4_api::{Lease, LeaseState, Packet, lease4_decline, lease4_expire, lease4_release, leases4_committed};
use hooks::{BoxError, Command, LibraryHandle, Response};

use log::Log;
use parameters::Parameters;
use record::{Event, Record};

/// The plugin root.
#[derive(Debug)]
pub struct LeaseLog {
    log: Log,
}

#[hooks::plugin]
impl hooks::Plugin for LeaseLog {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self { log: Log::open(&parameters.check()?)? })
    }

    fn unload(&self) -> Result<(), BoxError> {
        Ok(self.log.close()?)
    }
}

/// Writes down what the server has recorded.
#[hooks::callout(leases4_committed)]
fn log_committed(this: &LeaseLog, query4: &Packet, leases4: &Vec<Lease>, deleted_leases4: &Vec<Lease>) {
    for lease in deleted_leases4 {
        this.log.write(Record::new(Event::Removed, lease, Some(query4)));
    }
    for lease in leases4 {
        let event = match lease.state {
            LeaseState::Default if query4.ciaddr == lease.address => Event::Renewed,
            LeaseState::Default => Event::Assigned,
            LeaseState::Declined => Event::Declined,
            LeaseState::ExpiredReclaimed => Event::Removed,
        };
        this.log.write(Record::new(event, lease, Some(query4)));
    }
}

/// Writes down that the client gives its address back, whatever the server makes of it.
#[hooks::callout(lease4_release)]
fn log_release(this: &LeaseLog, query4: &Packet, lease4: &Lease) {
    this.log.write(Record::new(Event::ClientRelease, lease4, Some(query4)));
}

/// Writes down that the client has found its address in use, whatever the server makes of it.
#[hooks::callout(lease4_decline)]
fn log_decline(this: &LeaseLog, query4: &Packet, lease4: &Lease) {
    this.log.write(Record::new(Event::ClientDecline, lease4, Some(query4)));
}

/// Writes down that the time of a lease has ended.
#[hooks::callout(lease4_expire)]
fn log_expiry(this: &LeaseLog, lease4: &Lease) {
    this.log.write(Record::new(Event::Expired, lease4, None));
}

/// Lets an operator begin a new file, such as before the log is read by another program.
#[hooks::callout(command = "lease-log-rotate")]
fn rotate(this: &LeaseLog, command: &Command, response: &mut Response) {
    /// The command has no arguments.
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoArguments {}

    let rotated = command.arguments().map_err(|error| error.to_string()).and_then(|NoArguments {}| this.log.rotate());
    match rotated {
        Ok(()) => response.set(0, "a new file begins as soon as the records that wait are written"),
        Err(error) => response.set(1, format!("lease-log-rotate: {error}")),
    }
}

#[cfg(test)]
mod tests;
