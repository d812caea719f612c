//! Rows that a person added: devices without an agent, ways of remote maintenance. Comes in: a row without
//! a key; goes out: the entries that make it. It guesses no kind and no range: what is not written is
//! asked for by name.

use daicho_graph::list::{List, kind_title};
use daicho_ledger::hand::field::FIELDS;
use daicho_ledger::hand::{
    DeclaredPoint, DeviceKind, EntryBody, HandDevice, HandFields, HandInterface,
};
use daicho_ledger::{Lang, PointKind};
use daicho_report::Hash;

use super::grid::Line;
use super::plan::{Comparison, Drafts, Plan, kept, unsigned};
use super::table::folded;
use crate::hand::{Draft, address};

const KINDS: [DeviceKind; 14] = [
    DeviceKind::Firewall,
    DeviceKind::Vpn,
    DeviceKind::Router,
    DeviceKind::CoreSwitch,
    DeviceKind::Switch,
    DeviceKind::Wireless,
    DeviceKind::LineTerminal,
    DeviceKind::MobileRouter,
    DeviceKind::MedicalDevice,
    DeviceKind::Server,
    DeviceKind::Terminal,
    DeviceKind::Printer,
    DeviceKind::Storage,
    DeviceKind::Other,
];

/// Takes in a row without a key.
pub(super) fn row(it: &Comparison<'_>, line: &Line, plan: &mut Plan, drafts: &mut Drafts) {
    let made = match it.table.list {
        List::Remote => point(it, line),
        _ => device(it, line),
    };
    let place = format!("「{}」{} 行", it.table.name, line.number);
    let (draft, row, name) = match made {
        Ok(Some(made)) => made,
        Ok(None) => return,
        Err(what) => return plan.faults.push(format!("{place}: {what}")),
    };
    let fields = match fields(it, line) {
        Ok(fields) => fields,
        Err(what) => return plan.faults.push(format!("{place}: {what}")),
    };
    let again = drafts.others.iter().any(|(_, it)| it.key == draft.key);
    if again {
        plan.faults.push(format!(
            "{place}: 同じ内容の新しい行が二つあります。名前を変えてください / twice: {name}"
        ));
        return;
    }
    if stands(it, &draft, &row, &fields, &place, plan) {
        return;
    }
    plan.made
        .push((place.clone(), crate::refusal::visible(&name)));
    drafts.others.push((place.clone(), draft));
    if !fields.values.is_empty() {
        drafts.fields.insert(row, (place, fields));
    }
}

/// Whether the row was taken in before; a file that is imported again must make nothing twice.
fn stands(
    it: &Comparison<'_>,
    draft: &Draft,
    row: &str,
    fields: &HandFields,
    place: &str,
    plan: &mut Plan,
) -> bool {
    let hand = &it.sides.now.ledger.hand;
    let mut entries = hand.entries.iter();
    let kind = draft.body.kind();
    if !entries.any(|it| it.key == draft.key && it.body.kind() == kind) {
        return false;
    }
    let all = hand.fields();
    let none = HandFields::default();
    let standing = all.get(row).copied().unwrap_or(&none);
    let differs = |(name, value): (&String, &daicho_ledger::hand::HandValue)| {
        standing
            .values
            .get(name)
            .is_none_or(|it| it.text != value.text)
    };
    match fields.values.iter().any(differs) {
        true => plan.faults.push(format!(
            "{place}: この行は取り込み済みで、台帳の記入と違います。書き出し直してください / taken in before, and changed since: {row}"
        )),
        false => plan.notices.push(format!(
            "{place}: 取り込み済みの行です / taken in before: {row}"
        )),
    }
    true
}

/// The values of the row's fields.
fn fields(it: &Comparison<'_>, line: &Line) -> Result<HandFields, String> {
    let mut fields = HandFields::default();
    let own = ["manufacturer", "model", "serial", "firmware"];
    let on = FIELDS.iter().filter(|field| field.on & it.table.mark != 0);
    for field in on.filter(|field| !own.contains(&field.key)) {
        let text = kept(field, it.written(line, field.key));
        let text = text.map_err(|what| format!("{}: {what}", field.ja))?;
        if !text.is_empty() {
            fields.values.insert(field.key.to_owned(), unsigned(text));
        }
    }
    Ok(fields)
}

type Made = Option<(Draft, String, String)>;

