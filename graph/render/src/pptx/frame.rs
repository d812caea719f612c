//! What every presentation consists of besides its slides. Comes in: the number and size of slides;
//! goes out: the parts that PowerPoint asks for, as small as it allows. It knows no geometry.

use std::fmt::Write as _;

use super::Part;
use crate::page::About;
use crate::xml::escape;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES: &str = "application/vnd.openxmlformats-officedocument";
/// Half-width letters of half an em, as the geometry counts on.
pub(super) const FONT: &str = "BIZ UDGothic";
const EMPTY_TREE: &str = "<p:cSld><p:bg><p:bgPr><a:solidFill><a:srgbClr val=\"FFFFFF\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/></p:spTree></p:cSld>";

/// All parts but the slides.
pub(super) fn parts(slides: usize, size: (i64, i64), about: &About) -> Vec<Part> {
    vec![
        Part::new("[Content_Types].xml", content_types(slides)),
        Part::new("_rels/.rels", relations(&[
            ("officeDocument", "ppt/presentation.xml"),
            ("extended-properties", "docProps/app.xml"),
        ]).replace("</Relationships>", "<Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>")),
        Part::new("docProps/core.xml", core(about)),
        Part::new("docProps/app.xml", format!("{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Daicho</Application><Slides>{slides}</Slides></Properties>")),
        Part::new("ppt/presentation.xml", presentation(slides, size)),
        Part::new("ppt/_rels/presentation.xml.rels", presentation_relations(slides)),
        Part::new("ppt/slideMasters/slideMaster1.xml", master()),
        Part::new("ppt/slideMasters/_rels/slideMaster1.xml.rels", relations(&[
            ("slideLayout", "../slideLayouts/slideLayout1.xml"),
            ("theme", "../theme/theme1.xml"),
        ])),
        Part::new("ppt/slideLayouts/slideLayout1.xml", format!("{HEAD}<p:sldLayout {MAIN} type=\"blank\" preserve=\"1\">{EMPTY_TREE}<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>")),
        Part::new("ppt/slideLayouts/_rels/slideLayout1.xml.rels", relations(&[
            ("slideMaster", "../slideMasters/slideMaster1.xml"),
        ])),
        Part::new("ppt/theme/theme1.xml", theme()),
    ]
}

/// A slide's own: its layout, and every slide that a box may lead to.
pub(super) fn slide_relations(slides: usize) -> String {
    let mut all = vec![("slideLayout", "../slideLayouts/slideLayout1.xml".to_owned())];
    all.extend((1..=slides).map(|n| ("slide", format!("slide{n}.xml"))));
    let all: Vec<(&str, &str)> = all.iter().map(|(kind, to)| (*kind, to.as_str())).collect();
    relations(&all)
}

fn relations(all: &[(&str, &str)]) -> String {
    let mut out = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (n, (kind, target)) in all.iter().enumerate() {
        let _ = write!(
            out,
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>",
            n + 1
        );
    }
    out.push_str("</Relationships>");
    out
}

fn content_types(slides: usize) -> String {
    let mut out = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    let fixed = [
        (
            "/ppt/presentation.xml",
            "presentationml.presentation.main+xml",
        ),
        (
            "/ppt/slideMasters/slideMaster1.xml",
            "presentationml.slideMaster+xml",
        ),
        (
            "/ppt/slideLayouts/slideLayout1.xml",
            "presentationml.slideLayout+xml",
        ),
        ("/ppt/theme/theme1.xml", "theme+xml"),
        ("/docProps/app.xml", "extended-properties+xml"),
    ];
    for (part, kind) in fixed {
        let _ = write!(
            out,
            "<Override PartName=\"{part}\" ContentType=\"{TYPES}.{kind}\"/>"
        );
    }
    out.push_str("<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>");
    for n in 1..=slides {
        let _ = write!(
            out,
            "<Override PartName=\"/ppt/slides/slide{n}.xml\" ContentType=\"{TYPES}.presentationml.slide+xml\"/>"
        );
    }
    out.push_str("</Types>");
    out
}

fn core(about: &About) -> String {
    let created = about.created_at.map(|at| {
        let at = escape(&at.to_string());
        format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified>")
    });
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator><dc:identifier>{}</dc:identifier>{}</cp:coreProperties>",
        escape(&about.title),
        escape(&about.author),
        escape(&about.data_hash),
        created.unwrap_or_default()
    )
}

fn presentation(slides: usize, (width, height): (i64, i64)) -> String {
    let mut out = format!(
        "{HEAD}<p:presentation {MAIN} saveSubsetFonts=\"1\"><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"rId1\"/></p:sldMasterIdLst><p:sldIdLst>"
    );
    for n in 0..slides {
        let _ = write!(out, "<p:sldId id=\"{}\" r:id=\"rId{}\"/>", 256 + n, n + 3);
    }
    let _ = write!(
        out,
        "</p:sldIdLst><p:sldSz cx=\"{width}\" cy=\"{height}\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    );
    out
}

fn presentation_relations(slides: usize) -> String {
    let mut all = vec![
        ("slideMaster", "slideMasters/slideMaster1.xml".to_owned()),
        ("theme", "theme/theme1.xml".to_owned()),
    ];
    all.extend((1..=slides).map(|n| ("slide", format!("slides/slide{n}.xml"))));
    let all: Vec<(&str, &str)> = all.iter().map(|(kind, to)| (*kind, to.as_str())).collect();
    relations(&all)
}

fn master() -> String {
    format!(
        "{HEAD}<p:sldMaster {MAIN}>{EMPTY_TREE}<p:clrMap bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"/><p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"rId1\"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle/><p:bodyStyle/><p:otherStyle/></p:txStyles></p:sldMaster>"
    )
}

fn theme() -> String {
    let colors = [
        ("dk1", "111111"),
        ("lt1", "FFFFFF"),
        ("dk2", "333333"),
        ("lt2", "EEEEEE"),
        ("accent1", "2A3A6A"),
        ("accent2", "1D5A30"),
        ("accent3", "A02810"),
        ("accent4", "9A5B00"),
        ("accent5", "5B3A7A"),
        ("accent6", "54708A"),
        ("hlink", "2A3A6A"),
        ("folHlink", "5B3A7A"),
    ];
    let mut scheme = String::new();
    for (name, value) in colors {
        let _ = write!(scheme, "<a:{name}><a:srgbClr val=\"{value}\"/></a:{name}>");
    }
    let font =
        format!("<a:latin typeface=\"{FONT}\"/><a:ea typeface=\"{FONT}\"/><a:cs typeface=\"\"/>");
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>";
    let line = format!("<a:ln w=\"9525\">{fill}</a:ln>");
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>";
    format!(
        "{HEAD}<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"Daicho\"><a:themeElements><a:clrScheme name=\"Daicho\">{scheme}</a:clrScheme><a:fontScheme name=\"Daicho\"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name=\"Daicho\"><a:fillStyleLst>{fill}{fill}{fill}</a:fillStyleLst><a:lnStyleLst>{line}{line}{line}</a:lnStyleLst><a:effectStyleLst>{effect}{effect}{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}{fill}{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )
}
