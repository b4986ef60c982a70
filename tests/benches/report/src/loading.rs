//! `load_libraries`, from reading the files to the published set, against `dlopen` and `dlsym` of the same files.
#![expect(unsafe_code, reason = "opens libraries of this workspace")]

use std::path::PathBuf;
use std::time::Instant;

use libloading::Library;
use object::{Object, ObjectSymbol};
use workloads::{Files, library};

use crate::children::{copies, measure};
use crate::document::Document;
use crate::figures::{Figure, number, table};
use crate::{Effort, Problem};

/// At most so many times what the system takes.
const GOAL: f64 = 3.0;

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let files = Files::new()?;
    let symbol = entry()?;
    let processes = if effort.quick { 3 } else { 20 };
    let mut rows = Vec::new();
    for count in [1, 10, 100] {
        let paths = copies(&files, count)?;
        let with =
            |first: &[&str]| first.iter().map(|&word| word.to_owned()).chain(paths.iter().cloned()).collect::<Vec<_>>();
        let (load, open) = (with(&["load"]), with(&["open", &symbol]));
        let (mut ours, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..effort.runs {
            let (mut least_ours, mut least_plain) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..processes {
                least_ours = measure(&load)?.into_iter().fold(least_ours, f64::min);
                least_plain = measure(&open)?.into_iter().fold(least_plain, f64::min);
            }
            ours.push(least_ours);
            plain.push(least_plain);
        }
        let ratio = Figure::of(ours.iter().zip(&plain).map(|(ours, plain)| ours / plain));
        rows.push(vec![
            count.to_string(),
            number(Figure::of(ours).median()),
            number(Figure::of(plain).median()),
            ratio.text(),
            if ratio.median() <= GOAL { "yes".to_owned() } else { "**no**".to_owned() },
        ]);
    }
    let size = std::fs::metadata(library("calling")?)?.len();
    let head = ["libraries", "`load_libraries`, µs", "`dlopen` and `dlsym`, µs", "times as long", "≤ 3"];
    let text = table(&head, &rows)
        + &format!(
            "\nEach in a process of its own, least of {processes}; each library is a file of {} KiB.\n",
            size / 1024
        );
    document.replace("loading", &text)
}

/// The function that a host looks for in a library.
fn entry() -> Result<String, Problem> {
    let bytes = std::fs::read(library("calling")?)?;
    let file = object::File::parse(&*bytes)?;
    let mut names = file.dynamic_symbols().filter_map(|symbol| symbol.name().ok());
    let name =
        names.find(|name| name.starts_with("hooks_library_")).ok_or("the plugin `calling` has no entry function")?;
    Ok(name.to_owned())
}

/// Microseconds to open all of `paths` and to find `symbol` in each.
pub(crate) fn open(symbol: &str, paths: &[PathBuf]) -> Result<f64, Problem> {
    let mut libraries = Vec::with_capacity(paths.len());
    let begin = Instant::now();
    for path in paths {
        // SAFETY: plugins of this workspace; their constructors only collect what the plugin registers.
        let library = unsafe { Library::new(path)? };
        // SAFETY: it is a function; it is not called.
        unsafe { library.get::<unsafe extern "C" fn()>(symbol)? };
        libraries.push(library);
    }
    let time = begin.elapsed().as_secs_f64() * 1e6;
    // They are not closed: Rust's code may not be unmapped.
    libraries.into_iter().for_each(std::mem::forget);
    Ok(time)
}
