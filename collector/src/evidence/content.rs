//! What bundles hold. Comes in: the site at a moment, an earlier one to compare with, forms, a font; goes
//! out: files by their names, and what could not be made. Nothing here is signed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use daicho_graph::Geometry;
use daicho_graph::layout::Subject;
use daicho_ledger::Lang;
use daicho_ledger::checklist::{Census, Form};
use daicho_render::{About, Font};

use super::mask::Mask;
use super::{Ask, EvidenceError, Files};
use crate::drawing::Finish;
use crate::export::{self, List, Options, Signed};
use crate::out;
use crate::picture::{Picture, Wanted};
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{self, StoreError};
use crate::{checklist, diff, drawing};

/// Forms of checklists.
pub type Forms = [Cow<'static, Form>];

/// What a bundle is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The site at the moment.
    pub picture: &'a Picture,
    /// The site a year before, or at another moment to compare with.
    pub since: Option<&'a Picture>,
    /// Forms of checklists.
    pub forms: &'a Forms,
    /// What checklists count at the moment.
    pub census: &'a Census<'a>,
    /// The font of the diagrams; without one there is no PDF.
    pub font: Option<&'a Font>,
}

impl Sources<'_> {
    /// Names say by themselves that a hospital does not exist.
    pub(super) fn prefix(&self) -> &'static str {
        if self.picture.ledger.site.simulated {
            "模擬_"
        } else {
            ""
        }
    }

    /// What the bundle lacks, and why.
    pub(super) fn lacking(&self) -> Vec<&'static str> {
        let mut out = Vec::new();
        if self.font.is_none() {
            out.push("構成図のPDF：日本語フォントがなく作っていません（SVGはあります）");
        }
        if self.since.is_none() {
            out.push("前年との差分：前の時点に受信したデータがなく作っていません");
        }
        out
    }
}

/// Every list, the diagram, the checklists, the contact chart and what changed: what both bundles hold.
pub fn lists(sources: Sources<'_>, lang: Lang) -> Result<Files, EvidenceError> {
    let (picture, prefix) = (sources.picture, sources.prefix());
    let mut files = BTreeMap::new();
    for list in List::ALL {
        let bytes = export::csv::bytes(picture.basis(), list, lang, Options::default())?;
        files.insert(format!("lists/{prefix}{}.csv", list.key()), bytes);
    }
    let svg = picture.svg(lang).into_bytes();
    files.insert(format!("{prefix}diagram.svg"), svg);
    let contacts = export::checklist::contacts_csv(&picture.ledger, lang)?;
    files.insert(format!("lists/{prefix}contacts.csv"), contacts);
    let notes: Vec<_> = picture.ledger.hand.cases().collect();
    if !notes.is_empty() {
        let rows = export::case::rows(&notes, picture.ledger.site.utc_offset_s, lang);
        let bytes = export::csv::table(export::case::COLUMNS, &rows, lang)?;
        files.insert(format!("lists/{prefix}cases.csv"), bytes);
    }
    if let Some(since) = sources.since {
        let changes = diff::changes(since.basis(), picture.basis(), &diff::LISTS, lang);
        let rows = diff::table(&changes, lang);
        let day = daicho_ledger::text::moment(since.ledger.as_of, since.ledger.site.utc_offset_s);
        let day = day.get(..10).unwrap_or_default().to_owned();
        let bytes = export::csv::table(diff::COLUMNS, &rows, lang)?;
        files.insert(format!("lists/{prefix}changes-since-{day}.csv"), bytes);
    }
    files.extend(checklists(sources, lang)?);
    Ok(files)
}

/// Checklists and registers.
fn checklists(sources: Sources<'_>, lang: Lang) -> Result<Files, EvidenceError> {
    let prefix = sources.prefix();
    let ledger = &sources.picture.ledger;
    let mut files = BTreeMap::new();
    // This year's list, and those that are of no year.
    let year = sources.forms.first().and_then(|it| it.fiscal_year);
    let wanted =
        |form: &&Cow<'static, Form>| form.fiscal_year.is_none() || form.fiscal_year == year;
    for form in sources.forms.iter().filter(wanted) {
        let Ok(filled) = checklist::filled(form, sources.census, None, None) else {
            continue;
        };
        let bytes = export::checklist::csv(ledger, &filled, lang)?;
        files.insert(format!("checklists/{prefix}{}.csv", form.id), bytes);
    }
    let bytes = export::checklist::registers_csv(ledger, lang)?;
    files.insert(format!("checklists/{prefix}registers.csv"), bytes);
    Ok(files)
}

