//! A page from items. Comes in: boxes by band with what they contain and the links between them;
//! goes out: one page with title block and legend. It never draws smaller than its paper allows
//! without saying so: the caller asks `Page::font_pt`.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::ZoneKind;

use super::bands::{Item, Link, int};
use super::cell::{ICON, legend, title};
use super::engine::arrange;
use super::order::Wanted;
use super::sketch::{End, Group, Piece, Placed, Rect, Sketch, Style, Wire};
use super::{
    BoxKind, FONT, LINE, Label, Lang, Line, LineKind, Options, Page, PageKind, Paper, Shape,
    Subject, Target,
};
use crate::text::{fit, width};
use crate::topology::NodeKind;

const STYLE: Style = Style {
    gap: 14,
    pad: 10,
    pitch: 8,
    half_em: 5,
    label: 12,
    aspect: 1.62,
};
/// Free room at the border of a page.
pub(super) const MARGIN: i32 = 16;
/// Ordinary text is not drawn larger than this, in points.
const LARGEST_PT: i32 = 9;

/// Band of the gateways.
const CORE: usize = 2;
/// A DMZ of more segments, or with more boxes in them, stands as a column.
const DMZ_SEGMENTS: usize = 8;
const DMZ_BOXES: usize = 60;

/// Lines of one box of the legend.
const LEGEND: usize = 8;

/// What a page is called and where its zones lead.
pub(super) struct Frame<'a> {
    /// What it shows.
    pub(super) kind: PageKind,
    /// Its name.
    pub(super) name: String,
    /// Number, and how many there are.
    pub(super) number: (u32, u32),
    /// Its paper.
    pub(super) paper: Paper,
    /// Pages of zones.
    pub(super) zones: &'a BTreeMap<ZoneKind, u32>,
}

/// The zone column of an item of the lowest band.
pub(super) fn zone_of(item: &Item) -> ZoneKind {
    item.shape.zone.unwrap_or(ZoneKind::Unknown)
}

/// What stands where in the sketch.
struct Drawn<'a> {
    sketch: Sketch,
    /// Shape of each group: none for the backgrounds of bands and zones.
    groups: Vec<Option<&'a Shape>>,
    pieces: Vec<&'a Shape>,
    zones: BTreeMap<usize, ZoneKind>,
}

fn ports(items: &[Item], links: &[Link]) -> Vec<i32> {
    let mut up = vec![0; items.len()];
    let mut down = vec![0; items.len()];
    for link in links {
        up[link.from] += 1;
        down[link.to] += 1;
    }
    up.iter()
        .zip(&down)
        .map(|(a, b): (&i32, &i32)| *a.max(b))
        .collect()
}

fn sketch<'a>(items: &'a [Item], links: &[Link], options: &Options) -> Drawn<'a> {
    let mut out = Drawn {
        sketch: Sketch::default(),
        groups: Vec::new(),
        pieces: Vec::new(),
        zones: BTreeMap::new(),
    };
    let zone_at = backgrounds(items, options, &mut out);
    let ports = ports(items, links);
    let mut ends = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let shape = &item.shape;
        if item.band < 3 {
            ends.push(End::Piece(out.pieces.len()));
            let w = shape.w.max((ports[n] + 2) * STYLE.pitch);
            piece(&mut out, shape, item.band, w);
            continue;
        }
        let at = out.sketch.groups.len();
        ends.push(End::Group(at));
        let text = shape.lines.iter().map(|l| width(l)).max().unwrap_or(0);
        out.sketch.groups.push(Group {
            id: shape.id.clone(),
            parent: zone_at.get(&zone_of(item)).copied(),
            band: 3,
            w: (text * FONT / 2 + ICON).max((ports[n] + 2) * STYLE.pitch),
            head: 10 + LINE * int(shape.lines.len()),
        });
        out.groups.push(Some(shape));
        for cell in &item.inside {
            piece(&mut out, cell, at, cell.w);
        }
    }
    out.sketch.wanted = wanted(items, &ends);
    for link in links {
        let from = ends[link.from];
        out.sketch.wires.push(Wire {
            from,
            to: ends[link.to],
            label: link.label.clone(),
        });
    }
    out
}

