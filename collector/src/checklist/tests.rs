//! Forms of the site, and vendors by their names.

use daicho_ledger::{Ledger, Site};

use super::*;

/// A hospital of which nothing was received.
pub(super) fn empty() -> Ledger {
    daicho_ledger::build(&daicho_ledger::Input {
        site: Site {
            name: String::new(),
            time_zone: "Asia/Tokyo".to_owned(),
            utc_offset_s: 9 * 3600,
            simulated: false,
        },
        as_of: daicho_report::Time::EPOCH,
        agents: Vec::new(),
        hand: daicho_ledger::Hand::default(),
    })
}

pub(super) fn census_of(ledger: &Ledger) -> Census<'_> {
    Census {
        ledger,
        things: Vec::new(),
        points: Vec::new(),
        systems: Vec::new(),
        segments: 0,
        vendors: BTreeMap::new(),
    }
}

#[test]
fn newest_year_comes_first_and_a_form_of_the_site_takes_the_shipped_ones_place() {
    let folder = std::env::temp_dir().join(format!("daicho-forms-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    assert_eq!(forms(&folder).unwrap()[0].id, "r7");
    let mut own = shipped()[0].clone();
    own.id = "r8".to_owned();
    own.fiscal_year = Some(2026);
    std::fs::write(folder.join("r8.toml"), toml::to_string(&own).unwrap()).unwrap();
    let all = forms(&folder).unwrap();
    assert_eq!(form(&all, None).unwrap().id, "r8");
    assert_eq!(form(&all, Some("r9")).unwrap_err().code, "CHK-001");
    std::fs::write(folder.join("r8.toml"), "id = 3").unwrap();
    let refused = forms(&folder).unwrap_err();
    assert_eq!(refused.code, "CHK-002");
    assert!(
        refused.detail.starts_with("r8.toml:1:"),
        "{}",
        refused.detail
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn vendor_is_known_by_key_by_name_and_by_name_with_its_telephone() {
    let vendors = Vendors {
        known: [("acme".to_owned(), "模擬システム".to_owned())].into(),
        of_servers: BTreeMap::new(),
    };
    let one = |text: &str| vendors.named(Some(text)).into_iter().collect::<Vec<_>>();
    for text in [
        "acme",
        "模擬システム",
        "模擬システム　03-0000-0000",
        "模擬システム（機器の記入から）",
    ] {
        assert_eq!(one(text), ["acme"], "{text}");
    }
    assert_eq!(one("別の会社"), ["別の会社"]);
    assert_eq!(one("acme\n別の会社").len(), 2);
    assert!(vendors.named(None).is_empty());
}
