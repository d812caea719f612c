//! The sheet from items. Comes in: boxes with sizes and the links between bands; goes out: the
//! geometry. It keeps a corridor free beside every column, where the lines run.

use super::bands::{GAP, Item, Link, NODE, int};
use super::cell::title;
use super::route::{Channel, PITCH, port};
use super::{BoxKind, Geometry, LINE, Lang, Line, Options, Page, PageKind, Paper, Shape};
use crate::text::{fit, width};

const LABEL: i32 = 150;

/// A link with its x at both ends: where it enters the corridor or the box.
struct Run {
    link: usize,
    /// x at the lower end.
    low: i32,
    /// y at the lower end, relative to the band for segments.
    side: Option<(i32, i32)>,
    /// x at the upper end.
    high: i32,
    /// The lane at the left margin, for lines that pass the core band.
    lane: Option<i32>,
    /// Tracks: in the upper channel, and in the lower one.
    tracks: (i32, i32),
}

/// Builds the sheet.
pub(super) fn sheet(mut items: Vec<Item>, links: &[Link], options: &Options) -> Geometry {
    let band_of = |items: &[Item], n: usize| items.get(n).map_or(3, |i| i.band);
    let passing = links
        .iter()
        .filter(|l| band_of(&items, l.from) - band_of(&items, l.to) > 1);
    let left = 24 + PITCH * int(passing.count());
    let right = rows(&mut items, links, left + LABEL);
    let mut runs = ports(&items, links);
    let columns = columns(&mut items, &mut runs, left + LABEL, right);
    let mut channels = [Channel::default(), Channel::default(), Channel::default()];
    let mut lanes = 0;
    for run in &mut runs {
        let Some(link) = links.get(run.link) else {
            continue;
        };
        let (low, high) = (band_of(&items, link.from), band_of(&items, link.to));
        let mut take =
            |above: usize, a: i32, b: i32| channels.get_mut(above).map_or(0, |c| c.take(a, b));
        if low - high > 1 {
            let lane = 17 + PITCH * lanes;
            lanes += 1;
            run.lane = Some(lane);
            run.tracks = (take(high, run.high, lane), take(low - 1, lane, run.low));
        } else {
            let track = take(high, run.high, run.low);
            run.tracks = (track, track);
        }
    }
    finish(
        items,
        links,
        &runs,
        &channels,
        (left, right.max(columns)),
        options,
    )
}

/// The three upper bands: x of every box; widths grow with the number of lines.
fn rows(items: &mut [Item], links: &[Link], left: i32) -> i32 {
    let mut x = [left; 3];
    for (n, item) in items.iter_mut().enumerate() {
        let Some(at) = x.get_mut(item.band) else {
            continue;
        };
        let up = links.iter().filter(|l| l.from == n).count();
        let down = links.iter().filter(|l| l.to == n).count();
        item.shape.w = item.shape.w.max(8 * int(up.max(down)) + 40);
        item.shape.x = *at;
        *at += item.shape.w + 24;
    }
    x.into_iter().max().unwrap_or(left)
}

fn ports(items: &[Item], links: &[Link]) -> Vec<Run> {
    let mut used: std::collections::BTreeMap<(usize, bool), usize> = Default::default();
    let mut out = Vec::new();
    for (n, link) in links.iter().enumerate() {
        let mut next = |node: usize, top: bool| {
            let count = used.entry((node, top)).or_default();
            *count += 1;
            port(items.get(node).map_or(0, |i| i.shape.x), *count - 1, top)
        };
        let low = next(link.from, true);
        let high = next(link.to, false);
        out.push(Run {
            link: n,
            low,
            side: None,
            high,
            lane: None,
            tracks: (0, 0),
        });
        if let (Some(run), Some(3)) = (out.last_mut(), items.get(link.from).map(|i| i.band)) {
            run.side = Some((0, 0));
        }
    }
    // The links of a segment are marked here and get their lane in `columns`.
    for run in &mut out {
        if let Some(side) = &mut run.side {
            let from = links.get(run.link).map_or(0, |l| l.from);
            *side = (int(from), 0);
        }
    }
    out
}

