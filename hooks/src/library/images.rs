//! The images of this process: which libraries are mapped, how much memory they take, and how one is unmapped.
#![expect(unsafe_code, reason = "closes an image that nobody uses any more")]

mod info;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object::{Object, ObjectSegment};

use super::Code;
use super::bytes::{Bytes, Sample};
use super::image::Mapped;
use crate::abi::guard::guard;
use crate::abi::point::HookPoint;
use crate::registry;

pub use info::{ImageInfo, ImageState, images};
pub(crate) use info::{Numbers, numbers};

/// What is mapped. No code of a library runs while somebody holds the lock.
static IMAGES: Mutex<Option<Images>> = Mutex::new(None);

/// Held while a library is opened, whose constructors may take long: nobody else waits for them but who opens another one.
static OPENING: Mutex<()> = Mutex::new(());

/// The images: the same bytes are mapped once.
#[derive(Debug, Default)]
pub(super) struct Images {
    mapped: Vec<Image>,
    /// Those that have been closed, and that the system has not unmapped.
    kept: Vec<Kept>,
}

/// A mapped library.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) bytes: Arc<Bytes>,
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

/// What is known of an image that has been found by its bytes. It stays mapped while somebody has its code.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) bytes: Arc<Bytes>,
    /// Its code, or why it cannot be used.
    pub(super) code: Result<Arc<Code>, String>,
}

#[derive(Debug)]
struct Kept {
    info: ImageInfo,
    copy: PathBuf,
}

pub(super) fn lock() -> MutexGuard<'static, Option<Images>> {
    IMAGES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Images {
    /// How many libraries are mapped.
    pub(super) fn len(&self) -> usize {
        self.mapped.len() + self.kept.len()
    }
}

/// The image whose bytes are `content`, if they are mapped.
pub(super) fn find(content: &[u8]) -> Option<Known> {
    let mut images = lock();
    let mapped = &images.get_or_insert_default().mapped;
    if mapped.is_empty() {
        return None;
    }
    let sample = Sample::of(content);
    let image = mapped.iter().find(|image| image.bytes.are(content, sample))?;
    Some(Known { bytes: Arc::clone(&image.bytes), code: image.code.clone() })
}

/// Whether something of so many bytes is mapped.
pub(super) fn has_length(length: u64) -> bool {
    lock().get_or_insert_default().mapped.iter().any(|image| image.bytes.length() as u64 == length)
}

/// The image with these bytes stays from now on if it is not to be unmapped.
pub(super) fn keep(bytes: &Bytes, unmap: bool) {
    let mut images = lock();
    if let Some(image) = images.get_or_insert_default().mapped.iter_mut().find(|image| image.bytes.are_those_of(bytes))
    {
        image.unmap &= unmap;
    }
}

/// The code of the image with these bytes, or why it cannot be used; `map`, which is told how many libraries are mapped, makes it if
/// there is none. It stays from now on if it is not to be unmapped.
pub(super) fn get_or_map<E>(
    bytes: &Bytes,
    unmap: bool,
    map: impl FnOnce(usize) -> Result<Image, E>,
) -> Result<Result<Arc<Code>, String>, E> {
    let _opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    let number = {
        let mut images = lock();
        let images = images.get_or_insert_default();
        if let Some(image) = images.mapped.iter_mut().find(|image| image.bytes.are_those_of(bytes)) {
            image.unmap &= unmap;
            return Ok(image.code.clone());
        }
        images.len()
    };
    let image = map(number)?;
    // Only who opens a library adds one, so there is none with these bytes yet.
    let code = image.code.clone();
    lock().get_or_insert_default().mapped.push(image);
    Ok(code)
}

impl Image {
    /// Whether it is to be closed, and nothing of this host refers to it any more.
    fn is_to_go(&mut self) -> bool {
        // `get_mut` also sees all that was done through counts that have ended.
        let Ok(code) = &mut self.code else { return self.unmap };
        let only = Arc::get_mut(code).is_some_and(|code| code.c.as_mut().is_none_or(|c| Arc::get_mut(c).is_some()));
        self.unmap && only
    }
}

/// Closes the images that are to be unmapped and of which nothing is in use any more. No lock is held.
pub(crate) fn sweep() {
    let gone: Vec<_> = match &mut *lock() {
        Some(images) => images.mapped.extract_if(.., |image| image.is_to_go()).collect(),
        None => return,
    };
    gone.into_iter().for_each(close);
}

fn close(image: Image) {
    let mut info = ImageInfo { state: ImageState::KeptBySystem, ..image.info() };
    let Image { bytes, code, points, mapped, .. } = image;
    registry::lock().forget(&points);
    drop(code);
    let copy = mapped.copy().to_owned();
    // SAFETY: nothing of this host refers to the library any more: its instances are gone with all that they registered or stored,
    // its hook points have left the registry. Whatever else may use it has been promised away by who asked for the unmapping.
    let closed = unsafe { mapped.close() };
    let still = has_code_of(&copy);
    if still == Some(true) {
        info.sha256 = bytes.sha256();
        lock().get_or_insert_default().kept.push(Kept { info: info.clone(), copy });
    }
    drop(bytes);
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
