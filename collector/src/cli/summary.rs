//! What quickstart prints: what was found, what could not be asked and why, where the files are.

use std::collections::BTreeMap;
use std::path::Path;

use daicho_graph::finding::findings;
use daicho_graph::list::{self, Basis};
use daicho_ledger::{AgentAsset, Grade, Ledger, List, columns, rows, text};

use super::say::Lang;
use crate::picture::Picture;

/// Reasons and findings shown before "and more".
const SHOWN_MAX: usize = 12;

pub(super) fn text(picture: &Picture, lang: Lang, out: &Path) -> String {
    let (ledger, basis) = (&picture.ledger, picture.basis());
    let mut lines = Vec::new();
    found(ledger, lang, &mut lines);
    recognised(basis, lang, &mut lines);
    let findings = findings(basis);
    if !findings.is_empty() {
        lines.push(String::new());
        lines.push(format!(
            "{}: {}",
            lang.pick("要対応事項", "findings"),
            findings.len()
        ));
        for finding in findings.iter().take(SHOWN_MAX) {
            let evidence = lang.pick(&finding.evidence.0, &finding.evidence.1);
            lines.push(format!("  - {} [{evidence}]", finding.text(lang.into())));
        }
        more(findings.len(), lang, &mut lines);
    }
    unknown(ledger, lang, &mut lines);
    lines.push(String::new());
    lines.push(lang.pick("できたファイル", "files written").to_owned());
    for (name, ja, en) in [
        ("ledger.xlsx", "台帳（Excel）", "ledger (Excel)"),
        ("ledger.csv", "台帳（CSV）", "ledger (CSV)"),
        ("diagram.svg", "構成図", "diagram"),
    ] {
        lines.push(format!(
            "  {}  {}",
            out.join(name).display(),
            lang.pick(ja, en)
        ));
    }
    lines.join("\n")
}

fn more(count: usize, lang: Lang, lines: &mut Vec<String>) {
    if let Some(left) = count.checked_sub(SHOWN_MAX).filter(|left| *left > 0) {
        lines.push(format!(
            "  {} {left}",
            lang.pick(
                "ほか（Excel にすべてあります）",
                "more (all are in the workbook):"
            )
        ));
    }
}

fn found(ledger: &Ledger, lang: Lang, lines: &mut Vec<String>) {
    let at = text::moment(ledger.as_of, ledger.site.utc_offset_s);
    lines.push(format!("{}（{at}）", lang.pick("見つかったもの", "found")));
    for asset in &ledger.assets {
        lines.push(format!("  {}", asset_line(asset, lang)));
    }
    lines.push(format!(
        "  {}: {}　{}: {}　{}: {}",
        lang.pick("エージェントのある機器", "machines with an agent"),
        ledger.coverage.with_agent,
        lang.pick("観測のみの機器", "devices seen only"),
        ledger.coverage.seen_only,
        lang.pick("見えたアドレス", "addresses seen"),
        ledger.coverage.addresses,
    ));
}

/// Connection points with their grade, systems, and how much waits for a name.
fn recognised(basis: Basis<'_>, lang: Lang, lines: &mut Vec<String>) {
    let it = basis.recognition;
    let mut points: Vec<_> = it.points.iter().collect();
    let all = points.len();
    points.retain(|it| it.grade != Grade::Hint);
    points.sort_by(|a, b| (a.grade, a.kind, &a.id).cmp(&(b.grade, b.kind, &b.id)));
    lines.push(String::new());
    lines.push(format!(
        "{}: {}",
        lang.pick("外部接続点", "connection points"),
        points.len()
    ));
    if points.is_empty() {
        lines.push(format!(
            "  {}",
            lang.pick(
                "集めた範囲では見つかっていません（存在しないことの証明ではありません）",
                "none found in what was collected; that is no proof that there is none"
            )
        ));
    }
    for point in points.iter().take(SHOWN_MAX) {
        let kind = point.kind.title(lang.into());
        let name = text::visible(&point.name);
        let name = match name.trim().is_empty() || name == kind {
            true => kind.to_owned(),
            false => daicho_ledger::Lang::from(lang).remark(kind, &name),
        };
        let at = list::label(basis, &point.at, lang.into());
        let grade = point.grade.title(lang.into());
        lines.push(format!("  - {name}　{at}　[{grade}]"));
    }
    more(points.len(), lang, lines);
    if all > points.len() {
        lines.push(format!(
            "  {}: {}",
            lang.pick(
                "手掛かりのみ（Excel にあります）",
                "hints only (in the workbook)"
            ),
            all - points.len()
        ));
    }
    lines.push(format!(
        "{}: {}　{}: {}",
        lang.pick("システム", "systems"),
        it.systems.len(),
        lang.pick("未分類サービス（名前を付けるもの）", "services to be named"),
        it.unnamed.len(),
    ));
}

/// Name, system, addresses and what was counted, each with its own "unknown".
fn asset_line(asset: &AgentAsset, lang: Lang) -> String {
    let unknown = || lang.pick("未確認", "unknown").to_owned();
    let os = asset
        .os
        .name
        .value()
        .map_or_else(unknown, |name| text::visible(name));
    let count = |number: Option<usize>| number.map_or_else(unknown, |it| it.to_string());
    let addresses = asset.interfaces.interfaces.value().map(|all| {
        let own = all
            .iter()
            .flat_map(|it| &it.addresses)
            .filter(|it| !it.address.is_loopback());
        own.map(|it| format!("{}/{}", it.address, it.prefix))
            .collect::<Vec<_>>()
            .join(", ")
    });
    format!(
        "{}　{os}　{}\n    {}: {}　{}: {}　{}: {}　{}: {}",
        asset.label,
        addresses.unwrap_or_else(unknown),
        lang.pick("ソフトウェア", "programs"),
        count(asset.software.items.value().map(Vec::len)),
        lang.pick("待受", "listening"),
        count(asset.listeners.listeners.value().map(Vec::len)),
        lang.pick("通信", "flows"),
        asset.flows.len(),
        lang.pick("隣接機器", "neighbours"),
        asset.neighbours.len(),
    )
}

/// What could not be asked, by reason, so that a person sees what to do about it.
fn unknown(ledger: &Ledger, lang: Lang, lines: &mut Vec<String>) {
    let heads = columns(List::Unknowns);
    let at = |key: &str| heads.iter().position(|head| head.key == key);
    let (Some(field), Some(reason)) = (at("field"), at("reason")) else {
        return;
    };
    let rows = rows(ledger, List::Unknowns, lang.into());
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &rows {
        if let (Some(field), Some(reason)) = (row.cells.get(field), row.cells.get(reason)) {
            by_reason.entry(&reason.text).or_default().push(&field.text);
        }
    }
    lines.push(String::new());
    lines.push(format!(
        "{}: {}",
        lang.pick("問い合わせできなかった項目", "could not be asked"),
        rows.len()
    ));
    for (reason, fields) in by_reason {
        let shown: Vec<&str> = fields.iter().take(SHOWN_MAX).copied().collect();
        let rest = if fields.len() > SHOWN_MAX { "…" } else { "" };
        lines.push(format!(
            "  {reason}: {}{rest}",
            shown.join(lang.pick("、", ", "))
        ));
    }
}
