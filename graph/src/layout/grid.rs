//! The grid of boxes below a switch. Comes in: how many boxes and their size; goes out: columns and
//! rows. It never makes a grid that the boxes do not fit into.

/// From this many boxes on a grid keeps room for more.
pub(super) const MANY: i32 = 8;

/// Columns and rows of a grid of boxes of that size. It is filled row by row; of many its columns seldom
/// change with the count, and a row has seldom to be added, so that a box more seldom moves another.
pub(super) fn grid(count: i32, (w, h): (i32, i32)) -> (i32, i32) {
    // The next multiple of a power of two about that part of the count.
    let room = |part: i32| {
        let step = 1 << (count / part).max(1).ilog2();
        (count / step + 1) * step
    };
    let (coarse, fine) = match count < MANY {
        true => (count, count),
        false => (room(2), room(8)),
    };
    let wanted = (f64::from(coarse) * f64::from(h) * 1.7 / f64::from(w.max(1))).sqrt();
    let columns = (wanted.round() as i32).clamp(1, count.max(1));
    (columns, (fine + columns - 1) / columns)
}

/// Tops of the rows and of what follows them. Each row is as high as its highest box, and one that is
/// kept free as the highest of all.
pub(super) fn tops(top: i32, heights: &[i32], (columns, rows): (i32, i32), gap: i32) -> Vec<i32> {
    let columns = usize::try_from(columns).unwrap_or(1).max(1);
    let tallest = heights.iter().copied().max().unwrap_or(0);
    let mut high = heights.chunks(columns).map(|row| row.iter().copied().max());
    let mut out = vec![top];
    let mut y = top;
    for _ in 0..rows {
        y += high.next().flatten().unwrap_or(tallest) + gap;
        out.push(y);
    }
    out
}
