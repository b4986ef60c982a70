//! What the server answers: packets in, packets out, with the hook points in between.

mod statistics;
mod link;
mod request;
mod receive;
mod subnet;
mod lease_points;
mod assign;
mod discover;
mod requested;
mod give_back;
mod inform;
mod response;
mod answer;
mod park;
mod reclaim;
mod configure;
mod records;

use std::sync::Arc;

use dhcp4_api::MessageType;
use hooks::Hooks;

use crate::{
    config::Config,
    leases::{Bindings, FileError, LeaseStore},
};

pub use configure::ConfigureError;
pub use link::{Link, Outgoing};
pub use park::ResumeQueue;
pub use statistics::Statistics;

use request::Request;

/// The server without sockets and clock: it is given datagrams and the time, and gives datagrams back.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    hooks: Hooks,
    bindings: Bindings,
    statistics: Statistics,
    resumed: Arc<ResumeQueue>,
}

impl Engine {
    /// An engine with this configuration, whose libraries `hooks` has loaded, and these leases.
    pub fn new(config: Config, hooks: Hooks, leases: LeaseStore) -> Self {
        let bindings = Bindings::new(leases, &config.subnets, config.hold_reclaimed_time);
        Self { config, hooks, bindings, statistics: Statistics::default(), resumed: Arc::default() }
    }

    /// Handles a datagram that was received at the link; `now` is in seconds since 1970.
    ///
    /// What comes back may be sent at once unless it is [`Outgoing::durable`]: then only after [`Engine::commit`] has
    /// succeeded.
    pub fn handle(&mut self, datagram: &[u8], link: &Link, source: std::net::SocketAddrV4, now: u64) -> Vec<Outgoing> {
        self.tick(now);
        let mut outgoing = Vec::new();
        if let Some(request) = self.receive(datagram, link, source, now)
            && let Some(answer) = self.process(request)
        {
            outgoing.extend(self.send(*answer));
        }
        outgoing.extend(self.take_resumed());
        outgoing
    }

    /// Does what has become due: reclaims expired leases, frees declined addresses, forgets offers.
    pub fn tick(&mut self, now: u64) {
        self.reclaim(now);
    }

    /// When [`Engine::tick`] has something to do, in seconds since 1970.
    pub fn next_deadline(&self) -> Option<u64> {
        self.bindings.first_deadline()
    }

    /// Makes the leases durable that were recorded since the last time, as far as the configuration asks for it.
    pub fn commit(&mut self) -> Result<(), FileError> {
        self.bindings.sync()
    }

    /// The answers whose parked requests have been resumed meanwhile.
    pub fn take_resumed(&mut self) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        while let Some(answer) = self.resumed.pop() {
            outgoing.extend(self.unpark(answer));
        }
        outgoing
    }

    /// Where parked requests arrive when they are resumed.
    pub fn resume_queue(&self) -> Arc<ResumeQueue> {
        Arc::clone(&self.resumed)
    }

    /// The configuration in use.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The hook points with the loaded libraries.
    pub(crate) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// The leases.
    pub fn leases(&self) -> &LeaseStore {
        self.bindings.leases()
    }

    /// What the engine has counted.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    fn process(&mut self, mut request: Request<'_>) -> Option<Box<answer::Answer>> {
        match request.kind {
            MessageType::Discover | MessageType::Request | MessageType::Inform => {
                request.subnet = self.select_subnet(&mut request)?;
            }
            _ => {}
        }
        match request.kind {
            MessageType::Discover => self.discover(request),
            MessageType::Request => self.request(request),
            MessageType::Release => self.release(request),
            MessageType::Decline => self.decline(request),
            MessageType::Inform => self.inform(request),
            MessageType::Offer | MessageType::Ack | MessageType::Nak => {
                self.dropped(&request.query, "the message is one that only servers send");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
