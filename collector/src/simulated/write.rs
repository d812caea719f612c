//! A simulated hospital as a folder. Comes in: its parts; goes out: files that say that they are
//! simulated, the same bytes for the same parts. A folder that holds anything is refused, and one
//! that was not finished lacks the file that makes it one.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use daicho_ledger::hand::Entry;
use daicho_simulate::{Farewell, Hospital, Options, Sent, SimulatedAgent, Truth};
use serde::Serialize;

use super::folder::{
    AGENTS, AgentFile, HAND, HOSPITAL, HospitalFile, LABEL, Line, READ_ME, REPORTS, TRUTH,
    report_file,
};
use crate::hand::file;
use crate::refusal::Refused;

const LEVEL: i32 = 3;
/// Most lines of one file.
const LINES_MAX: u64 = 20_000;
/// Most bytes of one file before it is packed; the line that reaches it is the last.
const BYTES_MAX: u64 = 128 << 20;

/// Why a folder was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder cannot be taken.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The file system refused.
    #[error("write `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A part has no JSON form.
    #[error("write a part as JSON")]
    Json(#[from] serde_json::Error),
}

/// The parts of a hospital that are written.
pub struct Parts<'a> {
    /// What it was made from.
    pub options: &'a Options,
    /// What is so.
    pub truth: &'a Truth,
    /// Its agents.
    pub agents: &'a [SimulatedAgent],
    /// What its staff wrote down.
    pub hand: &'a [Entry],
    /// What machines say before they fall silent, in the order of receipt.
    pub farewells: Vec<Farewell>,
}

impl<'a> From<&'a Hospital> for Parts<'a> {
    fn from(hospital: &'a Hospital) -> Self {
        Self {
            options: &hospital.options,
            truth: &hospital.truth,
            agents: &hospital.agents,
            hand: &hospital.hand,
            farewells: hospital.farewells(),
        }
    }
}

/// Writes the folder; `told` hears how many reports are written.
pub fn write(
    parts: &Parts<'_>,
    reports: impl Iterator<Item = Sent>,
    out: &Path,
    told: &mut dyn FnMut(u64),
) -> Result<HospitalFile, WriteError> {
    let folder = Folder::make(out)?;
    folder.json(TRUTH, parts.truth)?;
    let agents: Vec<AgentFile> = parts.agents.iter().map(agent).collect();
    folder.json(AGENTS, &agents)?;
    folder.bytes(HAND, file::text(LABEL, parts.hand).as_bytes())?;
    let mut hospital = HospitalFile::of(&parts.truth.name, parts.options);
    folder.bytes(READ_ME, read_me(parts).as_bytes())?;
    hospital.agents = u64::try_from(agents.len()).unwrap_or(u64::MAX);
    let mut files = Files::new(&folder);
    let mut farewells = parts.farewells.iter().peekable();
    for sent in reports {
        // Of the same moment, the report comes first: a goodbye is said after it.
        while let Some(said) = farewells.next_if(|it| it.received_at < sent.received_at) {
            files.line(&goodbye(said)?)?;
            hospital.reports += 1;
        }
        files.line(&line(&sent)?)?;
        hospital.reports += 1;
        told(hospital.reports);
    }
    for said in farewells {
        files.line(&goodbye(said)?)?;
        hospital.reports += 1;
    }
    hospital.files = files.end()?;
    // It comes last: a folder without it is not a simulated hospital yet.
    folder.json(HOSPITAL, &hospital)?;
    Ok(hospital)
}

fn agent(agent: &SimulatedAgent) -> AgentFile {
    AgentFile {
        agent: agent.agent.clone(),
        host_name: agent.host_name.clone(),
        agent_version: agent.agent_version.clone(),
        enrolled_at: agent.enrolled_at,
        report_key: agent.key.public(),
    }
}

fn line(sent: &Sent) -> Result<Vec<u8>, serde_json::Error> {
    let line = Line {
        agent: sent.agent.clone(),
        received_at: sent.received_at,
        report: Some(serde_json::value::to_raw_value(&sent.report)?),
        goodbye: None,
    };
    serde_json::to_vec(&line)
}