/// The workbook and the ledger for programs: every value.
pub(super) fn ledger(
    sources: Sources<'_>,
    signed: &Signed,
    lang: Lang,
) -> Result<Files, EvidenceError> {
    let (basis, prefix) = (sources.picture.basis(), sources.prefix());
    let filled = checklist::of_this_year(sources.forms, sources.census);
    let diagram = match sources.font {
        Some(font) => {
            let wanted = wanted(lang, &signed.by, &signed.approver);
            drawing::for_workbook(sources.picture, font, &wanted)?.files
        }
        None => Vec::new(),
    };
    let options = Options {
        diagram: &diagram,
        checklist: filled.as_ref(),
        signed: Some(signed),
        ..Options::default()
    };
    let workbook = export::xlsx::bytes(basis, lang, options)?;
    // Its lists stand beside it as CSV.
    let json = export::json::bytes(basis, None)?;
    Ok([
        (format!("{prefix}ledger.xlsx"), workbook),
        (format!("{prefix}ledger.json"), json),
    ]
    .into())
}

/// Both diagrams as PDF; masked where the bundle leaves the hospital.
pub(super) fn drawings(
    sources: Sources<'_>,
    ask: Ask<'_>,
    mut mask: Option<&mut Mask>,
) -> Result<Files, EvidenceError> {
    let Some(font) = sources.font else {
        return Ok(Files::new());
    };
    let picture = sources.picture;
    let author = export::people(ask.by, ask.approver);
    let mut files = Files::new();
    for (view, name) in [(Subject::Network, "network"), (Subject::System, "system")] {
        let mut geometry = picture.drawn(&Wanted {
            view,
            ..wanted(ask.lang, ask.by, ask.approver)
        });
        if let Some(mask) = mask.as_deref_mut() {
            geometry = masked(&geometry, mask)?;
        }
        let about = About {
            author: author.clone(),
            ..picture.about(&geometry, ask.lang)
        };
        let font = || Ok(font.clone());
        let drawn = drawing::draw(&geometry, &about, out::Form::Pdf, font, Finish::default())?;
        let bytes = drawn.files.into_iter().next().unwrap_or_default();
        files.insert(format!("{}diagram-{name}.pdf", sources.prefix()), bytes);
    }
    Ok(files)
}

/// A diagram with who made and who approved it.
fn wanted(lang: Lang, by: &str, approver: &str) -> Wanted<'static> {
    Wanted {
        lang,
        author: by.to_owned(),
        approver: approver.to_owned(),
        ..Wanted::default()
    }
}

/// The same drawing with every text masked; where it stands does not change.
fn masked(geometry: &Geometry, mask: &mut Mask) -> Result<Geometry, EvidenceError> {
    fn walk(value: &mut serde_json::Value, mask: &mut Mask) {
        match value {
            serde_json::Value::String(text) => *text = mask.masked(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|it| walk(it, mask)),
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(|it| walk(it, mask));
            }
            _ => {}
        }
    }
    let failed = |error| EvidenceError::Export(export::ExportError::Json(error));
    let mut value = serde_json::to_value(geometry).map_err(failed)?;
    walk(&mut value, mask);
    serde_json::from_value(value).map_err(failed)
}

/// Documents that were handed in with answers and records, each once.
pub(super) fn documents(site: &SiteCollector, picture: &Picture) -> Result<Files, EvidenceError> {
    let mut files = BTreeMap::new();
    for (_, file) in picture.ledger.hand.files() {
        let bytes = store::read(site.store.as_ref(), |rows| rows.blob(&file.digest));
        let bytes = bytes.map_err(StoreError::refused)?;
        let missing = || Refused::new("SIT-014", file.name.clone());
        let bytes = bytes.ok_or_else(missing)?;
        let short: String = file.digest.to_string().chars().take(12).collect();
        files.insert(format!("documents/{short}_{}", file.name), bytes);
    }
    Ok(files)
}
