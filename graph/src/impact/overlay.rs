//! The scope drawn on the diagram. Comes in: the diagram's SVG, its geometry, the scope and the plan;
//! goes out: the same picture, nothing moved, with marks in colour, pattern and text over it. It never
//! draws a mark where the diagram has no box: such things are counted at their segment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use daicho_ledger::Lang;

use super::plan::Plan;
use super::scope::Scope;
use super::weight::Means;
use super::{Reach, Resident};
use crate::layout::{BoxKind, Geometry, Shape};

/// Patterns, so that the marks can be told in grey print.
const PATTERNS: &str = "<defs>\
<pattern id=\"hit-damaged\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><path d=\"M0 0L8 8M8 0L0 8\" stroke=\"#c00000\" stroke-width=\"1.2\"/></pattern>\
<pattern id=\"hit-observed\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><path d=\"M0 8L8 0\" stroke=\"#d05000\" stroke-width=\"1.2\"/></pattern>\
<pattern id=\"hit-possible\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><circle cx=\"2\" cy=\"2\" r=\"1\" fill=\"#806000\"/></pattern>\
</defs>\n";

/// The look of a mark: pattern, line, dashes.
fn look(reach: Reach) -> (&'static str, &'static str, &'static str) {
    match reach {
        Reach::Damaged => ("hit-damaged", "#c00000", ""),
        Reach::Observed => ("hit-observed", "#d05000", ""),
        Reach::Possible => ("hit-possible", "#806000", "4 3"),
    }
}

fn word(reach: Reach, lang: Lang) -> &'static str {
    match reach {
        Reach::Damaged => lang.pick("被害", "damaged"),
        Reach::Observed => lang.pick("観測", "observed"),
        Reach::Possible => lang.pick("可能性", "possible"),
    }
}

/// A page: its boxes and its width. The picture writes pages in their order, each ending its own
/// element.
type Page<'a> = (&'a [Shape], i32);

fn pages(geometry: &Geometry) -> Vec<Page<'_>> {
    geometry
        .pages
        .iter()
        .map(|page| (page.shapes.as_slice(), page.width))
        .collect()
}

/// Draws it.
#[must_use]
pub fn overlay(
    picture: &str,
    geometry: &Geometry,
    resident: &Resident,
    (scope, plan): (&Scope, &Plan),
    lang: Lang,
) -> String {
    let mut marks: BTreeMap<&str, Reach> = BTreeMap::new();
    marks.extend(scope.reached.iter().map(|it| (it.id.as_str(), it.reach)));
    marks.extend(scope.damaged.iter().map(|it| (it.as_str(), Reach::Damaged)));
    let mut out = String::new();
    let mut rest = picture;
    for page in pages(geometry) {
        let Some(end) = rest.find("</svg>") else {
            break;
        };
        out.push_str(&rest[..end]);
        drawn(&mut out, page, resident, (&marks, plan), lang);
        out.push_str("</svg>");
        rest = &rest[end + "</svg>".len()..];
    }
    out.push_str(rest);
    out
}

/// The marks of a page.
fn drawn(
    out: &mut String,
    (shapes, width): Page<'_>,
    resident: &Resident,
    (marks, plan): (&BTreeMap<&str, Reach>, &Plan),
    lang: Lang,
) {
    out.push_str(PATTERNS);
    out.push_str("<g class=\"impact\">\n");
    let counts = counts(shapes, resident, marks);
    for shape in shapes {
        if let Some(reach) = marks.get(thing(&shape.id)) {
            mark(out, shape, *reach, word(*reach, lang));
        } else if let Some(all) = counts.get(shape.id.as_str()) {
            segment(out, shape, all, lang);
        }
    }
    cuts(out, shapes, plan, lang);
    key(out, width, lang);
    out.push_str("</g>\n");
}

/// The thing that a box is: inside a segment it bears the segment's name before its own.
fn thing(id: &str) -> &str {
    let id = id.rsplit_once('|').map_or(id, |(_, id)| id);
    id.strip_prefix("gateway:").unwrap_or(id)
}

