//! Protection products: what processes, service units, packages and paths say, and the verdict.
//! "Running" needs two kinds of witness; "none found" needs that every place could be read.

mod windows;

use std::sync::LazyLock;

use daicho_report::{
    Antivirus, AntivirusKind, AntivirusProduct, AntivirusVerdict, Reading, Reason, Testimony, Time,
    Witness,
};

use super::product::{Places, Product, kinds, products};
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

/// A definitions file of ClamAV begins with a header of this length.
const HEADER: usize = 512;
const PLACES: &str = "processes, units, packages, paths";

static PRODUCTS: LazyLock<Vec<Product>> =
    LazyLock::new(|| products(include_str!("../data/antivirus.toml")));

/// Reads the section.
pub(crate) fn read(source: &Source, places: &mut Places<'_>) -> Antivirus {
    if source.system() == System::Windows {
        return windows::read(source, places);
    }
    let mut found: Vec<AntivirusProduct> = PRODUCTS
        .iter()
        .filter_map(|it| product(source, places, it))
        .collect();
    found.sort();
    told_of_all(found, places, PLACES)
}

/// The section of these products, sorted; `place`: where they were looked for. "None found" needs that
/// every place could be read, and so does "not running": where one could not, another product may be
/// at work.
fn told_of_all(found: Vec<AntivirusProduct>, places: &Places<'_>, place: &str) -> Antivirus {
    let best = found.iter().map(|it| it.verdict).min();
    let verdict = match (best, places.unread()) {
        (Some(verdict @ (AntivirusVerdict::Running | AntivirusVerdict::ToConfirm)), _) => {
            Reading::known(verdict, place)
        }
        (_, Some(reason)) => Reading::unknown(reason.clone(), place),
        (best, None) => Reading::known(best.unwrap_or(AntivirusVerdict::NoneFound), place),
    };
    let products = match places.unread() {
        Some(reason) if found.is_empty() => Reading::unknown(reason.clone(), place),
        _ => Reading::known(found, place),
    };
    Antivirus { products, verdict }
}

/// The product, if anything shows it.
fn product(
    source: &Source,
    places: &mut Places<'_>,
    product: &Product,
) -> Option<AntivirusProduct> {
    let witnesses = places.witnesses(product);
    if witnesses.is_empty() {
        return None;
    }
    Some(AntivirusProduct {
        name: product.name.clone(),
        kind: product.kind.unwrap_or(AntivirusKind::Other),
        version: places.version(product),
        definitions_at: definitions(source, product),
        verdict: verdict(&witnesses, places.is_blind()),
        witnesses,
    })
}

/// The date on which the definitions were built, as their header says.
fn definitions(source: &Source, product: &Product) -> Reading<Time> {
    if product.clamav_definitions.is_empty() {
        return Reading::unknown(Reason::Unsupported, product.name.clone());
    }
    let mut reason = Reason::failed("ENOENT");
    for path in &product.clamav_definitions {
        match source.head(path, HEADER) {
            Ok(bytes) => {
                return match built_at(&bytes) {
                    Some(at) => Reading::known(at, path.clone()),
                    None => Reading::unknown(Reason::failed("header"), path.clone()),
                };
            }
            Err(Miss::Unknown(why)) => reason = why,
            Err(Miss::Absent) => {}
        }
    }
    Reading::unknown(reason, product.clamav_definitions.join(", "))
}

/// Field 9 of the header: seconds since 1970 (`ClamAV-VDB:date:version:…:builder:seconds`).
fn built_at(header: &[u8]) -> Option<Time> {
    let text = String::from_utf8_lossy(header);
    let text = text.strip_prefix("ClamAV-VDB:")?;
    let seconds: i64 = text.split(':').nth(7)?.trim().parse().ok()?;
    (seconds > 0).then(|| Time::from_seconds(seconds))
}

/// The verdict from the witnesses; `blind`: a place that shows what runs could not be read.
fn verdict(witnesses: &[Witness], blind: bool) -> AntivirusVerdict {
    match kinds(witnesses, Testimony::Running) {
        0 if blind => AntivirusVerdict::Unclear,
        0 => AntivirusVerdict::NotRunning,
        1 => AntivirusVerdict::ToConfirm,
        _ => AntivirusVerdict::Running,
    }
}
