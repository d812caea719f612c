//! Flows over the network diagram（通信の重ね描き）. Comes in: pages that stand already, and who talks to
//! whom; goes out: the same pages with arrows over them, and pages that list every pair. It moves
//! nothing, and what an arrow has no room for is in the list.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::Time;

use super::bands::{Item, int};
use super::cell::day;
use super::sheet::{MARGIN, smallest, title_block, zone_of};
use super::{BoxKind, LINE, Label, Lang, Line, LineKind, Options, Page, PageKind, Shape};
use crate::talk::Talk;
use crate::text::{fit, width};

/// Most arrows of a page; the list holds all.
const MOST: usize = 40;
/// Size of the text beside an arrow.
const SMALL: i32 = 10;
/// Arrows of both directions stand this far from the middle.
const ASIDE: f64 = 5.0;
/// Columns of the list in half-ems: from, to, pairs, last seen.
const COLUMNS: [i32; 4] = [44, 44, 8, 12];

/// All talk from one box to another.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Pairs of machines.
    pairs: usize,
    /// How many pairs speak each service.
    services: BTreeMap<String, usize>,
    /// Whether it is known of one who opened it.
    directed: bool,
    /// Last seen.
    last: Option<Time>,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.pairs += other.pairs;
        for (service, count) in &other.services {
            *self.services.entry(service.clone()).or_default() += count;
        }
        self.directed |= other.directed;
        self.last = self.last.max(other.last);
    }

    /// Services, the most used first.
    fn ranked(&self) -> Vec<(&str, usize)> {
        let all = self.services.iter();
        let mut all: Vec<(&str, usize)> = all.map(|(it, n)| (it.as_str(), *n)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all
    }

    fn text(&self, lang: Lang) -> String {
        let ranked = self.ranked();
        let first = ranked.first().map_or("", |it| it.0);
        let more = match (ranked.len(), lang) {
            (0 | 1, _) => String::new(),
            (n, Lang::Ja) => format!(" ほか{}", n - 1),
            (n, Lang::En) => format!(" +{}", n - 1),
        };
        format!("{first}{more} ×{}", self.pairs)
    }
}

/// Talk by the boxes in which both ends stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    rows: BTreeMap<(usize, usize), Row>,
    /// Pairs of which an end has no box.
    lost: usize,
}

impl Table {
    /// Counts the talk of items.
    pub(super) fn new(talks: &[Talk], home: &BTreeMap<&str, usize>) -> Self {
        let mut out = Self::default();
        for talk in talks {
            let ends = (home.get(talk.from.as_str()), home.get(talk.to.as_str()));
            let (Some(from), Some(to)) = ends else {
                out.lost += 1;
                continue;
            };
            out.rows.entry((*from, *to)).or_default().add(&Row {
                pairs: 1,
                services: talk.services.iter().map(|it| (it.clone(), 1)).collect(),
                directed: talk.directed,
                last: Some(talk.last),
            });
        }
        out
    }

    /// Pages of the list.
    pub(super) fn pages(&self, options: &Options) -> usize {
        self.rows.len().div_ceil(room(options)).max(1)
    }

    /// Draws the arrows of a page over it.
    pub(super) fn draw(&self, page: &mut Page, items: &[Item], lang: Lang) {
        let boxes = boxes(page, items);
        let mut found: BTreeMap<(usize, usize), Row> = BTreeMap::new();
        for ((from, to), row) in &self.rows {
            if let (Some(a), Some(b)) = (boxes[*from], boxes[*to])
                && a != b
            {
                found.entry((a, b)).or_default().add(row);
            }
        }
        let mut ranked: Vec<((usize, usize), Row)> = found.into_iter().collect();
        ranked.sort_by(|a, b| b.1.pairs.cmp(&a.1.pairs).then(a.0.cmp(&b.0)));
        let mut taken = taken(page);
        for ((a, b), row) in ranked.into_iter().take(MOST) {
            let line = arrow(
                (&page.shapes[a], &page.shapes[b]),
                &row,
                page,
                &mut taken,
                lang,
            );
            page.lines.push(line);
        }
    }

