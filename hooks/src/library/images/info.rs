//! What is told of the images of this process.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Code, Image, Images, has_code_of, lock};

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

/// How many images there are, for operators.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) images: usize,
    /// How many of them nobody uses.
    pub(crate) unused: usize,
    /// How much of the address space they take.
    pub(crate) bytes: u64,
}

/// All libraries that are mapped into this process, by any [`Hooks`](crate::Hooks), sorted by name, version and hash.
///
/// The same bytes are mapped once, however often they are loaded, and stay mapped unless
/// [`LibraryConfig::unmap_at_unload`](crate::LibraryConfig::unmap_at_unload) asks for something else: each different build that has
/// been loaded is in this list once. Plugins that are compiled in are not.
///
/// The SHA-256 of an image is made when it is asked for first, here or by a configuration that expects one; that takes a millisecond
/// for one or two megabytes.
///
/// ```
/// let images = hooks::images();
/// let bytes: u64 = images.iter().map(|image| image.mapped_bytes).sum();
/// println!("{} libraries take {bytes} bytes", images.len());
/// ```
pub fn images() -> Vec<ImageInfo> {
    let (mut all, hashes): (Vec<_>, Vec<_>) = {
        let mut images = lock();
        let images = images.get_or_insert_default();
        images.forget_unmapped();
        let mapped = images.mapped.iter().map(|image| (image.info(), Some(Arc::clone(&image.bytes))));
        mapped.chain(images.kept.iter().map(|kept| (kept.info.clone(), None))).unzip()
    };
    // Nobody who loads a library waits for them.
    for (image, bytes) in all.iter_mut().zip(hashes) {
        image.sha256 = bytes.map_or(image.sha256, |bytes| bytes.sha256());
    }
    all.sort_by(|one, other| (&one.name, &one.version, one.sha256).cmp(&(&other.name, &other.version, other.sha256)));
    all
}

/// The numbers of [`images`].
pub(crate) fn numbers() -> Numbers {
    let mut images = lock();
    let images = images.get_or_insert_default();
    images.forget_unmapped();
    let mapped = images.mapped.iter().map(|image| (image.state(), image.size));
    let kept = images.kept.iter().map(|kept| (kept.info.state, kept.info.mapped_bytes));
    mapped.chain(kept).fold(Numbers::default(), |numbers, (state, bytes)| Numbers {
        images: numbers.images + 1,
        unused: numbers.unused + usize::from(state != ImageState::InUse),
        bytes: numbers.bytes + bytes,
    })
}

impl Images {
    /// Those that were closed may be unmapped by now.
    fn forget_unmapped(&mut self) {
        self.kept.retain(|kept| has_code_of(&kept.copy) != Some(false));
    }
}

impl Image {
    /// All but its hash.
    pub(super) fn info(&self) -> ImageInfo {
        let (name, version) = match &self.code {
            Ok(code) => (code.name.to_string(), code.version.clone()),
            Err(_) => {
                let stem = self.original.file_stem().unwrap_or_default();
                (stem.to_string_lossy().into_owned(), String::new())
            }
        };
        let (path, mapped_bytes) = (self.original.clone(), self.size);
        ImageInfo { name, version, path, sha256: [0; 32], mapped_bytes, state: self.state() }
    }

    fn state(&self) -> ImageState {
        if self.code.as_ref().is_ok_and(is_in_use) { ImageState::InUse } else { ImageState::Retired }
    }
}

/// Whether something has the code, or that of the same C library under another name. One count of each is the image's own.
fn is_in_use(code: &Arc<Code>) -> bool {
    Arc::strong_count(code) > 1 || code.c.as_ref().is_some_and(|image| Arc::strong_count(image) > 1)
}
