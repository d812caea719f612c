//! Checklists of the site. Comes in: the site at a moment and the forms, those that come with this version
//! and the site's own; goes out: what there is to count, and filled sheets. The rules are the ledger's.

pub mod import;
pub mod official;
mod package;
pub mod part;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use daicho_graph::list::{self, Basis, List};
use daicho_graph::topology::NodeKind;
use daicho_ledger::checklist::{
    Census, Filled, Form, PointRow, Scope, Sheet, SystemRow, Thing, fill, shipped,
};
use daicho_ledger::hand::DeviceKind;
use daicho_ledger::hand::field::FIELDS;
use daicho_ledger::text::visible;
use daicho_ledger::{Cell, Lang, Row, State};

use crate::bounded;
use crate::refusal::Refused;

/// Where a data folder keeps the site's own forms.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("checklists")
}

/// All forms, the newest year first: the site's own in place of a shipped one of the same name.
pub fn forms(folder: &Path) -> Result<Vec<Cow<'static, Form>>, Refused> {
    let mut forms: Vec<Cow<'static, Form>> = shipped().iter().map(Cow::Borrowed).collect();
    let files = bounded::toml_files(folder);
    let files = files.map_err(|error| Refused::new("CHK-002", error.to_string()))?;
    for (name, text) in files {
        let read = Form::read(&text);
        let form = read.map_err(|error| Refused::new("CHK-002", format!("{name}:{error}")))?;
        forms.retain(|it| it.id != form.id);
        forms.push(Cow::Owned(form));
    }
    // Those of no year stand at the end.
    forms.sort_by_key(|it| (std::cmp::Reverse(it.fiscal_year), it.id.clone()));
    Ok(forms)
}

/// The form of that name; without a name, that of the newest year.
pub fn form<'a>(forms: &'a [Cow<'static, Form>], named: Option<&str>) -> Result<&'a Form, Refused> {
    let found = match named {
        None => forms.first(),
        Some(named) => forms.iter().find(|it| it.id == named),
    };
    found.map(AsRef::as_ref).ok_or_else(|| {
        let known = forms.iter().map(|it| it.id.clone()).collect();
        crate::hand::unknown("CHK-001", named.unwrap_or_default(), &known)
    })
}

/// A row of a list, by the keys of its columns.
struct Cells<'a> {
    columns: &'a BTreeMap<&'static str, usize>,
    row: &'a Row,
}

impl Cells<'_> {
    fn cell(&self, key: &str) -> Option<&Cell> {
        self.row.cells.get(*self.columns.get(key)?)
    }

    fn text(&self, key: &str) -> &str {
        self.cell(key).map_or("", |it| it.text.as_str())
    }

    /// What stands in a column that people fill; `None`: not entered.
    fn entered(&self, key: &str) -> Option<&str> {
        let cell = self.cell(key).filter(|it| it.state == State::Value)?;
        Some(cell.text.as_str())
    }
}

fn each<T>(basis: Basis<'_>, list: List, make: impl Fn(&Cells<'_>) -> T) -> Vec<T> {
    let columns = list::columns(list);
    let places = columns.iter().enumerate().map(|(at, it)| (it.key, at));
    let places: BTreeMap<&str, usize> = places.collect();
    let rows = list::rows(basis, list, Lang::Ja);
    let cells = |row| {
        make(&Cells {
            columns: &places,
            row,
        })
    };
    rows.iter().map(cells).collect()
}

