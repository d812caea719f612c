//! Who registered the beginning of a hardware address at the IEEE. Comes in: an address; goes out: the name
//! as it is registered. It says who made the network interface, which need not be who made the device; an
//! address that software made up has no maker.

use daicho_report::Reason;

use crate::cell::Cell;
use crate::ledger::{is_local_mac, is_worthless_mac};
use crate::text::{Lang, visible};

/// The registry: a library's copy.
pub const SOURCE: &str = "IEEE OUI (oui-data 0.2.4)";

/// Who registered it; `None`: nobody, or nobody that is known here.
#[must_use]
pub fn of(mac: &str) -> Option<&'static str> {
    let digits: String = mac.chars().filter(|c| *c != ':').collect();
    let whole = digits.len() == 12 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    if !whole || is_local_mac(mac) || is_worthless_mac(mac) {
        return None;
    }
    let record = oui_data::lookup(&digits.to_ascii_uppercase())?;
    Some(record.organization()).filter(|it| !it.trim().is_empty())
}

/// Makers of several addresses, each once.
pub(crate) fn cell<'a>(macs: impl Iterator<Item = &'a str>, lang: Lang) -> Cell {
    let mut names: Vec<String> = macs.filter_map(of).map(visible).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Cell::unknown(&Reason::NotAsked, "", None, lang);
    }
    Cell {
        source: SOURCE.to_owned(),
        ..Cell::own(names.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maker_is_told_and_an_address_that_software_made_up_has_none() {
        assert!(of("00:00:e1:2d:f7:5d").is_some());
        for none in [
            "02:00:00:00:00:01",
            "00:00:5e:00:01:02",
            "",
            "0",
            "００:00:e1:2d:f7:5d",
            "zz:00:00:00:00:00",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
