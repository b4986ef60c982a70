//! The images of this process: which libraries are mapped, how much memory they take, and how one is unmapped.
#![expect(unsafe_code, reason = "closes an image that nobody uses any more")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object::{Object, ObjectSegment};

use super::Code;
use super::image::Mapped;
use crate::abi::guard::guard;
use crate::abi::point::HookPoint;
use crate::registry;

/// What is mapped. No code of a library runs while somebody holds the lock.
static IMAGES: Mutex<Option<Images>> = Mutex::new(None);

/// Held while a library is opened, whose constructors may take long: nobody else waits for them but who opens another one.
static OPENING: Mutex<()> = Mutex::new(());

/// The images by the hash of their bytes: the same bytes are mapped once.
#[derive(Debug, Default)]
pub(super) struct Images {
    mapped: HashMap<[u8; 32], Image>,
    /// Those that have been closed, and that the system has not unmapped.
    kept: Vec<Kept>,
}

/// A mapped library.
#[derive(Debug)]
pub(super) struct Image {
    /// Its code, or why it cannot be used: the same bytes are refused with the same words.
    pub(super) code: Result<Arc<Code>, String>,
    /// The statics of hook points that the registry has been given.
    pub(super) points: Vec<&'static HookPoint>,
    pub(super) mapped: Mapped,
    /// Where the bytes were found first.
    pub(super) original: PathBuf,
    /// How much memory they take.
    pub(super) size: u64,
    /// Whether it is to be closed when nothing of it is in use; never again once it has been loaded without that.
    pub(super) unmap: bool,
}

#[derive(Debug)]
struct Kept {
    info: ImageInfo,
    copy: PathBuf,
}

/// A library that is mapped into this process; see [`images`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageInfo {
    /// The plugin's name; the file's, for one that could not be used after all.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// Where its bytes were found when they were mapped.
    pub path: PathBuf,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How much of the address space it takes: its loadable segments, each rounded to whole pages. Pages that nothing has touched
    /// need no memory.
    pub mapped_bytes: u64,
    /// Whether it is in use.
    pub state: ImageState,
}

/// Whether an image is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageState {
    /// Something of it is loaded, or a library handle of it is still held somewhere.
    InUse,
    /// Nothing of it is loaded any more. The mapping stays, and is used again when the same bytes are loaded again.
    Retired,
    /// It has been closed, as [`LibraryConfig::unmap_at_unload`](crate::LibraryConfig::unmap_at_unload) asks for, and the system
    /// has not unmapped it.
    KeptBySystem,
}

/// All libraries that are mapped into this process, by any [`Hooks`](crate::Hooks), sorted by name, version and hash.
///
/// The same bytes are mapped once, however often they are loaded, and stay mapped unless
/// [`LibraryConfig::unmap_at_unload`](crate::LibraryConfig::unmap_at_unload) asks for something else: each different build that has
/// been loaded is in this list once. Plugins that are compiled in are not.
///
/// ```
/// let images = hooks::images();
/// let bytes: u64 = images.iter().map(|image| image.mapped_bytes).sum();
/// println!("{} libraries take {bytes} bytes", images.len());
/// ```
pub fn images() -> Vec<ImageInfo> {
    let mut images = lock();
    let images = images.get_or_insert_default();
    images.kept.retain(|kept| has_code_of(&kept.copy) != Some(false));
    let mapped = images.mapped.iter().map(|(hash, image)| image.info(*hash));
    let mut all: Vec<_> = mapped.chain(images.kept.iter().map(|kept| kept.info.clone())).collect();
    all.sort_by(|one, other| (&one.name, &one.version, one.sha256).cmp(&(&other.name, &other.version, other.sha256)));
    all
}

pub(super) fn lock() -> MutexGuard<'static, Option<Images>> {
    IMAGES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Images {
    /// How many libraries are mapped.
    pub(super) fn len(&self) -> usize {
        self.mapped.len() + self.kept.len()
    }

    /// The code of the image with these bytes, or why it cannot be used; nothing if they are not mapped.
    pub(super) fn code(&self, hash: &[u8; 32]) -> Option<Result<Arc<Code>, String>> {
        self.mapped.get(hash).map(|image| image.code.clone())
    }
}

/// Whether the bytes with this hash are mapped.
pub(super) fn is_mapped(hash: &[u8; 32]) -> bool {
    lock().get_or_insert_default().mapped.contains_key(hash)
}

/// Whether something that was found at `path` is mapped.
pub(super) fn is_known(path: &Path) -> bool {
    lock().get_or_insert_default().mapped.values().any(|image| image.original == path)
}

/// The image with these bytes stays from now on if it is not to be unmapped.
pub(super) fn keep(hash: &[u8; 32], unmap: bool) {
    if let Some(image) = lock().get_or_insert_default().mapped.get_mut(hash) {
        image.unmap &= unmap;
    }
}

