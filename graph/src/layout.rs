//! Where everything goes on the sheet. Comes in: a topology and what the title block says; goes
//! out: boxes and orthogonal lines in whole pixels. It never draws a line through a box that is
//! not one of its ends; [`verify`] checks it.

mod bands;
mod block;
mod cell;
mod channel;
mod differ;
mod engine;
mod geometry;
mod grid;
mod member;
mod model;
mod order;
mod pages;
mod pin;
mod rows;
mod sheet;
mod sketch;
mod system;
mod talk;
mod verify;
mod view;
mod zone;

use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::talk::Talk;
use super::topology::Topology;
pub use differ::{Changes, differ};
pub use geometry::{
    BoxKind, Change, FONT, Geometry, Label, Layer, Line, LineKind, Page, PageKind, Paper, Shape,
    Target,
};
pub use model::{ModelError, measured};
pub use pin::{Pinned, Unmet, Why};
pub use verify::{Problem, verify};

pub use daicho_ledger::Lang;

/// What is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// ネットワーク構成図: ranges, devices, connection points.
    #[default]
    Network,
    /// システム構成図: systems, servers, who uses them.
    System,
}

/// What the caller says of the sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Language.
    pub lang: Lang,
    /// 病院名.
    pub hospital: String,
    /// 図名; empty: ネットワーク構成図.
    pub title: String,
    /// 版; empty: the day shown.
    #[serde(default)]
    pub revision: String,
    /// Version of the program that drew it.
    pub version: String,
    /// 作成者.
    pub author: String,
    /// 承認.
    #[serde(default)]
    pub approver: String,
    /// The moment shown.
    pub as_of: Option<Time>,
    /// 作成日時.
    pub created_at: Option<Time>,
    /// データ取得期間.
    pub period: Option<(Time, Time)>,
    /// Offset of the dates from UTC, in seconds.
    pub utc_offset_s: i32,
    /// Hash of the data.
    pub data_hash: String,
    /// 模擬.
    pub simulated: bool,
    /// Paper of every page.
    #[serde(default)]
    pub paper: Paper,
    /// What is drawn.
    #[serde(default)]
    pub view: Subject,
    /// The earlier moment of a difference.
    #[serde(default)]
    pub since: Option<Time>,
    /// What changed since then, as [`differ`] tells it.
    #[serde(default)]
    pub changes: Changes,
    /// Where people want things to stand.
    #[serde(default)]
    pub pins: Vec<Pinned>,
    /// Who talks to whom, to be drawn over the network diagram and listed; none: not asked.
    #[serde(default)]
    pub talks: Option<Vec<Talk>>,
}

/// Height of a line of text.
pub const LINE: i32 = 16;

/// Lays a topology out.
#[must_use]
pub fn layout(topology: &Topology, options: &Options) -> Geometry {
    bands::place(topology, options)
}

#[cfg(test)]
mod tests;
