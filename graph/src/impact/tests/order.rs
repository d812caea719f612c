//! What others use comes back first; what people declared otherwise is told.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::Lang;
use daicho_simulate::Scenario;

use super::incident::Case;
use crate::impact::{Resident, Tier, parts, system_sheets, turns};

#[test]
fn system_comes_after_what_it_uses_unless_they_use_each_other() {
    for seed in [3, 7] {
        let case = Case::of(Scenario::Caterer, 120, seed);
        let turns = turns(case.basis());
        let place: BTreeMap<&str, usize> = turns
            .iter()
            .map(|it| (it.system.as_str(), it.place))
            .collect();
        assert_eq!(place.len(), case.basis().recognition.systems.len());
        let uses: BTreeSet<(&str, &str)> = turns
            .iter()
            .flat_map(|it| it.uses.iter().map(|to| (it.system.as_str(), to.as_str())))
            .collect();
        let reach = closure(&uses);
        for (user, used) in &uses {
            let together = reach.contains(&(used, user));
            assert!(together || place[used] < place[user], "{user} uses {used}");
            assert!(!together || place[used] == place[user], "{user} and {used}");
        }
        assert!(!uses.is_empty());
    }
}

/// Who uses whom in any number of steps, by brute force.
fn closure<'a>(uses: &BTreeSet<(&'a str, &'a str)>) -> BTreeSet<(&'a str, &'a str)> {
    let mut all = uses.clone();
    loop {
        let more: BTreeSet<_> = all
            .iter()
            .flat_map(|(a, b)| {
                uses.iter()
                    .filter(move |(c, _)| b == c)
                    .map(move |(_, d)| (*a, *d))
            })
            .collect();
        let before = all.len();
        all.extend(more);
        if all.len() == before {
            return all;
        }
    }
}

#[test]
fn directory_comes_first_and_terminals_last() {
    let case = Case::of(Scenario::Caterer, 120, 7);
    let parts = parts(case.basis());
    assert_eq!(parts.first().map(|it| it.tier), Some(Tier::Identity));
    assert_eq!(parts.last().map(|it| it.tier), Some(Tier::Terminal));
    let ids: BTreeSet<&str> = parts.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), parts.len(), "each thing has one tier");
    for agent in &case.basis().ledger.assets {
        assert!(ids.contains(agent.id.0.as_str()));
    }
}

#[test]
fn sheets_have_a_cell_for_each_column_and_none_is_blank() {
    let case = Case::of(Scenario::Caterer, 60, 5);
    for lang in [Lang::Ja, Lang::En] {
        for sheet in system_sheets(case.basis(), &Resident::of(case.basis()), lang) {
            assert!(!sheet.rows.is_empty(), "{}", sheet.key);
            for row in &sheet.rows {
                assert_eq!(row.cells.len(), sheet.columns.len());
                assert!(row.cells.iter().all(|it| !it.text.trim().is_empty()));
            }
        }
    }
}
