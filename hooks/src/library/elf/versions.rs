//! The versions of symbols: those that the file needs of others, and those that it defines.

use std::collections::HashSet;

use object::NativeEndian;
use object::elf::{self, Verdaux, Verdef, Vernaux, Verneed};

use super::NATIVE;
use super::dynamic::{Dynamic, named};
use super::image::Image;

/// The bit that says a version is not to be found by its bare name.
const HIDDEN: u16 = 0x8000;

/// Checks both lists and returns the largest number of a version in them. The linker makes a table up to that number, and takes
/// the numbers of symbols for places in it.
pub(super) fn check(image: &Image<'_>, dynamic: &Dynamic<'_>) -> Result<u16, String> {
    if [elf::DT_VERNEED, elf::DT_VERDEF].into_iter().any(|list| dynamic.get(list).is_some()) {
        dynamic.required(elf::DT_VERSYM)?;
    }
    let numbers = [needed(image, dynamic)?, defined(image, dynamic)?];
    Ok(numbers.into_iter().max().unwrap_or_default())
}

fn needed(image: &Image<'_>, dynamic: &Dynamic<'_>) -> Result<u16, String> {
    let Some(mut at) = dynamic.get(elf::DT_VERNEED) else { return Ok(0) };
    let damaged = || format!("{} leads out of the mapped parts of the file", named(elf::DT_VERNEED));
    let files: HashSet<_> = dynamic.needed.iter().collect();
    let (mut largest, mut most) = (0, image.most());
    loop {
        let need: &Verneed<NativeEndian> = image.at(at).ok_or_else(damaged)?;
        let file = dynamic.text("a dependency with versions", need.vn_file.get(NATIVE).into())?;
        if !files.contains(&file) {
            let file = String::from_utf8_lossy(file);
            return Err(format!("it needs versions of `{file}`, which is not among the libraries that it depends on"));
        }
        let mut version_at = at + u64::from(need.vn_aux.get(NATIVE));
        loop {
            let version: &Vernaux<NativeEndian> = image.at(version_at).ok_or_else(damaged)?;
            if !dynamic.has_text(version.vna_name.get(NATIVE)) {
                return Err("the name of a version is not in its table of names".to_owned());
            }
            most = most.checked_sub(1).ok_or("its lists of versions have more members than the file has room for")?;
            largest = largest.max(version.vna_other.get(NATIVE).0 & !HIDDEN);
            match version.vna_next.get(NATIVE) {
                0 => break,
                next => version_at += u64::from(next),
            }
        }
        match need.vn_next.get(NATIVE) {
            0 => return Ok(largest),
            next => at += u64::from(next),
        }
    }
}

fn defined(image: &Image<'_>, dynamic: &Dynamic<'_>) -> Result<u16, String> {
    let Some(mut at) = dynamic.get(elf::DT_VERDEF) else { return Ok(0) };
    let damaged = || format!("{} leads out of the mapped parts of the file", named(elf::DT_VERDEF));
    let mut largest = 0;
    loop {
        let definition: &Verdef<NativeEndian> = image.at(at).ok_or_else(damaged)?;
        largest = largest.max(definition.vd_ndx.get(NATIVE).0 & !HIDDEN);
        let name: &Verdaux<NativeEndian> =
            image.at(at + u64::from(definition.vd_aux.get(NATIVE))).ok_or_else(damaged)?;
        dynamic.text("a version", name.vda_name.get(NATIVE).into())?;
        match definition.vd_next.get(NATIVE) {
            0 => return Ok(largest),
            next => at += u64::from(next),
        }
    }
}
