//! Writers on hospitals that do not exist: everything is in every form, and names cannot harm it.

mod lettered;

use std::collections::{BTreeMap, BTreeSet};

use daicho_graph::layout::{BoxKind, Change, Geometry, Label, LineKind, Target};
use daicho_graph::{Knowledge, Options};
use daicho_ledger::Ledger;
use daicho_report::Time;
use daicho_simulate::hospital;
use kurbo::BezPath;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::paint::{self, Canvas, Pen, Rgb};
use super::tree::Tree;
use super::{About, dot, drawio, graphml, mermaid, pptx};

fn ledger(assets: usize, seed: u64) -> Ledger {
    let made = hospital(&daicho_simulate::Options {
        assets,
        seed,
        days: 1,
        reports_per_day: 1,
        end: Time::from_seconds(1_795_000_000),
        scenario: None,
    });
    daicho_ledger::build(&made.input())
}

fn geometry(ledger: &Ledger) -> Geometry {
    let network = daicho_graph::network(ledger, &Knowledge::shipped());
    let options = Options {
        hospital: ledger.site.name.clone(),
        simulated: true,
        ..Options::default()
    };
    daicho_graph::layout(&network.topology, &options)
}

fn about() -> About {
    About {
        title: "ネットワーク構成図（模擬）".to_owned(),
        created_at: Some(Time::from_seconds(1_795_000_000)),
        ..About::default()
    }
}

/// Names and attributes of all elements. Fails where the text is no well-formed XML.
fn elements(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut reader = Reader::from_str(text);
    let mut out = Vec::new();
    let mut open = 0_i32;
    loop {
        let (element, depth) = match reader.read_event().expect("well-formed XML") {
            Event::Eof => break,
            Event::Start(it) => (it, 1),
            Event::Empty(it) => (it, 0),
            Event::End(_) => {
                open -= 1;
                continue;
            }
            _ => continue,
        };
        open += depth;
        let name = element.name().as_ref().to_owned();
        let attributes = element.attributes().map(|it| {
            let it = it.expect("an attribute stands once");
            let key = it.key.as_ref().to_owned();
            let value = it.value.clone().into_owned();
            (
                key,
                quick_xml::escape::unescape(&value).unwrap().into_owned(),
            )
        });
        out.push((name, attributes.collect()));
    }
    assert_eq!(open, 0, "every element is closed");
    for c in text.chars() {
        assert!(
            !c.is_control() || c == '\n',
            "{c:?} is no character of XML here"
        );
    }
    out
}

fn count(all: &[(String, BTreeMap<String, String>)], name: &str) -> usize {
    all.iter().filter(|(it, _)| it == name).count()
}

#[derive(Default)]
struct Counting {
    areas: usize,
    strokes: usize,
    texts: Vec<String>,
}

impl Canvas for Counting {
    fn area(&mut self, _: &BezPath, _: Rgb, _: &Pen) {
        self.areas += 1;
    }
    fn stroke(&mut self, _: &BezPath, _: &Pen) {
        self.strokes += 1;
    }
    fn text(&mut self, _: (f32, f32), _: f32, _: Rgb, text: &str) {
        self.texts.push(text.to_owned());
    }
}

fn check_counts(geometry: &Geometry) {
    let shapes = geometry.shapes().count();
    let lines = geometry.lines().count();
    let symbols: usize = geometry.shapes().map(|it| it.explains.len()).sum();
    let texts: usize = geometry
        .shapes()
        .map(|it| it.lines.iter().filter(|line| !line.is_empty()).count())
        .chain(geometry.lines().map(|it| it.labels.len()))
        .sum();

    let svg = elements(&daicho_graph::svg(geometry));
    assert_eq!(count(&svg, "g"), shapes, "SVG");
    assert_eq!(count(&svg, "polyline"), lines, "SVG");
    assert_eq!(count(&svg, "text"), texts, "SVG");

    let mut canvas = Counting::default();
    geometry
        .pages
        .iter()
        .for_each(|it| paint::page(&mut canvas, it));
    assert!(
        canvas.areas >= shapes + symbols && canvas.strokes >= lines,
        "PDF, PNG"
    );
    assert_eq!(canvas.texts.len(), texts, "PDF, PNG");

    let drawn = elements(&drawio(geometry, &about()));
    let with = |key: &str| drawn.iter().filter(|it| it.1.contains_key(key)).count();
    assert_eq!(with("daicho_id"), shapes, "draw.io");
    assert_eq!(with("edge"), lines, "draw.io");

    let (mut boxes, mut connectors) = (0, 0);
    for part in pptx(geometry, &about()) {
        let all = elements(&part.text);
        connectors += count(&all, "p:cxnSp");
        if part.name.starts_with("ppt/slides/slide") {
            let page = &geometry.pages[boxes_page(&part.name)];
            let ids: Vec<usize> = all
                .iter()
                .filter(|it| it.0 == "p:cNvPr")
                .map(|it| it.1["id"].parse().unwrap())
                .collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids");
            boxes += ids
                .iter()
                .filter(|id| (2..2 + page.shapes.len()).contains(*id))
                .count();
        }
    }
    assert_eq!((boxes, connectors), (shapes, lines), "PPTX");

    check_tools(geometry);
}