/// What people want of the boxes of the upper bands.
fn wanted(items: &[Item], ends: &[End]) -> Wanted {
    let mut out = Wanted::default();
    let piece = |n: usize| match ends[n] {
        End::Piece(piece) => Some(piece),
        End::Group(_) => None,
    };
    for (n, item) in items.iter().enumerate() {
        let Some(own) = piece(n) else { continue };
        if item.placed {
            let before = items[..n].iter().filter(|it| it.band == item.band);
            out.places.insert(own, before.count());
        }
        let others = (0..items.len()).filter(|k| item.beside.contains(&items[*k].shape.id));
        out.pairs
            .extend(others.filter_map(piece).map(|to| (own, to)));
    }
    out
}

/// Bands and zones; where each zone is among the groups.
fn backgrounds(
    items: &[Item],
    options: &Options,
    out: &mut Drawn<'_>,
) -> BTreeMap<ZoneKind, usize> {
    let lang = options.lang;
    for (band, name) in super::bands::names(options).into_iter().enumerate() {
        out.sketch.groups.push(Group {
            id: format!("band:{name}"),
            band,
            w: width(name).max(26) * FONT / 2 + 20,
            head: LINE + 8,
            ..Group::default()
        });
        out.groups.push(None);
    }
    let zones: BTreeSet<ZoneKind> = items.iter().filter(|i| i.band == 3).map(zone_of).collect();
    let beside = dmz_beside_core(items, options);
    let mut zone_at = BTreeMap::new();
    let ordered = super::pin::zones(&options.pins).into_iter();
    for zone in ordered.filter(|z| zones.contains(z)) {
        zone_at.insert(zone, out.sketch.groups.len());
        out.zones.insert(out.sketch.groups.len(), zone);
        out.sketch.groups.push(Group {
            id: zone_id(zone),
            band: if zone == ZoneKind::Dmz && beside {
                CORE
            } else {
                3
            },
            w: width(zone.title(lang)) * FONT / 2 + 90,
            head: LINE + 10,
            ..Group::default()
        });
        out.groups.push(None);
    }
    zone_at
}

/// Whether the DMZ stands in the row of the gateways that lead to it, not as a column among the others:
/// where it is small enough for a row, and people did not pin it or what is in it.
fn dmz_beside_core(items: &[Item], options: &Options) -> bool {
    let low = || items.iter().filter(|it| it.band == 3);
    let own: Vec<&Item> = low().filter(|it| zone_of(it) == ZoneKind::Dmz).collect();
    let boxes: usize = own.iter().map(|it| it.inside.len()).sum();
    let small = own.len() <= DMZ_SEGMENTS && boxes <= DMZ_BOXES;
    let named = |it: &super::Pinned| it.pin.zones.contains(&ZoneKind::Dmz);
    let pinned =
        options.pins.iter().any(named) || own.iter().any(|it| it.placed || !it.beside.is_empty());
    let others = low().count() > own.len();
    options.view == Subject::Network && others && small && !pinned
}

fn piece<'a>(out: &mut Drawn<'a>, shape: &'a Shape, group: usize, w: i32) {
    let rank = match shape.kind {
        BoxKind::Node(NodeKind::Gateway) | BoxKind::Group(NodeKind::Gateway) => 0,
        BoxKind::Node(NodeKind::Server) => 1,
        BoxKind::Group(_) => 3,
        _ => 2,
    };
    out.sketch.pieces.push(Piece {
        group,
        rank,
        hub: false,
        inner: false,
        w,
        h: shape.h,
    });
    out.pieces.push(shape);
}

/// Stable name of a zone's background.
pub(super) fn zone_id(zone: ZoneKind) -> String {
    format!("zone:{zone:?}").to_lowercase()
}

