//! The rules. Each takes an asset and says what it rests on; texts stand in `findings.toml`.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{AntivirusVerdict, LogInVerdict, Reading, Reason};

use super::{Finding, is_silent};
use crate::asset::{AgentAsset, SeenAsset};
use crate::ledger::{Ledger, is_local_mac, is_worthless_mac, normal_mac};
use crate::list::gaps;
use crate::support::Retired;
use crate::text::{Lang, moment, visible};

/// Rules of this version; `findings.toml` has a text for each.
#[cfg(test)]
pub(super) const RULES: &[&str] = &[
    "ADM-001", "ADM-002", "ANV-001", "ANV-002", "ANV-003", "ANV-004", "CHN-001", "CLK-001",
    "IDN-001", "IDN-002", "MAC-001", "OLD-001", "OLD-002", "SEC-001", "SEC-002", "STL-001",
    "UNK-001",
];

/// A clock may be this far from the collector's.
const CLOCK_S: i64 = 10 * 60;

/// What makers write into SMBIOS fields that they did not fill; compared in lower case.
const WORTHLESS_IDS: &[&str] = &[
    "",
    "0",
    "none",
    "n/a",
    "not specified",
    "not applicable",
    "default string",
    "unknown",
    "to be filled by o.e.m.",
    "system serial number",
    "uninitialized",
    "0123456789",
    "123456789",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "03000200-0400-0500-0006-000700080009",
];

pub(super) fn of_asset(ledger: &Ledger, asset: &AgentAsset) -> Vec<Finding> {
    let mut found = log_ins(asset);
    found.extend(antivirus(asset));
    found.extend(retired(ledger, asset));
    found.extend(reports(ledger, asset));
    found.extend(sections(ledger, asset));
    found
}

fn log_ins(asset: &AgentAsset) -> Vec<Finding> {
    let mut found = Vec::new();
    for it in asset.accounts.log_ins.value().into_iter().flatten() {
        let account = visible(&it.account);
        let rule = match &it.verdict {
            LogInVerdict::NotAdministrator => continue,
            LogInVerdict::Unclear(_) => "ADM-002",
            LogInVerdict::Administrator | LogInVerdict::AdministratorBy(_) => "ADM-001",
        };
        let why = |lang| crate::list::verdict(&it.verdict, lang);
        let ja = format!("{account}：{}", why(Lang::Ja));
        found.push(Finding::new(
            rule,
            &asset.id,
            ja,
            format!("{account}: {}", why(Lang::En)),
        ));
    }
    found
}

fn antivirus(asset: &AgentAsset) -> Option<Finding> {
    let mut products = asset
        .antivirus
        .products
        .value()
        .into_iter()
        .flatten()
        .peekable();
    let rule = match asset.antivirus.verdict.value() {
        Some(AntivirusVerdict::Running) => return None,
        Some(AntivirusVerdict::NoneFound) => "ANV-001",
        Some(AntivirusVerdict::NotRunning) => "ANV-002",
        Some(AntivirusVerdict::ToConfirm | AntivirusVerdict::Unclear) => "ANV-003",
        // Those that were found do not run, and another may stand where nobody could look.
        None if products.peek().is_some() => "ANV-003",
        // That nothing could be asked is a finding of its own.
        None => return None,
    };
    let mut names: Vec<_> = products.map(|it| visible(&it.name)).collect();
    names.sort();
    let names = names.join(", ");
    let read = visible(asset.antivirus.verdict.source());
    let (ja, en) = if names.is_empty() {
        (format!("確認先：{read}"), format!("read: {read}"))
    } else {
        (format!("製品：{names}"), format!("products: {names}"))
    };
    Some(Finding::new(rule, &asset.id, ja, en))
}

/// Products whose version has no support any more.
fn retired(ledger: &Ledger, asset: &AgentAsset) -> Vec<Finding> {
    let today = moment(ledger.as_of, ledger.site.utc_offset_s);
    let products = asset.antivirus.products.value().into_iter().flatten();
    let one = |it: &daicho_report::AntivirusProduct| {
        let version = it.version.value().map(String::as_str);
        let entry = Retired::of(&it.name, version)?;
        let ended = today.get(..10).is_some_and(|day| day > entry.ends.as_str());
        let (name, version) = (visible(&it.name), visible(version.unwrap_or_default()));
        let (ends, source, checked) = (&entry.ends, &entry.source, &entry.checked);
        ended.then(|| {
            Finding::new(
                "ANV-004",
                &asset.id,
                format!("{name} {version}：{ends} まで（{source}、{checked} 確認）"),
                format!("{name} {version}: until {ends} ({source}, read {checked})"),
            )
        })
    };
    products.filter_map(one).collect()
}

