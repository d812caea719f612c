//! Indexes of packages that apt fetched earlier, plain or lz4. Comes in: a path and the names that
//! matter; goes out: the versions that the index offers for these. A file of any size passes through
//! one small buffer; nothing is fetched.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufRead, BufReader, Read};

use daicho_report::Reason;
use lz4_flex::frame::FrameDecoder;
use memchr::memmem;

use super::super::{Answer, Miss, RawOffer};
use super::{miss, open};

/// An index is left above this, unpacked.
const BYTES_MAX: u64 = 512 << 20;
/// Longer values are no names, versions or architectures: only their beginning is taken.
const VALUE_BYTES_MAX: usize = 512;
/// Of an entry that lies in several pieces of the file, only so much is looked at.
const ENTRY_BYTES_MAX: usize = 64 << 10;
const BUFFER_BYTES: usize = 64 << 10;
const OFFERS_MAX: usize = 100_000;
const EMPTY_LINE: &[u8] = b"\n\n";

/// The versions that an index offers for these names, in its own order.
pub(in super::super) fn offers(path: &str, wanted: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    let file = open(path)?;
    let file = BufReader::with_capacity(BUFFER_BYTES, file);
    if path.ends_with(".lz4") {
        scan(FrameDecoder::new(file).take(BYTES_MAX), wanted)
    } else {
        scan(file.take(BYTES_MAX), wanted)
    }
}

fn scan(mut text: impl BufRead, wanted: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    let mut scan = Scan {
        wanted: wanted.iter().map(|name| name.as_bytes()).collect(),
        empty_line: memmem::Finder::new(EMPTY_LINE),
        offers: Vec::new(),
        begun: Vec::new(),
        ends_line: false,
    };
    loop {
        let piece = text.fill_buf().map_err(|error| broken(&error))?;
        let length = piece.len();
        if length == 0 {
            scan.end();
            return Ok(scan.offers);
        }
        scan.piece(piece);
        text.consume(length);
        if scan.offers.len() >= OFFERS_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
    }
}

fn broken(error: &io::Error) -> Miss {
    match error.raw_os_error() {
        Some(_) => miss(error),
        None => Miss::Unknown(Reason::failed("lz4")),
    }
}

/// What was found, and the entry that goes on in the next piece of the file.
struct Scan<'a> {
    wanted: HashSet<&'a [u8]>,
    empty_line: memmem::Finder<'static>,
    offers: Vec<RawOffer>,
    begun: Vec<u8>,
    ends_line: bool,
}

impl Scan<'_> {
    /// Entries end with an empty line. Most are of packages that nobody asked for, so of most no more
    /// than the end and the name is looked at.
    fn piece(&mut self, piece: &[u8]) {
        let mut rest = piece;
        // An empty line, one end of which lies in the piece before.
        if self.ends_line
            && let Some(after) = rest.strip_prefix(b"\n")
        {
            self.end();
            rest = after;
        }
        while let Some(end) = self.empty_line.find(rest) {
            let (entry, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if self.begun.is_empty() {
                self.offers.extend(offer(entry, &self.wanted));
            } else {
                self.begin(entry);
                self.end();
            }
            rest = after.get(EMPTY_LINE.len()..).unwrap_or_default();
        }
        self.begin(rest);
    }

    fn begin(&mut self, part: &[u8]) {
        let room = ENTRY_BYTES_MAX.saturating_sub(self.begun.len());
        let part_of_room = part.get(..room).unwrap_or(part);
        self.begun.extend_from_slice(part_of_room);
        if let Some(last) = part.last() {
            self.ends_line = *last == b'\n';
        }
    }

    fn end(&mut self) {
        self.offers.extend(offer(&self.begun, &self.wanted));
        self.begun.clear();
        self.ends_line = false;
    }
}

fn offer(entry: &[u8], wanted: &HashSet<&[u8]>) -> Option<RawOffer> {
    let name = value(entry, b"\nPackage: ").filter(|name| wanted.contains(name))?;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Some(RawOffer {
        name: text(name),
        version: text(value(entry, b"\nVersion: ")?),
        architecture: text(value(entry, b"\nArchitecture: ")?),
    })
}

/// The value of a line that begins so; continued lines begin with a space and are no match.
fn value<'a>(entry: &'a [u8], line: &[u8]) -> Option<&'a [u8]> {
    let first = line.strip_prefix(b"\n").unwrap_or(line);
    let value = match entry.strip_prefix(first) {
        Some(value) => value,
        None => entry.get(memmem::find(entry, line)? + line.len()..)?,
    };
    let end = memchr::memchr(b'\n', value).unwrap_or(value.len());
    let end = end.min(VALUE_BYTES_MAX);
    Some(value.get(..end)?.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "Package: bash\nArchitecture: amd64\nVersion: 5.2.15-2+b9\nDescription: x\n\
        \nPackage: nobody-wants-this\nVersion: 1\nArchitecture: all\n\n\
        Package: zlib1g\nVersion: 1:1.3\nArchitecture: amd64\n";

    fn in_pieces_of(bytes: usize, text: &[u8]) -> Vec<RawOffer> {
        scan(
            BufReader::with_capacity(bytes, text),
            &BTreeSet::from(["bash", "zlib1g"]),
        )
        .unwrap()
    }

    fn scanned(text: &[u8]) -> Vec<RawOffer> {
        in_pieces_of(7, text)
    }

    #[test]
    fn where_the_pieces_of_a_file_end_changes_nothing() {
        let whole = in_pieces_of(1 << 20, INDEX.as_bytes());
        assert_eq!(whole.len(), 2);
        for bytes in 1..INDEX.len() {
            assert_eq!(in_pieces_of(bytes, INDEX.as_bytes()), whole, "{bytes}");
        }
    }

    #[test]
    fn empty_lines_in_a_row_and_names_behind_other_fields_are_read() {
        let text = "\n\n\nVersion: 3\nArchitecture: amd64\nPackage: bash\n\n\n\n";
        for bytes in [1, 2, 5, 1 << 10] {
            assert_eq!(in_pieces_of(bytes, text.as_bytes()).len(), 1, "{bytes}");
        }
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
