//! .drawio. Comes in: a geometry; goes out: an uncompressed file with a sheet for each page, layers,
//! boxes inside boxes, and properties that survive editing. No id stands in it twice.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daicho_graph::layout::{BoxKind, FONT, Geometry, LINE, Label, Layer, Line, Page, Shape};
use daicho_graph::render::look::{self, Look};

use crate::page::About;
use crate::tree::{Tree, kind_word};
use crate::xml::escape;

/// draw.io counts paper in hundredths of an inch.
const PER_MM: f64 = 100.0 / 25.4;

const LAYERS: [(Layer, &str, &str); 5] = [
    (Layer::Frame, "表題欄・凡例・背景", "frame"),
    (Layer::Ledger, "台帳", "ledger"),
    (Layer::External, "外部接続", "external"),
    (Layer::Flow, "通信", "flows"),
    (Layer::Change, "差分", "changes"),
];

/// Writes the pages as one file.
#[must_use]
pub fn drawio(geometry: &Geometry, about: &About) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mxfile host=\"Daicho\" agent=\"Daicho\" version=\"24.0.0\" pages=\"{}\">\n",
        geometry.pages.len()
    );
    for (n, page) in geometry.pages.iter().enumerate() {
        let mut sheet = Sheet {
            out: &mut out,
            geometry,
            about,
            page,
            tree: Tree::new(page),
            at: n,
            scale: f64::from(page.paper.size_mm().0) * PER_MM / f64::from(page.width.max(1)),
            next: page.shapes.len(),
        };
        sheet.write();
    }
    out.push_str("</mxfile>\n");
    out
}

/// A page while it is written.
struct Sheet<'a> {
    out: &'a mut String,
    geometry: &'a Geometry,
    about: &'a About,
    page: &'a Page,
    tree: Tree<'a>,
    at: usize,
    scale: f64,
    next: usize,
}

impl<'a> Sheet<'a> {
    fn write(&mut self) {
        let (w, h) = self.page.paper.size_mm();
        let (w, h) = (
            (f64::from(w) * PER_MM).round(),
            (f64::from(h) * PER_MM).round(),
        );
        let at = self.at;
        let _ = writeln!(
            self.out,
            "<diagram id=\"p{at}\" name=\"{}\"><mxGraphModel grid=\"0\" page=\"1\" pageScale=\"1\" pageWidth=\"{w}\" pageHeight=\"{h}\" tooltips=\"1\" connect=\"1\" arrows=\"1\" math=\"0\" shadow=\"0\"><root><mxCell id=\"p{at}-root\"/>",
            escape(&self.page.name)
        );
        for (layer, ja, en) in LAYERS {
            let _ = writeln!(
                self.out,
                "<mxCell id=\"{}\" value=\"{}\" parent=\"p{at}-root\"/>",
                self.layer(layer),
                self.about.lang.pick(ja, en)
            );
        }
        for shape in self.tree.roots.clone() {
            self.tree_of(shape, None);
        }
        for line in &self.page.lines {
            self.line(line);
        }
        self.out.push_str("</root></mxGraphModel></diagram>\n");
    }

    fn layer(&self, layer: Layer) -> String {
        let name = LAYERS.iter().find(|it| it.0 == layer).map_or("", |it| it.2);
        format!("p{}-{name}", self.at)
    }