fn device(it: &Comparison<'_>, line: &Line) -> Result<Made, String> {
    let written = |key: &str| it.written(line, key);
    let name = written("label");
    if name.is_empty() {
        return empty(it, line, "機器名");
    }
    let (key, title) = match it.table.list {
        List::Network => ("role", "役割（観測の根拠）"),
        _ => ("chassis", "種別"),
    };
    let kind = kind(written(key), title)?;
    let (addresses, macs) = (written("addresses"), written("macs"));
    let interfaces = interfaces(addresses, macs)?;
    let text = |key: &str| written(key).to_owned();
    let device = HandDevice {
        name: name.to_owned(),
        kind,
        interfaces,
        maker: text("manufacturer"),
        model: text("model"),
        serial: text("serial"),
        firmware: text("firmware"),
        place: String::new(),
        purpose: String::new(),
        department: String::new(),
        owner: String::new(),
        vendor: None,
        system: None,
        zone: None,
        pair: None,
        note: String::new(),
    };
    let parts = [name, written(key), addresses, macs, written("serial")];
    let key = own_key(&parts);
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Device(device),
    };
    Ok(Some((draft, format!("hand:{key}"), name.to_owned())))
}

fn empty(it: &Comparison<'_>, line: &Line, title: &str) -> Result<Made, String> {
    let filled =
        |(at, _): &(u32, daicho_ledger::Column)| !super::plan::is_marker(line.cell(*at).trim());
    match it.table.columns.iter().any(filled) {
        true => Err(format!(
            "新しい行には「{title}」が要ります / a new row needs a name"
        )),
        false => Ok(None),
    }
}

/// A key that the same row always gets.
fn own_key(parts: &[&str]) -> String {
    let hash = Hash::of(parts.join("\n").as_bytes()).to_string();
    let digits = hash.rsplit(':').next().unwrap_or_default();
    format!("x-{}", digits.chars().take(12).collect::<String>())
}

fn kind(written: &str, title: &str) -> Result<DeviceKind, String> {
    let first = folded(written.lines().next().unwrap_or_default());
    let is = |kind: &&DeviceKind| {
        let titles = [Lang::Ja, Lang::En].map(|lang| folded(kind_title(**kind, lang)));
        let word = serde_json::to_value(kind).unwrap_or_default();
        titles.contains(&first) || word.as_str() == Some(first.as_str())
    };
    KINDS.iter().find(is).copied().ok_or_else(|| {
        let all: Vec<&str> = KINDS.iter().map(|it| kind_title(*it, Lang::Ja)).collect();
        format!(
            "「{title}」に種類を書いてください / want a kind: {}",
            all.join("、")
        )
    })
}

fn pieces(text: &str) -> Vec<&str> {
    let all = text.split(['\n', ';', '、', ',', '；']).map(str::trim);
    all.filter(|it| !it.is_empty()).collect()
}

fn interfaces(addresses: &str, macs: &str) -> Result<Vec<HandInterface>, String> {
    let (addresses, macs) = (pieces(addresses), pieces(macs));
    let mut out = Vec::new();
    for number in 0..addresses.len().max(macs.len()) {
        let address = match addresses.get(number) {
            None => None,
            Some(text) => Some(address(text).ok_or_else(|| {
                let text: String = text.chars().take(60).collect();
                format!("IPアドレス「{text}」は 10.1.2.3/24 の形で / want an address such as 10.1.2.3/24")
            })?),
        };
        out.push(HandInterface {
            name: String::new(),
            mac: macs.get(number).map(|it| (*it).to_owned()),
            address,
            ..HandInterface::default()
        });
    }
    Ok(out)
}

/// A way of remote maintenance that only people know.
fn point(it: &Comparison<'_>, line: &Line) -> Result<Made, String> {
    let method = it.written(line, "method");
    if method.is_empty() {
        return empty(it, line, "方法（ツール・VPN・回線）");
    }
    let text = folded(method);
    let has = |words: &[&str]| words.iter().any(|it| text.contains(&folded(it)));
    let kind = match (
        has(&["ソフト", "ツール", "tool"]),
        has(&["VPN", "専用線", "回線", "line"]),
    ) {
        (true, false) => PointKind::RemoteTool,
        (false, true) => PointKind::VendorVpn,
        _ => {
            return Err(
                "「方法」に「VPN」「専用線」「回線」か「ソフト」「ツール」のどちらかを含めて書いてください / \
                 say in `method` whether it is a VPN, a line or a tool"
                    .to_owned(),
            );
        }
    };
    let key = own_key(&[method, it.written(line, "vendor"), it.written(line, "line")]);
    let point = DeclaredPoint {
        name: method.to_owned(),
        kind,
        device: None,
        asset: None,
        address: None,
        line: String::new(),
        peer: String::new(),
        peer_networks: Vec::new(),
        vendor: None,
        always_on: None,
        switch_off: String::new(),
        demarcation: String::new(),
        system: None,
        note: String::new(),
    };
    let word = match kind {
        PointKind::RemoteTool => "remote_tool",
        _ => "vendor_vpn",
    };
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Point(point),
    };
    // A declared point without a place stands at itself.
    let row = format!("point:{word}:point:{key}");
    Ok(Some((draft, row, method.to_owned())))
}