/// What there is in the hospital, as the rules count it.
#[must_use]
pub fn census(basis: Basis<'_>) -> Census<'_> {
    let vendors = Vendors::of(basis);
    let kinds = Kinds::of(basis);
    let mut things = each(basis, List::Devices, |it| kinds.thing(it, false, &vendors));
    things.extend(each(basis, List::Network, |it| {
        kinds.thing(it, true, &vendors)
    }));
    let points = each(basis, List::Points, |it| PointRow {
        name: it.text("name").to_owned(),
        vendors: vendors.named(it.entered("vendor")),
        demarcation: it.entered("demarcation").is_some(),
        switch_off: it.entered("switch_off").is_some(),
    });
    let systems = each(basis, List::Systems, |it| SystemRow {
        name: it.text("name").to_owned(),
        vendors: vendors.named(it.entered("vendor")),
        care: it.entered("care").is_some(),
        order: it.entered("restore_order").is_some(),
    });
    let mut known = vendors.known.clone();
    let named = things.iter().flat_map(|it| &it.vendors);
    let named = named.chain(points.iter().flat_map(|it| &it.vendors));
    for vendor in named.chain(systems.iter().flat_map(|it| &it.vendors)) {
        known
            .entry(vendor.clone())
            .or_insert_with(|| vendor.clone());
    }
    let segment = |it: &&daicho_graph::topology::Node| it.kind == NodeKind::Segment;
    Census {
        ledger: basis.ledger,
        segments: basis.topology.nodes.iter().filter(segment).count(),
        things,
        points,
        systems,
        vendors: known,
    }
}

/// Vendors by key and name.
struct Vendors {
    known: BTreeMap<String, String>,
    /// Those of the systems of which a machine is a server.
    of_servers: BTreeMap<String, BTreeSet<String>>,
}

impl Vendors {
    fn of(basis: Basis<'_>) -> Self {
        let vendors = basis.ledger.hand.vendors();
        let known = vendors.map(|(entry, it)| (entry.key.clone(), visible(&it.name)));
        let mut out = Self {
            known: known.collect(),
            of_servers: BTreeMap::new(),
        };
        for system in &basis.recognition.systems {
            let entry = basis.ledger.hand.system_of(&system.id, &system.name);
            let Some(vendor) = entry.and_then(|(_, it)| it.vendor.clone()) else {
                continue;
            };
            for server in &system.servers {
                let of = out.of_servers.entry(server.0.clone()).or_default();
                of.insert(vendor.clone());
            }
        }
        out
    }

    /// Vendors that a cell names, one a line: by the name of an entry, or as it is written.
    fn named(&self, text: Option<&str>) -> BTreeSet<String> {
        let one = |line: &str| {
            // Remarks of the lists are no part of the name.
            let line = line.split('（').next().unwrap_or(line).trim();
            let known = self.known.iter().find(|(key, name)| {
                line == key.as_str()
                    || line == name.as_str()
                    || line.strip_prefix(name.as_str()).is_some_and(|rest| {
                        !name.is_empty() && rest.starts_with(['　', ' ', '、', ','])
                    })
            });
            known.map_or_else(|| line.to_owned(), |(key, _)| key.clone())
        };
        let lines = text.into_iter().flat_map(str::lines).map(str::trim);
        lines.filter(|it| !it.is_empty()).map(one).collect()
    }
}

/// What each asset is.
struct Kinds {
    agents: BTreeMap<String, Scope>,
    entered: BTreeMap<String, DeviceKind>,
}

impl Kinds {
    fn of(basis: Basis<'_>) -> Self {
        let scope = |kind| match kind {
            NodeKind::Server => Some(Scope::Server),
            NodeKind::Terminal => Some(Scope::Terminal),
            _ => None,
        };
        let nodes = basis.topology.nodes.iter();
        let agents = nodes.filter_map(|it| Some((it.id.clone(), scope(it.kind)?)));
        let devices = basis.ledger.hand.devices();
        let entered = devices.map(|(entry, it)| (format!("hand:{}", entry.key), it.kind));
        Self {
            agents: agents.collect(),
            entered: entered.collect(),
        }
    }

    fn thing(&self, cells: &Cells<'_>, network: bool, vendors: &Vendors) -> Thing {
        let asset = cells.row.asset.clone();
        let id = asset.as_ref().map_or("", |it| it.0.as_str());
        let key = cells.row.key.as_deref().unwrap_or_default();
        let entered = self.entered.get(key).copied();
        let agent = self.agents.get(id).copied();
        let mut of = vendors.named(cells.entered("vendor"));
        if of.is_empty() {
            of.extend(vendors.of_servers.get(id).into_iter().flatten().cloned());
        }
        let fields = FIELDS.iter().filter_map(|field| {
            let shown = cells.entered(field.key)?;
            // As it is kept; what an entry of another kind says is kept as it stands.
            let kept = field.keep(shown);
            Some((
                field.key.to_owned(),
                kept.unwrap_or_else(|_| shown.to_owned()),
            ))
        });
        let fields: BTreeMap<String, String> = fields.collect();
        Thing {
            name: cells.text("label").to_owned(),
            scope: agent
                .or_else(|| entered.map(scope_of))
                .or(network.then_some(Scope::Network)),
            written: agent.is_some() || entered.is_some() || !fields.is_empty(),
            asset,
            fields,
            vendors: of,
        }
    }
}

/// What the ministry calls a device that people wrote down.
fn scope_of(kind: DeviceKind) -> Scope {
    use DeviceKind as K;
    match kind {
        _ if kind.is_network() => Scope::Network,
        K::Server | K::Storage => Scope::Server,
        _ => Scope::Terminal,
    }
}

/// The sheets that are asked for: one, or all of the form; those of vendors one for each vendor.
pub fn filled<'a>(
    form: &'a Form,
    census: &'a Census<'a>,
    sheet: Option<Sheet>,
    vendor: Option<&str>,
) -> Result<Vec<Filled<'a>>, Refused> {
    if let Some(vendor) = vendor.filter(|it| !census.vendors.contains_key(*it)) {
        let known = census.vendors.keys().cloned().collect();
        return Err(crate::hand::unknown("CHK-004", vendor, &known));
    }
    // A hospital fills no pharmacy's sheet: that one is asked for by its name.
    let wanted = form.sheets().into_iter().filter(|it| match sheet {
        Some(sheet) => *it == sheet,
        None if vendor.is_some() => it.is_per_vendor(),
        None => *it != Sheet::Pharmacy,
    });
    let mut out = Vec::new();
    for sheet in wanted {
        if !sheet.is_per_vendor() {
            out.push(fill(form, sheet, census, None));
            continue;
        }
        let vendors = census
            .vendors
            .keys()
            .filter(|it| vendor.is_none_or(|only| only == *it));
        out.extend(vendors.map(|vendor| fill(form, sheet, census, Some(vendor))));
    }
    if out.is_empty() {
        let words: Vec<&str> = form.sheets().into_iter().map(Sheet::word).collect();
        let asked = sheet.map_or("vendor", Sheet::word);
        let what = format!("{}: {asked}（{}）", form.id, words.join(", "));
        return Err(Refused::new("CHK-005", what));
    }
    Ok(out)
}

/// The newest list of the ministry for a hospital, filled.
#[must_use]
pub fn of_this_year<'a>(
    forms: &'a [Cow<'static, Form>],
    census: &'a Census<'a>,
) -> Option<Filled<'a>> {
    let newest = forms.first().filter(|it| it.fiscal_year.is_some())?;
    Some(fill(newest, Sheet::Hospital, census, None))
}

#[cfg(test)]
mod tests;
