//! The hook points of the server, in the order in which a packet passes them.
//!
//! A client that comes with DISCOVER and then REQUEST passes
//! `buffer4_receive`, `pkt4_receive`, `subnet4_select`, `lease4_select`, `lease4_offer`, `pkt4_send`, `buffer4_send`, and
//! `buffer4_receive`, `pkt4_receive`, `subnet4_select`, `lease4_select`, `leases4_committed`, `pkt4_send`, `buffer4_send`.
//!
//! All callouts of one packet share one callout handle, from `buffer4_receive` to `buffer4_send`. The callouts of
//! `dhcp4_srv_configured`, `lease4_expire`, `lease4_recover` and `command_processed` belong to no packet and get a handle each time.

use hooks::Response;

use crate::{Lease, MacAddr, Packet, Subnet};

hooks::declare_hooks! {
    /// The server has read its configuration, at the start and at each reconfiguration, and is about to use it.
    ///
    /// - `json_config`: the configuration as JSON, without comments.
    /// - `error`: what the server logs if a callout refuses the configuration.
    ///
    /// CONTINUE: the configuration is used. DROP: it is refused: the server does not start, or keeps its old
    /// configuration.
    pub hook dhcp4_srv_configured(json_config: &String, error: &mut String) -> [Continue, Drop];

    /// A datagram has been received and not yet been parsed.
    ///
    /// - `query4`: the packet; only `raw`, `interface`, `source` and `destination` are set.
    ///
    /// CONTINUE: the server parses `raw`. SKIP: the callout has parsed it and filled `query4`; the server does not.
    /// DROP: the packet is dropped.
    pub hook buffer4_receive(query4: &mut Packet) -> [Continue, Skip, Drop];

    /// A packet has been received and parsed.
    ///
    /// - `query4`: the packet; changes are what the server works with.
    ///
    /// CONTINUE: the server processes the packet. SKIP and DROP: the packet is dropped.
    pub hook pkt4_receive(query4: &mut Packet) -> [Continue, Skip, Drop];

    /// The server has selected a subnet for the client of a DISCOVER, REQUEST or INFORM.
    ///
    /// - `query4`: the packet.
    /// - `subnet4`: the subnet that the server has selected, or nothing; a callout may put another one of the
    ///   collection in its place. The server knows the subnet by its id.
    /// - `subnet4collection`: all subnets of the configuration.
    ///
    /// CONTINUE: the server goes on with `subnet4`. SKIP: the server goes on without a subnet, so that the client gets
    /// no lease. DROP: the packet is dropped.
    pub hook subnet4_select(query4: &Packet, subnet4: &mut Option<Subnet>, subnet4collection: &Vec<Subnet>)
        -> [Continue, Skip, Drop];

    /// The server is about to assign an address to a client that has no valid lease for it.
    ///
    /// - `query4`: the packet.
    /// - `subnet4`: the subnet of the client.
    /// - `fake_allocation`: true for a DISCOVER, where the lease is only offered.
    /// - `lease4`: the lease; its address is the one that the server would assign, or 0.0.0.0 if no address is free.
    ///   A callout may change the lifetime and the name in any case, and the address if it returns SKIP.
    ///
    /// CONTINUE: the server assigns its address. SKIP: the callouts have assigned the address in `lease4`; the server
    /// takes it after it has checked that it is in the subnet, not held by another client and not declined. DROP: the
    /// client gets no lease.
    pub hook lease4_select(query4: &Packet, subnet4: &Subnet, fake_allocation: bool, lease4: &mut Lease)
        -> [Continue, Skip, Drop];

    /// The server is about to extend a valid lease of the client that asks for it.
    ///
    /// - `query4`: the packet.
    /// - `subnet4`: the subnet of the client.
    /// - `clientid`: the identifier of the client, if it has sent one.
    /// - `hwaddr`: the hardware address of the client.
    /// - `lease4`: the lease as it will be recorded; a callout may change its lifetime and its name.
    ///
    /// CONTINUE: the lease is extended. SKIP: it is not; the client is told how much of it is left. A callout that
    /// fails counts as SKIP.
    pub hook lease4_renew(
        query4: &Packet,
        subnet4: &Subnet,
        clientid: &Option<Vec<u8>>,
        hwaddr: &MacAddr,
        lease4: &mut Lease,
    ) -> [Continue, Skip], on_failure = Skip;

    /// A client gives its lease back.
    ///
    /// - `query4`: the packet.
    /// - `lease4`: the lease.
    ///
    /// CONTINUE: the lease is removed. SKIP and DROP: it stays.
    pub hook lease4_release(query4: &Packet, lease4: &Lease) -> [Continue, Skip, Drop];

    /// A client has found its address in use.
    ///
    /// - `query4`: the packet.
    /// - `lease4`: the lease of the client.
    ///
    /// CONTINUE: nobody gets the address during the probation. SKIP and DROP: the lease stays as it is.
    pub hook lease4_decline(query4: &Packet, lease4: &Lease) -> [Continue, Skip, Drop];

    /// The server has recorded the outcome of a REQUEST that it grants, of a RELEASE or of a DECLINE.
    ///
    /// - `query4`: the packet.
    /// - `response4`: the answer that waits to be sent; for a RELEASE or DECLINE, which are not answered, an empty
    ///   packet whose `op` is 0.
    /// - `leases4`: the leases that were assigned, extended or declined.
    /// - `deleted_leases4`: the leases that were removed.
    ///
    /// CONTINUE: the answer is sent. DROP: it is not. PARK: it waits until the request is resumed.
    pub hook leases4_committed(query4: &Packet, response4: &Packet, leases4: &Vec<Lease>, deleted_leases4: &Vec<Lease>)
        -> [Continue, Drop, Park];

    /// The server is about to send an OFFER.
    ///
    /// - `query4`: the packet.
    /// - `response4`: the OFFER.
    /// - `leases4`: the lease that is offered.
    /// - `offer_lifetime`: for how many seconds the address is kept for this client.
    /// - `old_lease`: the lease that is on record for the address, if any.
    /// - `offer_address_in_use`: set to true by a callout that has found the address in use: the server then declines
    ///   the address itself and does not send the OFFER.
    ///
    /// CONTINUE: the OFFER is sent. DROP: it is not. PARK: it waits until the request is resumed. A callout that finds
    /// out after PARK that the address is in use drops the request: the server then offers the address to nobody for
    /// the offer lifetime.
    pub hook lease4_offer(
        query4: &Packet,
        response4: &Packet,
        leases4: &Vec<Lease>,
        offer_lifetime: u32,
        old_lease: &Option<Lease>,
        offer_address_in_use: &mut bool,
    ) -> [Continue, Drop, Park];

    /// The answer is ready and not yet packed.
    ///
    /// - `query4`: the packet of the client.
    /// - `response4`: the answer; changes are what the server sends.
    /// - `subnet4`: the subnet of the client, if one was selected.
    ///
    /// CONTINUE: the server packs `response4` into `raw`. SKIP: the callout has packed `raw`. DROP: the answer is not
    /// sent.
    pub hook pkt4_send(query4: &Packet, response4: &mut Packet, subnet4: &Option<Subnet>) -> [Continue, Skip, Drop];

    /// The answer has been packed and is about to be sent.
    ///
    /// - `response4`: the answer; `raw` is sent to `destination`.
    ///
    /// CONTINUE: the answer is sent. SKIP and DROP: it is not.
    pub hook buffer4_send(response4: &mut Packet) -> [Continue, Skip, Drop];

    /// A lease has expired.
    ///
    /// - `lease4`: the lease.
    /// - `remove_lease`: true if the server will remove the lease, false if it will keep it as reclaimed.
    ///
    /// CONTINUE: the server reclaims the lease. SKIP: the callout has reclaimed it; the server records `lease4` as the
    /// callout has left it, and asks again after a minute if it is still a valid lease that has expired. A callout that
    /// fails counts as CONTINUE.
    pub hook lease4_expire(lease4: &mut Lease, remove_lease: bool) -> [Continue, Skip], on_failure = Continue;

    /// The probation of a declined lease has ended.
    ///
    /// - `lease4`: the declined lease.
    ///
    /// CONTINUE: the address is free again. SKIP: it stays declined for another probation period. A callout that fails
    /// counts as SKIP.
    pub hook lease4_recover(lease4: &Lease) -> [Continue, Skip], on_failure = Skip;

    /// The server has dealt with a command of its control socket, by itself or by a library.
    ///
    /// - `name`: the name of the command.
    /// - `command_arguments`: its arguments as JSON, as they were written; empty if there were none.
    /// - `response`: the answer as JSON, a map with `result`, `text` and `arguments`; changes are what the server sends,
    ///   unless what is left is no answer.
    ///
    /// CONTINUE: the answer is sent. A callout that fails counts as CONTINUE.
    pub hook command_processed(name: &String, command_arguments: &String, response: &mut Response)
        -> [Continue], on_failure = Continue;
}
