//! What the system counts of the sockets of a namespace.

use std::process::Command;

/// Datagrams that arrived and found no room in their socket; `cat` runs in the namespace.
pub(crate) fn dropped(cat: &mut Command) -> u64 {
    let output = cat.arg("/proc/net/snmp").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    // A line with the names, and then one with the values.
    let mut lines = text.lines().filter(|line| line.starts_with("Udp:"));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let place = names.split(' ').position(|name| name == "RcvbufErrors").unwrap();
    values.split(' ').nth(place).and_then(|value| value.parse().ok()).unwrap()
}
