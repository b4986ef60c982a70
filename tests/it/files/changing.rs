//! Files that change while they are loaded: what is loaded is a whole file, and what runs is not touched.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, Origin, Stops, c_library, has_c_compilers, script, text_of};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Two builds of a library that tells whether it is a whole.
struct Builds {
    journal: Journal,
    builds: [Vec<u8>; 2],
    /// What the configuration expects.
    sha256: Option<[u8; 32]>,
}

impl Builds {
    fn new() -> Option<Builds> {
        if !has_c_compilers() {
            return None;
        }
        let journal = Journal::new();
        c_library(&journal.beside("."), "uniform", "uniform.c", &[]);
        let bytes = fs::read(journal.beside("libuniform.so")).unwrap();
        let at = bytes.windows(7).position(|bytes| bytes == b"FILLING").unwrap();
        let builds = [b'a', b'b'].map(|letter| {
            let mut bytes = bytes.clone();
            bytes[at..at + (1 << 20)].fill(letter);
            bytes
        });
        Some(Builds { journal, builds, sha256: None })
    }

    fn path(&self) -> PathBuf {
        self.journal.beside("libuniform.so")
    }
}

/// Loads the library for some time while `change` is called again and again with the path and other bytes. Gives back how often it
/// was loaded, and what was said otherwise.
fn loaded_while(builds: &Builds, change: impl Fn(&Path, &[u8]) + Sync) -> (usize, Vec<String>) {
    let (path, stop) = (builds.path(), AtomicBool::new(false));
    fs::write(&path, &builds.builds[0]).unwrap();
    let running = hooks_tests::hooks();
    running.load_libraries(vec![script(Origin::Shared, "a", json!({"received": [{"append": "x"}]}))]).unwrap();
    let mut config = LibraryConfig::new(Source::File(path.clone()));
    if let Some(hash) = builds.sha256 {
        config = config.sha256(hash);
    }
    let mut loaded = 0;
    let mut said = Vec::new();
    thread::scope(|scope| {
        let _stops = Stops(&stop);
        scope.spawn(|| {
            for build in builds.builds.iter().cycle() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                change(&path, build);
            }
        });
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            let before = running.library_names();
            let libraries = vec![script(Origin::Shared, "a", json!({"received": [{"append": "x"}]})), config.clone()];
            match running.reload(libraries) {
                Ok(()) => loaded += 1,
                Err(error) => {
                    assert_eq!(running.library_names(), before);
                    said.push(error.to_string());
                }
            }
            assert_eq!(text_of(&running), "x");
        }
    });
    for error in &said {
        assert!(error.starts_with(&format!("entry 2 of 2: library `{}`: ", path.display())), "{error}");
        // The two builds were never mixed.
        assert!(!error.contains("returns 999"), "{error}");
    }
    (loaded, said)
}

fn pause() {
    thread::sleep(Duration::from_millis(30));
}

#[test]
fn replaced_by_another_file() {
    let Some(builds) = Builds::new() else { return };
    let (loaded, said) = loaded_while(&builds, |path, build| {
        let new = path.with_extension("new");
        fs::write(&new, build).unwrap();
        fs::rename(&new, path).unwrap();
    });
    // There is a whole file at each moment, so that it is always found and loaded.
    assert!(loaded > 0 && said.is_empty(), "{loaded}: {said:?}");
}

#[test]
fn removed_and_made_again() {
    let Some(builds) = Builds::new() else { return };
    let (loaded, said) = loaded_while(&builds, |path, build| {
        fs::remove_file(path).unwrap();
        fs::write(path, build).unwrap();
        pause();
    });
    let expected =
        ["cannot be found", "cannot be opened", "is not a shared library", "is a damaged", "is being written"];
    let unexpected = said.iter().find(|said| !expected.iter().any(|expected| said.contains(expected)));
    assert_eq!(unexpected, None, "{loaded}");
}

#[test]
fn overwritten_in_place() {
    let Some(mut builds) = Builds::new() else { return };
    // That a writer pauses halfway through a file that has its whole length, only the hash tells.
    builds.sha256 = Some(Sha256::digest(&builds.builds[0]).into());
    let (loaded, said) = loaded_while(&builds, |path, build| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        for (number, part) in build.chunks(1 << 16).enumerate() {
            file.write_all_at(part, (number << 16) as u64).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        // As long as it takes to read it when nobody writes.
        thread::sleep(Duration::from_millis(150));
    });
    let unexpected = said.iter().find(|said| !said.contains("is being written") && !said.contains("its SHA-256 is "));
    assert_eq!(unexpected, None, "{loaded}");
}

#[test]
fn growing_and_shrinking() {
    let Some(builds) = Builds::new() else { return };
    let (loaded, said) = loaded_while(&builds, |path, build| {
        let mut file = File::create(path).unwrap();
        for part in build.chunks(1 << 16) {
            file.write_all(part).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(100));
        file.set_len(build.len() as u64 / 2).unwrap();
        pause();
    });
    let expected = ["is not a shared library", "is a damaged", "is being written"];
    let unexpected = said.iter().find(|said| !expected.iter().any(|expected| said.contains(expected)));
    assert_eq!(unexpected, None, "{loaded}");
    assert!(!said.is_empty());
}