fn reports(ledger: &Ledger, asset: &AgentAsset) -> Vec<Finding> {
    let offset = ledger.site.utc_offset_s;
    let presence = &asset.presence;
    let mut found = Vec::new();
    let mut say = |rule, ja, en| found.push(Finding::new(rule, &asset.id, ja, en));
    let last = moment(presence.last_at, offset);
    if is_silent(ledger, asset) {
        say(
            if asset.carried.is_some() {
                "OLD-002"
            } else {
                "OLD-001"
            },
            format!("最終受信 {last}"),
            format!("last receipt {last}"),
        );
    }
    if presence.missing > 0 {
        let count = presence.missing;
        say("CHN-001", format!("{count} 件"), format!("{count} reports"));
    }
    let off_s = presence.collected_at.seconds() - presence.last_at.seconds();
    // On the way to the collector a carried report grows old.
    if off_s.abs() > CLOCK_S && asset.carried.is_none() {
        let own = moment(presence.collected_at, offset);
        say(
            "CLK-001",
            format!("機器の時計 {own}、受信 {last}"),
            format!("its clock {own}, received {last}"),
        );
    }
    found
}

fn sections(ledger: &Ledger, asset: &AgentAsset) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |rule, ja, en| found.push(Finding::new(rule, &asset.id, ja, en));
    let gaps = gaps(asset);
    let titles = |lang| {
        let denied = gaps.iter().filter(|it| it.reason == Reason::Denied);
        denied.map(|it| it.title(lang)).collect::<Vec<_>>()
    };
    let (ja, en) = (titles(Lang::Ja), titles(Lang::En));
    if !ja.is_empty() {
        say("UNK-001", ja.join("、"), en.join(", "));
    }
    if !asset.unknown_sections.is_empty() {
        let kinds = asset.unknown_sections.join(", ");
        say("SEC-001", kinds.clone(), kinds);
    }
    for (kind, error) in &asset.unreadable_sections {
        let text = format!("{kind}: {}", visible(error));
        say("SEC-002", text.clone(), text);
    }
    let offset = ledger.site.utc_offset_s;
    let stale = gaps.iter().filter_map(|gap| Some((gap, gap.kept?)));
    let stale: Vec<_> = stale.map(|(gap, at)| (gap, moment(at, offset))).collect();
    if !stale.is_empty() {
        let line = |lang| {
            let one = stale
                .iter()
                .map(|(gap, at)| lang_remark(lang, &gap.title(lang), at));
            one.collect::<Vec<_>>().join(lang.pick("、", ", "))
        };
        say("STL-001", line(Lang::Ja), line(Lang::En));
    }
    found
}

fn lang_remark(lang: Lang, text: &str, remark: &str) -> String {
    lang.remark(text, remark)
}

/// A device whose hardware address was made up by software may be counted twice.
pub(super) fn made_up_address(seen: &SeenAsset) -> Option<Finding> {
    let mac = seen.mac.as_ref().filter(|mac| is_local_mac(mac))?;
    let text = visible(mac);
    Some(Finding::new("MAC-001", &seen.id, text.clone(), text))
}

/// What tells a machine from others, without worthless values.
struct Identity<'a> {
    asset: &'a AgentAsset,
    hardware: BTreeSet<String>,
}

impl<'a> Identity<'a> {
    fn of(asset: &'a AgentAsset) -> Self {
        let mut hardware = BTreeSet::new();
        let it = &asset.hardware;
        hardware.extend(worth("serial", &it.serial));
        hardware.extend(worth("uuid", &it.smbios_uuid));
        for interface in asset.interfaces.interfaces.value().into_iter().flatten() {
            let mac = interface.permanent_mac.as_ref().or(interface.mac.as_ref());
            let mac = mac.map(|mac| normal_mac(mac));
            let mac = mac.filter(|mac| !is_worthless_mac(mac) && !is_local_mac(mac));
            hardware.extend(mac.map(|mac| format!("mac {mac}")));
        }
        Self { asset, hardware }
    }
}

/// Whether it tells nothing: what makers leave in fields that they did not fill.
#[must_use]
pub fn is_worthless_id(text: &str) -> bool {
    WORTHLESS_IDS.contains(&text.trim().to_ascii_lowercase().as_str())
}

fn worth(name: &str, reading: &Reading<String>) -> Option<String> {
    let text = reading.value()?.trim().to_ascii_lowercase();
    (!is_worthless_id(&text)).then(|| format!("{name} {text}"))
}

/// Machines with the same system identity: of the same hardware they may be one machine enrolled
/// twice, of other hardware a copy of its disk. Nothing is merged.
pub(super) fn identities(ledger: &Ledger) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Vec<Identity<'_>>> = BTreeMap::new();
    for asset in &ledger.assets {
        if let Some(id) = worth("machine", &asset.hardware.machine_id) {
            groups.entry(id).or_default().push(Identity::of(asset));
        }
    }
    let mut found = Vec::new();
    for group in groups.values() {
        for pair in group.windows(2) {
            if let [one, other] = pair {
                found.push(same(one, other));
            }
        }
    }
    found
}

fn same(one: &Identity<'_>, other: &Identity<'_>) -> Finding {
    let shared: Vec<_> = one.hardware.intersection(&other.hardware).collect();
    let rule = if shared.is_empty() {
        "IDN-002"
    } else {
        "IDN-001"
    };
    let label = visible(&one.asset.label);
    let id = &one.asset.id.0;
    let mut traits = vec!["machine id".to_owned()];
    traits.extend(shared.into_iter().map(|it| visible(it)));
    let traits = traits.join(", ");
    Finding::new(
        rule,
        &other.asset.id,
        format!("{label}（{id}）と共通：{traits}"),
        format!("in common with {label} ({id}): {traits}"),
    )
}
