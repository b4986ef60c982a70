//! The list of hook points, and the pages in `docs/hook-points`, which are those of this program.

use std::{env, fs, path::Path, process::Command};

use dhcp4::hook_points;
use hooks::Hooks;

/// Where the pages are kept.
fn kept() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hook-points")
}

#[test]
fn the_pages_that_are_kept_are_those_of_the_declarations() {
    let points = hook_points::all(&Hooks::new()).unwrap();
    if env::var("UPDATE").as_deref() == Ok("1") {
        let _ = fs::remove_dir_all(kept());
        hook_points::write(&points, &kept()).unwrap();
    }
    let mut expected = hook_points::pages(&points);
    for (name, text) in &expected {
        let found = fs::read_to_string(kept().join(name)).unwrap_or_default();
        assert!(found == *text, "docs/hook-points/{name} differs; write the pages anew with UPDATE=1");
    }
    let mut found: Vec<_> =
        fs::read_dir(kept()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    expected.sort();
    assert_eq!(
        found,
        expected.into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "a page of no hook point is kept"
    );
}

#[test]
fn the_program_lists_them_and_writes_the_pages() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_dhcp4")).arg("hook-points").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let list = run(&[]);
    for part in [
        "lease4_select(query4: &Packet, subnet4: &Subnet, fake_allocation: bool, lease4: &mut Lease)\n",
        "    A packet has been received and parsed.\n",
        "    CONTINUE, SKIP; a callout that fails counts as SKIP\n",
        "subnet4: &mut Option<Subnet>, subnet4collection: &Vec<Subnet>)",
        "context_create()",
    ] {
        assert!(list.contains(part), "`{part}` is not in the list:\n{list}");
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    assert_eq!(run(&["--markdown", &pages.display().to_string()]), "");
    assert_eq!(fs::read_dir(&pages).unwrap().count(), list.matches("a callout that fails").count() + 1);
    assert!(fs::read_to_string(pages.join("pkt4_receive.md")).unwrap().contains("| `query4` | `Packet` | change it |"));
}
