//! Whether somebody else could change what is to be loaded.

use std::path::Path;

use rustix::fs::{FileType, Mode, Stat};
use rustix::process::geteuid;

/// What may be at the end of a name on the way to a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Folder,
    File,
    Link,
}

/// Why what is at `path` is not to be trusted, and the way out.
pub(super) fn check(path: &Path, stat: &Stat) -> Result<(), String> {
    let element = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Element::Folder,
        FileType::Symlink => Element::Link,
        _ => Element::File,
    };
    judge(path, element, Mode::from_raw_mode(stat.st_mode), stat.st_uid, geteuid().as_raw())
}

fn judge(path: &Path, element: Element, mode: Mode, owner: u32, user: u32) -> Result<(), String> {
    let what = match element {
        Element::Folder => "folder",
        Element::File => "file",
        Element::Link => "link",
    };
    let path = path.display();
    let way_out = "load it with `LibraryPolicy::check_permissions(false)`";
    if owner != 0 && owner != user {
        return Err(format!(
            "the {what} `{path}` belongs to the user {owner}, who could change what is loaded (mode {:04o}); expected root or the \
             user {user} of this process: run `chown {user} '{path}'`, or {way_out}",
            mode.bits()
        ));
    }
    let (group, others) = (mode.contains(Mode::WGRP), mode.contains(Mode::WOTH));
    // A link's own mode means nothing. In a sticky folder a file can be replaced by its owner only, who is looked at himself.
    let protected = element == Element::Link || element == Element::Folder && mode.contains(Mode::SVTX);
    let (who, change) = match (group, others) {
        _ if protected => return Ok(()),
        (false, false) => return Ok(()),
        (true, false) => ("its group", "g-w"),
        (false, true) => ("everybody", "o-w"),
        (true, true) => ("its group and everybody", "go-w"),
    };
    Err(format!(
        "the {what} `{path}` can be written by {who}, who could change what is loaded (mode {:04o}, owner {owner}): run `chmod \
         {change} '{path}'`, or {way_out}",
        mode.bits()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(element: Element, mode: u32, owner: u32) -> Result<(), String> {
        judge(Path::new("/a/b"), element, Mode::from_raw_mode(mode), owner, 1000)
    }

    #[test]
    fn what_only_its_owner_can_write_is_trusted() {
        for owner in [0, 1000] {
            assert_eq!(judged(Element::Folder, 0o755, owner), Ok(()));
            assert_eq!(judged(Element::Folder, 0o1777, owner), Ok(()));
            assert_eq!(judged(Element::File, 0o644, owner), Ok(()));
            assert_eq!(judged(Element::Link, 0o777, owner), Ok(()));
        }
    }

    #[test]
    fn what_others_can_write_is_named_with_the_way_out() {
        let cases = [
            (Element::Folder, 0o775, "the folder `/a/b` can be written by its group", "`chmod g-w '/a/b'`"),
            (Element::File, 0o646, "the file `/a/b` can be written by everybody", "`chmod o-w '/a/b'`"),
            (Element::File, 0o1666, "by its group and everybody", "`chmod go-w '/a/b'`"),
        ];
        for (element, mode, found, way_out) in cases {
            let error = judged(element, mode, 0).unwrap_err();
            assert!(error.contains(found) && error.contains(way_out), "{error}");
            assert!(error.contains(&format!("mode {mode:04o}, owner 0")) && error.contains("check_permissions(false)"));
        }
    }

    #[test]
    fn what_belongs_to_another_user_is_named_with_the_way_out() {
        for element in [Element::Folder, Element::File, Element::Link] {
            let error = judged(element, 0o600, 1001).unwrap_err();
            assert!(error.contains("belongs to the user 1001") && error.contains("`chown 1000 '/a/b'`"), "{error}");
        }
    }
}