/// Each box and line once.
fn check_tools(geometry: &Geometry) {
    let once = super::text::Once::new(geometry);
    let (nodes, edges) = (once.nodes.len(), once.lines.len());
    let tools = elements(&graphml(geometry));
    assert_eq!(
        (count(&tools, "node"), count(&tools, "edge")),
        (nodes, edges),
        "GraphML"
    );
    let dot = dot(geometry);
    assert_eq!(dot.matches(" [label=").count(), nodes, "DOT");
    assert_eq!(
        dot.lines().filter(|it| it.contains(" -- ")).count(),
        edges,
        "DOT"
    );
    let mermaid = mermaid(geometry);
    let starts = |it: &&str| it.trim_start().starts_with('n') && it.contains("[\"");
    assert_eq!(mermaid.lines().filter(starts).count(), nodes, "Mermaid");
    let links = |it: &&str| it.contains(" --- n") || it.contains(" -.- n");
    assert_eq!(mermaid.lines().filter(links).count(), edges, "Mermaid");
}

fn boxes_page(name: &str) -> usize {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<usize>().unwrap() - 1
}

#[test]
fn every_writer_holds_every_box_and_line() {
    for (assets, seed) in [(12, 1), (50, 3), (200, 7)] {
        let geometry = geometry(&ledger(assets, seed));
        assert!(geometry.shapes().count() > 10 && geometry.lines().count() > 2);
        check_counts(&geometry);
    }
}

const HOSTILE: &[&str] = &[
    "\u{202e}txt.exe\u{202c}",
    "zero\u{200b}width\u{feff}",
    "control\u{0}\u{7}\u{1b}[31m",
    "<script>alert(1)</script>",
    "]]>--><!DOCTYPE x [<!ENTITY a \"b\">]>&a;",
    "line\nbreak\r\u{2028}next",
    "\"quote' `tick` \\back; #1 [x]{y}|z|",
    "\u{ffff}\u{fffe}\u{e000}",
];

#[test]
fn hostile_names_survive_in_every_writer_visibly_and_safely() {
    let mut ledger = ledger(50, 3);
    let long = "長".repeat(255);
    let marks = format!("e{}", "\u{301}".repeat(300));
    let names = HOSTILE
        .iter()
        .copied()
        .chain([long.as_str(), marks.as_str()]);
    for (asset, name) in ledger.assets.iter_mut().zip(names.cycle()) {
        asset.label = name.to_owned();
    }
    ledger.site.name = "<b>\u{202e}病院\u{0}</b>".to_owned();
    let geometry = geometry(&ledger);
    check_counts(&geometry);
    let mut all = vec![
        daicho_graph::svg(&geometry),
        drawio(&geometry, &about()),
        graphml(&geometry),
        dot(&geometry),
        mermaid(&geometry),
    ];
    all.extend(pptx(&geometry, &about()).into_iter().map(|it| it.text));
    for text in &all {
        for c in [
            '\u{202e}', '\u{200b}', '\u{feff}', '\u{0}', '\u{1b}', '\r', '\u{2028}',
        ] {
            assert!(!text.contains(c), "{c:?} is shown, not written");
        }
        assert!(
            !text.contains("\u{301}\u{301}\u{301}"),
            "piled marks are cut"
        );
    }
    for text in [&all[0], &all[1], &all[2], &all[4]] {
        assert!(!text.contains("<script>") && !text.contains("<!ENTITY"));
    }
    assert!(all[1].contains("〈U+202E〉") && all[2].contains("〈U+202E〉"));
}

#[test]
fn the_same_geometry_gives_the_same_bytes() {
    let geometry = geometry(&ledger(50, 3));
    let all = || {
        (
            drawio(&geometry, &about()),
            pptx(&geometry, &about()),
            graphml(&geometry),
            dot(&geometry),
            mermaid(&geometry),
        )
    };
    assert!(all() == all());
}

#[test]
fn a_drawio_file_has_each_id_once_and_every_parent_and_end() {
    let geometry = geometry(&ledger(200, 7));
    let all = elements(&drawio(&geometry, &about()));
    assert_eq!(count(&all, "diagram"), geometry.pages.len());
    let ids: Vec<&String> = all.iter().filter_map(|it| it.1.get("id")).collect();
    let known: BTreeSet<&String> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "ids stand once");
    let mut ends = 0;
    for (_, attributes) in &all {
        for key in ["parent", "source", "target"] {
            if let Some(id) = attributes.get(key) {
                ends += 1;
                assert!(known.contains(id), "{key} {id} is there");
            }
        }
    }
    assert!(ends > geometry.shapes().count());
    let inside = geometry.pages.iter().map(|page| {
        let tree = Tree::new(page);
        page.shapes
            .iter()
            .filter(|it| tree.parent(&it.id).is_some())
            .count()
    });
    assert!(inside.sum::<usize>() > 20, "groups are kept");
}

