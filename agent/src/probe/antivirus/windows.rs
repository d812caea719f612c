//! Protection products on Windows. Comes in: what the data file's names show, what Security Center and
//! Defender say of themselves, drivers that filter files; goes out: the body of section `antivirus`.
//! "Running" needs two kinds of witness that agree; where Security Center says something else than
//! services and drivers do, it is to be confirmed, because some products report a state that is not
//! theirs. Nothing of this was tried on a machine with a product yet.

use daicho_report::{
    Antivirus, AntivirusKind, AntivirusProduct, AntivirusVerdict, Reading, Reason, Testimony, Time,
    Witness,
};

use super::super::product::windows::begins;
use super::super::product::{Definitions, Places, Product, kinds, witness};
use super::{PRODUCTS, told_of_all};
use crate::platform::{RawObject, RawProperty, Source, filetime};
use crate::probe::field::line;
use crate::probe::registry::{SERVICES, bytes, text};

#[cfg(test)]
mod tests;

const PLACES: &str = "Security Center, services, drivers, processes, Uninstall, folders";
const CENTER: (&str, &str) = (r"root\SecurityCenter2", "AntiVirusProduct");
const DEFENDER: (&str, &str) = (r"root\Microsoft\Windows\Defender", "MSFT_MpComputerStatus");
const DEFENDER_SERVICE: &str = "WinDefend";
const DEFENDER_NAME: &str = "Microsoft Defender Antivirus";
/// There is no such namespace: a server has no Security Center.
const NO_NAMESPACE: &str = "0x8004100E";
const WORKSTATION: u8 = 1;
/// The group in which drivers load that look into every file (load order groups and altitudes).
const GROUP: &str = "FSFilter Anti-Virus";
const ALTITUDES: std::ops::Range<u32> = 320_000..330_000;
const PRODUCTS_MAX: usize = 100;

/// What Security Center says of a product.
struct Registered {
    name: String,
    witness: Witness,
}

/// Reads the section.
pub(super) fn read(source: &Source, places: &mut Places<'_>) -> Antivirus {
    let mut center = center(source, places);
    let mut found = Vec::new();
    for product in PRODUCTS.iter() {
        let mut witnesses = places.witnesses(product);
        let is_its =
            |it: &Registered| begins(&product.windows.display_names, &it.name.to_lowercase());
        let (own, others) = center.into_iter().partition(is_its);
        center = others;
        witnesses
            .extend::<Vec<Witness>>(own.into_iter().map(|it: Registered| it.witness).collect());
        if product.name == DEFENDER_NAME && places.runs(DEFENDER_SERVICE) {
            witnesses.extend(defender(source));
        }
        if !witnesses.is_empty() {
            found.push(told(source, places, product, witnesses));
        }
    }
    // Those that no entry of the file stands for.
    found.extend(
        center
            .into_iter()
            .map(|it| nameless(it.name, vec![it.witness])),
    );
    found.extend(filters(source, places));
    found.sort();
    found.truncate(PRODUCTS_MAX);
    told_of_all(found, places, PLACES)
}

fn told(
    source: &Source,
    places: &Places<'_>,
    product: &Product,
    mut witnesses: Vec<Witness>,
) -> AntivirusProduct {
    witnesses.sort();
    witnesses.dedup();
    AntivirusProduct {
        name: product.name.clone(),
        kind: product.kind.unwrap_or(AntivirusKind::Other),
        version: places.version(product),
        definitions_at: definitions(source, product),
        // Of a product whose services nobody knows, what runs cannot be seen.
        verdict: verdict(
            &witnesses,
            places.is_blind() || shows_nothing_that_runs(product),
        ),
        witnesses,
    }
}

fn shows_nothing_that_runs(product: &Product) -> bool {
    let names = &product.windows;
    names.services.is_empty() && names.drivers.is_empty() && names.processes.is_empty()
}

fn nameless(name: String, witnesses: Vec<Witness>) -> AntivirusProduct {
    AntivirusProduct {
        version: Reading::unknown(Reason::Unsupported, name.clone()),
        definitions_at: Reading::unknown(Reason::Unsupported, name.clone()),
        name,
        kind: AntivirusKind::Other,
        verdict: verdict(&witnesses, false),
        witnesses,
    }
}

