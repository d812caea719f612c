//! Where everything goes on the sheet. Comes in: a topology and what the title block says; goes
//! out: boxes and orthogonal lines in whole pixels. It never draws a line through a box that is
//! not one of its ends; [`verify`] checks it.

mod bands;
mod cell;
mod member;
mod pack;
mod route;
mod verify;
mod view;

use daicho_ledger::{Grade, ZoneKind};
use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::topology::{NodeKind, Topology};
pub use verify::{Problem, verify};

pub use daicho_ledger::Lang;

/// What the caller says of the sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Language.
    pub lang: Lang,
    /// 病院名.
    pub hospital: String,
    /// 図名; empty: ネットワーク構成図.
    pub title: String,
    /// 版.
    pub version: String,
    /// 作成者.
    pub author: String,
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
}

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxKind {
    /// Background of a band.
    Band,
    /// A node.
    Node(NodeKind),
    /// A counted group of machines or devices.
    Group(NodeKind),
    /// Machines whose place is not known.
    Unplaced,
    /// Segments of one range that nothing joins, drawn together.
    Unjoined,
    /// All systems.
    Systems,
    /// The title block.
    Title,
    /// The legend.
    Legend,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Stable name.
    pub id: String,
    /// What it is.
    pub kind: BoxKind,
    /// The box around it.
    pub parent: Option<String>,
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
    /// Lines of text, already fitted.
    pub lines: Vec<String>,
    /// The whole text, for the tooltip.
    pub title: String,
    /// In the legend: the kind that each line after the first explains.
    pub explains: Vec<BoxKind>,
    /// Zone of a segment: its colour.
    #[serde(default)]
    pub zone: Option<ZoneKind>,
    /// How sure a connection point or system is: its outline.
    #[serde(default)]
    pub grade: Option<Grade>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The box it begins at.
    pub from: String,
    /// The box it ends at.
    pub to: String,
    /// Corners.
    pub points: Vec<(i32, i32)>,
    /// Inferred: dashed.
    pub inferred: bool,
    /// Entered by a person: dotted.
    #[serde(default)]
    pub entered: bool,
}

/// The sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Name of the picture.
    pub name: String,
    /// Boxes, backgrounds first.
    pub shapes: Vec<Shape>,
    /// Lines.
    pub lines: Vec<Line>,
}

/// Height of a line of text.
pub(crate) const LINE: i32 = 16;

/// Lays a topology out.
#[must_use]
pub fn layout(topology: &Topology, options: &Options) -> Geometry {
    bands::place(topology, options)
}
