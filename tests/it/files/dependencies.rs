//! Libraries that depend on others: found where the dynamic linker looks, or refused in words.

use std::fs;
use std::path::Path;
use std::process::Command;

use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, c_library, has_c_compilers};

/// A library that depends on `libhooks_tests_dependency.so` beside it, linked with these flags, in a journal's folder.
fn dependent(journal: &Journal, flags: &[&str]) -> Source {
    dependent_on("hooks_tests_dependency", journal, flags)
}

/// The same with another name of the dependency.
fn dependent_on(name: &str, journal: &Journal, flags: &[&str]) -> Source {
    let soname = format!("-Wl,-soname,lib{name}.so");
    c_library(&journal.beside("."), "dependency", "dependency.c", &[&soname]);
    fs::rename(journal.beside("libdependency.so"), journal.beside(&format!("lib{name}.so"))).unwrap();
    let (folder, library) = (format!("-L{}", journal.beside(".").display()), format!("-l{name}"));
    let link = ["-Wl,--no-as-needed", &folder, &library];
    c_library(&journal.beside("."), "dependent", "dependent.c", &[&link, flags].concat())
}

fn load(library: &Source) -> Result<(), String> {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(library.clone())]).map_err(|error| {
        assert!(error.is_refused() && error.to_string().contains("/libdependent.so`: "), "{error}");
        error.to_string()
    })
}

#[test]
fn looked_for_beside_the_library() {
    if !has_c_compilers() {
        return;
    }
    for (flag, folder) in
        [("-Wl,-rpath,$ORIGIN", "$ORIGIN"), ("-Wl,--disable-new-dtags,-rpath,${ORIGIN}/.", "${ORIGIN}/.")]
    {
        let journal = Journal::new();
        let error = load(&dependent(&journal, &[flag])).unwrap_err();
        let beside = journal.beside(".").canonicalize().unwrap();
        assert!(error.contains(&format!("depends on `{}", beside.display())), "{error}");
        assert!(error.contains("/libhooks_tests_dependency.so`, which it wants looked for in `"), "{error}");
        assert!(error.contains(&format!("`{folder}`, beside its own file")), "{error}");
        assert!(
            error.contains("but it runs from a private copy") && error.contains("install the dependency"),
            "{error}"
        );
    }
    // What needs nothing from there is loaded.
    let journal = Journal::new();
    let library = c_library(&journal.beside("."), "dependent", "only_version.c", &["-Wl,-rpath,$ORIGIN:/nowhere"]);
    load(&library).unwrap();
}

#[test]
fn looked_for_beside_the_copy_of_another_library() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    // The dynamic linker would take a library of this name that another test has loaded.
    let library = dependent_on("hooks_tests_neighbour", &journal, &["-Wl,-rpath,$ORIGIN"]);
    fs::remove_file(journal.beside("libhooks_tests_neighbour.so")).unwrap();
    let other = journal.beside("other");
    fs::create_dir(&other).unwrap();
    // It has the name, and nothing else of the dependency.
    let other = c_library(&other, "hooks_tests_neighbour", "only_version.c", &[]);
    let hooks = hooks_tests::hooks();
    let libraries = || [&other, &library].map(|source| LibraryConfig::new(source.clone())).into();
    for error in [hooks.load_libraries(libraries()).unwrap_err(), hooks.reload(libraries()).unwrap_err()] {
        let error = error.to_string();
        assert!(error.contains("it depends on the library `libhooks_tests_neighbour.so`, which is not"), "{error}");
    }
}

#[test]
fn looked_for_in_the_working_directory() {
    if !has_c_compilers() {
        return;
    }
    for flag in ["-Wl,-rpath,lib", "-Wl,-rpath,/usr/lib:."] {
        let error = load(&dependent(&Journal::new(), &[flag])).unwrap_err();
        assert!(error.contains("wants its dependencies looked for in `") && error.contains("relative to"), "{error}");
    }
    // By its own name instead of one that is looked for.
    let journal = Journal::new();
    let library = dependent(&journal, &[]);
    c_library(&journal.beside("."), "direct", "dependency.c", &[]);
    let mut build = Command::new("cc");
    build.args(["-shared", "-fPIC", "-o", "libdependent.so", "-I"]).arg(hooks_tests::include());
    build.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("c/dependent.c")).arg("./libdirect.so");
    assert!(build.current_dir(journal.beside(".")).status().unwrap().success());
    let error = load(&library).unwrap_err();
    assert!(error.contains("depends on `./libdirect.so` by a relative path"), "{error}");
}

#[test]
fn found_or_not_found_by_the_dynamic_linker() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let library = dependent(&journal, &[]);
    let error = load(&library).unwrap_err();
    assert!(error.contains("cannot be opened: it depends on the library `libhooks_tests_dependency.so`"), "{error}");
    assert!(error.contains("is not installed where the dynamic linker looks"), "{error}");
    let absolute = format!("-Wl,-rpath,{}", journal.beside(".").canonicalize().unwrap().display());
    let library = dependent(&journal, &[&absolute]);
    load(&library).unwrap();
}

#[test]
fn a_symbol_that_nothing_defines() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let error = load(&c_library(&journal.beside("."), "dependent", "dependent.c", &[])).unwrap_err();
    assert!(error.contains("cannot be opened: it uses a symbol that nothing defines"), "{error}");
    assert!(error.contains("undefined symbol: depended_upon"), "{error}");
}
