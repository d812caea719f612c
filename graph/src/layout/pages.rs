//! Pages of a diagram. Comes in: items and links; goes out: one page where its text is large enough
//! to be read, otherwise an overview and pages for each zone. It never leaves out what does not fit.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::ZoneKind;

use super::bands::{Item, Link, int};
use super::sheet::{Frame, leads, page, zone_of};
use super::{BoxKind, Geometry, LINE, Lang, Options, Page, PageKind, Shape, Target};
use crate::text::{fit, width};
use crate::topology::NodeKind;

/// Text is not smaller than this, in points.
pub(super) const LEAST_PT: f64 = 6.0;

/// Connection points of a page of their own.
const POINTS: usize = 12;

/// Everything on as many pages as it takes; `more` pages follow.
pub(super) fn pages(items: &[Item], links: &[Link], options: &Options, more: usize) -> Geometry {
    let name = super::cell::name(options).to_owned();
    let whole = single(
        items,
        links,
        PageKind::Whole,
        &name,
        &BTreeMap::new(),
        (1, int(1 + more).unsigned_abs()),
        options,
    );
    let pages = if readable(&whole) {
        vec![whole]
    } else {
        split(items, links, &name, options, more)
    };
    let total = int(pages.len() + more).unsigned_abs();
    let title = super::cell::title(options, &name, (1, total));
    Geometry {
        name: title.join(" / "),
        pages,
        ..Geometry::default()
    }
}

fn readable(page: &Page) -> bool {
    page.font_pt() >= LEAST_PT
}

fn single(
    items: &[Item],
    links: &[Link],
    kind: PageKind,
    name: &str,
    zones: &BTreeMap<ZoneKind, u32>,
    number: (u32, u32),
    options: &Options,
) -> Page {
    let frame = Frame {
        kind,
        name: name.to_owned(),
        number,
        paper: options.paper,
        zones,
    };
    page(items, links, &frame, options)
}

/// What stands on a page of a zone.
struct Part {
    zone: Option<ZoneKind>,
    items: Vec<Item>,
    links: Vec<Link>,
}

/// Overview first, then the zones.
fn split(items: &[Item], links: &[Link], name: &str, options: &Options, more: usize) -> Vec<Page> {
    let present: BTreeSet<ZoneKind> = items.iter().filter(|i| i.band == 3).map(zone_of).collect();
    let mut parts: Vec<Part> = Vec::new();
    let zones = super::pin::zones(&options.pins).into_iter();
    for zone in zones.filter(|z| present.contains(z)) {
        parts.extend(zone_parts(items, links, zone, options));
    }
    let draw = |parts: &[Part], plain: usize| {
        let mut first: BTreeMap<ZoneKind, u32> = BTreeMap::new();
        for (n, part) in (2..).zip(parts) {
            first.extend(part.zone.filter(|z| !first.contains_key(z)).map(|z| (z, n)));
        }
        let total = int(parts.len() + 1 + more).unsigned_abs();
        overview(items, links, &first, (name, total), options, plain)
    };
    let (mut over, plain) = draw(&parts, 0);
    // Connection points that it counts together are drawn one by one on pages of their own.
    let shown = |id: &str| over.shapes.iter().any(|s| s.id == id && !s.is_counted());
    let points = items.iter().filter(|it| it.band == 1);
    if !points.into_iter().all(|it| shown(&it.shape.id)) {
        parts.splice(0..0, edges(items, links, options));
        (over, _) = draw(&parts, plain);
    }
    let mut out = vec![over];
    out.extend(drawn(&parts, name, options, more));
    out
}

/// The pages after the overview.
fn drawn(parts: &[Part], name: &str, options: &Options, more: usize) -> Vec<Page> {
    let lang = options.lang;
    let total = int(parts.len() + 1 + more).unsigned_abs();
    let mut turn: BTreeMap<Option<ZoneKind>, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for (n, part) in (2..).zip(parts) {
        let at = turn.entry(part.zone).or_default();
        *at += 1;
        let of = parts.iter().filter(|it| it.zone == part.zone).count();
        let points = lang.pick("外部接続点", "connection points");
        let of_what = part.zone.map_or(points, |z| z.title(lang));
        let mut text = format!("{name}（{of_what}）");
        if of > 1 {
            text.push_str(&format!(" {at}/{of}"));
        }
        let zones = BTreeMap::new();
        out.push(single(
            &part.items,
            &part.links,
            PageKind::Zone,
            &text,
            &zones,
            (n, total),
            options,
        ));
    }
    out
}