    fn cell(&self, number: usize) -> String {
        format!("p{}-{number}", self.at)
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn length(&self, units: i32) -> String {
        tidy(f64::from(units) * self.scale)
    }

    fn place(&self, (x, y, w, h): (i32, i32, i32, i32), around: Option<&Shape>) -> String {
        let (left, top) = around.map_or((0, 0), |it| (it.x, it.y));
        format!(
            "<mxGeometry x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" as=\"geometry\"/>",
            self.length(x - left),
            self.length(y - top),
            self.length(w),
            self.length(h)
        )
    }

    /// A box, and what stands in it.
    fn tree_of(&mut self, shape: &'a Shape, around: Option<&'a Shape>) {
        let inside = self.tree.inside(&shape.id).to_vec();
        let number = self.tree.number(&shape.id).unwrap_or_default();
        let id = self.cell(number);
        let parent = match around.and_then(|it| self.tree.number(&it.id)) {
            Some(number) => self.cell(number),
            // What holds machines belongs to the ledger, so that the frame can be hidden.
            None if !inside.is_empty() && shape.layer() == Layer::Frame => {
                self.layer(Layer::Ledger)
            }
            None => self.layer(shape.layer()),
        };
        let style = self.style(shape, !inside.is_empty());
        let place = self.place((shape.x, shape.y, shape.w, shape.h), around);
        let _ = writeln!(
            self.out,
            "<object id=\"{id}\" label=\"{}\" tooltip=\"{}\"{}><mxCell style=\"{style}\" vertex=\"1\" parent=\"{parent}\">{place}</mxCell></object>",
            escape(&shape.lines.join("\n")),
            escape(&shape.title),
            self.properties(shape)
        );
        let look = look::look(shape);
        let (x, y) = look::icon_at(shape);
        self.image(
            look::icon(shape.kind),
            (0, 0, 16, 16),
            (x, y, 16, 16),
            (shape, look.stroke),
        );
        let strip = (shape.x, shape.y, shape.w, shape.h);
        self.image(&look::hatch(shape), strip, strip, (shape, look.stroke));
        if shape.kind == BoxKind::Legend {
            for symbol in look::symbols(shape) {
                self.symbol(symbol, shape, &id);
            }
        }
        for inner in inside {
            self.tree_of(inner, Some(shape));
        }
    }

    fn symbol(&mut self, symbol: look::Symbol, shape: &Shape, parent: &str) {
        let it = look::symbol_look(symbol.kind);
        let number = self.number();
        let place = (symbol.x, symbol.y, look::SYMBOL, look::SYMBOL);
        let place = self.place(place, Some(shape));
        let id = self.cell(number);
        let _ = writeln!(
            self.out,
            "<mxCell id=\"{id}\" style=\"{}\" vertex=\"1\" connectable=\"0\" parent=\"{parent}\">{place}</mxCell>",
            self.colors(&it)
        );
        let at = (symbol.x + 2, symbol.y + 2, 12, 12);
        self.image(
            look::icon(symbol.kind),
            (0, 0, 16, 16),
            at,
            (shape, it.stroke),
        );
    }

    /// Strokes of ours as a small picture inside a box.
    fn image(
        &mut self,
        path: &str,
        (left, top, w, h): (i32, i32, i32, i32),
        place: (i32, i32, i32, i32),
        (shape, color): (&Shape, &str),
    ) {
        if path.is_empty() {
            return;
        }
        let picture = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"{left} {top} {w} {h}\"><path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.2\"/></svg>"
        );
        let number = self.number();
        let place = self.place(place, Some(shape));
        let parent = self.tree.number(&shape.id).unwrap_or_default();
        let _ = writeln!(
            self.out,
            "<mxCell id=\"{}\" style=\"shape=image;imageAspect=0;html=0;pointerEvents=0;image=data:image/svg+xml,{}\" vertex=\"1\" connectable=\"0\" parent=\"{}\">{place}</mxCell>",
            self.cell(number),
            STANDARD.encode(picture),
            self.cell(parent)
        );
    }

    fn colors(&self, look: &Look) -> String {
        let mut out = format!(
            "rounded=0;html=0;fillColor={};strokeColor={};strokeWidth={};",
            look.fill,
            look.stroke,
            tidy(f64::from(look.thick) * self.scale)
        );
        self.dash(&mut out, look.dash);
        out
    }

    fn dash(&self, out: &mut String, lengths: &str) {
        if !lengths.is_empty() {
            let _ = write!(out, "dashed=1;dashPattern={lengths};");
        }
    }

    fn style(&self, shape: &Shape, container: bool) -> String {
        let mut out = self.colors(&look::look(shape));
        let left = look::texts(shape).next().map_or(0, |it| it.x - shape.x);
        let _ = write!(
            out,
            "align=left;verticalAlign=top;whiteSpace=nowrap;overflow=visible;spacing=0;spacingLeft={};spacingTop={};fontFamily=BIZ UDGothic;fontSize={};fontColor=#111111;",
            self.length(left),
            self.length(18 - LINE * 3 / 4),
            self.length(FONT)
        );
        if container {
            out.push_str("container=1;collapsible=0;recursiveResize=0;");
        }
        out
    }

    fn properties(&self, shape: &Shape) -> String {
        let mut out = format!(
            " daicho_id=\"{}\" kind=\"{}\"",
            escape(&shape.id),
            kind_word(shape.kind)
        );
        if let Some(zone) = shape.zone {
            let _ = write!(out, " zone=\"{}\"", escape(zone.title(self.about.lang)));
        }
        if let Some(grade) = shape.grade {
            let _ = write!(out, " grade=\"{}\"", escape(grade.title(self.about.lang)));
        }
        if let Some(change) = shape.change {
            let _ = write!(out, " change=\"{}\"", format!("{change:?}").to_lowercase());
        }
        let page = shape.leads.as_ref().map(|it| it.page);
        let at = page.and_then(|n| self.geometry.pages.iter().position(|it| it.number == n));
        if let Some(at) = at {
            let _ = write!(out, " link=\"data:page/id,p{at}\"");
        }
        out
    }

