//! VPNs that Windows makes by itself (IKEv2, SSTP, L2TP, PPTP). Comes in: the machine's own phone book;
//! goes out: how each is made and which host it leads to; a person's phone book lies in a folder of
//! theirs and stays closed, and what else stands in an entry is not looked at.

use daicho_report::{Reason, Testimony, Vpn, VpnGrade, Witness};

use super::super::drive;
use super::super::field::host;
use super::witness;
use crate::platform::{Miss, Source};

#[cfg(test)]
mod tests;

const BOOK: &str = r"Microsoft\Network\Connections\Pbk\rasphone.pbk";
/// As witnesses and sources name it.
const PLACE: &str = "rasphone.pbk";
/// Kind of an entry (`RASET_Vpn`).
const VPN: &str = "2";
/// Ways of a VPN by the setting's number (`VS_*`, ras.h).
const WAYS: &[(&str, &str)] = &[
    ("1", "PPTP"),
    ("2", "PPTP"),
    ("3", "L2TP"),
    ("4", "L2TP"),
    ("5", "SSTP"),
    ("6", "SSTP"),
    ("7", "IKEv2"),
    ("8", "IKEv2"),
    ("12", "PPTP, SSTP"),
    ("13", "L2TP, SSTP"),
    ("14", "IKEv2, SSTP"),
];
const ENTRIES_MAX: usize = 200;

/// An entry of the phone book.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its name, which its interface has too; it stays here.
    name: String,
    kind: String,
    way: String,
    server: Option<String>,
}

/// VPNs of the phone book; one that is not there has none.
pub(super) fn entries(source: &Source) -> Result<Vec<Entry>, Reason> {
    let path = format!(r"{}\{BOOK}", drive::data(source)?);
    match source.text(&path) {
        Ok(text) => Ok(in_book(&text)),
        Err(Miss::Absent) => Ok(Vec::new()),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

/// `[name]` begins an entry, `Type`, `VpnStrategy` and `PhoneNumber` belong to it.
fn in_book(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            if entries.len() >= ENTRIES_MAX {
                break;
            }
            entries.push(Entry {
                name: name.to_owned(),
                ..Entry::default()
            });
            continue;
        }
        let (Some(entry), Some((key, value))) = (entries.last_mut(), line.split_once('=')) else {
            continue;
        };
        match key {
            "Type" => value.clone_into(&mut entry.kind),
            "VpnStrategy" => value.clone_into(&mut entry.way),
            // Of several numbers the first is dialled first.
            "PhoneNumber" if entry.server.is_none() => {
                entry.server = host(value).map(|it| it.to_lowercase());
            }
            _ => {}
        }
    }
    entries.retain(|it| it.kind == VPN);
    entries
}

impl Entry {
    /// Puts it among the VPNs: its interface, if one of that name is up, or by itself.
    pub(super) fn put(self, found: &mut Vec<Vpn>) {
        let way = WAYS.iter().find(|(number, _)| *number == self.way);
        let product = match way {
            Some((_, way)) => format!("Windows VPN ({way})"),
            None => "Windows VPN".to_owned(),
        };
        let seen = self.witness();
        let is_its = |it: &&mut Vpn| {
            it.product.is_none() && it.interface.as_deref() == Some(self.name.as_str())
        };
        if let Some(vpn) = found.iter_mut().find(is_its) {
            vpn.grade = VpnGrade::Certain;
            vpn.product = Some(product);
            vpn.server = self.server;
            vpn.witnesses.push(seen);
            vpn.witnesses.sort();
            return;
        }
        found.push(Vpn {
            grade: VpnGrade::Capable,
            product: Some(product),
            interface: None,
            up: false,
            server: self.server,
            witnesses: vec![seen],
        });
    }

    fn witness(&self) -> Witness {
        let strategy = Some(&self.way).filter(|it| it.parse::<u8>().is_ok());
        let raw = strategy.map(|it| format!("VpnStrategy {it}"));
        witness(PLACE.to_owned(), Testimony::Installed, raw)
    }
}
