//! Indexes of packages that apt fetched earlier, plain or lz4. Comes in: a path and the names that
//! matter; goes out: the versions that the index offers for these. A file of any size passes through
//! one small buffer; nothing is fetched.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufRead, BufReader, Read};

use daicho_report::Reason;
use lz4_flex::frame::FrameDecoder;

use super::super::{Answer, Miss, RawOffer};
use super::{miss, open};

/// An index is left above this, unpacked.
const BYTES_MAX: u64 = 512 << 20;
/// Longer lines are descriptions or no index at all: only their beginning is looked at.
const LINE_BYTES_MAX: usize = 512;
const BUFFER_BYTES: usize = 64 << 10;
const OFFERS_MAX: usize = 100_000;

/// The versions that an index offers for these names, in its own order.
pub(in super::super) fn offers(path: &str, wanted: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    let file = open(path)?;
    if path.ends_with(".lz4") {
        let decoder = FrameDecoder::new(BufReader::with_capacity(BUFFER_BYTES, file));
        scan(
            BufReader::with_capacity(BUFFER_BYTES, decoder.take(BYTES_MAX)),
            wanted,
        )
    } else {
        scan(
            BufReader::with_capacity(BUFFER_BYTES, file.take(BYTES_MAX)),
            wanted,
        )
    }
}

fn scan(mut text: impl BufRead, wanted: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    let wanted: HashSet<&[u8]> = wanted.iter().map(|name| name.as_bytes()).collect();
    let mut entry = Entry::default();
    let mut offers = Vec::new();
    let mut line = Vec::with_capacity(LINE_BYTES_MAX);
    while next_line(&mut text, &mut line).map_err(|error| broken(&error))? {
        if line.is_empty() {
            offers.extend(std::mem::take(&mut entry).finish());
            if offers.len() >= OFFERS_MAX {
                return Err(Miss::Unknown(Reason::failed("too many entries")));
            }
        } else {
            entry.take(&line, &wanted);
        }
    }
    offers.extend(entry.finish());
    Ok(offers)
}

fn broken(error: &io::Error) -> Miss {
    match error.raw_os_error() {
        Some(_) => miss(error),
        None => Miss::Unknown(Reason::failed("lz4")),
    }
}

/// The beginning of the next line, without its end; false at the end of the text.
fn next_line(text: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = text.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr::memchr(b'\n', buffer);
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
        let room = LINE_BYTES_MAX.saturating_sub(line.len()).min(part.len());
        line.extend_from_slice(part.get(..room).unwrap_or_default());
        let used = end.map_or(buffer.len(), |end| end + 1);
        text.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// One package of the index, while its lines are read.
#[derive(Default)]
struct Entry {
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
}

impl Entry {
    fn take(&mut self, line: &[u8], wanted: &HashSet<&[u8]>) {
        let text = |value: &[u8]| Some(String::from_utf8_lossy(value.trim_ascii()).into_owned());
        if let Some(name) = line.strip_prefix(b"Package: ") {
            let name = name.trim_ascii();
            if wanted.contains(name) {
                self.name = text(name);
            }
        } else if self.name.is_some() {
            if let Some(version) = line.strip_prefix(b"Version: ") {
                self.version = text(version);
            } else if let Some(architecture) = line.strip_prefix(b"Architecture: ") {
                self.architecture = text(architecture);
            }
        }
    }

    fn finish(self) -> Option<RawOffer> {
        Some(RawOffer {
            name: self.name?,
            version: self.version?,
            architecture: self.architecture?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "Package: bash\nArchitecture: amd64\nVersion: 5.2.15-2+b9\nDescription: x\n\
        \nPackage: nobody-wants-this\nVersion: 1\nArchitecture: all\n\n\
        Package: zlib1g\nVersion: 1:1.3\nArchitecture: amd64\n";

    fn scanned(text: &[u8]) -> Vec<RawOffer> {
        scan(
            BufReader::with_capacity(7, text),
            &BTreeSet::from(["bash", "zlib1g"]),
        )
        .unwrap()
    }

    #[test]
    fn only_wanted_names_leave_an_index() {
        let found = scanned(INDEX.as_bytes());
        let versions: Vec<_> = found.iter().map(|it| it.version.as_str()).collect();
        assert_eq!(versions, ["5.2.15-2+b9", "1:1.3"]);
    }

    #[test]
    fn an_endless_line_is_cut_and_harms_no_other_entry() {
        let text = format!("X: {}\n\n{INDEX}", "y".repeat(1 << 20));
        assert_eq!(scanned(text.as_bytes()).len(), 2);
    }

    #[test]
    fn an_index_packed_with_lz4_reads_like_a_plain_one() {
        use std::io::Write;

        let folder = std::env::temp_dir().join(format!("daicho-index-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("x_Packages.lz4");
        let mut packed = lz4_flex::frame::FrameEncoder::new(std::fs::File::create(&path).unwrap());
        packed.write_all(INDEX.as_bytes()).unwrap();
        packed.finish().unwrap();
        let wanted = BTreeSet::from(["bash", "zlib1g"]);
        let found = offers(path.to_str().unwrap(), &wanted).unwrap();
        std::fs::write(&path, b"no lz4 at all").unwrap();
        let broken = offers(path.to_str().unwrap(), &wanted);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, scanned(INDEX.as_bytes()));
        assert_eq!(broken, Err(Miss::Unknown(Reason::failed("lz4"))));
    }
}
