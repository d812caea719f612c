//! One slide. Comes in: a page; goes out: its boxes as groups of native shapes with text, and its lines
//! as connectors that hold on to the boxes. Every box keeps its place when PowerPoint opens it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use daicho_graph::Lang;
use daicho_graph::layout::{BoxKind, FONT, Geometry, LINE, Label, Page, Shape};
use daicho_graph::render::look::{self, Look};
use kurbo::{Affine, BezPath, PathEl};

use super::frame::FONT as FAMILY;
use super::{Scale, connector};
use crate::page::About;
use crate::paint::icon_path;
use crate::tree::Tree;
use crate::xml::{escape, name};

/// Part of a line of text above its base line, with exact line spacing.
const ABOVE: f64 = 0.8;

/// Where lines end at a box, in units of the page from its corner.
pub(super) type Ports<'a> = BTreeMap<&'a str, Vec<(i32, i32)>>;

/// A slide while it is written.
struct Slide<'a> {
    out: String,
    scale: Scale,
    tree: Tree<'a>,
    ports: Ports<'a>,
    /// The next number of a part that nothing refers to.
    next: usize,
    lang: &'static str,
    geometry: &'a Geometry,
}

/// Numbers of boxes begin here; 1 is the slide itself.
const FIRST: usize = 2;

/// Writes a page.
pub(super) fn slide(geometry: &Geometry, page: &Page, scale: Scale, about: &About) -> String {
    let mut it = Slide {
        out: String::new(),
        scale,
        tree: Tree::new(page),
        ports: connector::ports(page),
        next: FIRST + page.shapes.len(),
        geometry,
        lang: match about.lang {
            Lang::Ja => "ja-JP",
            Lang::En => "en-US",
        },
    };
    it.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<p:sld xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" xmlns:cx1=\"http://schemas.microsoft.com/office/drawing/2015/9/8/chartex\">");
    let _ = writeln!(
        it.out,
        "<p:cSld name=\"{}\"><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"0\" cy=\"0\"/><a:chOff x=\"0\" y=\"0\"/><a:chExt cx=\"0\" cy=\"0\"/></a:xfrm></p:grpSpPr>",
        name(&page.name)
    );
    // Zones hold their segments, so lines stand above both; none runs over a box that is not its own.
    let roots = it.tree.roots.clone();
    for shape in roots {
        it.tree_of(shape);
    }
    for line in &page.lines {
        let (number, other) = (it.number(), it.number());
        let ends = [&line.from, &line.to].map(|id| {
            let at = it.tree.number(id)?;
            Some((at + FIRST, id.as_str()))
        });
        connector::write(&mut it.out, line, (number, other, ends), &it.ports, scale);
    }
    let labels = page.lines.iter().flat_map(|line| &line.labels);
    labels.for_each(|label| it.label(label));
    it.out
        .push_str("</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>\n");
    it.out
}

