use daicho_simulate::Scenario;
use proptest::prelude::*;

use super::incident::Case;
use crate::impact::{
    Damage, Quick, QuickError, Reach, Resident, Window, quick_bytes, resolve, scope,
};

/// A case with its stored form.
fn stored(scenario: Scenario) -> (Case, Vec<u8>) {
    let case = Case::of(scenario, 60, 3);
    let resident = Resident::of(case.basis());
    let bytes = quick_bytes(case.basis(), &resident).unwrap();
    (case, bytes)
}

#[test]
fn the_first_answer_is_that_of_the_ledger() {
    let (case, bytes) = stored(Scenario::DataCentre);
    let resident = Resident::of(case.basis());
    let quick = Quick::of(&bytes).unwrap();
    assert_eq!(quick.size(), resident.snapshot.size());
    let as_of = case.basis().ledger.as_of;
    let window = Window {
        from: as_of.seconds() - 5 * 86_400,
        to: as_of.seconds(),
    };
    let mut compared = 0;
    for asset in case.basis().ledger.assets.iter().step_by(7) {
        let things = vec![resolve(case.basis(), &resident.model, &asset.id.0).unwrap()];
        let whole = scope(case.basis(), &resident, &Damage { things, window });
        let row = quick.resolve(&asset.id.0).unwrap();
        let first = quick.scope(&[row], window, usize::MAX);
        assert_eq!(first.counts, whole.counts);
        let mut expected: Vec<_> = whole.reached.iter().collect();
        expected.sort_by_key(|it| (it.reach, it.hops, &it.id));
        assert_eq!(first.nearest.len(), expected.len());
        for (near, reached) in first.nearest.iter().zip(expected) {
            let own = (&near.id, near.reach, near.hops);
            assert_eq!(own, (&reached.id, reached.reach, reached.hops));
            let proofs = |steps: &[crate::impact::Shown]| -> Vec<_> {
                steps.iter().map(|it| it.proof.clone()).collect()
            };
            assert_eq!(proofs(&near.steps), proofs(&reached.steps));
        }
        let reached = |all: Vec<Option<Reach>>| all.into_iter().flatten().count();
        assert_eq!(
            reached(first.backups.iter().map(|it| it.1).collect()),
            reached(whole.backups.iter().map(|it| it.1).collect()),
        );
        compared += whole.reached.len();
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_name_is_resolved_as_with_the_ledger() {
    let (case, bytes) = stored(Scenario::Caterer);
    let resident = Resident::of(case.basis());
    let quick = Quick::of(&bytes).unwrap();
    let labels = case.basis().ledger.assets.iter().map(|it| it.label.clone());
    let mut texts: Vec<String> = labels.collect();
    texts.extend(["192.168.1.1", "なし", "", "HIS-PC"].map(str::to_owned));
    for text in texts {
        let whole = resolve(case.basis(), &resident.model, &text);
        match (quick.resolve(&text), whole) {
            (Ok(row), Ok(id)) => {
                let at = resident
                    .model
                    .find(&id)
                    .and_then(|it| resident.snapshot.row(it));
                assert_eq!(Some(row), at, "{text}");
            }
            (Err(first), Err(whole)) => {
                assert_eq!(first.several, whole.several, "{text}");
                assert_eq!(first.candidates.len(), whole.candidates.len(), "{text}");
            }
            (first, whole) => panic!("{text}: {first:?} {whole:?}"),
        }
    }
}

#[test]
fn bytes_of_another_form_are_named_as_such() {
    let (_, mut bytes) = stored(Scenario::DataCentre);
    bytes[0] = 99;
    assert!(matches!(Quick::of(&bytes), Err(QuickError::Schema(99))));
    assert!(matches!(Quick::of(&[]), Err(QuickError::Form(_))));
}

proptest! {
    /// Whatever is damaged in it: it is refused, or read and asked without falling over.
    #[test]
    fn damaged_bytes_harm_nobody(at in 0_usize..1_000_000, with in any::<u8>(), cut in 0_usize..1_000_000) {
        thread_local! {
            static BYTES: Vec<u8> = stored(Scenario::DataCentre).1;
        }
        let mut bytes = BYTES.with(Clone::clone);
        let len = bytes.len();
        bytes[at % len] = with;
        bytes.truncate(if cut % 3 == 0 { len } else { cut % len });
        if let Ok(quick) = Quick::of(&bytes) {
            let found = quick.scope(&[0], Window::ALL, 50);
            prop_assert!(found.nearest.len() <= 50);
        }
    }
}
