//! Decides whether a library's file, which has been read, can be opened; none of its code runs, and none of it is mapped.

use std::path::Path;
use std::sync::Arc;

use super::binary::Binary;
use super::buffer::Buffer;
use super::bytes::Bytes;
use super::file::{self, Described};
use super::images::Known;
use super::policy::LibraryPolicy;
use super::stage::{Content, Staged, Staging};
use super::{Code, LibraryConfig, elf, images, needed, read};
use crate::c;
use crate::error::{Error, Kind};
use crate::registry::{self, Registry};

/// A larger file is looked into before it is copied: it may be no library at all.
const MOST_COPIED: u64 = 64 << 20;

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
    /// Whether there are any.
    pub(crate) any: bool,
    /// The hook points that they bring along.
    pub(crate) brought: Registry,
    /// Their bytes, the same ones once.
    bytes: Vec<Arc<Bytes>>,
}

impl Earlier {
    /// A file in which this was found comes next.
    fn add(&mut self, examined: &Examined) {
        self.any = true;
        if let Contents::Plugin(described) = &examined.contents {
            self.brought.learn(described.records.points.clone());
        }
    }

    /// How many other ones there are than the next one with these `bytes`.
    fn others(&mut self, bytes: &Arc<Bytes>) -> usize {
        if !self.bytes.iter().any(|before| before.are_those_of(bytes)) {
            self.bytes.push(Arc::clone(bytes));
        }
        self.bytes.len() - 1
    }
}

/// What was found in the bytes of a library, before it is compared with anything.
#[derive(Debug)]
pub(crate) struct Examined {
    contents: Contents,
    /// The libraries that it depends on.
    needed: Vec<String>,
    /// Whether those can be found.
    found: Result<(), String>,
    /// Whether it may want one looked for beside itself.
    looks_beside: bool,
    /// How much of the address space it takes.
    size: u64,
    /// The SHA-256 of the bytes, if one is expected.
    sha256: Option<[u8; 32]>,
}

/// A file that has been read.
#[derive(Debug)]
pub(crate) enum Looked {
    /// Its bytes are mapped.
    Known(Known),
    New(Box<Examined>),
}

/// A file that has been read, and copied if it is not mapped.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Its bytes are mapped.
    Known(Known),
    /// What was found in it, and the private copy, or why there is none.
    New(Box<Examined>, Result<Staged, Error>),
}

/// A library that can be opened, as far as its file tells.
#[derive(Debug)]
pub(crate) enum Checked {
    /// Its bytes are mapped already, and stay so while this is there.
    Mapped { bytes: Arc<Bytes>, code: Arc<Code> },
    /// They are in a private copy.
    New(Box<New>),
}

/// All that is needed to open a private copy.
#[derive(Debug)]
pub(crate) struct New {
    pub(super) contents: Contents,
    /// The libraries that it depends on.
    pub(super) needed: Vec<String>,
    /// How much of the address space it takes.
    pub(super) size: u64,
    pub(super) staged: Staged,
}

impl Taken {
    fn new(examined: Box<Examined>, staged: Result<Staged, Error>) -> Taken {
        if let (Ok(staged), Some(sha256)) = (&staged, examined.sha256) {
            staged.bytes.have(sha256);
        }
        Taken::New(examined, staged)
    }
}

/// What was read from the bytes of a library that fits.
#[derive(Debug)]
pub(super) enum Contents {
    Plugin(Box<Described>),
    C(c::file::Symbols),
}

/// Reads a file with the memory of `buffer`, and looks into it if its bytes are not mapped.
///
/// A hash that the configuration expects is compared before anything in the file is looked at.
pub(crate) fn look(wanted: Wanted<'_>, buffer: &mut Buffer) -> Result<Looked, Error> {
    read::into(buffer, wanted.path, wanted.policy)?;
    let sha256 = read::expect(wanted.path, buffer, wanted.config.sha256)?;
    match images::find(buffer) {
        // It was looked into before it was mapped.
        Some(known) => Ok(Looked::Known(known)),
        None => examine(wanted.path, buffer, sha256).map(|examined| Looked::New(Box::new(examined))),
    }
}

/// As [`look`], and keeps a private copy of the file if its bytes are not mapped.
pub(crate) fn take(wanted: Wanted<'_>, buffer: &mut Buffer) -> Result<Taken, Error> {
    let Wanted { path, staging, .. } = wanted;
    let examined = match look(wanted, buffer)? {
        Looked::Known(known) => return Ok(Taken::Known(known)),
        Looked::New(examined) => examined,
    };
    // One that looks for others beside itself must not find the copy of another library there.
    let copy = if examined.looks_beside { Staging::copy_alone } else { Staging::copy };
    let staged = copy(staging, path, Content::Bytes(buffer));
    Ok(Taken::new(examined, staged))
}

