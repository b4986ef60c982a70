//! One line of the lease file.

use std::net::Ipv4Addr;

use dhcp4_api::Lease;
use serde::{Deserialize, Serialize};

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// A change of the leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Record {
    /// The lease of an address is now this one.
    Put(Lease),
    /// The address has no lease any more.
    Remove(Ipv4Addr),
}

impl Record {
    /// Appends the line of the record: its checksum, a space, the record as JSON.
    pub(super) fn write(&self, lines: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        let start = lines.len();
        lines.extend_from_slice(b"00000000 ");
        let written = serde_json::to_writer(&mut *lines, self);
        let checksum = lines.get(start + 9..).map_or(0, crc32fast::hash);
        for (digit, place) in lines.iter_mut().skip(start).take(8).zip((0..8).rev()) {
            *digit = DIGITS[(checksum >> (4 * place)) as usize % 16];
        }
        lines.push(b'\n');
        written.inspect_err(|_| lines.truncate(start))
    }

    /// The record of a line without its end, or why it is none.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        let parts = line.split_at_checked(9).filter(|(checksum, _)| checksum.ends_with(b" "));
        let Some((checksum, json)) = parts else {
            return Err("expected a checksum of eight digits, a space and a record".into());
        };
        let written = str::from_utf8(checksum).ok().and_then(|text| u32::from_str_radix(text.trim_end(), 16).ok());
        let computed = crc32fast::hash(json);
        if written != Some(computed) {
            return Err(format!("the checksum is {}, expected {computed:08x}", String::from_utf8_lossy(checksum)));
        }
        serde_json::from_slice(json).map_err(|error| format!("the checksum is right, but the record is not: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use dhcp4_api::{LeaseState, MacAddr};

    use super::*;

    #[test]
    fn a_record_survives_its_line_and_damage_is_found() {
        let lease = Lease {
            address: Ipv4Addr::new(192, 0, 2, 7),
            hwaddr: MacAddr::from([2, 0, 0, 0, 0, 1]),
            client_id: Some(vec![0, 255]),
            valid_lifetime: 600,
            cltt: 1_700_000_000,
            subnet_id: 3,
            state: LeaseState::ExpiredReclaimed,
            hostname: "ho\nst\"".into(),
        };
        // A declined lease belongs to nobody.
        let declined = Lease { hwaddr: MacAddr::default(), state: LeaseState::Declined, ..lease.clone() };
        for record in [Record::Put(lease), Record::Put(declined), Record::Remove(Ipv4Addr::new(192, 0, 2, 7))] {
            let mut line = Vec::new();
            record.write(&mut line).unwrap();
            assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
            line.pop();
            assert_eq!(Record::read(&line), Ok(record));
            for place in 0..line.len() {
                let mut damaged = line.clone();
                damaged[place] ^= 1;
                assert!(Record::read(&damaged).is_err(), "{}", String::from_utf8_lossy(&damaged));
                assert!(Record::read(&line[..place]).is_err());
            }
        }
    }
}
