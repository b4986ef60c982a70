//! The readers of shared libraries.

use super::{is_in_words, write};
use crate::abi::decode;
use crate::inspect::FileKind;
use crate::{c, library, registry};

/// The bytes as the file of a library: it is one of this framework, or one in C, or an error in words.
pub fn elf(bytes: &[u8]) {
    let symbols = c::file::read(bytes);
    let described = library::file::read(bytes);
    assert!(symbols.is_none() || described.is_err(), "it is read as both kinds of library");
    let registry = registry::lock();
    for multi_threading in [false, true] {
        let checked = [
            described
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|it| library::file::check(it, &registry, multi_threading)),
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
        Err(error) => {
            is_in_words(&error.to_string());
            assert!(described.is_err(), "{error}, but it can be loaded");
        }
    }
    if let Ok(described) = described {
        let written = write::records(&described.records);
        assert!(written.len() <= bytes.len(), "{} bytes have become {}", bytes.len(), written.len());
        assert_eq!(decode::records(&written).as_ref(), Ok(&described.records));
        assert_eq!(described.records.libraries, [described.library]);
        assert!(described.records.plugins.contains(&described.plugin));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("elf", super::elf);
    }
}