/// The segments in columns, each with a corridor at its left. Returns the right end.
fn columns(items: &mut [Item], runs: &mut [Run], left: i32, row_right: i32) -> i32 {
    let mut mine: Vec<usize> = Vec::new();
    let mut total = 0;
    let mut widest = NODE;
    for (n, item) in items.iter_mut().enumerate().filter(|(_, i)| i.band == 3) {
        let own = runs
            .iter()
            .filter(|r| r.side.is_some_and(|s| s.0 == int(n)))
            .count();
        item.shape.h = item.shape.h.max(30 + PITCH * int(own));
        total += item.shape.h + GAP;
        widest = widest.max(item.shape.w);
        mine.push(n);
    }
    let by_rows = ((row_right - left) / (widest + 60)).max(1);
    let wanted = (1..=int(mine.len()).max(1)).find(|k| k * (widest + 60) * 10 >= total / k * 14);
    let count = wanted.unwrap_or(1).max(by_rows.min(int(mine.len()).max(1)));
    let mut heights = vec![0; usize::try_from(count).unwrap_or(1)];
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); heights.len()];
    for n in mine {
        let least = (0..heights.len())
            .min_by_key(|c| (heights.get(*c).copied(), *c))
            .unwrap_or(0);
        let h = items.get(n).map_or(0, |i| i.shape.h + GAP);
        if let (Some(height), Some(column)) = (heights.get_mut(least), chosen.get_mut(least)) {
            *height += h;
            column.push(n);
        }
    }
    let mut x = left;
    for column in chosen {
        x = place_column(items, runs, &column, x);
    }
    x
}

fn place_column(items: &mut [Item], runs: &mut [Run], column: &[usize], x: i32) -> i32 {
    let mut lane = x.div_euclid(8) * 8 + 12;
    for n in column {
        for run in runs
            .iter_mut()
            .filter(|r| r.side.is_some_and(|s| s.0 == int(*n)))
        {
            run.low = lane;
            lane += PITCH;
        }
    }
    let (mut y, mut right) = (0, x);
    for n in column {
        let Some(item) = items.get_mut(*n) else {
            continue;
        };
        (item.shape.x, item.shape.y) = (lane + 8, y);
        let ends = runs
            .iter_mut()
            .filter(|r| r.side.is_some_and(|s| s.0 == int(*n)));
        for (m, run) in ends.enumerate() {
            run.side = Some((item.shape.x, y + 14 + PITCH * int(m)));
        }
        for cell in &mut item.inside {
            cell.x += item.shape.x;
            cell.y += y;
        }
        y += item.shape.h + GAP;
        right = right.max(item.shape.x + item.shape.w);
    }
    right + GAP
}

/// y of the bands' tops and bottoms.
fn band_ys(items: &[Item], channels: &[Channel; 3]) -> Vec<(i32, i32)> {
    let mut y = 16;
    let mut out = Vec::new();
    for band in 0..4 {
        let own = items.iter().filter(|i| i.band == band);
        let tall = own.map(|i| {
            if band == 3 {
                i.shape.y + i.shape.h
            } else {
                i.shape.h
            }
        });
        let end = y + 24 + tall.max().unwrap_or(24);
        out.push((y, end));
        y = end + channels.get(band).map_or(0, Channel::height);
    }
    out
}

fn line(items: &[Item], link: &Link, run: &Run, ys: &[(i32, i32)]) -> Option<Line> {
    let (from, to) = (items.get(link.from)?, items.get(link.to)?);
    let track = |above: usize, t: i32| ys.get(above).map_or(0, |y| y.1 + 12 + PITCH * t);
    let upper = track(to.band, run.tracks.0);
    let mut points = vec![(run.high, to.shape.y + to.shape.h), (run.high, upper)];
    if let Some(lane) = run.lane {
        let lower = track(from.band.checked_sub(1)?, run.tracks.1);
        points.extend([(lane, upper), (lane, lower), (run.low, lower)]);
    } else {
        points.push((run.low, upper));
    }
    match run.side {
        Some((x, y)) => {
            let y = y + ys.get(3).map_or(0, |b| b.0 + 12);
            points.extend([(run.low, y), (x, y)]);
        }
        None => points.push((run.low, from.shape.y)),
    }
    Some(Line {
        from: from.shape.id.clone(),
        to: to.shape.id.clone(),
        points,
        inferred: link.inferred,
        entered: link.entered,
        ..Line::default()
    })
}

