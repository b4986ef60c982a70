//! Decides whether a library's file, which has been read, can be opened; none of its code runs, and none of it is mapped.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::ahead::Taken;
use super::binary::Binary;
use super::file::{self, Described};
use super::policy::LibraryPolicy;
use super::stage::{Staged, Staging};
use super::{Code, LibraryConfig, elf, images, needed};
use crate::c;
use crate::error::{Error, Kind};
use crate::registry::{self, Registry};

/// What is said about a library that is to be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    pub(crate) config: &'a LibraryConfig,
    pub(crate) policy: &'a LibraryPolicy,
    pub(crate) staging: &'a Staging<'a>,
    pub(crate) multi_threading: bool,
}

/// What the files that stand earlier in a list, and are not mapped yet, mean for the one that is checked.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// The hook points that they bring along.
    pub(crate) brought: Registry,
    /// The hashes of their bytes.
    pub(crate) hashes: HashSet<[u8; 32]>,
}

impl Earlier {
    /// The file with this `hash` comes next.
    fn with(&mut self, hash: [u8; 32], examined: Examined) -> Examined {
        self.hashes.insert(hash);
        if let Contents::Plugin(described) = &examined.contents {
            self.brought.learn(described.records.points.clone());
        }
        examined
    }
}

/// What was found in the bytes of a library that fits.
#[derive(Debug)]
pub(super) struct Examined {
    contents: Contents,
    /// The libraries that it depends on.
    needed: Vec<String>,
    /// Whether it may want one looked for beside itself.
    looks_beside: bool,
}

/// A library that can be opened, as far as its file tells.
#[derive(Debug)]
pub(crate) enum Checked {
    /// Its bytes are mapped already, and stay so while this is there.
    Mapped { hash: [u8; 32], code: Arc<Code> },
    /// They are in a private copy.
    New(Box<New>),
}

/// All that is needed to open a private copy.
#[derive(Debug)]
pub(crate) struct New {
    pub(super) hash: [u8; 32],
    pub(super) contents: Contents,
    /// The libraries that it depends on.
    pub(super) needed: Vec<String>,
    /// How much of the address space it takes.
    pub(super) size: u64,
    pub(super) staged: Staged,
}

/// What was read from the bytes of a library that fits.
#[derive(Debug)]
pub(super) enum Contents {
    Plugin(Box<Described>),
    C(c::file::Symbols),
}

/// Checks a library, and keeps a private copy of it if its bytes are not mapped yet.
pub(crate) fn check(wanted: Wanted<'_>, taken: &mut Taken, earlier: &mut Earlier) -> Result<Checked, Error> {
    let Taken { content, staged, examined } = taken;
    let hash = content.hash;
    // What is mapped was checked before that.
    if let Some(code) = mapped(&hash) {
        let code = code.map_err(refused(wanted.path))?;
        check_mapped(wanted, &code)?;
        return Ok(Checked::Mapped { hash, code });
    }
    let examined = examined.take().unwrap_or_else(|| examine(wanted, &content.bytes, &earlier.brought));
    let Examined { contents, needed, looks_beside } = earlier.with(hash, examined?);
    // Without this one.
    let before = earlier.hashes.len().saturating_sub(1);
    let number = images::lock().get_or_insert_default().len() + before;
    check_room(wanted, number)?;
    let size = images::mapped_size(&content.bytes);
    let staged = match staged.take() {
        // It must not find the copy of another library there.
        _ if looks_beside => wanted.staging.copy_alone(wanted.path, &content.bytes),
        Some(staged) => staged,
        None => wanted.staging.copy(wanted.path, &content.bytes),
    }?;
    Ok(Checked::New(Box::new(New { hash, contents, needed, size, staged })))
}

/// Checks a library; its code if it is a plugin in Rust that is mapped already.
///
/// Whether it is mapped makes no difference to the answer: what only functions of a C library know is left out in any case.
pub(crate) fn validate(wanted: Wanted<'_>, taken: &Taken, earlier: &mut Earlier) -> Result<Option<Arc<Code>>, Error> {
    let content = &taken.content;
    let Some(Ok(code)) = mapped(&content.hash) else {
        let examined = examine(wanted, &content.bytes, &earlier.brought)?;
        earlier.with(content.hash, examined);
        return Ok(None);
    };
    let Some(image) = &code.c else { return Ok(Some(code)) };
    let validated = image.validate(&registry::lock(), wanted.multi_threading);
    validated.map(|()| None).map_err(refused(wanted.path))
}

/// The code of the library whose bytes have this hash, or why it cannot be used; nothing if they are not mapped.
fn mapped(hash: &[u8; 32]) -> Option<Result<Arc<Code>, String>> {
    images::lock().get_or_insert_default().code(hash)
}

/// Refuses one more library where `number` are mapped, if that is too many.
pub(super) fn check_room(wanted: Wanted<'_>, number: usize) -> Result<(), Error> {
    let most = wanted.policy.max_images;
    if number < most {
        return Ok(());
    }
    Err(refused(wanted.path)(format!(
        "this process has mapped {number} different libraries, which stay mapped, and `LibraryPolicy::max_images` allows {most}; \
         restart the process, or allow more"
    )))
}

/// Whether a C library that is mapped fits: what it says of itself only its functions know.
pub(super) fn check_mapped(wanted: Wanted<'_>, code: &Code) -> Result<(), Error> {
    let Some(image) = &code.c else { return Ok(()) };
    image.check(&registry::lock(), wanted.multi_threading).map_err(refused(wanted.path))
}

/// Checks the bytes as far as that is possible before they are mapped; `brought` are hook points that come with libraries before it.
pub(super) fn examine(wanted: Wanted<'_>, bytes: &[u8], brought: &Registry) -> Result<Examined, Error> {
    let refuse = refused(wanted.path);
    let dynamic = elf::check(bytes).map_err(&refuse)?;
    let contents = contents(wanted, bytes, brought).map_err(&refuse)?;
    needed::check(wanted.path, &dynamic).map_err(&refuse)?;
    let needed = dynamic.needed.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    Ok(Examined { contents, needed, looks_beside: dynamic.looks_beside() })
}

/// What the file says of itself, if it fits.
fn contents(wanted: Wanted<'_>, bytes: &[u8], brought: &Registry) -> Result<Contents, String> {
    let binary = Binary::parse(bytes)?;
    if let Some(symbols) = c::file::of(&binary) {
        symbols.validate(&registry::lock(), wanted.multi_threading)?;
        return Ok(Contents::C(symbols));
    }
    let described = file::of(&binary)?;
    file::check(&described, &registry::lock(), brought, wanted.multi_threading)?;
    Ok(Contents::Plugin(Box::new(described)))
}

pub(super) fn refused(path: &Path) -> impl Fn(String) -> Error {
    move |text| Error::new(Kind::Refused, format!("library `{}`: {text}", path.display()))
}
