//! Memory for the bytes of files, one after the other.

use std::io::{self, Read};
use std::ops::Deref;

use memmap2::MmapMut;

/// As large as the large pages of most systems.
const STEP: usize = 2 << 20;

/// What was read last.
///
/// The system gives new memory page by page, when each is touched first, which takes several times as long as it takes to read a
/// file into it. So large pages are asked for, and what is there is used for the next file.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    memory: Option<MmapMut>,
    length: usize,
}

impl Buffer {
    /// Reads from `file` until it ends, but at most `most` bytes; what was there before is gone.
    pub(super) fn fill(&mut self, file: &mut impl Read, most: u64) -> io::Result<()> {
        self.length = 0;
        let most = usize::try_from(most).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let memory = match &mut self.memory {
            Some(memory) if memory.len() >= most => memory,
            memory => {
                // Not before it is gone: together they might be too much.
                *memory = None;
                memory.insert(new(most)?)
            }
        };
        while let Some(rest) = memory.get_mut(self.length..most).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(read) => self.length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.as_deref().and_then(|memory| memory.get(..self.length)).unwrap_or_default()
    }
}

/// Memory for at least `length` bytes.
fn new(length: usize) -> io::Result<MmapMut> {
    let memory = MmapMut::map_anon(length.max(1).checked_next_multiple_of(STEP).ok_or(io::ErrorKind::OutOfMemory)?)?;
    // Where the system has none, ordinary pages do.
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that is interrupted, and that gives a byte at a time.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match self.1 {
                true => Err(io::ErrorKind::Interrupted.into()),
                false => self.0.read(buffer.get_mut(..1).unwrap_or_default()),
            }
        }
    }

    #[test]
    fn it_has_what_was_read_last() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        for (content, most, expected) in
            [("content", 4, "cont"), ("content", 7, "content"), ("cut", 9, "cut"), ("", 3, ""), ("content", 0, "")]
        {
            buffer.fill(&mut Slow(content.as_bytes(), false), most).unwrap();
            assert_eq!(*buffer, *expected.as_bytes());
        }
        let large = vec![7; STEP + 1];
        buffer.fill(&mut &*large, large.len() as u64).unwrap();
        assert!(*buffer == *large);
    }

    #[test]
    fn too_much_and_a_failure_are_errors() {
        let mut buffer = Buffer::default();
        buffer.fill(&mut &b"content"[..], 7).unwrap();
        assert!(buffer.fill(&mut &b"content"[..], u64::MAX).is_err());
        assert!(buffer.is_empty());
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::Other.into())
            }
        }
        assert_eq!(buffer.fill(&mut Broken, 7).unwrap_err().kind(), io::ErrorKind::Other);
    }
}
