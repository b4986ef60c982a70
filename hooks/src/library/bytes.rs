//! The bytes of a library, as they are in its private copy: by them one image is told from another.
#![expect(unsafe_code, reason = "maps the private copy of a library, which nobody else writes")]

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::sync::OnceLock;

use memmap2::{Mmap, MmapOptions, UncheckedAdvice};

use super::read;

/// The bytes of a library. They have no memory of their own: the system keeps the private copy for the mapped library as well, and
/// reads of it what is compared or hashed.
#[derive(Debug)]
pub(crate) struct Bytes {
    copy: Mmap,
    sample: Sample,
    /// Their SHA-256, which takes longer than all else that is done with them; so it is made when somebody asks for it.
    sha256: OnceLock<[u8; 32]>,
}

/// What equal bytes have in common, and different ones hardly ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    length: usize,
    hash: u64,
}

impl Sample {
    /// Of each page a little, and the end: what it leaves out is compared.
    pub(super) fn of(content: &[u8]) -> Sample {
        const PAGE: usize = 4096;
        let mut hash = DefaultHasher::new();
        for page in content.chunks(PAGE) {
            hash.write(page.get(..16).unwrap_or(page));
        }
        hash.write(content.get(content.len().saturating_sub(256)..).unwrap_or_default());
        Sample { length: content.len(), hash: hash.finish() }
    }
}

impl Bytes {
    /// Those of the private `copy` of a library, which has just been written, and has this `length`. Their `sample` is taken if it is
    /// not known; then they are in the memory of this process until they have been [looked at](Self::looked_at).
    pub(super) fn of(copy: &File, length: usize, sample: Option<Sample>) -> io::Result<Bytes> {
        // SAFETY: the copy was made by this process under a new name, in a folder that nobody but its user can look into, and is
        // read-only; its name is taken away once the library is mapped. So nobody changes it or cuts it off, but who works against
        // this very user with its own rights, and who could as well write into the process; the mapped library would end then too.
        let copy = unsafe { MmapOptions::new().len(length).map(copy) }?;
        let sample = sample.unwrap_or_else(|| Sample::of(&copy));
        Ok(Bytes { copy, sample, sha256: OnceLock::new() })
    }

    /// How many there are.
    pub(super) fn length(&self) -> usize {
        self.copy.len()
    }

    /// What `look` makes of them.
    pub(super) fn looked_at<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        let made = look(&self.copy);
        // SAFETY: nothing was written there, so that whoever looks again, or still does, finds what is in the file. It is only not
        // counted as memory of this process any more.
        let _ = unsafe { self.copy.unchecked_advise(UncheckedAdvice::DontNeed) };
        made
    }

    /// Their SHA-256 is this one.
    pub(super) fn have(&self, sha256: [u8; 32]) {
        let _ = self.sha256.set(sha256);
    }

    /// Whether they are `content`, which has this `sample`.
    pub(super) fn are(&self, content: &[u8], sample: Sample) -> bool {
        self.sample == sample && self.looked_at(|bytes| bytes == content)
    }

    /// Whether the `other` ones are the same.
    pub(super) fn are_those_of(&self, other: &Bytes) -> bool {
        std::ptr::eq(self, other)
            || self.sample == other.sample && other.looked_at(|bytes| self.are(bytes, other.sample))
    }

    /// Their SHA-256.
    pub(super) fn sha256(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| self.looked_at(read::sha256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(content: &[u8]) -> Bytes {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, content).unwrap();
        let one = Bytes::of(&file, content.len(), None).unwrap();
        assert_eq!(one.sample, Sample::of(content));
        one
    }

    #[test]
    fn they_are_told_apart_wherever_they_differ() {
        let content: Vec<u8> = (0..9000u32).map(|number| (number % 251) as u8).collect();
        let one = bytes(&content);
        assert!(one.are_those_of(&one) && one.are_those_of(&bytes(&content)));
        for place in [0, 15, 16, 4095, 4096, 5000, 8192, 8700, 8999] {
            let mut other = content.clone();
            other[place] ^= 1;
            assert!(!one.are(&other, Sample::of(&other)), "{place}");
            // The sample alone does not decide.
            assert!(!one.are(&other, one.sample), "{place}");
            assert!(!one.are_those_of(&bytes(&other)), "{place}");
        }
        for length in [0, 1, 4096, 8999] {
            assert!(!one.are(&content[..length], Sample::of(&content[..length])), "{length}");
        }
        assert!(one.are(&content, Sample::of(&content)));
        assert_eq!((one.length(), one.looked_at(<[u8]>::to_vec)), (9000, content));
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        for content in [&b""[..], b"content"] {
            assert_eq!(bytes(content).sha256(), read::sha256(content));
        }
        // What was made when the file was read is not made again.
        let known = bytes(b"content");
        known.have([7; 32]);
        assert_eq!(known.sha256(), [7; 32]);
    }
}