/// Draws a page.
pub(super) fn page(items: &[Item], links: &[Link], frame: &Frame<'_>, options: &Options) -> Page {
    let drawn = sketch(items, links, options);
    let placed = arrange(&drawn.sketch, &STYLE);
    let mut shapes = boxes(&drawn, &placed, frame, options);
    let mut lines = wires(items, links, &placed);
    let feet = feet(&shapes, &lines, frame, options);
    let foot = feet.iter().map(|f| f.h).max().unwrap_or(0);
    let least = feet.iter().map(|f| f.w + MARGIN).sum::<i32>() + MARGIN;
    let (content_w, content_h) = (placed.w + 2 * MARGIN, placed.h + foot + 3 * MARGIN);
    let (mm_w, mm_h) = frame.paper.size_mm();
    let width = content_w.max(least).max(smallest(frame.paper));
    let width = width.max(content_h * mm_w / mm_h + 1);
    let height = width * mm_h / mm_w;
    let (dx, dy) = ((width - placed.w) / 2, MARGIN);
    for shape in &mut shapes {
        (shape.x, shape.y) = (shape.x + dx, shape.y + dy);
    }
    for line in &mut lines {
        for point in &mut line.points {
            *point = (point.0 + dx, point.1 + dy);
        }
        for label in &mut line.labels {
            (label.x, label.y) = (label.x + dx, label.y + dy);
        }
    }
    let mut left = MARGIN;
    for (n, mut shape) in feet.into_iter().enumerate() {
        shape.y = height - MARGIN - shape.h;
        shape.x = width - MARGIN - shape.w;
        if n > 0 {
            shape.x = left;
            left += shape.w + MARGIN;
        }
        shapes.push(shape);
    }
    Page {
        number: frame.number.0,
        kind: frame.kind,
        name: frame.name.clone(),
        paper: frame.paper,
        width,
        height,
        shapes,
        lines,
    }
}

/// Width of a page on which ordinary text is as large as it may be.
pub(super) fn smallest(paper: Paper) -> i32 {
    paper.size_mm().0 * 72 * FONT * 10 / (254 * LARGEST_PT)
}

fn at(shape: &Shape, r: Rect) -> Shape {
    Shape {
        x: r.x,
        y: r.y,
        w: r.w,
        h: r.h,
        ..shape.clone()
    }
}

fn boxes(drawn: &Drawn<'_>, placed: &Placed, frame: &Frame<'_>, options: &Options) -> Vec<Shape> {
    let lang = options.lang;
    let mut out = Vec::new();
    let id = |n: usize| drawn.sketch.groups[n].id.clone();
    for (n, r) in &placed.groups {
        let shape = match (drawn.groups[*n], drawn.zones.get(n)) {
            (Some(shape), _) => Shape {
                parent: drawn.sketch.groups[*n].parent.map(id),
                ..shape.clone()
            },
            (None, Some(zone)) => {
                let page = frame.zones.get(zone).filter(|p| **p != frame.number.0);
                let mut text = zone.title(lang).to_owned();
                if let Some(page) = page {
                    text.push_str(&leads(*page, lang));
                }
                Shape {
                    title: text.clone(),
                    lines: vec![text],
                    zone: Some(*zone),
                    leads: page.map(|p| Target {
                        page: *p,
                        shape: Some(zone_id(*zone)),
                    }),
                    ..Shape::new(id(*n), BoxKind::Zone)
                }
            }
            (None, None) => {
                let own = drawn.sketch.pieces.iter().zip(&drawn.pieces);
                let mut own = own.filter(|(piece, _)| piece.group == *n).peekable();
                let any = own.peek().is_some();
                let leading = any && own.all(|(_, s)| s.kind == BoxKind::OffPage);
                let away = lang.pick("他ページ（全体図）への接続", "to the overview");
                let name = super::bands::names(options)[*n];
                let name = if leading { away } else { name }.to_owned();
                let band = Shape::new(id(*n), BoxKind::Band);
                Shape {
                    title: name.clone(),
                    lines: vec![name],
                    ..band
                }
            }
        };
        out.push(at(&shape, *r));
    }
    for (n, r) in &placed.pieces {
        let shape = Shape {
            parent: Some(id(drawn.sketch.pieces[*n].group)),
            ..drawn.pieces[*n].clone()
        };
        out.push(at(&shape, *r));
    }
    out
}

/// How a page is named beside what leads to it.
pub(super) fn leads(page: u32, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!(" →{page}ページ"),
        Lang::En => format!(" → page {page}"),
    }
}

