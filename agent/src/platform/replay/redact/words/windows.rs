//! Words of Windows that identify people and machines. Comes in: a recording; goes out: names of
//! accounts, names of shares, and the parts of identifiers (SIDs) that no other machine or domain has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::super::super::{RawAccount, RawJoin, RawMember, RawSession};
use super::super::super::Bundle;

/// Accounts that every Windows is made with.
const OF_THE_SYSTEM: &[&str] = &[
    "Administrator",
    "DefaultAccount",
    "Guest",
    "WDAGUtilityAccount",
];
/// Values that name an account, or a domain before it.
const NAMING: &[&str] = &[
    r"\LastLoggedOnSAMUser",
    r"\LastLoggedOnUser",
    r"\DefaultUserName",
    r"\DefaultDomainName",
];
/// Values that name a network or a printer.
const PLACES: &[&str] = &[r"\ProfileName", r"\HostName"];
/// Lists of printers by their names, and by those of whoever uses them through another machine.
const PRINTERS: &[&str] = &[r"\Print\Printers", r"\Printers\Connections"];
const SHARES: &str = r"registry_names HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares";
const ADMINISTRATORS: &str = "S-1-5-32-544";
const SID: &str = "S-1-5-21-";
const ENTRA_SID: &str = "S-1-12-1-";

/// Names of accounts and domains.
pub(super) fn named(bundle: &Bundle) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for session in bundle
        .answer::<Vec<RawSession>>("sessions", "")
        .unwrap_or_default()
    {
        names.extend([session.user, session.domain]);
    }
    let accounts = bundle.answer::<Vec<RawAccount>>("local_accounts", "");
    names.extend(accounts.unwrap_or_default().into_iter().map(|it| it.name));
    let members = bundle.answer::<Vec<RawMember>>("group_members", ADMINISTRATORS);
    let members = members.unwrap_or_default().into_iter();
    // Names of what every Windows has are not a person's.
    let people = members.filter(|it| it.sid.starts_with(SID));
    names.extend(people.filter_map(|it| it.name));
    if let Ok(join) = bundle.answer::<RawJoin>("join", "") {
        names.extend(join.domain);
        if join.status != 2 || !join.name.eq_ignore_ascii_case("WORKGROUP") {
            names.insert(join.name);
        }
    }
    for (question, answer) in &bundle.answers {
        if NAMING.iter().any(|it| question.ends_with(it)) {
            let text = answer.pointer("/Ok/text").and_then(Value::as_str);
            names.extend(text.map(str::to_owned));
        }
        // A folder of somebody's.
        let below = question.split_once(r":\Users\").map(|(_, rest)| rest);
        let owner = below.and_then(|rest| rest.split('\\').next());
        names.extend(owner.map(str::to_owned));
    }
    names.retain(|name| !OF_THE_SYSTEM.contains(&name.as_str()));
    names
}

/// The host's name as Windows writes it elsewhere, names of shares, and SIDs, each with its stand-in.
pub(super) fn add(bundle: &Bundle, words: &mut BTreeMap<String, String>) {
    let hosts: Vec<String> = words.keys().cloned().collect();
    for host in hosts {
        let stand_in = words.get(&host).cloned().unwrap_or_default();
        for other in [host.to_uppercase(), host.to_lowercase()] {
            words.entry(other).or_insert_with(|| stand_in.clone());
        }
    }
    if let Some(names) = bundle.answers.get(SHARES).and_then(|it| it.get("Ok")) {
        let names = names
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        for (at, name) in names.enumerate().filter(|(_, name)| !name.ends_with('$')) {
            words.insert(name.to_owned(), format!("share{at}"));
        }
    }
    for (at, place) in places(bundle).into_iter().enumerate() {
        words.entry(place).or_insert_with(|| format!("place{at}"));
    }
    let mut issuers = BTreeSet::new();
    for (question, answer) in &bundle.answers {
        of_text(question, &mut issuers);
        of_value(answer, &mut issuers);
    }
    for (at, issuer) in issuers.into_iter().enumerate() {
        let start = if issuer.starts_with(SID) {
            SID
        } else {
            ENTRA_SID
        };
        words.insert(issuer, format!("{start}1-1-{at}"));
    }
}

/// Names of networks, printers and print servers. An address stays: it is no name.
fn places(bundle: &Bundle) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (question, answer) in &bundle.answers {
        if question.starts_with("registry ") && PLACES.iter().any(|it| question.ends_with(it)) {
            let text = answer.pointer("/Ok/text").and_then(Value::as_str);
            found.extend(text.map(str::to_owned));
        }
        let is_list = question.starts_with("registry_keys ");
        if is_list && PRINTERS.iter().any(|it| question.ends_with(it)) {
            let names = answer.get("Ok").and_then(Value::as_array);
            let names = names.into_iter().flatten().filter_map(Value::as_str);
            let parts = names
                .flat_map(|it| it.split(','))
                .filter(|it| !it.is_empty());
            found.extend(parts.map(str::to_owned));
        }
    }
    found.retain(|it| it.parse::<std::net::IpAddr>().is_err());
    found
}

fn of_value(value: &Value, issuers: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => of_text(text, issuers),
        Value::Array(items) => items.iter().for_each(|it| of_value(it, issuers)),
        Value::Object(fields) => fields.values().for_each(|it| of_value(it, issuers)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Who issued each SID in a text: the machine or domain that its first three numbers name.
fn of_text(text: &str, issuers: &mut BTreeSet<String>) {
    for start in [SID, ENTRA_SID] {
        for (at, _) in text.match_indices(start) {
            let rest = text.get(at + start.len()..).unwrap_or_default();
            let digits = |it: &&str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
            let numbers: Vec<&str> = rest.split('-').take(3).take_while(digits).collect();
            if let [one, two, three] = numbers.as_slice() {
                issuers.insert(format!("{start}{one}-{two}-{three}"));
            }
        }
    }
}