/// Services and drivers that run, and what the product's own state says of it.
fn verdict(witnesses: &[Witness], blind: bool) -> AntivirusVerdict {
    let state = |what: Testimony| {
        let mut states = witnesses.iter().filter(|it| is_state(it));
        states.any(|it| it.says == what)
    };
    let running = kinds(witnesses, Testimony::Running);
    let passive = witnesses
        .iter()
        .any(|it| it.source.starts_with("WMI ") && it.says == Testimony::Stopped);
    match running {
        // The product says of itself that it leaves the work to another.
        _ if passive => AntivirusVerdict::NotRunning,
        0 if blind => AntivirusVerdict::Unclear,
        0 if state(Testimony::Unclear) => AntivirusVerdict::ToConfirm,
        0 => AntivirusVerdict::NotRunning,
        _ if state(Testimony::Stopped) || state(Testimony::Unclear) => AntivirusVerdict::ToConfirm,
        1 => AntivirusVerdict::ToConfirm,
        _ => AntivirusVerdict::Running,
    }
}

fn is_state(witness: &Witness) -> bool {
    witness.source.starts_with("SecurityCenter2 ") || witness.source.starts_with("WMI ")
}

fn word<'a>(object: &'a RawObject, name: &str) -> Option<&'a str> {
    match object.get(name) {
        Some(RawProperty::Text(text)) => Some(text),
        _ => None,
    }
}

/// Products that Security Center knows. That a server has none is no gap.
fn center(source: &Source, places: &mut Places<'_>) -> Vec<Registered> {
    let properties = &["displayName", "productState"];
    match source.wmi(CENTER.0, CENTER.1, properties) {
        Ok(objects) => {
            let objects = objects.iter().take(PRODUCTS_MAX);
            objects.filter_map(registered).collect()
        }
        Err(miss) => {
            let server = source
                .windows_version()
                .is_ok_and(|it| it.product != WORKSTATION);
            let reason = miss.reason();
            if !(server && reason == Reason::failed(NO_NAMESPACE)) {
                places.note(reason);
            }
            Vec::new()
        }
    }
}

fn registered(object: &RawObject) -> Option<Registered> {
    let name = line(word(object, "displayName")?)?;
    let state = match object.get("productState") {
        Some(RawProperty::Number(state)) => u32::try_from(*state).ok(),
        _ => None,
    };
    let (says, raw) = match state {
        Some(state) => (state_of(state), shown(state)),
        None => (Testimony::Unclear, "no productState".to_owned()),
    };
    Some(Registered {
        witness: witness(format!("SecurityCenter2 {name}"), says, Some(raw)),
        name,
    })
}

/// Bits 12 to 15: 0 off, 1 on, 2 snoozed, 3 expired. They are in no document; another number is not
/// guessed at, and neither is a snoozed one, which products report that are at work.
fn state_of(state: u32) -> Testimony {
    match state >> 12 & 0xf {
        0 | 3 => Testimony::Stopped,
        1 => Testimony::Running,
        _ => Testimony::Unclear,
    }
}

/// The number itself, and what it is taken for.
fn shown(state: u32) -> String {
    let at_work = match state >> 12 & 0xf {
        0 => "off",
        1 => "on",
        2 => "snoozed",
        3 => "expired",
        _ => "unknown",
    };
    // Bits 4 to 7.
    let definitions = match state >> 4 & 0xf {
        0 => "definitions fresh",
        1 => "definitions old",
        _ => "definitions unknown",
    };
    format!("0x{state:05X} {at_work}, {definitions}")
}

/// What Defender says of itself. It may take long where another product is at work: that costs this
/// witness alone.
fn defender(source: &Source) -> Option<Witness> {
    let properties = &["RealTimeProtectionEnabled", "AMRunningMode"];
    let place = format!("WMI {}", DEFENDER.1);
    let objects = match source.wmi(DEFENDER.0, DEFENDER.1, properties) {
        Ok(objects) => objects,
        Err(miss) => {
            let raw = format!("{:?}", miss.reason());
            return Some(witness(place, Testimony::Unclear, Some(raw)));
        }
    };
    let status = objects.first()?;
    let mode = word(status, "AMRunningMode").unwrap_or_default();
    let says = match status.get("RealTimeProtectionEnabled") {
        // Passive, or blocking only what another one found.
        _ if !mode.is_empty() && mode != "Normal" => Testimony::Stopped,
        Some(RawProperty::Bool(true)) => Testimony::Running,
        Some(RawProperty::Bool(false)) => Testimony::Stopped,
        _ => Testimony::Unclear,
    };
    Some(witness(place, says, Some(mode.to_owned())))
}

