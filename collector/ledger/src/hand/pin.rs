//! Where people want things to stand on the diagram（構成図の配置の指定）. Comes in: what a person wrote;
//! goes out: the same. It names boxes as people see them, and holds no coordinate: what it asks for is
//! kept by every drawing as far as it can be.

use serde::{Deserialize, Serialize};

use crate::connection_point::ZoneKind;

/// Where something stands on the diagram: a constraint, which every drawing keeps as far as it can. It
/// says one thing: the order of zones, or the place of a box, or what stands beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pin {
    /// Zones（系） from the left; those that are not named follow.
    pub zones: Vec<ZoneKind>,
    /// A box: its id, or a line that stands in it (a name, an address, a range).
    pub thing: Option<String>,
    /// Its place among those of its row, zone or segment; 1 first.
    pub place: Option<u32>,
    /// Another box of the same row, zone or segment that stands next to it.
    pub beside: Option<String>,
    /// Note.
    pub note: String,
}