/// As [`take`], for the only file of a list: to get memory for its bytes takes longer than to read it, so it is copied at once, and
/// the copy is looked into. A file of which another one with as many bytes is mapped is read beforehand: it may be the same.
pub(crate) fn take_only(wanted: Wanted<'_>, buffer: &mut Buffer) -> Result<Taken, Error> {
    let Wanted { path, config, policy, staging, .. } = wanted;
    let copied = read::with(path, policy, |file, size| {
        let at_once = (1..=MOST_COPIED).contains(&size) && !images::has_length(size);
        Ok(Some(at_once.then(|| staging.copy(path, Content::File(file, size)))))
    })?;
    // If there is no copy, what there is to say of the file itself comes first.
    let Some(Ok(staged)) = copied else { return take(wanted, buffer) };
    let examine = |bytes: &[u8]| examine(path, bytes, read::expect(path, bytes, config.sha256)?);
    let examined = staged.bytes.looked_at(examine)?;
    Ok(Taken::new(Box::new(examined), Ok(staged)))
}

/// Checks a library that has been read and, if its bytes are not mapped yet, copied.
pub(crate) fn check(wanted: Wanted<'_>, taken: Taken, earlier: &mut Earlier) -> Result<Checked, Error> {
    let (examined, staged) = match taken {
        Taken::Known(Known { bytes, code }) => {
            let code = code.map_err(refused(wanted.path))?;
            check_mapped(wanted, &code)?;
            return Ok(Checked::Mapped { bytes, code });
        }
        Taken::New(examined, staged) => (examined, staged),
    };
    examined.check(wanted, &earlier.brought)?;
    earlier.add(&examined);
    let Examined { contents, needed, size, .. } = *examined;
    let staged = staged?;
    let number = images::lock().get_or_insert_default().len() + earlier.others(&staged.bytes);
    check_room(wanted, number)?;
    Ok(Checked::New(Box::new(New { contents, needed, size, staged })))
}

/// Checks a library that has been read; its code if it is a plugin in Rust that is mapped already.
///
/// Whether it is mapped makes no difference to the answer: what only functions of a C library know is left out in any case.
pub(crate) fn validate(wanted: Wanted<'_>, looked: Looked, earlier: &mut Earlier) -> Result<Option<Arc<Code>>, Error> {
    let code = match looked {
        Looked::New(examined) => {
            examined.check(wanted, &earlier.brought)?;
            earlier.add(&examined);
            return Ok(None);
        }
        Looked::Known(known) => known.code.map_err(refused(wanted.path))?,
    };
    let Some(image) = &code.c else { return Ok(Some(code)) };
    let validated = image.validate(&registry::lock(), wanted.multi_threading);
    validated.map(|()| None).map_err(refused(wanted.path))
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

/// Looks into the `bytes` of the library at `path`, as far as that takes nothing but them.
fn examine(path: &Path, bytes: &[u8], sha256: Option<[u8; 32]>) -> Result<Examined, Error> {
    let dynamic = elf::check(bytes).map_err(refused(path))?;
    Ok(Examined {
        contents: contents(bytes).map_err(refused(path))?,
        needed: dynamic.needed.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
        found: needed::check(path, &dynamic),
        looks_beside: dynamic.looks_beside(),
        size: images::mapped_size(bytes),
        sha256,
    })
}

/// What the file says of itself.
fn contents(bytes: &[u8]) -> Result<Contents, String> {
    let binary = Binary::parse(bytes)?;
    match c::file::of(&binary) {
        Some(symbols) => Ok(Contents::C(symbols)),
        None => file::of(&binary).map(|described| Contents::Plugin(Box::new(described))),
    }
}

impl Examined {
    /// Whether it fits; `brought` are hook points that come with libraries before it.
    fn check(&self, wanted: Wanted<'_>, brought: &Registry) -> Result<(), Error> {
        let multi_threading = wanted.multi_threading;
        let fits = match &self.contents {
            Contents::C(symbols) => symbols.validate(&registry::lock(), multi_threading),
            Contents::Plugin(described) => file::check(described, &registry::lock(), brought, multi_threading),
        };
        fits.and_then(|()| self.found.clone()).map_err(refused(wanted.path))
    }
}

pub(super) fn refused(path: &Path) -> impl Fn(String) -> Error {
    move |text| Error::new(Kind::Refused, format!("library `{}`: {text}", path.display()))
}