/// Everything, with as much of it as can be read on one page; and how plain it is. It is not tried less
/// plain than `plain`.
fn overview(
    items: &[Item],
    links: &[Link],
    first: &BTreeMap<ZoneKind, u32>,
    (name, total): (&str, u32),
    options: &Options,
    plain: usize,
) -> (Page, usize) {
    let lang = options.lang;
    let over = lang.pick("全体図", "overview");
    let over = format!("{name}（{over}）");
    let draw = |(all, wires): &(Vec<Item>, Vec<Link>)| {
        let kind = PageKind::Overview;
        single(all, wires, kind, &over, first, (1, total), options)
    };
    let full = || collapsed(items, links, lang);
    let bare = || zones_alone(items, links, lang);
    let with = |(all, wires): (Vec<Item>, Vec<Link>), deep| merged(&all, &wires, deep, lang);
    // From the richest to the plainest; the last is drawn even where it is too small.
    let ways: [&dyn Fn() -> (Vec<Item>, Vec<Link>); 7] = [
        &full,
        &|| with(full(), 1),
        &|| with(bare(), 1),
        &|| with(bare(), 2),
        &|| with(full(), 3),
        &|| with(bare(), 3),
        &|| with(bare(), 4),
    ];
    let mut at = plain.min(ways.len() - 1);
    loop {
        let page = draw(&ways[at]());
        if readable(&page) || at + 1 == ways.len() {
            return (page, at);
        }
        at += 1;
    }
}

/// A zone on as few pages as keep its text large enough.
fn zone_parts(items: &[Item], links: &[Link], zone: ZoneKind, options: &Options) -> Vec<Part> {
    let own: Vec<usize> = (0..items.len())
        .filter(|n| items[*n].band == 3 && zone_of(&items[*n]) == zone)
        .collect();
    let mut out = Vec::new();
    let mut rest = own.as_slice();
    while !rest.is_empty() {
        let (mut fits, mut over) = (1, rest.len() + 1);
        let whole = part(items, links, zone, rest, options.lang);
        if good(&whole, options) {
            out.push(whole);
            break;
        }
        while over - fits > 1 {
            let mid = (fits + over) / 2;
            if good(
                &part(
                    items,
                    links,
                    zone,
                    &rest[..mid.min(rest.len())],
                    options.lang,
                ),
                options,
            ) {
                fits = mid;
            } else {
                over = mid;
            }
        }
        out.push(part(items, links, zone, &rest[..fits], options.lang));
        rest = &rest[fits..];
    }
    out
}

fn good(part: &Part, options: &Options) -> bool {
    let zones = BTreeMap::new();
    let name = part.zone.map_or("", |z| z.title(options.lang));
    readable(&single(
        &part.items,
        &part.links,
        PageKind::Zone,
        name,
        &zones,
        (999, 999),
        options,
    ))
}

/// Segments with everything in them, and connectors to what they are joined to on the overview.
fn part(items: &[Item], links: &[Link], zone: ZoneKind, own: &[usize], lang: Lang) -> Part {
    let mut at: BTreeMap<usize, usize> = BTreeMap::new();
    let mut out: Vec<Item> = Vec::new();
    let mine: BTreeSet<usize> = own.iter().copied().collect();
    let touched = links
        .iter()
        .filter(|l| mine.contains(&l.from))
        .map(|l| l.to);
    for n in touched.collect::<BTreeSet<usize>>() {
        at.insert(n, out.len());
        out.push(connector(&items[n], lang));
    }
    for n in own {
        at.insert(*n, out.len());
        out.push(items[*n].clone());
    }
    let link = |l: &Link| {
        let (from, to) = (at.get(&l.from)?, at.get(&l.to)?);
        Some(Link {
            from: *from,
            to: *to,
            ..l.clone()
        })
    };
    Part {
        zone: Some(zone),
        items: out,
        links: links.iter().filter_map(link).collect(),
    }
}

