//! Masking of what locates and identifies machines, the same value by the same word in every file.
//! Comes in: text of a list or a diagram; goes out: the same without addresses, hardware addresses and
//! serial numbers. It rather masks too much than too little: whatever reads as an address is one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use aho_corasick::{AhoCorasick, MatchKind};
use daicho_ledger::{Lang, Ledger};

/// What was masked so far.
pub(super) struct Mask {
    /// Serial numbers and identities of the ledger.
    serials: AhoCorasick,
    words: BTreeMap<Kind, BTreeMap<String, usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Address,
    Mac,
    Serial,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Address, Self::Mac, Self::Serial];

    fn word(self) -> &'static str {
        match self {
            Self::Address => "IP",
            Self::Mac => "MAC",
            Self::Serial => "SN",
        }
    }

    fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Address => lang.pick("アドレス", "addresses"),
            Self::Mac => lang.pick("MACアドレス", "hardware addresses"),
            Self::Serial => lang.pick("製造番号・識別番号", "serial numbers and identities"),
        }
    }
}

impl Mask {
    /// Knows the serial numbers of a ledger.
    pub(super) fn of(ledger: &Ledger) -> Result<Self, aho_corasick::BuildError> {
        let mut serials = BTreeSet::new();
        for asset in &ledger.assets {
            let hardware = &asset.hardware;
            for it in [
                &hardware.serial,
                &hardware.smbios_uuid,
                &hardware.machine_id,
            ] {
                serials.extend(it.value().cloned());
            }
        }
        let by_hand = ledger
            .hand
            .devices()
            .map(|(_, device)| device.serial.clone());
        serials.extend(by_hand);
        let fields = ledger.hand.fields().into_values();
        serials.extend(fields.filter_map(|it| Some(it.values.get("serial")?.text.clone())));
        // Shorter ones stand inside of other words.
        Self::hiding(serials.into_iter().filter(|it| it.len() >= 4))
    }

    /// Hides these, the longest that fits at a place, beside addresses.
    fn hiding(serials: impl Iterator<Item = String>) -> Result<Self, aho_corasick::BuildError> {
        let longest = MatchKind::LeftmostLongest;
        let serials: Vec<String> = serials.collect();
        Ok(Self {
            serials: AhoCorasick::builder().match_kind(longest).build(serials)?,
            words: BTreeMap::new(),
        })
    }

    /// How many values of each kind were masked.
    pub(super) fn counts(&self, lang: Lang) -> Vec<(String, u64)> {
        let count = |kind| self.words.get(&kind).map_or(0, BTreeMap::len);
        let all = Kind::ALL.into_iter();
        all.map(|kind| {
            (
                kind.title(lang).to_owned(),
                u64::try_from(count(kind)).unwrap_or(u64::MAX),
            )
        })
        .collect()
    }

    pub(super) fn masked(&mut self, text: &str) -> String {
        let text = self.without_serials(text);
        let mut out = String::with_capacity(text.len());
        let mut token = String::new();
        for c in text.chars().chain(['\n']) {
            if c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '-') {
                token.push(c);
                continue;
            }
            self.put(&mut out, &token);
            token.clear();
            out.push(c);
        }
        out.pop();
        out
    }

    fn without_serials(&mut self, text: &str) -> String {
        let found: Vec<_> = self.serials.find_iter(text).map(|it| it.range()).collect();
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for range in found {
            out.push_str(text.get(from..range.start).unwrap_or_default());
            let serial = text.get(range.clone()).unwrap_or_default();
            let word = self.word(Kind::Serial, serial);
            out.push_str(&word);
            from = range.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// A run of characters of addresses, with its address masked.
    fn put(&mut self, out: &mut String, token: &str) {
        let bare = token.trim_matches(['.', '-']);
        // The colon of a sentence is no part of an address; the two of a range (`2001:db8::/64`) are.
        let bare = match bare.parse::<IpAddr>() {
            Ok(_) => bare,
            Err(_) => bare.trim_end_matches(':'),
        };
        let (start, end) = match token.find(bare) {
            Some(at) if !bare.is_empty() => (at, at + bare.len()),
            _ => return out.push_str(token),
        };
        // A port may stand behind it.
        let (address, rest) = match bare.rsplit_once(':') {
            Some((address, _)) if is_v4(address) => bare.split_at(address.len()),
            _ => (bare, ""),
        };
        let kind = if address.parse::<IpAddr>().is_ok() {
            Kind::Address
        } else if is_mac(address) {
            Kind::Mac
        } else {
            return out.push_str(token);
        };
        let word = self.word(kind, &address.to_lowercase());
        out.push_str(token.get(..start).unwrap_or_default());
        out.push_str(&word);
        out.push_str(rest);
        out.push_str(token.get(end..).unwrap_or_default());
    }

    fn word(&mut self, kind: Kind, value: &str) -> String {
        let words = self.words.entry(kind).or_default();
        let next = words.len() + 1;
        let number = match words.get(value) {
            Some(number) => *number,
            None => *words.entry(value.to_owned()).or_insert(next),
        };
        format!("[{}{number}]", kind.word())
    }
}

fn is_v4(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_mac(text: &str) -> bool {
    [':', '-'].into_iter().any(|mark| {
        let parts: Vec<&str> = text.split(mark).collect();
        parts.len() == 6 && parts.iter().all(|it| it.len() == 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Mask {
        Mask::hiding(["ABC-1234", "ABC-1234-99"].map(str::to_owned).into_iter()).unwrap()
    }

    #[test]
    fn same_value_has_the_same_word_and_nothing_else_is_touched() {
        let mut mask = mask();
        let text = "10.1.2.3/24; 10.1.2.30 [10.1.2.3:443] fe80::1, 02:FC:00:00:00:05 02-fc-00-00-00-06 \
                    2026-11-26T01:02:03Z v1.2.3 1.2.3.4.5 ABC-1234。ABC-1234-99 10.1.2.3 2001:db8:405a:100::/64 10.1.2.3: x";
        let out = mask.masked(text);
        assert_eq!(
            out,
            "[IP1]/24; [IP2] [[IP1]:443] [IP3], [MAC1] [MAC2] \
             2026-11-26T01:02:03Z v1.2.3 1.2.3.4.5 [SN1]。[SN2] [IP1] [IP4]/64 [IP1]: x"
        );
        let counts: Vec<u64> = mask.counts(Lang::Ja).into_iter().map(|it| it.1).collect();
        assert_eq!(counts, [4, 2, 2]);
        assert_eq!(mask.masked("10.1.2.30"), "[IP2]");
    }
}
