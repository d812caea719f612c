//! The folder of a simulated hospital. Comes in: a path; goes out: its parts as they stand in the
//! files, read within bounds. Each file is named with the line that is wrong. It never reads the
//! truth.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use daicho_report::{AgentId, Hash, Limit, ReportKeyPublic, SignedGoodbye, Time};
use daicho_simulate::Options;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::bounded;
use crate::hand::file;
use crate::refusal::Refused;

/// Version of the folder's format.
pub const FORMAT: u16 = 1;
/// What every file of the folder says of itself.
pub const LABEL: &str =
    "模擬データ（実在の病院ではありません） / simulated: this hospital does not exist";
const PRODUCT: &str = "daicho-simulate";

/// The file that describes the hospital.
pub const HOSPITAL: &str = "hospital.json";
pub(super) const AGENTS: &str = "agents.json";
pub(super) const HAND: &str = "hand.toml";
pub(super) const TRUTH: &str = "truth.json";
pub(super) const READ_ME: &str = "README.txt";
pub(super) const REPORTS: &str = "reports";

const HOSPITAL_BYTES_MAX: u64 = 64 << 10;
const AGENTS_BYTES_MAX: u64 = 64 << 20;
const AGENTS_MAX: usize = 100_000;
/// Most reports in a folder.
pub(super) const REPORTS_MAX: u64 = 20_000_000;
/// Room around a report in its line.
const FRAME_BYTES: usize = 1 << 10;
/// Largest window of a frame, as for a report on the wire.
const WINDOW_LOG_MAX: u32 = 23;

/// `hospital.json`: what the folder is. It is written last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalFile {
    /// `daicho-simulate`.
    pub product: String,
    /// [`FORMAT`].
    pub format: u16,
    /// [`LABEL`].
    pub label: String,
    /// Name of the hospital.
    pub name: String,
    /// What it was made from.
    pub options: Options,
    /// How many agents.
    pub agents: u64,
    /// How many reports and goodbyes.
    pub reports: u64,
    /// How many files they stand in.
    pub files: u64,
}

/// An agent in `agents.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentFile {
    /// Who.
    pub agent: AgentId,
    /// Host name.
    pub host_name: String,
    /// Its version.
    pub agent_version: String,
    /// When it was enrolled.
    pub enrolled_at: Time,
    /// The public half of the key that signs its reports.
    pub report_key: ReportKeyPublic,
}

/// One line of the files in `reports/`: exactly one of `report` and `goodbye`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Whose.
    pub agent: AgentId,
    /// When the collector receives it.
    pub received_at: Time,
    /// A report as it travels, not compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<RawValue>>,
    /// A goodbye as it travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodbye: Option<SignedGoodbye>,
}

/// Where in the folder something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, inside the folder.
    pub file: String,
    /// The line, from 1; 0: the file as a whole.
    pub line: usize,
}

impl Place {
    /// A refusal that names it.
    pub(super) fn refuse(&self, what: impl std::fmt::Display) -> Refused {
        let place = if self.line == 0 {
            self.file.clone()
        } else {
            format!("{}:{}", self.file, self.line)
        };
        Refused::new("SIM-005", format!("{place}: {what}"))
    }
}

pub(super) fn whole(file: &str) -> Place {
    Place {
        file: file.to_owned(),
        line: 0,
    }
}

/// The folder, open for reading.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// What it is.
    pub hospital: HospitalFile,
    /// Hash of `hospital.json`.
    pub hash: Hash,
}

