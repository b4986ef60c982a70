//! The demonstration as a newcomer runs it.

use std::process::Command;

fn demo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dhcp4")).args(arguments).env_remove("RUST_LOG").output().unwrap();
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && errors.is_empty(), "{arguments:?}: {errors}\n{text}");
    text
}

#[test]
fn the_transcript_is_the_same_in_both_modes() {
    let (shared, builtin) = (demo(&[]), demo(&["--builtin"]));
    assert_eq!(shared, demo(&["demo"]), "each run says the same");
    let different = |(one, other): &(&str, &str)| one != other;
    let differences: Vec<_> = shared.lines().zip(builtin.lines()).filter(different).collect();
    let expected = ("The plugins are loaded as shared libraries.", "The plugins are compiled into the program.");
    assert_eq!((shared.lines().count(), differences), (builtin.lines().count(), vec![expected]));
}

#[test]
fn the_transcript_shows_what_the_plugins_do() {
    let text = demo(&["--builtin"]);
    for part in [
        "client 02:00:00:00:00:01: DHCPDISCOVER",
        "lease4.address: 192.0.2.11 -> 192.0.2.200",
        "response4 domain-name-servers (6): 192.0.2.53 -> 192.0.2.254",
        "client 02:00:00:00:00:66: DHCPDISCOVER",
        "asks for DROP",
        "server: no answer",
        "client 02:00:00:00:00:01: DHCPRELEASE for 192.0.2.10",
    ] {
        assert!(text.contains(part), "`{part}` is not in the transcript:\n{text}");
    }
}