    /// The innermost box around both ends of a line.
    fn around(&self, line: &Line) -> Option<&'a Shape> {
        let above = |id: &str| {
            let mut out = Vec::new();
            let mut at = self.tree.parent(id);
            while let Some(id) = at {
                out.push(id);
                at = self.tree.parent(id);
            }
            out
        };
        let of_one: BTreeSet<&str> = above(&line.to).into_iter().collect();
        let both = above(&line.from)
            .into_iter()
            .find(|id| of_one.contains(id))?;
        self.page.shapes.get(self.tree.number(both)?)
    }

    fn line(&mut self, line: &Line) {
        let with_others = matches!(line.layer(), Layer::Ledger | Layer::External);
        let around = self.around(line).filter(|_| with_others);
        let parent = match around.and_then(|it| self.tree.number(&it.id)) {
            Some(number) => self.cell(number),
            None => self.layer(line.layer()),
        };
        let (style, ends) = self.held(line);
        let course = self.course(line, around.map_or((0, 0), |it| (it.x, it.y)));
        let number = self.number();
        let _ = writeln!(
            self.out,
            "<object id=\"{}\" label=\"\" tooltip=\"{}\" kind=\"{:?}\"><mxCell style=\"{style}\" edge=\"1\" parent=\"{parent}\"{ends}>{course}</mxCell></object>",
            format_args!("p{}-{number}", self.at),
            escape(&format!("{} – {}", line.from, line.to)),
            line.kind
        );
        for label in &line.labels {
            self.label(label, line.layer());
        }
    }

    /// The look of a line with the places at which its boxes hold it, and the boxes.
    fn held(&self, line: &Line) -> (String, String) {
        let look = look::line_look(line);
        let head = match look::pointed(line) {
            true => "block;endFill=1;endSize=5",
            false => "none",
        };
        let mut style = format!(
            "rounded=0;html=0;strokeColor={};strokeWidth={};endArrow={head};startArrow=none;",
            look.stroke,
            tidy(f64::from(look.thick) * self.scale)
        );
        if look::cover(line) < 100 {
            let _ = write!(style, "opacity={};", look::cover(line));
        }
        self.dash(&mut style, look.dash);
        let mut ends = String::new();
        for (id, at, tag, out) in [
            (&line.from, line.points.first(), "source", "exit"),
            (&line.to, line.points.last(), "target", "entry"),
        ] {
            let number = self.tree.number(id);
            let found = number.and_then(|n| Some((n, self.page.shapes.get(n)?)));
            let Some((number, shape)) = found else {
                continue;
            };
            let _ = write!(ends, " {tag}=\"{}\"", self.cell(number));
            if let Some((x, y)) = at {
                let part = |at: i32, from: i32, size: i32| {
                    tidy((f64::from(at - from) / f64::from(size.max(1))).clamp(0.0, 1.0))
                };
                let (x, y) = (part(*x, shape.x, shape.w), part(*y, shape.y, shape.h));
                let _ = write!(
                    style,
                    "{out}X={x};{out}Y={y};{out}Dx=0;{out}Dy=0;{out}Perimeter=0;"
                );
            }
        }
        (style, ends)
    }

    /// The corners of a line, from the corner of the box that it stands in.
    fn course(&self, line: &Line, (left, top): (i32, i32)) -> String {
        let point = |(x, y): (i32, i32), role: &str| {
            let (x, y) = (self.length(x - left), self.length(y - top));
            format!("<mxPoint x=\"{x}\" y=\"{y}\"{role}/>")
        };
        let inner = line.points.get(1..line.points.len().saturating_sub(1));
        let inner = inner.unwrap_or_default().iter();
        let corners: String = inner.map(|it| point(*it, "")).collect();
        let first = line.points.first();
        let first = first.map(|it| point(*it, " as=\"sourcePoint\""));
        let last = line.points.last();
        let last = last.map(|it| point(*it, " as=\"targetPoint\""));
        format!(
            "<mxGeometry relative=\"1\" as=\"geometry\">{}{}<Array as=\"points\">{corners}</Array></mxGeometry>",
            first.unwrap_or_default(),
            last.unwrap_or_default()
        )
    }

    fn label(&mut self, label: &Label, layer: Layer) {
        let number = self.number();
        let place = self.place((label.x, label.y, label.w, label.h), None);
        let _ = writeln!(
            self.out,
            "<mxCell id=\"{}\" value=\"{}\" style=\"text;html=0;align=left;verticalAlign=middle;spacing=0;fontFamily=BIZ UDGothic;fontSize={};fontColor={};fillColor={};\" vertex=\"1\" connectable=\"0\" parent=\"{}\">{place}</mxCell>",
            self.cell(number),
            escape(&label.text),
            self.length(label.font),
            look::LABEL,
            look::GROUND,
            self.layer(layer)
        );
    }
}

/// A number with at most three digits after the point.
fn tidy(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