/// A box that leads to the overview.
fn connector(item: &Item, lang: Lang) -> Item {
    let mut lines: Vec<String> = item.shape.lines.iter().take(3).cloned().collect();
    if let Some(first) = lines.first_mut() {
        *first = format!("{first}{}", leads(1, lang));
    }
    let wide = lines.iter().map(|l| width(l)).max().unwrap_or(0);
    let shape = Shape {
        w: wide * super::FONT / 2 + 20,
        h: 10 + LINE * int(lines.len()),
        title: item.shape.title.clone(),
        lines,
        leads: Some(Target {
            page: 1,
            shape: Some(item.shape.id.clone()),
        }),
        ..Shape::new(item.shape.id.clone(), BoxKind::OffPage)
    };
    Item::new(shape, 2, Vec::new())
}

/// Connection points that an overview has no room for: on pages of their own, with what they join.
fn edges(items: &[Item], links: &[Link], options: &Options) -> Vec<Part> {
    let mut most = POINTS;
    loop {
        let parts = edges_of(items, links, options, most);
        if most == 1 || parts.iter().all(|part| good(part, options)) {
            return parts;
        }
        most = most.div_ceil(2);
    }
}

/// The same with at most so many of them on a page.
fn edges_of(items: &[Item], links: &[Link], options: &Options, most: usize) -> Vec<Part> {
    let points: Vec<usize> = (0..items.len()).filter(|n| items[*n].band == 1).collect();
    let mut out = Vec::new();
    for own in points.chunks(most) {
        let joined = |l: &&Link| own.contains(&l.to) || own.contains(&l.from);
        let mut all: BTreeSet<usize> = own.iter().copied().collect();
        all.extend(links.iter().filter(joined).flat_map(|l| [l.from, l.to]));
        let all: Vec<usize> = all.into_iter().collect();
        let at = |n: usize| all.iter().position(|m| *m == n);
        let link = |l: &Link| {
            let (from, to) = (at(l.from)?, at(l.to)?);
            Some(Link {
                from,
                to,
                ..l.clone()
            })
        };
        let wires = links.iter().filter(joined).filter_map(link).collect();
        let shut = |n: &usize| match items[*n].band {
            3 => connector(&items[*n], options.lang),
            _ => items[*n].clone(),
        };
        out.push(Part {
            zone: None,
            items: all.iter().map(shut).collect(),
            links: wires,
        });
    }
    out
}

/// Counted boxes: peers of one kind; the deeper, gateways joined to the same, then all of one kind.
fn merged(items: &[Item], links: &[Link], deep: usize, lang: Lang) -> (Vec<Item>, Vec<Link>) {
    let mut near: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); items.len()];
    for link in links {
        near[link.from].insert(link.to);
        near[link.to].insert(link.from);
    }
    let mut groups: BTreeMap<(usize, BoxKind, BTreeSet<usize>), usize> = BTreeMap::new();
    let mut out: Vec<Item> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut at = Vec::new();
    for (n, item) in items.iter().enumerate() {
        // At the very last connection points of all kinds are one box.
        let kind = match item.shape.kind {
            BoxKind::Node(NodeKind::Point(_)) if deep > 3 => BoxKind::Node(NodeKind::DefaultRoute),
            kind => kind,
        };
        // At last what is of one kind is one box, whatever it is joined to.
        let joined = if deep == 2 && item.band == 2 {
            near[n].clone()
        } else {
            BTreeSet::new()
        };
        let alone = match item.band {
            0 => false,
            1 => deep < 3,
            2 => deep < 2,
            _ => true,
        };
        let joined = if alone {
            BTreeSet::from([usize::MAX - n])
        } else {
            joined
        };
        let next = out.len();
        let to = *groups.entry((item.band, kind, joined)).or_insert(next);
        if to == next {
            out.push(item.clone());
            counts.push(0);
        }
        counts[to] += 1;
        if counts[to] > 1 && deep > 3 && item.band == 1 {
            let name = lang.pick("外部接続点", "connection points");
            out[to].shape.lines = vec![name.to_owned()];
            // Ways out come first, and points after them: the box looks like what it is called.
            out[to].shape.kind = item.shape.kind;
        }
        if counts[to] > 1 {
            (out[to].placed, out[to].beside) = (false, Vec::new());
            out[to].shape.title.push('\n');
            out[to].shape.title.push_str(&item.shape.title);
        }
        at.push(to);
    }
    told(&mut out, &counts, lang);
    let wires = wired(links, &at);
    (out, wires)
}

