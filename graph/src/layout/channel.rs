//! Lines between two rows. Comes in: the boxes above and below with what they are joined by; goes
//! out: an x at both ends, a track for each line, a place for its text. It never puts two lines on
//! one stretch.

use std::collections::{BTreeMap, BTreeSet};

use super::sketch::Style;

/// Tracks that a channel grows by.
const TRACKS_STEP: i32 = 8;

/// Where a line may leave a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Least x.
    pub(super) low: i32,
    /// Greatest x.
    pub(super) high: i32,
}

/// A line through the channel.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// The item above; the item itself for a line that returns.
    pub(super) up: usize,
    /// The item below.
    pub(super) low: usize,
    /// Whether both ends are below.
    pub(super) cap: bool,
    /// Where it may leave.
    pub(super) slots: (Slot, Slot),
    /// Where it does: above, below.
    pub(super) at: (i32, i32),
    /// Its track, from the top; none when it is straight.
    pub(super) track: Option<i32>,
    /// Width of its text; none: no text.
    pub(super) text: i32,
    /// Where the text stands: x and level from the bottom.
    pub(super) label: Option<(i32, i32)>,
}

/// A channel.
#[derive(Debug, Clone, Default)]
pub(super) struct Channel {
    /// Its lines.
    pub(super) runs: Vec<Run>,
    /// Tracks that are used.
    pub(super) tracks: i32,
    /// Levels of texts.
    pub(super) levels: i32,
}

impl Channel {
    /// Decides everything.
    pub(super) fn settle(&mut self, style: &Style) {
        self.ends();
        self.tracks(style);
        self.labels(style);
    }

    /// An x at both ends, straight where that is possible; no two lines share one.
    fn ends(&mut self) {
        let mut used: BTreeSet<i32> = BTreeSet::new();
        let fixed = |s: &Slot| s.low == s.high;
        for run in &self.runs {
            used.extend(fixed(&run.slots.0).then_some(run.slots.0.low));
            used.extend(fixed(&run.slots.1).then_some(run.slots.1.low));
        }
        let mut order: Vec<usize> = (0..self.runs.len()).collect();
        order.sort_by_key(|n| {
            let s = self.runs[*n].slots;
            (s.0.low + s.0.high, s.1.low, *n)
        });
        let mut left = Vec::new();
        for n in order {
            let run = &mut self.runs[n];
            let (a, b) = run.slots;
            let (low, high) = (a.low.max(b.low), a.high.min(b.high));
            let own = fixed(&a) || fixed(&b);
            let found = if low > high || run.cap {
                None
            } else if own {
                let x = if fixed(&a) { a.low } else { b.low };
                // A fixed end of another line may not be met.
                Some(x)
            } else {
                nearest(&used, low, high, (low + high) / 2, 3)
            };
            match found {
                Some(x) => {
                    run.at = (x, x);
                    used.insert(x);
                }
                None => left.push(n),
            }
        }
        for n in left {
            let run = &mut self.runs[n];
            for upper in [true, false] {
                let slot = if upper { run.slots.0 } else { run.slots.1 };
                let mid = (slot.low + slot.high) / 2;
                let x = if fixed(&slot) {
                    mid
                } else {
                    nearest(&used, slot.low, slot.high, mid, 3)
                        .or_else(|| nearest(&used, slot.low, slot.high, mid, 1))
                        .unwrap_or(mid)
                };
                used.insert(x);
                if upper {
                    run.at.0 = x;
                } else {
                    run.at.1 = x;
                }
            }
        }
    }

    /// Lines to the right before lines to the left, each so that lines which need not cross do not.
    fn tracks(&mut self, style: &Style) {
        let mut order: Vec<usize> = (0..self.runs.len())
            .filter(|n| self.runs[*n].cap || self.runs[*n].at.0 != self.runs[*n].at.1)
            .collect();
        order.sort_by_key(|n| {
            let run = &self.runs[*n];
            let (up, low) = run.at;
            if run.cap {
                // What returns lies lowest, the widest highest.
                (2, -(up - low).abs(), *n)
            } else if low > up {
                (0, -up, *n)
            } else {
                (1, up, *n)
            }
        });
        let mut tracks: Vec<Vec<(i32, i32)>> = Vec::new();
        for n in order {
            let (a, b) = self.runs[n].at;
            let (l, r) = (a.min(b) - style.pitch, a.max(b) + style.pitch);
            let mut k = 0;
            for (j, track) in tracks.iter().enumerate() {
                if track.iter().any(|(x, y)| *x < r && l < *y) {
                    k = j + 1;
                }
            }
            if k == tracks.len() {
                tracks.push(Vec::new());
            }
            tracks[k].push((l, r));
            self.runs[n].track = i32::try_from(k).ok();
        }
        self.tracks = i32::try_from(tracks.len()).unwrap_or(0);
    }

    /// Texts stand beside the lower end, at a level where they meet neither each other nor a line.
    fn labels(&mut self, style: &Style) {
        let lower: BTreeSet<i32> = self
            .runs
            .iter()
            .flat_map(|r| [Some(r.at.1), r.cap.then_some(r.at.0)])
            .flatten()
            .collect();
        let mut taken: BTreeMap<i32, Vec<(i32, i32)>> = BTreeMap::new();
        let mut order: Vec<usize> = (0..self.runs.len())
            .filter(|n| self.runs[*n].text > 0 && !self.runs[*n].cap)
            .collect();
        order.sort_by_key(|n| (self.runs[*n].at.1, *n));
        for n in order {
            let (x, w) = (self.runs[n].at.1, self.runs[n].text);
            let sides = [x + 3, x - 3 - w];
            let free = |level: i32, l: i32| {
                let row = taken.get(&level).map(Vec::as_slice).unwrap_or_default();
                row.iter().all(|(a, b)| l >= *b + 2 || l + w + 2 <= *a)
            };
            let hits = |l: i32| lower.range(l - 1..=l + w + 1).count();
            let all = (0..12).flat_map(|level| sides.map(|l| (level, l)));
            let found = all
                .filter(|(level, l)| *l >= 0 && free(*level, *l))
                .min_by_key(|(level, l)| (hits(*l), *level));
            if let Some((level, l)) = found {
                taken.entry(level).or_default().push((l, l + w));
                self.runs[n].label = Some((l, level));
                self.levels = self.levels.max(level + 1);
            }
        }
        let _ = style;
    }

    /// Height of the tracks: there is always room for another, so that a line more seldom moves what
    /// is below.
    pub(super) fn tracks_height(&self, style: &Style) -> i32 {
        (self.tracks / TRACKS_STEP + 1) * TRACKS_STEP * style.pitch
    }
}

/// The x nearest to `want` that keeps a distance from those that are used.
fn nearest(used: &BTreeSet<i32>, low: i32, high: i32, want: i32, apart: i32) -> Option<i32> {
    let free = |x: i32| used.range(x - apart + 1..x + apart).next().is_none();
    (0..=(high - low).max(0))
        .flat_map(|d| [want - d, want + d])
        .find(|x| *x >= low && *x <= high && free(*x))
}
