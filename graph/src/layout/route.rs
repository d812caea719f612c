//! Lines on tracks. Comes in: placed boxes of neighbouring bands; goes out: orthogonal lines. It
//! never puts two lines on the same stretch.

/// Tracks of a channel: intervals already taken, per track.
#[derive(Debug, Default)]
pub(super) struct Channel {
    tracks: Vec<Vec<(i32, i32)>>,
}

/// Distance of tracks.
pub(super) const PITCH: i32 = 8;

impl Channel {
    /// The first track with room between `a` and `b`.
    pub(super) fn take(&mut self, a: i32, b: i32) -> i32 {
        let (left, right) = (a.min(b) - PITCH, a.max(b) + PITCH);
        let free = |t: &Vec<(i32, i32)>| t.iter().all(|(l, r)| right < *l || *r < left);
        let at = self
            .tracks
            .iter()
            .position(free)
            .unwrap_or(self.tracks.len());
        match self.tracks.get_mut(at) {
            Some(track) => track.push((left, right)),
            None => self.tracks.push(vec![(left, right)]),
        }
        i32::try_from(at).unwrap_or(0)
    }

    /// Height of the channel.
    pub(super) fn height(&self) -> i32 {
        24 + PITCH * i32::try_from(self.tracks.len()).unwrap_or(0)
    }
}

/// The port of the `n`-th line at a box that begins at `x`: multiples of 8, and of 8 plus 4 at the
/// top of a box, so that no two verticals of a channel share an x.
pub(super) fn port(x: i32, n: usize, top: bool) -> i32 {
    let start = (x + 16).div_euclid(8) * 8;
    start + 8 * i32::try_from(n).unwrap_or(0) + if top { 4 } else { 0 }
}