impl<'a> Slide<'a> {
    fn number(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// A box, and as a group with it everything that belongs to it.
    fn tree_of(&mut self, shape: &'a Shape) {
        let inside: Vec<&Shape> = self.tree.inside(&shape.id).to_vec();
        let icon = icon_path(shape.kind);
        let hatch = BezPath::from_svg(&look::hatch(shape)).unwrap_or_default();
        let group =
            icon.is_some() || !hatch.is_empty() || !inside.is_empty() || !shape.explains.is_empty();
        if group {
            let number = self.number();
            let place = self.place((shape.x, shape.y, shape.w, shape.h), true);
            let _ = writeln!(
                self.out,
                "<p:grpSp><p:nvGrpSpPr><p:cNvPr id=\"{number}\" name=\"{}\" descr=\"{}\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr>{place}</p:grpSpPr>",
                name(&shape.title),
                escape(&shape.title)
            );
        }
        self.box_of(shape);
        let stroke = look::look(shape).stroke;
        if let Some(path) = icon {
            let (x, y) = look::icon_at(shape);
            self.drawing(&path, (16, 16), (x, y, 16, 16), stroke);
        }
        if !hatch.is_empty() {
            let at = Affine::translate((-f64::from(shape.x), -f64::from(shape.y)));
            let place = (shape.x, shape.y, shape.w, shape.h);
            self.drawing(&(at * hatch), (shape.w, shape.h), place, stroke);
        }
        for symbol in look::symbols(shape).filter(|_| shape.kind == BoxKind::Legend) {
            let it = look::symbol_look(symbol.kind);
            let number = self.number();
            let place = (symbol.x, symbol.y, look::SYMBOL, look::SYMBOL);
            let geometry = "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>";
            self.sp((number, "", ""), place, geometry, &it);
            self.out.push_str("</p:sp>\n");
            if let Some(path) = icon_path(symbol.kind) {
                let place = (symbol.x + 2, symbol.y + 2, 12, 12);
                self.drawing(&path, (16, 16), place, it.stroke);
            }
        }
        for inner in inside {
            self.tree_of(inner);
        }
        if group {
            self.out.push_str("</p:grpSp>\n");
        }
    }

    fn place(&self, (x, y, w, h): (i32, i32, i32, i32), group: bool) -> String {
        let (left, top) = (self.scale.x(x), self.scale.y(y));
        let (w, h) = (self.scale.x(x + w) - left, self.scale.y(y + h) - top);
        let inner = if group {
            format!("<a:chOff x=\"{left}\" y=\"{top}\"/><a:chExt cx=\"{w}\" cy=\"{h}\"/>")
        } else {
            String::new()
        };
        format!(
            "<a:xfrm><a:off x=\"{left}\" y=\"{top}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/>{inner}</a:xfrm>"
        )
    }

    /// Begins a shape, up to its text.
    fn sp(
        &mut self,
        (number, title, link): (usize, &str, &str),
        place: (i32, i32, i32, i32),
        geometry: &str,
        look: &Look,
    ) {
        let width = self.scale.length(f64::from(look.thick)).max(3175);
        let place = self.place(place, false);
        let _ = write!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{number}\" name=\"{}\" descr=\"{}\">{link}</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{place}{geometry}<a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill><a:ln w=\"{width}\"><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill>{}</a:ln></p:spPr>",
            name(title),
            escape(title),
            hex(look.fill),
            hex(look.stroke),
            dash(look.dash)
        );
    }

    /// The link to the slide that a box leads to.
    fn link(&self, shape: &Shape) -> String {
        let page = shape.leads.as_ref().map(|it| it.page);
        let at = page.and_then(|n| self.geometry.pages.iter().position(|it| it.number == n));
        at.map_or(String::new(), |at| {
            // The first relation of a slide is its layout.
            format!(
                "<a:hlinkClick r:id=\"rId{}\" action=\"ppaction://hlinksldjump\"/>",
                at + 2
            )
        })
    }