/// The code of the image with these bytes, or why it cannot be used; `map`, which is told how many libraries are mapped, makes it if
/// there is none. It stays from now on if it is not to be unmapped.
pub(super) fn get_or_map<E>(
    hash: [u8; 32],
    unmap: bool,
    map: impl FnOnce(usize) -> Result<Image, E>,
) -> Result<Result<Arc<Code>, String>, E> {
    let _opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    let number = {
        let mut images = lock();
        let images = images.get_or_insert_default();
        if let Some(image) = images.mapped.get_mut(&hash) {
            image.unmap &= unmap;
            return Ok(image.code.clone());
        }
        images.len()
    };
    let image = map(number)?;
    // Only who opens a library adds one, so there is none with these bytes yet.
    let code = image.code.clone();
    lock().get_or_insert_default().mapped.insert(hash, image);
    Ok(code)
}

impl Image {
    fn info(&self, sha256: [u8; 32]) -> ImageInfo {
        let (name, version, in_use) = match &self.code {
            Ok(code) => (code.name.to_string(), code.version.clone(), is_in_use(code)),
            Err(_) => {
                let stem = self.original.file_stem().unwrap_or_default();
                (stem.to_string_lossy().into_owned(), String::new(), false)
            }
        };
        let state = if in_use { ImageState::InUse } else { ImageState::Retired };
        ImageInfo { name, version, path: self.original.clone(), sha256, mapped_bytes: self.size, state }
    }

    /// Whether it is to be closed, and nothing of this host refers to it any more.
    fn is_to_go(&mut self) -> bool {
        // `get_mut` also sees all that was done through counts that have ended.
        let Ok(code) = &mut self.code else { return self.unmap };
        let only = Arc::get_mut(code).is_some_and(|code| code.c.as_mut().is_none_or(|c| Arc::get_mut(c).is_some()));
        self.unmap && only
    }
}

/// Whether something has the code, or that of the same C library under another name. One count of each is the image's own.
fn is_in_use(code: &Arc<Code>) -> bool {
    Arc::strong_count(code) > 1 || code.c.as_ref().is_some_and(|image| Arc::strong_count(image) > 1)
}

/// Closes the images that are to be unmapped and of which nothing is in use any more. No lock is held.
pub(crate) fn sweep() {
    let gone: Vec<_> = match &mut *lock() {
        Some(images) => images.mapped.extract_if(|_, image| image.is_to_go()).collect(),
        None => return,
    };
    for (hash, image) in gone {
        close(hash, image);
    }
}

fn close(hash: [u8; 32], image: Image) {
    let info = ImageInfo { state: ImageState::KeptBySystem, ..image.info(hash) };
    let Image { code, points, mapped, .. } = image;
    registry::lock().forget(&points);
    drop(code);
    let copy = mapped.copy().to_owned();
    // SAFETY: nothing of this host refers to the library any more: its instances are gone with all that they registered or stored,
    // its hook points have left the registry. Whatever else may use it has been promised away by who asked for the unmapping.
    let closed = unsafe { mapped.close() };
    let still = has_code_of(&copy);
    if still == Some(true) {
        lock().get_or_insert_default().kept.push(Kept { info: info.clone(), copy });
    }
    let (library, version, bytes) = (&*info.name, &*info.version, info.mapped_bytes);
    let _ = guard(|| match (closed, still) {
        (Err(error), _) => tracing::warn!(library, version, bytes, "the library could not be closed: {error}"),
        (Ok(()), Some(true)) => {
            tracing::warn!(library, version, bytes, "the library is closed, but the system keeps the mapping");
        }
        (Ok(()), Some(false)) => tracing::info!(library, version, bytes, "unmapped"),
        (Ok(()), None) => {
            tracing::info!(library, version, bytes, "closed; this system does not tell whether it is unmapped");
        }
    });
}

/// Whether the system has code of the staged `copy` mapped, as far as the system tells.
fn has_code_of(copy: &Path) -> Option<bool> {
    // Names need not be UTF-8, and a line break in one is written so.
    let maps = fs::read("/proc/self/maps").ok()?;
    let maps = String::from_utf8_lossy(&maps);
    let copy = copy.to_string_lossy().replace('\n', "\\012");
    // The rest of a line is the path, and ` (deleted)` behind it if the copy has been removed.
    Some(maps.lines().any(|line| {
        let file = line.strip_suffix(" (deleted)").unwrap_or(line);
        let permissions = line.split(' ').nth(1).unwrap_or_default();
        permissions.contains('x') && file.ends_with(&copy)
    }))
}

/// How much of the address space the library in `bytes` takes.
pub(super) fn mapped_size(bytes: &[u8]) -> u64 {
    const PAGE: u64 = 4096;
    let Ok(file) = object::File::parse(bytes) else { return 0 };
    let size = |segment: object::Segment<'_, '_>| {
        let (begin, end) = (segment.address() / PAGE, segment.address().saturating_add(segment.size()).div_ceil(PAGE));
        (end - begin) * PAGE
    };
    file.segments().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mapped_is_told_by_its_path() {
        let program = std::env::current_exe().unwrap();
        assert_eq!(has_code_of(&program), Some(true));
        assert_eq!(has_code_of(Path::new("/nowhere/libnothing.so")), Some(false));
    }

    #[test]
    fn the_size_is_that_of_the_segments_in_whole_pages() {
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        let size = mapped_size(&program);
        assert!(size > 0 && size.is_multiple_of(4096), "{size}");
        assert_eq!(mapped_size(b"no library"), 0);
    }
}