/// The date of the definitions, where the registry tells it.
fn definitions(source: &Source, product: &Product) -> Reading<Time> {
    let mut reason = Reason::Unsupported;
    for place in &product.windows.definitions {
        let shown = format!(r"{}\{}", place.key, place.value);
        match made_at(source, place) {
            Ok(Some(at)) => return Reading::known(at, shown),
            Ok(None) => reason = Reason::failed("ENOENT"),
            Err(why) => return Reading::unknown(why, shown),
        }
    }
    Reading::unknown(reason, product.name.clone())
}

fn made_at(source: &Source, place: &Definitions) -> Result<Option<Time>, Reason> {
    let parse = || Reason::failed("parse");
    if place.form == "filetime" {
        let Some(bytes) = bytes(source, &place.key, &place.value)? else {
            return Ok(None);
        };
        let ticks = bytes.as_slice().try_into().map(u64::from_le_bytes);
        let ticks = ticks.map_err(|_| parse())?;
        let seconds = filetime::seconds(ticks).ok_or_else(parse)?;
        return Ok(Some(Time::from_seconds(seconds)));
    }
    let Some(written) = text(source, &[&place.key], &place.value)? else {
        return Ok(None);
    };
    day(&written, place.form == "dmy")
        .map(Some)
        .ok_or_else(parse)
}

/// `2026/11/25 r2`, `20261125`, `25-11-2026 08:00:00`: the day alone.
fn day(written: &str, day_first: bool) -> Option<Time> {
    let first = written.split([' ', 'T']).next()?;
    let mut parts: Vec<&str> = first.split(['/', '-', '.']).collect();
    if let [whole] = parts.as_slice() {
        parts = vec![whole.get(..4)?, whole.get(4..6)?, whole.get(6..8)?];
    }
    if day_first {
        parts.reverse();
    }
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    Time::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}T00:00:00Z")).ok()
}

/// Drivers that look into files and belong to no product of the file: somebody's product is at work.
/// One of which nobody can tell what it does is noted: no product can be ruled out then.
fn filters(source: &Source, places: &mut Places<'_>) -> Vec<AntivirusProduct> {
    let listed = |name: &str| {
        let mut all = PRODUCTS.iter().flat_map(|it| &it.windows.drivers);
        all.any(|it| it.eq_ignore_ascii_case(name))
    };
    let running = places.drivers().iter().filter(|it| it.runs());
    let unlisted: Vec<String> = running
        .filter(|it| !listed(&it.name))
        .map(|it| it.name.clone())
        .collect();
    let mut found = Vec::new();
    for driver in unlisted {
        match is_filter(source, &driver) {
            Ok(true) => found.extend(line(&driver).map(|name| unknown_filter(&name))),
            Ok(false) => {}
            Err(reason) => places.note(reason),
        }
    }
    found
}

fn unknown_filter(driver: &str) -> AntivirusProduct {
    let raw = Some(GROUP.to_owned());
    let shown = witness(format!("driver {driver}"), Testimony::Running, raw);
    nameless(
        format!("不明な対策ソフト / unknown product (driver {driver})"),
        vec![shown],
    )
}

/// By its group, or by the height at which it stands among the others.
fn is_filter(source: &Source, driver: &str) -> Result<bool, Reason> {
    let key = format!(r"{SERVICES}\{driver}");
    let group = text(source, &[&key], "Group")?;
    if group.is_some_and(|it| it.eq_ignore_ascii_case(GROUP)) {
        return Ok(true);
    }
    let instances = format!(r"{key}\Instances");
    let Some(name) = text(source, &[&instances], "DefaultInstance")? else {
        return Ok(false);
    };
    let instance = format!(r"{instances}\{name}");
    let Some(altitude) = text(source, &[&instance], "Altitude")? else {
        return Ok(false);
    };
    let height = altitude.split('.').next().and_then(|it| it.parse().ok());
    let height: u32 = height.ok_or_else(|| Reason::failed("parse"))?;
    Ok(ALTITUDES.contains(&height))
}
