//! The symbols of a file, as far as the dynamic linker gets to them: through the hash tables, and from relocations.

use object::NativeEndian;
use object::elf::{self, GnuHashHeader};
use object::read::elf::Sym as _;

use super::NATIVE;
use super::dynamic::{Dynamic, named};
use super::image::Image;
use super::native::Sym;

/// The tables that describe symbols.
#[derive(Debug)]
pub(super) struct Symbols<'a> {
    image: &'a Image<'a>,
    dynamic: &'a Dynamic<'a>,
    at: u64,
    /// Where the numbers of their versions are.
    versions_at: Option<u64>,
    largest_version: u16,
}

impl<'a> Symbols<'a> {
    pub(super) fn new(
        image: &'a Image<'a>,
        dynamic: &'a Dynamic<'a>,
        largest_version: u16,
    ) -> Result<Symbols<'a>, String> {
        let at = dynamic.required(elf::DT_SYMTAB)?;
        Ok(Symbols { image, dynamic, at, versions_at: dynamic.get(elf::DT_VERSYM), largest_version })
    }

    /// Checks the symbol with this number.
    pub(super) fn check(&self, index: u32) -> Result<(), String> {
        let size = size_of::<Sym<NativeEndian>>() as u64;
        let symbol: Option<&Sym<NativeEndian>> = self.image.at(self.at.saturating_add(u64::from(index) * size));
        let symbol = symbol.ok_or_else(|| format!("symbol {index} is not in a mapped part of the file"))?;
        if !self.dynamic.has_text(symbol.st_name(NATIVE)) {
            return Err(format!("the name of symbol {index} is not in its table of names"));
        }
        if let Some(at) = self.versions_at {
            let version =
                self.image.data(at.saturating_add(2 * u64::from(index)), 2).and_then(|bytes| bytes.try_into().ok());
            let version = version.map(|bytes| u16::from_ne_bytes(bytes) & 0x7fff);
            // 0 and 1 are local and global.
            if version.is_none_or(|version| version > self.largest_version.max(1)) {
                return Err(format!("symbol {index} has the version {version:?}, of {}", self.largest_version));
            }
        }
        let is_own = symbol.st_bind() == elf::STB_LOCAL || symbol.st_visibility() != elf::STV_DEFAULT;
        if index != 0 && symbol.st_shndx(NATIVE) == elf::SHN_UNDEF && is_own {
            return Err(format!("symbol {index} is for this file alone, which does not define it"));
        }
        let value: u64 = symbol.st_value(NATIVE).into();
        let is_right = match (symbol.st_shndx(NATIVE), symbol.st_type()) {
            (elf::SHN_UNDEF | elf::SHN_ABS, _) => true,
            (_, elf::STT_TLS) => value <= self.image.thread_data,
            // The odd addresses of ARM are those of another instruction set.
            (_, elf::STT_FUNC | elf::STT_GNU_IFUNC) => self.image.is_code(value & !1),
            // Some stand for the end of the image.
            _ => value <= self.image.end().next_multiple_of(rustix::param::page_size() as u64),
        };
        match is_right {
            true => Ok(()),
            false => {
                let name = self.dynamic.text("a symbol", symbol.st_name(NATIVE).into())?;
                Err(format!(
                    "symbol {index}, `{}`, is at {value:#x}, where it cannot be",
                    String::from_utf8_lossy(name)
                ))
            }
        }
    }

    /// Checks the tables by which symbols are found, and all that can be found there.
    pub(super) fn check_hash_tables(&self) -> Result<(), String> {
        if let Some(at) = self.dynamic.get(elf::DT_GNU_HASH) {
            return self.gnu(at).map_err(|what| format!("{}: {what}", named(elf::DT_GNU_HASH)));
        }
        match self.dynamic.get(elf::DT_HASH) {
            // On this machine its entries are longer.
            Some(at) if !cfg!(target_arch = "s390x") => {
                self.system_v(at).map_err(|what| format!("{}: {what}", named(elf::DT_HASH)))
            }
            _ => Ok(()),
        }
    }

    fn gnu(&self, at: u64) -> Result<(), String> {
        let unmapped = || "it is not in a mapped part of the file".to_owned();
        let header: &GnuHashHeader<NativeEndian> = self.image.at(at).ok_or_else(unmapped)?;
        let (base, filters) = (header.symbol_base.get(NATIVE), header.bloom_count.get(NATIVE));
        let (count, shift) = (header.bucket_count.get(NATIVE), header.bloom_shift.get(NATIVE));
        if !filters.is_power_of_two() || shift >= usize::BITS {
            return Err(format!("its filter has {filters} words and is shifted by {shift}"));
        }
        let filter_at = at + size_of::<GnuHashHeader<NativeEndian>>() as u64;
        let filter = u64::from(filters) * size_of::<usize>() as u64;
        self.image.data(filter_at, filter).ok_or_else(unmapped)?;
        let buckets_at = filter_at + filter;
        let buckets = self.image.table::<[u8; 4]>(buckets_at, 4 * u64::from(count)).ok_or_else(unmapped)?;
        let chains_at = buckets_at + 4 * u64::from(count);
        let mut most = self.image.most();
        for bucket in buckets {
            let mut index = u32::from_ne_bytes(*bucket);
            if index == 0 {
                continue;
            }
            loop {
                let place =
                    index.checked_sub(base).ok_or_else(|| format!("it leads to the symbol {index} before {base}"))?;
                let chain: &[u8; 4] = self.image.at(chains_at + 4 * u64::from(place)).ok_or_else(unmapped)?;
                self.check(index)?;
                most = most.checked_sub(4).ok_or("its chains have more members than the file has room for")?;
                if u32::from_ne_bytes(*chain) & 1 == 1 {
                    break;
                }
                index += 1;
            }
        }
        Ok(())
    }

    fn system_v(&self, at: u64) -> Result<(), String> {
        let unmapped = || "it is not in a mapped part of the file".to_owned();
        let number = |place: u64| -> Result<u32, String> {
            self.image.at::<[u8; 4]>(at + 4 * place).map(|bytes| u32::from_ne_bytes(*bytes)).ok_or_else(unmapped)
        };
        let (buckets, chains) = (number(0)?, number(1)?);
        self.image.data(at, 8 + 4 * (u64::from(buckets) + u64::from(chains))).ok_or_else(unmapped)?;
        let mut left = chains;
        for bucket in 0..buckets {
            let mut index = number(2 + u64::from(bucket))?;
            while index != 0 {
                left = left.checked_sub(1).ok_or("its chains go in a circle")?;
                if index >= chains {
                    return Err(format!("it leads to the symbol {index} of {chains}"));
                }
                self.check(index)?;
                index = number(2 + u64::from(buckets) + u64::from(index))?;
            }
        }
        Ok(())
    }
}
