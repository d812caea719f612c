//! The one value that every writer draws. Comes in: nothing; goes out: pages of boxes, lines and
//! texts in whole units, with the size of their paper. It holds no colour: what a thing looks like
//! follows from its kind, zone, grade and change.

use daicho_ledger::{Grade, ZoneKind};
use serde::{Deserialize, Serialize};

use super::super::topology::NodeKind;
use super::pin::Unmet;

/// Size of ordinary text, in units of a page.
pub const FONT: i32 = 12;

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxKind {
    /// Background of a band.
    Band,
    /// Background of a zone（系）.
    Zone,
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
    /// Leads to another page.
    OffPage,
    /// The title block.
    Title,
    /// The legend.
    Legend,
    /// A list.
    List,
}

/// The difference between two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only at the later date.
    Added,
    /// Only at the earlier date.
    Removed,
    /// Another at the later date.
    Changed,
}

/// A layer that a reader can hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Title, legend, backgrounds.
    Frame,
    /// What the ledger knows.
    Ledger,
    /// What leads outside.
    External,
    /// Observed flows.
    Flow,
    /// Differences between two dates.
    Change,
}

/// Where a box leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Number of the page, from 1.
    pub page: u32,
    /// The box there.
    pub shape: Option<String>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Stable name, the only one on its page.
    pub id: String,
    /// What it is.
    pub kind: BoxKind,
    /// The box around it, on the same page.
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
    /// What the later date did to it.
    #[serde(default)]
    pub change: Option<Change>,
    /// Where it leads to, as an off-page connector or as a zone of the overview.
    #[serde(default)]
    pub leads: Option<Target>,
}

impl Shape {
    /// A box at the origin.
    #[must_use]
    pub fn new(id: String, kind: BoxKind) -> Self {
        Self {
            id,
            kind,
            parent: None,
            x: 0,
            y: 0,
            w: 0,
            h: 0,
            lines: Vec::new(),
            title: String::new(),
            explains: Vec::new(),
            zone: None,
            grade: None,
            change: None,
            leads: None,
        }
    }

    /// Whether it counts several of a kind.
    #[must_use]
    pub(super) fn is_counted(&self) -> bool {
        matches!(self.kind, BoxKind::Group(_))
    }

    /// The layer on which it stands.
    #[must_use]
    pub fn layer(&self) -> Layer {
        use NodeKind::{DefaultRoute, External, Point, Vpn};
        match self.kind {
            _ if self.change.is_some() => Layer::Change,
            BoxKind::Band | BoxKind::Zone | BoxKind::Title | BoxKind::Legend | BoxKind::List => {
                Layer::Frame
            }
            BoxKind::Node(External | DefaultRoute | Vpn | Point(_)) => Layer::External,
            _ => Layer::Ledger,
        }
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A link inside.
    #[default]
    Link,
    /// A line to the outside.
    External,
    /// An observed flow: an arrow from `from` to `to`.
    Flow,
    /// The same over a diagram that stands already: straight, above everything.
    Talk,
}

/// A text beside a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// What it says, already fitted.
    pub text: String,
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
    /// Size of the text; its base line is `y + font`.
    pub font: i32,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The box it begins at.
    pub from: String,
    /// The box it ends at.
    pub to: String,
    /// What it is.
    #[serde(default)]
    pub kind: LineKind,
    /// Corners.
    pub points: Vec<(i32, i32)>,
    /// Inferred: dashed.
    pub inferred: bool,
    /// Entered by a person: dotted.
    #[serde(default)]
    pub entered: bool,
    /// Texts beside it: what it is, ports.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// What the later date did to it.
    #[serde(default)]
    pub change: Option<Change>,
    /// How much goes over it, from 1; 0: not counted.
    #[serde(default)]
    pub weight: u8,
}

impl Line {
    /// The layer on which it stands.
    #[must_use]
    pub fn layer(&self) -> Layer {
        match self.kind {
            _ if self.change.is_some() => Layer::Change,
            LineKind::Link => Layer::Ledger,
            LineKind::External => Layer::External,
            LineKind::Flow | LineKind::Talk => Layer::Flow,
        }
    }
}

/// Paper, lying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 420 by 297 mm.
    #[default]
    A3,
    /// 297 by 210 mm.
    A4,
}

impl Paper {
    /// Width and height in mm.
    #[must_use]
    pub fn size_mm(self) -> (i32, i32) {
        match self {
            Self::A3 => (420, 297),
            Self::A4 => (297, 210),
        }
    }
}

/// What a page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Everything.
    #[default]
    Whole,
    /// Everything, with zones as boxes that lead to their pages.
    Overview,
    /// One zone, or a part of it.
    Zone,
    /// A list.
    List,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Number, from 1.
    pub number: u32,
    /// What it shows.
    pub kind: PageKind,
    /// Its name, short.
    pub name: String,
    /// Its paper.
    pub paper: Paper,
    /// Width in units; as wide as the paper.
    pub width: i32,
    /// Height in units.
    pub height: i32,
    /// Boxes, backgrounds first: a box stands after the box around it.
    pub shapes: Vec<Shape>,
    /// Lines.
    pub lines: Vec<Line>,
}

impl Page {
    /// Length of a unit in points（1/72 inch）.
    #[must_use]
    pub fn unit_pt(&self) -> f64 {
        f64::from(self.paper.size_mm().0) * 72.0 / 25.4 / f64::from(self.width.max(1))
    }

    /// Size of ordinary text on paper, in points.
    #[must_use]
    pub fn font_pt(&self) -> f64 {
        self.unit_pt() * f64::from(FONT)
    }
}

/// The diagram.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    /// Name of the picture.
    pub name: String,
    /// Pages, in order.
    pub pages: Vec<Page>,
    /// Pins that are not kept.
    #[serde(default)]
    pub unmet: Vec<Unmet>,
}

impl Geometry {
    /// All boxes of all pages.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.pages.iter().flat_map(|page| &page.shapes)
    }

    /// All lines of all pages.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.pages.iter().flat_map(|page| &page.lines)
    }
}