    /// The list, on pages of its own.
    pub(super) fn list(&self, items: &[Item], first: u32, options: &Options) -> Vec<Page> {
        let lang = options.lang;
        let name = |n: usize| -> String {
            let lines = items[n].shape.title.split('\n').take(3);
            let heading =
                |it: &&str| !matches!(*it, "セグメント" | "segment" | "ゲートウェイ" | "gateway");
            lines.filter(heading).collect::<Vec<_>>().join(" ")
        };
        let mut rows: Vec<(usize, usize, &Row)> = self
            .rows
            .iter()
            .map(|((a, b), row)| (*a, *b, row))
            .collect();
        rows.sort_by(|a, b| b.2.pairs.cmp(&a.2.pairs).then((a.0, a.1).cmp(&(b.0, b.1))));
        let same = lang.pick("（同じ箱の中）", "(in the same box)");
        let line = |(a, b, row): &(usize, usize, &Row)| {
            let to = if a == b { same.to_owned() } else { name(*b) };
            let sign = if row.directed { "→ " } else { "⇔ " };
            let last = day(row.last, options.utc_offset_s);
            let services = row.ranked();
            let services: Vec<String> = services
                .iter()
                .map(|(it, n)| format!("{it} ×{n}"))
                .collect();
            let cells = [name(*a), format!("{sign}{to}"), row.pairs.to_string(), last];
            columns(&cells, &services.join(", "), options)
        };
        let lines: Vec<String> = rows.iter().map(line).collect();
        let each = room(options);
        let pages = self.pages(options);
        let part = |n: usize| -> &[String] {
            let from = (n * each).min(lines.len());
            &lines[from..(from + each).min(lines.len())]
        };
        let total = first + int(pages).unsigned_abs() - 1;
        (0..pages)
            .map(|n| {
                let number = first + int(n).unsigned_abs();
                sheet(part(n), (number, total), (n, pages), self, options)
            })
            .collect()
    }
}

/// The box of each item on a page, where it has one: its own, or its zone's.
fn boxes(page: &Page, items: &[Item]) -> Vec<Option<usize>> {
    let by_id: BTreeMap<&str, usize> = page
        .shapes
        .iter()
        .enumerate()
        .filter(|(_, s)| s.kind != BoxKind::OffPage)
        .map(|(n, s)| (s.id.as_str(), n))
        .collect();
    let of = |item: &Item| {
        let own = by_id.get(item.shape.id.as_str()).copied();
        let zone = || format!("segments:{:?}", zone_of(item)).to_lowercase();
        own.or_else(|| by_id.get((item.band == 3).then(zone)?.as_str()).copied())
    };
    items.iter().map(of).collect()
}

/// Left, top, right, bottom.
type Area = (i32, i32, i32, i32);

/// Where no text may stand: boxes, the text of boxes around others, texts beside lines.
fn taken(page: &Page) -> Vec<Area> {
    let holders: BTreeSet<&str> = page
        .shapes
        .iter()
        .filter_map(|s| s.parent.as_deref())
        .collect();
    let own = |s: &Shape| {
        let h = match holders.contains(s.id.as_str()) || s.kind == BoxKind::Band {
            true => 10 + LINE * int(s.lines.len()),
            false => s.h,
        };
        (s.x, s.y, s.x + s.w, s.y + h)
    };
    let labels = page.lines.iter().flat_map(|line| &line.labels);
    let labels = labels.map(|l| (l.x, l.y, l.x + l.w, l.y + l.h));
    page.shapes.iter().map(own).chain(labels).collect()
}

fn arrow(
    (a, b): (&Shape, &Shape),
    row: &Row,
    page: &Page,
    taken: &mut Vec<Area>,
    lang: Lang,
) -> Line {
    let (from, to) = ends(a, b);
    let text = row.text(lang);
    let label = beside((from, to), &text, page, taken);
    Line {
        from: a.id.clone(),
        to: b.id.clone(),
        kind: LineKind::Talk,
        points: vec![from, to],
        inferred: !row.directed,
        weight: 1 + u8::from(row.pairs >= 10) + u8::from(row.pairs >= 100),
        labels: label.into_iter().collect(),
        ..Line::default()
    }
}

/// Where a straight arrow leaves one box and meets the other, a little to its left, so that the way back
/// stands beside it.
fn ends(a: &Shape, b: &Shape) -> ((i32, i32), (i32, i32)) {
    // Right of the middle: text begins at the left.
    let mid = |s: &Shape| {
        let (x, y) = (f64::from(s.x), f64::from(s.y));
        (x + f64::from(s.w) * 0.8, y + f64::from(s.h) / 2.0)
    };
    let (p, q) = (mid(a), mid(b));
    let (dx, dy) = (q.0 - p.0, q.1 - p.1);
    let length = dx.hypot(dy).max(1.0);
    let (sx, sy) = (dy / length * ASIDE, -dx / length * ASIDE);
    (
        border(a, (p.0 + sx, p.1 + sy), (dx, dy)),
        border(b, (q.0 + sx, q.1 + sy), (-dx, -dy)),
    )
}

/// Where a way from inside a box leaves it.
fn border(s: &Shape, from: (f64, f64), way: (f64, f64)) -> (i32, i32) {
    let (l, t, r, b) = (s.x, s.y, s.x + s.w, s.y + s.h);
    let reach = |at: f64, low: i32, high: i32, step: f64| match step {
        step if step > 0.0 => (f64::from(high) - at) / step,
        step if step < 0.0 => (f64::from(low) - at) / step,
        _ => f64::INFINITY,
    };
    let (tx, ty) = (reach(from.0, l, r, way.0), reach(from.1, t, b, way.1));
    // Pages are some ten thousand units wide: exact.
    let round = |v: f64, low: i32, high: i32| (v.round() as i32).clamp(low, high);
    if tx <= ty {
        let y = round(from.1 + way.1 * tx, t, b);
        (if way.0 > 0.0 { r } else { l }, y)
    } else {
        let x = round(from.0 + way.0 * ty, l, r);
        (x, if way.1 > 0.0 { b } else { t })
    }
}