fn finish(
    mut items: Vec<Item>,
    links: &[Link],
    runs: &[Run],
    channels: &[Channel; 3],
    (left, right): (i32, i32),
    options: &Options,
) -> Geometry {
    let ys = band_ys(&items, channels);
    for item in &mut items {
        let top = ys.get(item.band).map_or(0, |y| y.0 + 12);
        item.shape.y += top;
        for cell in &mut item.inside {
            cell.y += top;
        }
    }
    let lines = runs
        .iter()
        .filter_map(|r| line(&items, links.get(r.link)?, r, &ys))
        .collect();
    let mut feet = feet(&items, options);
    let foot = feet.iter().map(|f| f.h).max().unwrap_or(0);
    let bottom = ys.last().map_or(0, |y| y.1) + GAP;
    let least = feet.iter().map(|f| f.w + GAP).sum::<i32>() + GAP;
    let width = (right + 16)
        .max(least)
        .max((bottom + foot + GAP) * 1414 / 1000);
    let height = (bottom + foot + GAP).max(width * 1000 / 1414);
    for (n, shape) in feet.iter_mut().enumerate() {
        shape.y = height - GAP - shape.h;
        shape.x = if n == 0 { width - GAP - shape.w } else { GAP };
    }
    let mut shapes = bands(&ys, left, width, options.lang);
    for item in items {
        shapes.push(item.shape);
        shapes.extend(item.inside);
    }
    shapes.extend(feet);
    let name = title(options).join(" / ");
    let page = Page {
        number: 1,
        kind: PageKind::Whole,
        name: crate::layout::cell::name(options).to_owned(),
        paper: Paper::A3,
        width,
        height,
        shapes,
        lines,
    };
    Geometry {
        name,
        pages: vec![page],
    }
}

fn bands(ys: &[(i32, i32)], left: i32, width: i32, lang: Lang) -> Vec<Shape> {
    let names = [
        lang.pick("外部", "outside"),
        lang.pick("外部接続点", "connection points"),
        lang.pick("コア（ゲートウェイ）", "core (gateways)"),
        lang.pick("院内セグメント", "segments"),
    ];
    let shape = |((top, bottom), name): (&(i32, i32), &str)| Shape {
        x: left,
        y: *top,
        w: width - left - 8,
        h: bottom - top,
        lines: vec![name.to_owned()],
        title: name.to_owned(),
        ..Shape::new(format!("band:{name}"), BoxKind::Band)
    };
    ys.iter().zip(names).map(shape).collect()
}

fn feet(items: &[Item], options: &Options) -> Vec<Shape> {
    let block = |id: &str, kind, lines: Vec<String>| {
        let lines: Vec<String> = lines.iter().map(|l| fit(l, 100)).collect();
        Shape {
            w: lines.iter().map(|l| width(l)).max().unwrap_or(0) * 6 + 40,
            h: LINE * int(lines.len()) + 12,
            title: lines.join("\n"),
            lines,
            ..Shape::new(id.to_owned(), kind)
        }
    };
    let l = options.lang;
    let shapes = || items.iter().flat_map(|i| i.inside.iter().chain([&i.shape]));
    let mut kinds: Vec<BoxKind> = shapes().map(|s| s.kind).collect();
    let single: Vec<BoxKind> = kinds
        .iter()
        .filter_map(|k| {
            if let BoxKind::Group(k) = k {
                Some(BoxKind::Node(*k))
            } else {
                None
            }
        })
        .collect();
    kinds.extend(single);
    kinds.sort();
    kinds.dedup();
    kinds.retain(|k| super::cell::legend(*k, l).is_some());
    kinds.dedup_by_key(|k| super::cell::legend(*k, l));
    let mut lines = vec![l.pick("凡例", "legend").to_owned()];
    lines.extend(
        kinds
            .iter()
            .filter_map(|k| super::cell::legend(*k, l))
            .map(str::to_owned),
    );
    lines.push(
        l.pick(
            "線：実線 自動取得、破線 推定、点線 手入力",
            "lines: solid collected, dashed inferred, dotted entered",
        )
        .to_owned(),
    );
    let mut legend = block("legend", BoxKind::Legend, lines);
    legend.explains = kinds;
    vec![block("title", BoxKind::Title, title(options)), legend]
}
