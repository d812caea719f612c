//! Zone columns. Comes in: the segments and head boxes of a zone and the height it may have; goes
//! out: the narrowest column. It never puts a trunk behind the zone's name.

use std::collections::BTreeMap;

use super::block::{Cell, Inward, on_shelves, segment, shelf_height};
use super::sketch::{Rect, Sketch, Style};

/// A column.
#[derive(Debug, Clone, Default)]
pub(super) struct Zone {
    /// Its group.
    pub(super) group: usize,
    /// Boxes of its own, above its segments: where they stand in it.
    pub(super) heads: BTreeMap<usize, Rect>,
    /// Its segments; their top is at zero.
    pub(super) body: Cell,
    /// Where the segments begin, below the zone's name and its own boxes.
    pub(super) body_top: i32,
    /// Where the boxes of its own begin.
    pub(super) head_top: i32,
    /// Width.
    pub(super) w: i32,
    /// Height.
    pub(super) h: i32,
}

/// The segments of a zone, each placed by itself.
pub(super) struct Parts {
    group: usize,
    heads: Vec<usize>,
    cells: Vec<Cell>,
}

impl Parts {
    /// Places the segments.
    pub(super) fn new(sketch: &Sketch, style: &Style, group: usize, inward: &Inward) -> Self {
        let inside = |n: &usize| sketch.groups[*n].parent == Some(group);
        let all = (0..sketch.groups.len()).filter(inside);
        let cells = all.map(|n| segment(sketch, style, n, inward)).collect();
        let own = |n: &usize| sketch.pieces[*n].group == group;
        let heads = (0..sketch.pieces.len()).filter(own).collect();
        Self {
            group,
            heads,
            cells,
        }
    }

    /// The column of at most that height, if one is as narrow.
    pub(super) fn column(&self, sketch: &Sketch, style: &Style, height: i32) -> Zone {
        let widths = || self.cells.iter().map(|c| c.placed.w);
        let mut low = widths().max().unwrap_or(0);
        let mut high = widths().map(|w| w + style.gap).sum::<i32>().max(low);
        let above = self.above(sketch, style);
        let room = height - above - style.pad;
        while high - low > 4 {
            let mid = (low + high) / 2;
            if shelf_height(&self.cells, style, mid) <= room {
                high = mid;
            } else {
                low = mid;
            }
        }
        self.build(sketch, style, high)
    }

    fn above(&self, sketch: &Sketch, style: &Style) -> i32 {
        let tall = self.heads.iter().map(|n| sketch.pieces[*n].h).max();
        let group = &sketch.groups[self.group];
        group.head + tall.map_or(0, |h| h + style.gap / 2)
    }

    /// How many trunks come from outside the zone.
    fn outside(&self, entries: &BTreeMap<usize, i32>) -> i32 {
        let all = entries.keys().filter(|t| !self.heads.contains(t));
        i32::try_from(all.count()).unwrap_or(0)
    }

    /// Trunks from outside that would come down behind the zone's name or its own boxes.
    fn late(
        &self,
        (name, pitch): (i32, i32),
        natural: &BTreeMap<usize, i32>,
        corridor: &BTreeMap<usize, i32>,
    ) -> Vec<usize> {
        let most = i32::try_from(natural.len()).unwrap_or(0);
        let edge = name + most * pitch + 4;
        let late = |(trunk, x): &(&usize, &i32)| {
            corridor.contains_key(trunk) || **x < edge || !self.heads.is_empty()
        };
        let outside = natural.iter().filter(|(t, _)| !self.heads.contains(t));
        outside.filter(late).map(|(t, _)| *t).collect()
    }

    fn build(&self, sketch: &Sketch, style: &Style, width: i32) -> Zone {
        let group = &sketch.groups[self.group];
        let pad = style.pad;
        let wide = |n: &usize| sketch.pieces[*n].w + style.gap;
        let row: i32 = self.heads.iter().map(wide).sum();
        let first = |fresh: i32, w: i32| {
            let left = group.w + fresh * style.pitch;
            left.max((w - row) / 2)
        };
        let places = |fresh: i32, w: i32| {
            let mut x = first(fresh, w);
            let mut out: BTreeMap<usize, i32> = BTreeMap::new();
            for n in &self.heads {
                out.insert(*n, x);
                x += wide(n);
            }
            (out, x)
        };
        let body = on_shelves(&self.cells, style, width, 0, |corridor, natural, w| {
            let late = self.late((group.w, style.pitch), natural, corridor);
            let mut out: BTreeMap<usize, i32> = (0..)
                .zip(&late)
                .map(|(k, t)| (*t, group.w + k * style.pitch))
                .collect();
            let (heads, _) = places(self.outside(natural), w);
            let down = |n: &usize| natural.contains_key(n);
            let own = heads.iter().filter(|(n, _)| down(n));
            out.extend(own.map(|(n, x)| (*n, x + sketch.pieces[*n].w / 2)));
            out
        });
        let late = self.outside(&body.entries);
        let (heads, right) = places(late, body.placed.w);
        let head_top = group.head;
        let rect = |(n, x): (&usize, &i32)| {
            let (w, h) = (sketch.pieces[*n].w, sketch.pieces[*n].h);
            let at = Rect {
                x: x + pad,
                y: head_top,
                w,
                h,
            };
            (*n, at)
        };
        let least = group.w + late * style.pitch;
        let right = if self.heads.is_empty() { least } else { right };
        Zone {
            group: self.group,
            heads: heads.iter().map(rect).collect(),
            body_top: self.above(sketch, style),
            head_top,
            w: body.placed.w.max(right) + 2 * pad,
            h: self.above(sketch, style) + body.placed.h + pad,
            body,
        }
    }
}