#[test]
fn connectors_hold_on_to_boxes_that_are_there() {
    let geometry = geometry(&ledger(50, 3));
    for part in pptx(&geometry, &about()) {
        let all = elements(&part.text);
        let ids: BTreeSet<&String> = all
            .iter()
            .filter(|it| it.0 == "p:cNvPr")
            .map(|it| &it.1["id"])
            .collect();
        let ends: Vec<_> = all
            .iter()
            .filter(|it| it.0 == "a:stCxn" || it.0 == "a:endCxn")
            .collect();
        assert_eq!(ends.len(), 2 * count(&all, "p:cxnSp"), "{}", part.name);
        assert!(ends.iter().all(|it| ids.contains(&it.1["id"])));
    }
}

#[test]
fn every_icon_is_a_path() {
    let geometry = geometry(&ledger(200, 7));
    for shape in geometry.shapes() {
        if matches!(shape.kind, BoxKind::Node(_) | BoxKind::Group(_)) {
            assert!(paint::icon_path(shape.kind).is_some(), "{:?}", shape.kind);
        }
    }
}

/// Two pages that lead to each other, with flows, labels and changes.
fn several() -> Geometry {
    let mut geometry = geometry(&ledger(50, 3));
    let mut second = geometry.pages[0].clone();
    second.number = 2;
    second.name = "二枚目".to_owned();
    geometry.pages.push(second);
    for (n, page) in (0_u32..).zip(&mut geometry.pages) {
        let shape = page
            .shapes
            .iter_mut()
            .find(|it| it.parent.is_some())
            .unwrap();
        shape.leads = Some(Target {
            page: 2 - n,
            shape: None,
        });
        let changes = [Change::Added, Change::Removed, Change::Changed];
        for (shape, change) in page.shapes.iter_mut().rev().zip(changes) {
            shape.change = Some(change);
        }
        let kinds = [LineKind::Flow, LineKind::External];
        for (line, kind) in page.lines.iter_mut().zip(kinds) {
            line.kind = kind;
            line.labels.push(Label {
                text: "443/tcp <b>\u{202e}".to_owned(),
                x: line.points[0].0,
                y: line.points[0].1,
                w: 60,
                h: 12,
                font: 10,
            });
        }
    }
    geometry
}

#[test]
fn pages_lead_to_each_other_in_every_writer() {
    let geometry = several();
    check_counts(&geometry);
    let text = drawio(&geometry, &about());
    let (first, second) = text.split_once("id=\"p1\"").unwrap();
    assert!(first.contains("link=\"data:page/id,p1\""));
    assert!(second.contains("link=\"data:page/id,p0\""));
    let parts = pptx(&geometry, &about());
    let slide = parts
        .iter()
        .find(|it| it.name == "ppt/slides/slide1.xml")
        .unwrap();
    assert!(
        slide
            .text
            .contains("r:id=\"rId3\" action=\"ppaction://hlinksldjump\"")
    );
    let name = "ppt/slides/_rels/slide1.xml.rels";
    let relations = parts.iter().find(|it| it.name == name).unwrap();
    assert!(relations.text.contains("Id=\"rId3\"") && relations.text.contains("slide2.xml"));
    assert_eq!(
        text.matches("endArrow=block").count(),
        2,
        "flows are arrows"
    );
}

#[test]
fn svg_for_office_has_presentation_attributes_alone_and_keeps_every_text() {
    let geometry = several();
    let elements_of = |text: &str| -> BTreeSet<String> {
        elements(text).into_iter().map(|(name, _)| name).collect()
    };
    for page in &geometry.pages {
        let text = daicho_graph::render::svg::office(page, &geometry.name);
        let known = ["svg", "title", "g", "rect", "path", "polyline", "text"];
        for name in elements_of(&text) {
            assert!(known.contains(&name.as_str()), "{name}");
        }
        for (name, attributes) in elements(&text) {
            for attribute in attributes.keys() {
                let refused = ["style", "class", "id", "role", "textLength", "lengthAdjust"];
                assert!(!refused.contains(&attribute.as_str()), "{name} {attribute}");
                assert!(!attribute.starts_with("aria"), "{name} {attribute}");
                let value = &attributes[attribute];
                assert!(!value.contains("url("), "{name} {attribute} {value}");
            }
            if name == "text" {
                assert!(attributes["font-family"].contains("Meiryo"));
                assert!(attributes.contains_key("font-size"));
            }
        }
        let count = |text: &str| text.matches("<text ").count();
        let screen = daicho_graph::render::svg::page(page, &geometry.name);
        assert_eq!(count(&text), count(&screen));
        assert!(count(&text) > 50);
    }
}
