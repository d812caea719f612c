//! Masking of what locates and identifies machines, the same value by the same word in every file.
//! Comes in: text of a list or a diagram; goes out: the same without addresses, hardware addresses and
//! serial numbers. It rather masks too much than too little: whatever reads as an address is one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

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

    /// A run of characters of addresses, with every address in it masked: ids hold them too, behind other
    /// letters that could be digits (`peer:OtherInside:10.0.0.0`).
    fn put(&mut self, out: &mut String, token: &str) {
        let mut rest = token;
        while let Some((kind, start, end)) = first_address(rest) {
            let address = rest.get(start..end).unwrap_or_default().to_lowercase();
            out.push_str(rest.get(..start).unwrap_or_default());
            let word = self.word(kind, &address);
            out.push_str(&word);
            rest = rest.get(end..).unwrap_or_default();
        }
        out.push_str(rest);
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

/// Characters of a hardware address.
const MAC_CHARS: usize = 17;
/// Most characters of an address of IPv6.
const V6_CHARS: usize = 45;

/// The first address of a run; letters may stand right before it. One of IPv4 begins and ends where no
/// digit or dot is beside it; the others take all that could belong to them.
fn first_address(token: &str) -> Option<(Kind, usize, usize)> {
    let bytes = token.as_bytes();
    let numeric = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|it| it.is_ascii_digit() || *it == b'.')
    };
    let colons = bytes.iter().filter(|it| **it == b':').count();
    for start in 0..bytes.len() {
        if let Some(end) = (colons > 1).then(|| end_of_v6(token, start)).flatten() {
            return Some((Kind::Address, start, end));
        }
        let end = start + MAC_CHARS;
        if token.get(start..end).is_some_and(is_mac) {
            let more = bytes.get(end..).unwrap_or_default().chunks(3);
            let pair = |it: &&[u8]| matches!(it, [b'-' | b':', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
            return Some((Kind::Mac, start, end + 3 * more.take_while(pair).count()));
        }
        if is_digit_run(start, numeric) {
            let length = (start..bytes.len()).take_while(|at| numeric(*at)).count();
            let text = token.get(start..start + length).unwrap_or_default();
            let text = text.trim_end_matches('.');
            if text.parse::<Ipv4Addr>().is_ok() {
                return Some((Kind::Address, start, start + text.len()));
            }
        }
    }
    None
}

/// Where an address of IPv6 that begins here ends.
fn end_of_v6(token: &str, start: usize) -> Option<usize> {
    let rest = token.get(start..)?;
    let run = rest.split('-').next().unwrap_or_default();
    let is = |end: &usize| {
        run.get(..*end)
            .is_some_and(|it| it.parse::<Ipv6Addr>().is_ok())
    };
    let longest = (2..=run.len().min(V6_CHARS)).rev().find(is)?;
    // Too many groups: one of them is no part of it, but which?
    let more = run
        .get(longest..)
        .unwrap_or_default()
        .trim_end_matches(['.', ':']);
    Some(start + longest + more.len())
}

/// Whether a run of digits and dots begins here.
fn is_digit_run(at: usize, numeric: impl Fn(usize) -> bool) -> bool {
    numeric(at) && (at == 0 || !numeric(at - 1))
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
    fn address_inside_of_an_id_is_masked_too() {
        let mut mask = mask();
        let text = "m-gateway-a-72f6fbfd-10.1.2.3 peer:OtherInside:10.1.2.0/24 e10.1.2.3 10.1.2.3-ab \
                    bad:02:fc:00:00:00:05 a-02-fc-00-00-00-06 node:2001:db8:0:1:2:3:4:5 10.0.17763.7792 \
                    10.1.2.3. ::1 a-0062cfb12d388a26066ee9648dbe068a 12:34:56 1.2.3.4.5";
        assert_eq!(
            mask.masked(text),
            "m-gateway-a-72f6fbfd-[IP1] peer:OtherInside:[IP2]/24 e[IP1] [IP1]-ab \
             b[MAC1] a-[MAC2] no[IP3] 10.0.17763.7792 \
             [IP1]. [IP4] a-0062cfb12d388a26066ee9648dbe068a 12:34:56 1.2.3.4.5"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_address_stays_whatever_stands_beside_it(
            before in "([0-9a-z]{0,4}[-: a-z])?", after in "([-:/ g-z][0-9a-z:.-]{0,6})?",
            v4: u32, v6: u128, mac: [u8; 6],
        ) {
            let mac: Vec<String> = mac.iter().map(|it| format!("{it:02x}")).collect();
            let (v4, v6) = (Ipv4Addr::from(v4), Ipv6Addr::from(v6));
            for address in [v4.to_string(), v6.to_string(), mac.join(":"), mac.join("-")] {
                let masked = mask().masked(&format!("{before}{address}{after}"));
                proptest::prop_assert!(!masked.contains(&address), "{masked}");
            }
        }
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