    /// A text beside a line.
    fn label(&mut self, label: &Label) {
        let number = self.number();
        let scale = self.scale;
        let place = self.place((label.x, label.y, label.w, label.h), false);
        let _ = writeln!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{number}\" name=\"{}\"/><p:cNvSpPr txBox=\"1\"/><p:nvPr/></p:nvSpPr><p:spPr>{place}<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill></p:spPr><p:txBody><a:bodyPr wrap=\"none\" lIns=\"0\" tIns=\"0\" rIns=\"0\" bIns=\"0\" anchor=\"ctr\"><a:noAutofit/></a:bodyPr><a:lstStyle/><a:p><a:r><a:rPr lang=\"{}\" altLang=\"en-US\" sz=\"{}\"><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill><a:latin typeface=\"{FAMILY}\"/><a:ea typeface=\"{FAMILY}\"/></a:rPr><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>",
            name(&label.text),
            hex(look::GROUND),
            self.lang,
            scale.points(label.font),
            hex(look::LABEL),
            escape(&label.text)
        );
    }

    fn box_of(&mut self, shape: &Shape) {
        // Every box that stands on a page has a number.
        let number = FIRST + self.tree.number(&shape.id).unwrap_or_default();
        let geometry = connector::rectangle(shape, self.ports.get(shape.id.as_str()));
        let place = (shape.x, shape.y, shape.w, shape.h);
        let link = self.link(shape);
        self.sp(
            (number, &shape.title, &link),
            place,
            &geometry,
            &look::look(shape),
        );
        self.text_of(shape);
        self.out.push_str("</p:sp>\n");
    }

    /// The text of a box: one paragraph a line, at the places where the other writers have it.
    fn text_of(&mut self, shape: &Shape) {
        let Some(first) = look::texts(shape).next() else {
            return;
        };
        let scale = self.scale;
        let line = f64::from(LINE);
        // Lines before the first one with text keep their room.
        let empty = shape.lines.iter().take_while(|it| it.is_empty()).count();
        let top = f64::from(first.y - shape.y) - line * (ABOVE + empty as f64);
        let spacing = (line * scale.factor / 127.0).round().max(100.0) as i64;
        let size = scale.points(FONT);
        let _ = write!(
            self.out,
            "<p:txBody><a:bodyPr wrap=\"none\" lIns=\"{}\" tIns=\"{}\" rIns=\"0\" bIns=\"0\" anchor=\"t\"><a:noAutofit/></a:bodyPr><a:lstStyle/>",
            scale.length(f64::from(first.x - shape.x)),
            scale.length(top)
        );
        let lang = self.lang;
        for line in &shape.lines {
            let _ = write!(
                self.out,
                "<a:p><a:pPr algn=\"l\"><a:lnSpc><a:spcPts val=\"{spacing}\"/></a:lnSpc></a:pPr>"
            );
            if line.is_empty() {
                let _ = write!(self.out, "<a:endParaRPr lang=\"{lang}\" sz=\"{size}\"/>");
            } else {
                let _ = write!(
                    self.out,
                    "<a:r><a:rPr lang=\"{lang}\" altLang=\"en-US\" sz=\"{size}\"><a:solidFill><a:srgbClr val=\"111111\"/></a:solidFill><a:latin typeface=\"{FAMILY}\"/><a:ea typeface=\"{FAMILY}\"/></a:rPr><a:t>{}</a:t></a:r>",
                    escape(line)
                );
            }
            self.out.push_str("</a:p>");
        }
        self.out.push_str("</p:txBody>");
    }

    /// Strokes of ours, drawn in a frame of `size`, brought to their place.
    fn drawing(
        &mut self,
        path: &BezPath,
        (w, h): (i32, i32),
        place: (i32, i32, i32, i32),
        color: &str,
    ) {
        let number = self.number();
        let place = self.place(place, false);
        let width = self.scale.length(1.2).max(3175);
        // A unit is a hundred of the frame: whole numbers.
        let at = |p: kurbo::Point| {
            format!(
                "<a:pt x=\"{}\" y=\"{}\"/>",
                hundredths(p.x),
                hundredths(p.y)
            )
        };
        let mut steps = String::new();
        for step in path.elements() {
            let _ = match *step {
                PathEl::MoveTo(p) => write!(steps, "<a:moveTo>{}</a:moveTo>", at(p)),
                PathEl::LineTo(p) => write!(steps, "<a:lnTo>{}</a:lnTo>", at(p)),
                PathEl::QuadTo(a, p) => {
                    write!(steps, "<a:quadBezTo>{}{}</a:quadBezTo>", at(a), at(p))
                }
                PathEl::CurveTo(a, b, p) => {
                    write!(
                        steps,
                        "<a:cubicBezTo>{}{}{}</a:cubicBezTo>",
                        at(a),
                        at(b),
                        at(p)
                    )
                }
                PathEl::ClosePath => write!(steps, "<a:close/>"),
            };
        }
        let _ = writeln!(
            self.out,
            "<p:sp><p:nvSpPr><p:cNvPr id=\"{number}\" name=\"\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{place}<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l=\"0\" t=\"0\" r=\"r\" b=\"b\"/><a:pathLst><a:path w=\"{}\" h=\"{}\" fill=\"none\">{steps}</a:path></a:pathLst></a:custGeom><a:noFill/><a:ln w=\"{width}\"><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill></a:ln></p:spPr></p:sp>",
            i64::from(w) * 100,
            i64::from(h) * 100,
            hex(color)
        );
    }
}

fn hundredths(x: f64) -> i64 {
    (x * 100.0).round() as i64
}

pub(super) fn hex(color: &str) -> &str {
    color.trim_start_matches('#')
}

/// PowerPoint's own dashes nearest to ours.
pub(super) fn dash(lengths: &str) -> &'static str {
    match lengths
        .split(' ')
        .next()
        .and_then(|it| it.parse::<f32>().ok())
    {
        None => "",
        Some(length) if length >= 6.0 => "<a:prstDash val=\"dash\"/>",
        Some(length) if length >= 4.0 => "<a:prstDash val=\"sysDash\"/>",
        Some(_) => "<a:prstDash val=\"sysDot\"/>",
    }
}
