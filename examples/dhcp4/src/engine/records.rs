//! What the operator does with leases.

use std::net::Ipv4Addr;

use dhcp4_api::Lease;

use super::Engine;
use crate::leases::{AddError, Client, FileError};

impl Engine {
    /// Records a lease that no client has asked for, and makes it durable; an offer of its address is void.
    ///
    /// # Errors
    ///
    /// If the address has a lease already, if its client has another one in the subnet, or if it cannot be recorded.
    pub fn add_lease(&mut self, lease: &Lease) -> Result<(), AddError> {
        let client = Client { hwaddr: lease.hwaddr, client_id: lease.client_id.clone() };
        self.bindings.add(lease, &client)?;
        Ok(self.commit()?)
    }

    /// Removes the lease of the address, and makes that durable.
    ///
    /// # Errors
    ///
    /// If it cannot be recorded.
    pub fn delete_lease(&mut self, address: Ipv4Addr) -> Result<(), FileError> {
        self.bindings.remove(address)?;
        self.commit()
    }
}