fn goodbye(said: &Farewell) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Line {
        agent: said.agent.clone(),
        received_at: said.received_at,
        report: None,
        goodbye: Some(said.signed.clone()),
    })
}

fn read_me(parts: &Parts<'_>) -> String {
    let Options {
        assets, seed, days, ..
    } = parts.options;
    format!(
        "{LABEL}

{name}
このフォルダは Daicho の試験・研修のために作った架空の病院です。実在の病院・機器・人・事業者とは関係ありません。
機器 {assets} 台、種 {seed}、{days} 日分。同じ条件で作り直すと、同じ内容になります。

  hospital.json  このフォルダが何か（最後に書かれます。これがないものは取り込めません）
  truth.json     正解（どこに何があり、何が難しいか）。取り込みでは読みません
  agents.json    エージェントの一覧（報告の署名を確かめる鍵）
  reports/       エージェントの報告（受け取る順）
  hand.toml      職員の手入力（daicho-collector site import でも読めます）

使い方：
  daicho-collector import このフォルダ --data 空のフォルダ
  daicho-collector ledger --data そのフォルダ --out ledger.xlsx

This folder is a hospital that does not exist, made for tests and training. Take it into an empty data
folder with `daicho-collector import`; the same options give the same files.
",
        name = parts.truth.name
    )
}

/// Refuses a place that holds anything, or that cannot be looked at.
pub fn free(path: &Path) -> Result<(), Refused> {
    let refuse = |what: String| Err(Refused::new("SIM-006", what));
    match std::fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => refuse(path.display().to_string()),
        Err(error) => refuse(format!("{} ({error})", path.display())),
    }
}

struct Folder {
    path: PathBuf,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { path, source }
}

impl Folder {
    fn make(path: &Path) -> Result<Self, WriteError> {
        free(path)?;
        let reports = path.join(REPORTS);
        std::fs::create_dir_all(&reports).map_err(failed(&reports))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.path.join(name);
        std::fs::write(&path, bytes).map_err(failed(&path))
    }

    fn json(&self, name: &str, value: &impl Serialize) -> Result<(), WriteError> {
        let mut bytes = serde_json::to_vec_pretty(value)?;
        bytes.push(b'\n');
        self.bytes(name, &bytes)
    }
}

/// The files of `reports/`, one after the other.
struct Files<'a> {
    folder: &'a Folder,
    count: u64,
    open: Option<OpenFile>,
}

struct OpenFile {
    path: PathBuf,
    to: zstd::stream::write::Encoder<'static, BufWriter<File>>,
    lines: u64,
    bytes: u64,
}

impl<'a> Files<'a> {
    fn new(folder: &'a Folder) -> Self {
        Self {
            folder,
            count: 0,
            open: None,
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), WriteError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        let written = open
            .to
            .write_all(line)
            .and_then(|()| open.to.write_all(b"\n"));
        written.map_err(failed(&open.path))?;
        open.lines += 1;
        open.bytes += u64::try_from(line.len()).unwrap_or(u64::MAX);
        if open.lines >= LINES_MAX || open.bytes >= BYTES_MAX {
            return open.end();
        }
        self.open = Some(open);
        Ok(())
    }

    fn begin(&mut self) -> Result<OpenFile, WriteError> {
        self.count += 1;
        let path = self.folder.path.join(REPORTS).join(report_file(self.count));
        let opened = File::create(&path).and_then(|file| {
            let mut to = zstd::stream::write::Encoder::new(BufWriter::new(file), LEVEL)?;
            to.include_checksum(true)?;
            Ok(to)
        });
        Ok(OpenFile {
            to: opened.map_err(failed(&path))?,
            path,
            lines: 0,
            bytes: 0,
        })
    }

    fn end(&mut self) -> Result<u64, WriteError> {
        if let Some(open) = self.open.take() {
            open.end()?;
        }
        Ok(self.count)
    }
}

impl OpenFile {
    fn end(self) -> Result<(), WriteError> {
        let ended = self.to.finish().and_then(|mut to| to.flush());
        ended.map_err(failed(&self.path))
    }
}
