//! The contact chart（連絡体制図） as a list: who answers for what, inside the hospital and at vendors, and
//! which system each is called for. Comes in: what people keep; goes out: rows. It invents no number: one
//! that is not entered says so.

use crate::cell::Cell;
use crate::hand::{Entry, Hand};
use crate::list::{Column, Layer, Row, column};
use crate::text::{Lang, moment, visible};

const H: Layer = Layer::Hand;

const COLUMNS: &[Column] = &[
    column(Layer::Derived, "side", "区分", "side"),
    column(H, "name", "名称・氏名", "name"),
    column(H, "role", "役割", "role"),
    column(H, "department", "部署・窓口", "department, contact"),
    column(H, "phone", "電話", "telephone"),
    column(H, "systems", "担当システム", "systems"),
    column(H, "contract", "契約", "contract"),
    column(H, "note", "備考", "note"),
    column(
        Layer::Derived,
        "entered",
        "記入（誰が・いつ）",
        "entered by, when",
    ),
];

/// Its columns.
#[must_use]
pub fn columns() -> Vec<Column> {
    COLUMNS.to_vec()
}

/// Its rows: persons of the hospital, then vendors.
#[must_use]
pub fn rows(hand: &Hand, utc_offset_s: i32, lang: Lang) -> Vec<Row> {
    let text = |text: &str| match text.trim().is_empty() {
        true => Cell::by_hand(lang),
        false => Cell::own(text.lines().map(visible).collect::<Vec<_>>().join("\n")),
    };
    let entered = |entry: &Entry| {
        let at = moment(entry.at, utc_offset_s);
        Cell::own(format!("{} {at}", visible(&entry.by)))
    };
    let systems = |answers: &dyn Fn(&crate::hand::HandSystem) -> bool| {
        let named = hand.systems().filter(|(_, it)| answers(it));
        let names: Vec<String> = named.map(|(_, it)| visible(&it.name)).collect();
        match names.is_empty() {
            true => Cell::not_applicable(),
            false => Cell::own(names.join("\n")),
        }
    };
    let row = |cells| Row {
        asset: None,
        key: None,
        cells,
    };
    let persons = hand.persons().map(|(entry, it)| {
        row(vec![
            Cell::own(lang.pick("院内", "hospital")),
            text(&it.name),
            text(&it.role),
            text(&it.department),
            text(&it.phone),
            systems(&|system| system.person.as_deref() == Some(&entry.key)),
            Cell::not_applicable(),
            Cell::not_applicable(),
            entered(entry),
        ])
    });
    let vendors = hand.vendors().map(|(entry, it)| {
        row(vec![
            Cell::own(lang.pick("事業者", "vendor")),
            text(&it.name),
            Cell::not_applicable(),
            text(&it.contact),
            text(&it.phone),
            systems(&|system| system.vendor.as_deref() == Some(&entry.key)),
            text(&it.contract),
            text(&it.note),
            entered(entry),
        ])
    });
    persons.chain(vendors).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand::{EntryBody, HandSystem, Person, Vendor};

    #[test]
    fn person_and_vendor_stand_with_the_systems_that_they_answer_for() {
        let entry = |key: &str, body| Entry {
            key: key.to_owned(),
            by: "架空花子".to_owned(),
            at: daicho_report::Time::EPOCH,
            body,
        };
        let hand = Hand::new(vec![
            entry(
                "p",
                EntryBody::Person(Person {
                    name: "佐藤".to_owned(),
                    ..Person::default()
                }),
            ),
            entry(
                "v",
                EntryBody::Vendor(Vendor {
                    name: "Acme".to_owned(),
                    ..Vendor::default()
                }),
            ),
            entry(
                "s",
                EntryBody::System(HandSystem {
                    name: "電子カルテ".to_owned(),
                    vendor: Some("v".to_owned()),
                    ..HandSystem::default()
                }),
            ),
        ]);
        let rows = rows(&hand, 0, Lang::Ja);
        let text = |row: usize, column: usize| rows[row].cells[column].text.as_str();
        assert_eq!(
            (text(0, 1), text(0, 4), text(0, 5)),
            ("佐藤", "未確認（未入力）", "―")
        );
        assert_eq!((text(1, 1), text(1, 5)), ("Acme", "電子カルテ"));
        assert!(rows.iter().all(|it| it.cells.len() == COLUMNS.len()));
    }
}