fn wires(items: &[Item], links: &[Link], placed: &Placed) -> Vec<Line> {
    let kind = |link: &Link| match items[link.to].band {
        _ if link.flow => LineKind::Flow,
        0 | 1 => LineKind::External,
        _ => LineKind::Link,
    };
    let texts = |n: usize| -> Vec<Label> {
        let own = placed.labels.iter().filter(|(wire, _)| *wire == n);
        let text = |(_, r): &(usize, Rect)| Label {
            text: links[n].label.clone(),
            x: r.x,
            y: r.y,
            w: r.w,
            h: r.h,
            font: 10,
        };
        own.map(text).collect()
    };
    let line = |(n, link): (usize, &Link)| Line {
        from: items[link.from].shape.id.clone(),
        to: items[link.to].shape.id.clone(),
        kind: kind(link),
        points: placed.wires.get(&n).cloned().unwrap_or_default(),
        inferred: link.inferred,
        entered: link.entered,
        change: link.change,
        labels: texts(n),
        weight: 0,
    };
    links.iter().enumerate().map(line).collect()
}

/// A box of text at the foot of a page.
fn block(id: &str, kind: BoxKind, lines: &[String]) -> Shape {
    let lines: Vec<String> = lines.iter().map(|l| fit(l, 100)).collect();
    Shape {
        w: lines.iter().map(|l| width(l)).max().unwrap_or(0) * FONT / 2 + 40,
        h: LINE * int(lines.len()) + 12,
        title: lines.join("\n"),
        lines,
        ..Shape::new(id.to_owned(), kind)
    }
}

/// The title block（表題欄）.
pub(super) fn title_block(options: &Options, name: &str, number: (u32, u32)) -> Shape {
    block("title", BoxKind::Title, &title(options, name, number))
}

/// Title block, and the legend of what is on the page.
fn feet(shapes: &[Shape], lines: &[Line], frame: &Frame<'_>, options: &Options) -> Vec<Shape> {
    let (kinds, mut text) = legend_of(shapes, lines, options);
    let mut out = vec![title_block(options, &frame.name, frame.number)];
    // Side by side where it is long: as high as the title block.
    let head = text.remove(0);
    let each = text
        .len()
        .div_ceil(text.len().div_ceil(LEGEND).max(1))
        .max(1);
    for (n, part) in text.chunks(each).enumerate() {
        let id = if n == 0 {
            "legend".to_owned()
        } else {
            format!("legend-{}", n + 1)
        };
        let more = options.lang.pick("（続き）", " (more)");
        let mut lines = vec![format!("{head}{}", if n == 0 { "" } else { more })];
        lines.extend(part.iter().cloned());
        let mut legend = block(&id, BoxKind::Legend, &lines);
        let own = kinds.iter().skip(n * each).take(each);
        legend.explains = own.copied().collect();
        out.push(legend);
    }
    out
}

/// Kinds of boxes on the page, and the lines of the legend, its heading first.
fn legend_of(shapes: &[Shape], lines: &[Line], options: &Options) -> (Vec<BoxKind>, Vec<String>) {
    let l = options.lang;
    let mut kinds: BTreeSet<BoxKind> = BTreeSet::new();
    for shape in shapes {
        kinds.insert(shape.kind);
        if let BoxKind::Group(kind) = shape.kind {
            kinds.insert(BoxKind::Node(kind));
        }
    }
    let mut kinds: Vec<BoxKind> = kinds
        .into_iter()
        .filter(|k| legend(*k, l).is_some())
        .collect();
    kinds.dedup_by_key(|k| legend(*k, l));
    let mut text = vec![l.pick("凡例", "legend").to_owned()];
    text.extend(
        kinds
            .iter()
            .filter_map(|k| legend(*k, l))
            .map(str::to_owned),
    );
    let used = [
        (
            lines.iter().any(|it| !it.inferred && !it.entered),
            l.pick("実線 自動取得", "solid: collected"),
        ),
        (
            lines.iter().any(|it| it.inferred),
            l.pick("破線 推定", "dashed: inferred"),
        ),
        (
            lines.iter().any(|it| it.entered && !it.inferred),
            l.pick("点線 手入力", "dotted: entered"),
        ),
    ];
    let used: Vec<&str> = used.iter().filter(|(on, _)| *on).map(|(_, t)| *t).collect();
    if !used.is_empty() {
        let (head, comma) = (l.pick("線：", "lines: "), l.pick("、", ", "));
        text.push(format!("{head}{}", used.join(comma)));
    }
    if options.talks.is_some() {
        let arrows = l.pick(
            "紫の矢印 観測した通信（太いほど多い。破線 開始側は不明）",
            "purple arrows: flows seen (thicker: more; dashed: opener unknown)",
        );
        text.push(arrows.to_owned());
    }
    (kinds, text)
}