/// A text on an arrow where it covers no other, from the middle outwards.
fn beside(
    (from, to): ((i32, i32), (i32, i32)),
    text: &str,
    page: &Page,
    taken: &mut Vec<Area>,
) -> Option<Label> {
    let (w, h) = (width(text) * SMALL / 2 + 2, SMALL + 2);
    for k in 0..40 {
        let step = if k % 2 == 0 { k / 2 } else { -(k + 1) / 2 };
        let along = |a: i32, b: i32| a + (b - a) * (20 + step) / 40;
        let (x, y) = (along(from.0, to.0) - w / 2, along(from.1, to.1) - h / 2);
        let own = (x, y, x + w, y + h);
        let inside = x >= 0 && y >= 0 && own.2 <= page.width && own.3 <= page.height;
        let meets = |it: &Area| own.0 < it.2 && it.0 < own.2 && own.1 < it.3 && it.1 < own.3;
        if inside && !taken.iter().any(meets) {
            taken.push(own);
            let text = text.to_owned();
            let font = SMALL;
            return Some(Label {
                text,
                x,
                y,
                w,
                h,
                font,
            });
        }
    }
    None
}

/// Cells side by side, each cut to its column.
fn columns(cells: &[String; 4], rest: &str, options: &Options) -> String {
    let mut out = String::new();
    for (cell, most) in cells.iter().zip(COLUMNS) {
        let cell = fit(cell, most - 2);
        let room = usize::try_from(most - width(&cell)).unwrap_or(0);
        out.push_str(&cell);
        out.push_str(&" ".repeat(room));
    }
    let used: i32 = COLUMNS.iter().sum();
    let most = (smallest(options.paper) - 2 * MARGIN - 60) * 2 / super::FONT - used;
    out.push_str(&fit(rest, most));
    out
}

/// Rows of a page of the list, without its headings.
fn room(options: &Options) -> usize {
    let width = smallest(options.paper);
    let (mm_w, mm_h) = options.paper.size_mm();
    let title = title_block(options, "", (1, 1)).h;
    let free = width * mm_h / mm_w - title - 4 * MARGIN - 12;
    usize::try_from(free / LINE - 3).unwrap_or(1).max(1)
}

/// A page of the list.
fn sheet(
    rows: &[String],
    number: (u32, u32),
    (n, of): (usize, usize),
    table: &Table,
    options: &Options,
) -> Page {
    let lang = options.lang;
    let what = lang.pick("通信の一覧", "list of flows");
    let turn = if of > 1 {
        format!(" {}/{of}", n + 1)
    } else {
        String::new()
    };
    let name = format!("{}（{what}）{turn}", super::cell::name(options));
    let heads = [
        lang.pick("から", "from"),
        lang.pick("へ", "to"),
        lang.pick("組数", "pairs"),
        lang.pick("最終", "last"),
    ];
    let heads = heads.map(str::to_owned);
    let mut lines = vec![note(table, lang), String::new()];
    lines.push(columns(
        &heads,
        lang.pick("サービス（組数）", "services (pairs)"),
        options,
    ));
    lines.extend(rows.iter().cloned());
    let paper = options.paper;
    let width = smallest(paper);
    let (mm_w, mm_h) = paper.size_mm();
    let height = width * mm_h / mm_w;
    let mut title = title_block(options, &name, number);
    title.x = width - MARGIN - title.w;
    title.y = height - MARGIN - title.h;
    let list = Shape {
        x: MARGIN,
        y: MARGIN,
        w: width - 2 * MARGIN,
        h: 12 + LINE * int(lines.len()),
        title: what.to_owned(),
        lines,
        ..Shape::new("flows".to_owned(), BoxKind::List)
    };
    Page {
        number: number.0,
        kind: PageKind::List,
        name,
        paper,
        width,
        height,
        shapes: vec![list, title],
        lines: Vec::new(),
    }
}

/// What the list holds and what it cannot.
fn note(table: &Table, lang: Lang) -> String {
    let (rows, lost) = (table.rows.len(), table.lost);
    let pairs: usize = table.rows.values().map(|row| row.pairs).sum();
    match lang {
        Lang::Ja => format!(
            "院内で観測した通信 {rows} 行（機器の組 {pairs}）。図に箱のない相手との通信 {lost} 組は含みません。→ 開始側から、⇔ 開始側は不明。図の矢印は 1 ページに多い順で {MOST} 本まで。"
        ),
        Lang::En => format!(
            "{rows} rows of flows seen inside ({pairs} pairs of machines); {lost} pairs with an end that has no box are left out; → from who opened it, ⇔ not known; a page has at most {MOST} arrows"
        ),
    }
}
