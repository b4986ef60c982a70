//! The readers of shared libraries.

use super::{is_in_words, write};
use crate::abi::PROTOCOL;
use crate::abi::decode;
use crate::abi::record::{HEADER, MAGIC, kind};
use crate::inspect::FileKind;
use crate::registry::Registry;
use crate::{c, library, registry};

/// The bytes as the file of a library: it is one of this framework, or one in C, or an error in words.
pub fn elf(bytes: &[u8]) {
    let bytes = &of_this_protocol(bytes)[..];
    if let Err(error) = library::elf::check(bytes) {
        is_in_words(&error);
    }
    let binary = library::binary::Binary::parse(bytes);
    let symbols = binary.as_ref().ok().and_then(c::file::of);
    let described = binary.as_ref().map_err(Clone::clone).and_then(library::file::of);
    assert!(symbols.is_none() || described.is_err(), "it is read as both kinds of library");
    let registry = registry::lock();
    for multi_threading in [false, true] {
        let checked = [
            described
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|it| library::file::check(it, &registry, &Registry::default(), multi_threading)),
            symbols.as_ref().map_or(Ok(()), |symbols| symbols.validate(&registry, multi_threading)),
        ];
        for error in checked.into_iter().filter_map(Result::err) {
            is_in_words(&error);
            assert!(error.len() < 1 << 16, "an error of {} bytes", error.len());
        }
    }
    match crate::inspect(bytes) {
        Ok(library) => {
            let json = serde_json::to_string(&library).unwrap();
            assert!(json.len() <= 8192 + 64 * bytes.len(), "{} bytes say {} bytes", bytes.len(), json.len());
            assert_eq!(library.kind == FileKind::CLibrary, symbols.is_some());
            assert_eq!(library.problem.is_none(), described.is_ok() || symbols.is_some(), "{:?}", library.problem);
        }
        // It may also be damaged where nothing that is needed for loading stands.
        Err(error) => is_in_words(&error.to_string()),
    }
    if let Ok(described) = described {
        let written = write::records(&described.records);
        assert!(written.len() <= bytes.len(), "{} bytes have become {}", bytes.len(), written.len());
        assert_eq!(decode::records(&written).as_ref(), Ok(&described.records));
        assert_eq!(described.records.libraries, [described.library]);
        assert!(described.records.plugins.contains(&described.plugin));
    }
}

/// The bytes with the number of this protocol instead of those before it, so that inputs stay of use that were kept earlier.
fn of_this_protocol(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let is_build = |window: &[u8]| {
        window.starts_with(&MAGIC) && matches!(window.get(HEADER - 1), Some(&(kind::LIBRARY | kind::BUILD)))
    };
    let begins = bytes.windows(HEADER).enumerate().filter(|(_, window)| is_build(window));
    for at in begins.map(|(begin, _)| begin + HEADER).collect::<Vec<_>>() {
        if let Some(number) = bytes.get_mut(at..at + 4)
            && (2..PROTOCOL).any(|earlier| number == earlier.to_le_bytes())
        {
            number.copy_from_slice(&PROTOCOL.to_le_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("elf", super::elf);
    }
}
