//! No code of a library that is refused has run, not even its constructors, which run when the system opens a library.

use std::fs;
use std::path::Path;

use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, c_library, has_c_compilers, records, text_in_records};

/// What a load of `tests/c/constructor.c` says, and whether its constructor has run.
fn load(journal: &Journal, name: &str, flags: &[String]) -> (Result<(), String>, bool) {
    let mark = journal.beside(&format!("{name}.mark"));
    let quoted = |macro_name: &str, path: &Path| format!("-D{macro_name}=\"{}\"", path.display());
    let flags: Vec<_> = flags.iter().cloned().chain([quoted("MARK", &mark)]).collect();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let source = c_library(&journal.beside("."), name, "constructor.c", &flags);
    let hooks = hooks_tests::hooks();
    let loaded = hooks.load_libraries(vec![LibraryConfig::new(source.clone())]);
    let validated = hooks.validate_libraries(&[LibraryConfig::new(source)]);
    if loaded.as_ref().is_err_and(|error| error.is_refused()) && !mark.exists() {
        assert_eq!(validated.len(), 1, "what is refused beforehand is found without loading");
    }
    (loaded.map_err(|error| error.to_string()), mark.exists())
}

/// The same with the records of the plugin `name`, in which `new` stands in place of `old`.
fn with_records(journal: &Journal, name: &str, plugin: &str, old: &[u8], new: &[u8]) -> (Result<(), String>, bool) {
    assert_eq!(old.len(), new.len());
    let (bytes, section) = records(plugin);
    let mut bytes = bytes[section].to_vec();
    for at in 0..bytes.len() {
        if !old.is_empty() && bytes[at..].starts_with(old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
    }
    let path = journal.beside(&format!("{name}.records"));
    fs::write(&path, bytes).unwrap();
    load(journal, name, &[format!("-DRECORDS=\"{}\"", path.display())])
}

#[test]
fn of_a_plugin() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    // What fits by its records is opened; then it turns out that there is no code behind them.
    let (loaded, has_run) = with_records(&journal, "fits", "ordered", b"", b"");
    assert!(loaded.unwrap_err().contains("has no symbol `hooks_library_"));
    assert!(has_run, "a constructor runs when its library is opened");

    let unwinds = |flag: u8| [&[flag][..], &text_in_records("ordered")].concat();
    for (name, plugin, old, new, expected) in [
        ("field", "outdated-field", Vec::new(), Vec::new(), "field `changed`: the host's type is `u64`"),
        ("types", "outdated-types", Vec::new(), Vec::new(), "and 6 more"),
        ("target", "ordered", b"-unknown-linux-".to_vec(), b"-unknown-xunil-".to_vec(), "was built for "),
        ("abort", "ordered", unwinds(1), unwinds(0), "was built with `panic = \"abort\"`"),
        ("damaged", "ordered", b"HooksRec".to_vec(), b"HooksRek".to_vec(), "its section `.hooks` is damaged"),
        ("rootless", "rootless", Vec::new(), Vec::new(), "has 0 `#[hooks::plugin]`"),
    ] {
        let (loaded, has_run) = with_records(&journal, name, plugin, &old, &new);
        let error = loaded.unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!has_run, "{name}: its constructor has run");
    }
}

#[test]
fn of_a_c_library() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (loaded, has_run) = load(&journal, "function", &[]);
    assert_eq!((loaded, has_run), (Ok(()), true));
    let (loaded, has_run) = load(&journal, "data", &["-DDATA".to_owned()]);
    let error = loaded.unwrap_err();
    assert!(error.contains("its symbol `received` has the name of a hook point but is data"), "{error}");
    assert!(!has_run);
}

#[test]
fn looking_at_a_file_runs_nothing() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let mark = journal.beside("mark");
    let source =
        c_library(&journal.beside("."), "inspected", "constructor.c", &[&format!("-DMARK=\"{}\"", mark.display())]);
    let Source::File(path) = source else { unreachable!("it is a file") };
    let library = hooks::inspect(&fs::read(path).unwrap()).unwrap();
    assert_eq!(library.kind, hooks::inspect::FileKind::CLibrary);
    assert!(library.exported.iter().any(|symbol| symbol == "received"));
    assert!(!mark.exists());
}