/// What has no box of its own, by its segment's box: damaged, observed, possible.
fn counts<'a>(
    shapes: &[Shape],
    resident: &'a Resident,
    marks: &BTreeMap<&str, Reach>,
) -> BTreeMap<&'a str, [usize; 3]> {
    let boxes: std::collections::BTreeSet<&str> = shapes.iter().map(|it| thing(&it.id)).collect();
    let id = |row: u32| {
        let at = resident.snapshot.things.get(row as usize)?;
        let thing = resident.model.graph.node_weight(*at);
        thing.map(|it| it.id.as_str())
    };
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (machine, reach) in marks.iter().filter(|(it, _)| !boxes.contains(**it)) {
        let row = resident.row(machine);
        let segments = row.and_then(|it| resident.gates.segments.get(&it));
        for segment in segments.into_iter().flatten().filter_map(|it| id(*it)) {
            let place = match reach {
                Reach::Damaged => 0,
                Reach::Observed => 1,
                Reach::Possible => 2,
            };
            counts.entry(segment).or_default()[place] += 1;
        }
    }
    counts
}

fn mark(out: &mut String, shape: &Shape, reach: Reach, text: &str) {
    let (pattern, stroke, dash) = look(reach);
    let dash = if dash.is_empty() { "none" } else { dash };
    let (x, y, w, h) = (shape.x, shape.y, shape.w, shape.h);
    // Writing into a text cannot fail.
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"url(#{pattern})\" fill-opacity=\"0.55\" stroke=\"{stroke}\" stroke-width=\"3\" stroke-dasharray=\"{dash}\"/>"
    );
    label(out, (x + w, y), text, stroke);
}

/// A label whose right upper corner is given.
fn label(out: &mut String, (right, top): (i32, i32), text: &str, stroke: &str) {
    let wide = crate::text::width(text) * 6 + 8;
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{wide}\" height=\"15\" fill=\"#ffffff\" stroke=\"{stroke}\" stroke-width=\"1.5\"/><text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"{stroke}\">{text}</text>",
        right - wide,
        top - 8,
        right - wide + 4,
        top + 4
    );
}

fn segment(out: &mut String, shape: &Shape, all: &[usize; 3], lang: Lang) {
    let reaches = [Reach::Damaged, Reach::Observed, Reach::Possible];
    let worst = reaches.iter().zip(all).find(|(_, n)| **n > 0);
    let Some((worst, _)) = worst else { return };
    let parts = reaches.iter().zip(all).filter(|(_, n)| **n > 0);
    let parts: Vec<String> = parts
        .map(|(it, n)| format!("{}{n}", word(*it, lang)))
        .collect();
    let (_, stroke, dash) = look(*worst);
    let dash = if dash.is_empty() { "none" } else { dash };
    let (x, y, w, h) = (shape.x, shape.y, shape.w, shape.h);
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"3\" stroke-dasharray=\"{dash}\"/>"
    );
    label(out, (x + w, y), &parts.join(lang.pick("・", ", ")), stroke);
}

/// Where something is cut: the number of the act in the plan.
fn cuts(out: &mut String, shapes: &[Shape], plan: &Plan, lang: Lang) {
    let mut numbers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (number, act) in (1..).zip(&plan.acts) {
        if matches!(act.means, Means::StopPoint) && !act.leads_to_damage {
            continue;
        }
        let number = format!("{number}");
        numbers.entry(&act.target).or_default().push(number);
    }
    for shape in shapes.iter().filter(|it| it.kind != BoxKind::Band) {
        if let Some(all) = numbers.get(thing(&shape.id)) {
            let text = format!("{}{}", lang.pick("切断", "cut "), all.join(","));
            let place = (shape.x + shape.w, shape.y + shape.h);
            label(out, place, &text, "#0040a0");
        }
    }
}

/// What the marks mean.
fn key(out: &mut String, width: i32, lang: Lang) {
    let (x, y) = (width - 250, 12);
    let title = lang.pick("影響範囲（重ね描き）", "impact scope (overlay)");
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"240\" height=\"84\" fill=\"#ffffff\" fill-opacity=\"0.92\" stroke=\"#222222\"/><text x=\"{}\" y=\"{}\">{title}</text>",
        x + 8,
        y + 16
    );
    let mut top = y + 22;
    for reach in [Reach::Damaged, Reach::Observed, Reach::Possible] {
        let (pattern, stroke, dash) = look(reach);
        let dash = if dash.is_empty() { "none" } else { dash };
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{top}\" width=\"22\" height=\"14\" fill=\"url(#{pattern})\" stroke=\"{stroke}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            x + 8,
            x + 38,
            top + 12,
            reach.title(lang)
        );
        top += 19;
    }
}