impl Folder {
    /// Opens a folder that says of itself that it is simulated; nothing else is taken.
    pub fn open(path: &Path) -> Result<Self, Refused> {
        let refuse = |what: String| Refused::new("SIM-004", what);
        let bytes = bounded::read(&path.join(HOSPITAL), HOSPITAL_BYTES_MAX)
            .map_err(|error| refuse(format!("{} ({error})", path.join(HOSPITAL).display())))?;
        let hospital: HospitalFile = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(format!("{HOSPITAL}:{}: {error}", error.line())))?;
        if hospital.product != PRODUCT || hospital.label != LABEL {
            return Err(refuse(format!("{HOSPITAL}: is not labelled as simulated")));
        }
        if hospital.format != FORMAT {
            return Err(refuse(format!("{HOSPITAL}: format {}", hospital.format)));
        }
        let name = &hospital.name;
        if name.trim().is_empty() || name.chars().count() > 200 || hospital.reports > REPORTS_MAX {
            return Err(refuse(format!("{HOSPITAL}: name, reports")));
        }
        Ok(Self {
            path: path.to_owned(),
            hash: Hash::of(&bytes),
            hospital,
        })
    }

    /// Its agents.
    pub fn agents(&self) -> Result<Vec<AgentFile>, Refused> {
        let bytes = bounded::read(&self.path.join(AGENTS), AGENTS_BYTES_MAX)
            .map_err(|error| whole(AGENTS).refuse(error))?;
        let agents: Vec<AgentFile> = serde_json::from_slice(&bytes).map_err(|error| {
            let line = error.line();
            let file = AGENTS.to_owned();
            Place { file, line }.refuse(error)
        })?;
        if agents.len() > AGENTS_MAX {
            return Err(whole(AGENTS).refuse(format!("more than {AGENTS_MAX} agents")));
        }
        Ok(agents)
    }

    /// What its staff wrote down; who and when must stand with each.
    pub fn hand(&self) -> Result<Vec<file::Written>, Refused> {
        let path = self.path.join(HAND);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let bytes =
            bounded::read(&path, file::BYTES_MAX).map_err(|error| whole(HAND).refuse(error))?;
        let text = String::from_utf8(bytes).map_err(|error| whole(HAND).refuse(error))?;
        file::parse(&text).map_err(|fault| {
            let file = HAND.to_owned();
            let line = fault.line;
            Place { file, line }.refuse(fault.what)
        })
    }

    /// Its reports, in the order of the files.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            folder: self,
            next_file: 1,
            open: None,
        }
    }
}

pub(super) fn report_file(number: u64) -> String {
    format!("{number:06}.jsonl.zst")
}

/// Line by line.
pub struct Lines<'a> {
    folder: &'a Folder,
    next_file: u64,
    open: Option<Open>,
}

struct Open {
    place: Place,
    from: BufReader<zstd::stream::read::Decoder<'static, BufReader<File>>>,
}

impl Lines<'_> {
    /// The next line with its place; `None` after the last one.
    pub fn read(&mut self) -> Result<Option<(Place, Vec<u8>)>, Refused> {
        loop {
            if self.open.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let Some(open) = &mut self.open else {
                return Ok(None);
            };
            open.place.line += 1;
            let line = bounded_line(&mut open.from).map_err(|error| open.place.refuse(error))?;
            match line {
                Some(line) => return Ok(Some((open.place.clone(), line))),
                None => self.open = None,
            }
        }
    }

    fn open_next(&mut self) -> Result<bool, Refused> {
        if self.next_file > self.folder.hospital.files {
            return Ok(false);
        }
        let name = report_file(self.next_file);
        self.next_file += 1;
        let place = whole(&format!("{REPORTS}/{name}"));
        let opened = || {
            let file = File::open(self.folder.path.join(REPORTS).join(&name))?;
            let mut from = zstd::stream::read::Decoder::new(file)?;
            from.window_log_max(WINDOW_LOG_MAX)?;
            std::io::Result::Ok(BufReader::new(from))
        };
        let from = opened().map_err(|error| place.refuse(error))?;
        self.open = Some(Open { place, from });
        Ok(true)
    }
}

fn bounded_line(from: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let most = Limit::REPORT.bytes + FRAME_BYTES;
    let mut line = Vec::new();
    let read = from
        .take(u64::try_from(most).unwrap_or(u64::MAX))
        .read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        let what = if read < most {
            "the line has no end".to_owned()
        } else {
            format!("the line is longer than {most} bytes")
        };
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
    }
    line.pop();
    Ok(Some(line))
}

impl HospitalFile {
    pub(super) fn of(name: &str, options: &Options) -> Self {
        Self {
            product: PRODUCT.to_owned(),
            format: FORMAT,
            label: LABEL.to_owned(),
            name: name.to_owned(),
            options: options.clone(),
            agents: 0,
            reports: 0,
            files: 0,
        }
    }
}