/// How many of each kind a segment holds.
fn counts(item: &Item, lang: Lang) -> Vec<String> {
    let mut named = 0_usize;
    let mut out: Vec<String> = Vec::new();
    for cell in &item.inside {
        match cell.kind {
            BoxKind::Group(kind) => {
                let count = cell.lines.iter().find_map(|l| l.strip_prefix('×'));
                let what = match kind {
                    NodeKind::Seen => lang.pick("観測のみ", "seen only"),
                    NodeKind::Server => lang.pick("サーバ", "servers"),
                    NodeKind::Terminal => lang.pick("端末ほか", "terminals"),
                    _ => lang.pick("手入力", "entered"),
                };
                out.push(format!("{what} ×{}", count.unwrap_or("?")));
            }
            _ => named += 1,
        }
    }
    if named > 0 {
        out.insert(
            0,
            format!("{} ×{named}", lang.pick("個別表示の機器", "named machines")),
        );
    }
    out
}

/// Segments as boxes with counts.
fn collapsed(items: &[Item], links: &[Link], lang: Lang) -> (Vec<Item>, Vec<Link>) {
    let shut = |item: &Item| {
        let mut out = item.clone();
        if item.band == 3 {
            out.shape
                .lines
                .extend(counts(item, lang).iter().map(|t| fit(t, 27)));
            out.inside.clear();
        }
        out
    };
    (items.iter().map(shut).collect(), links.to_vec())
}

/// Zones as boxes with the number of their segments.
fn zones_alone(items: &[Item], links: &[Link], lang: Lang) -> (Vec<Item>, Vec<Link>) {
    let mut out: Vec<Item> = items.iter().filter(|i| i.band < 3).cloned().collect();
    let mut at: Vec<usize> = Vec::new();
    let mut zones: BTreeMap<ZoneKind, usize> = BTreeMap::new();
    let mut upper = 0;
    for item in items {
        if item.band < 3 {
            at.push(upper);
            upper += 1;
            continue;
        }
        let zone = zone_of(item);
        let next = out.len();
        let n = *zones.entry(zone).or_insert(next);
        if n == next {
            let id = format!("segments:{zone:?}").to_lowercase();
            let shape = Shape {
                zone: Some(zone),
                ..Shape::new(id, BoxKind::Node(NodeKind::Segment))
            };
            out.push(Item::new(shape, 3, Vec::new()));
        }
        at.push(n);
        out[n].shape.lines.extend(item.shape.lines.first().cloned());
        out[n].shape.title.push_str(&item.shape.lines.join(" "));
        out[n].shape.title.push('\n');
    }
    for item in &mut out {
        if item.band == 3 {
            let count = item.shape.lines.len();
            let text = lang.pick("セグメント", "segments");
            item.shape.lines = vec![format!("{text} ×{count}")];
        }
    }
    let wires = wired(links, &at);
    (out, wires)
}

/// Links between the boxes that items have become, each pair once.
fn wired(links: &[Link], at: &[usize]) -> Vec<Link> {
    let mut seen = BTreeSet::new();
    let link = |l: &Link| Link {
        from: at[l.from],
        to: at[l.to],
        ..l.clone()
    };
    let wires = links.iter().map(link);
    wires
        .filter(|l| l.from != l.to && seen.insert((l.from, l.to)))
        .collect()
}

/// Says of counted boxes how many they stand for.
fn told(out: &mut [Item], counts: &[usize], lang: Lang) {
    for (item, count) in out.iter_mut().zip(counts).filter(|(_, count)| **count > 1) {
        let mut lines: Vec<String> = item.shape.lines.iter().take(2).cloned().collect();
        lines.insert(
            1,
            format!(
                "×{count} {}",
                lang.pick("（個別は各ページ）", "(each on other pages)")
            ),
        );
        item.shape.lines = lines
            .iter()
            .map(|l| fit(l, (item.shape.w - 40) / 6))
            .collect();
        item.shape.h = 10 + LINE * int(lines.len());
        if let BoxKind::Node(kind) = item.shape.kind {
            item.shape.kind = BoxKind::Group(kind);
        }
    }
}
