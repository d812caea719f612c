//! Rules about what a hospital writes down: drills, reviews, charts, documents.

use super::organisation::YEAR_DAYS;
use super::{Ask, Word};
use crate::checklist::settle::Proof;
use crate::hand::answer::Register;
use crate::text::visible;

/// News of vulnerabilities and logs of firewalls are looked at every three months at the latest.
const REVIEW_DAYS: i64 = 93;

fn last(ask: &Ask<'_>, register: Register, most_days: i64, proof: &mut Proof) {
    let title = register.title(crate::text::Lang::Ja);
    let Some(last) = ask.records(register).first().copied() else {
        proof.say(title, Word::open("記録なし", "no record"));
        return;
    };
    let (on, result) = (&last.on, visible(&last.result));
    let overdue = last.next.as_ref().is_some_and(|day| *day < ask.today);
    let fresh = ask
        .age(on)
        .is_some_and(|age| (0..=most_days).contains(&age));
    let word = match fresh && !overdue {
        true => Word::supports(format!("{on} {result}"), format!("{on} {result}")),
        false => Word::open(
            format!("最終 {on}。期限が過ぎている"),
            format!("last {on}: overdue"),
        ),
    };
    proof.say(title, word);
}

/// The contact chart: when it was last checked, and how many of those on it can be called.
pub(super) fn contact_chart(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    last(ask, Register::ContactChart, YEAR_DAYS, &mut proof);
    for (_, person) in ask.census.ledger.hand.persons() {
        if person.phone.trim().is_empty() {
            proof.say(
                &visible(&person.name),
                Word::open("電話番号が未入力", "no telephone number"),
            );
        }
    }
    proof.sorted()
}

/// Drills.
pub(super) fn training(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    last(ask, Register::Training, YEAR_DAYS, &mut proof);
    proof
}

/// News of vulnerabilities, and logs of firewalls and VPNs.
pub(super) fn information_gathering(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    last(ask, Register::Vulnerabilities, REVIEW_DAYS, &mut proof);
    last(ask, Register::LogReview, REVIEW_DAYS, &mut proof);
    proof.sorted()
}

/// Disclosure sheets of each vendor.
pub(super) fn disclosure(ask: &Ask<'_>) -> Proof {
    let mut proof = Proof::default();
    let records = ask.records(Register::Disclosure);
    for (key, name) in &ask.census.vendors {
        let of_vendor = records.iter().find(|it| it.vendor.as_deref() == Some(key));
        let word = match of_vendor {
            Some(record) => {
                let text = format!("{} {}", record.on, visible(&record.result));
                Word::supports(text.clone(), text)
            }
            None => Word::open("受領の記録なし", "no sheet on record"),
        };
        proof.say(&visible(name), word);
    }
    if ask.census.vendors.is_empty() {
        proof.say(
            "事業者",
            Word::open("台帳に事業者がない", "no vendor in the ledger"),
        );
    }
    proof.sorted()
}

/// A document: the person's answer names its version and who approved it.
pub(super) fn document(_: &Ask<'_>) -> Proof {
    Proof::default()
}

/// Nothing that data could say.
pub(super) fn none(_: &Ask<'_>) -> Proof {
    Proof::default()
}
