//! What a connection point leads to, before anything has happened（リスク分析の証跡）. Comes in: the
//! resident graph; goes out: a table of connection point × system. It never says that a system cannot
//! be reached: only that nothing known leads there.

use daicho_ledger::{Cell, Column, Lang, Layer, Row, column};

use super::scope::{Trees, shown};
use super::snapshot::Window;
use super::table::Sheet;
use super::word::Words;
use super::{Reach, Resident};
use crate::list::Basis;

const D: Layer = Layer::Derived;

/// For each connection point, by its id: how surely each of the systems is reached.
#[must_use]
pub fn what_if(
    basis: Basis<'_>,
    resident: &Resident,
    window: Window,
) -> Vec<(String, Vec<Option<Reach>>)> {
    let points = basis.recognition.points.iter();
    points
        .map(|point| {
            let thing = format!("point:{}", point.id);
            let trees = Trees::of(resident, &[thing], window);
            let of = |id: &str| {
                let row = resident
                    .model
                    .find(id)
                    .and_then(|it| resident.snapshot.row(it))?;
                // Where the point is on a server of the system itself it is reached, not damaged.
                let reach = trees.reach(row)?;
                Some(reach.max(Reach::Observed))
            };
            let systems = basis.recognition.systems.iter();
            let systems = systems.map(|it| it.servers.iter().filter_map(|it| of(&it.0)).min());
            (point.id.clone(), systems.collect())
        })
        .collect()
}

const POINTS: &[Column] = &[
    column(D, "point", "外部接続点", "connection point"),
    column(D, "system", "システム", "system"),
    column(D, "reach", "到達", "reach"),
    column(D, "path", "最短の説明", "shortest explanation"),
    column(D, "proofs", "各段の根拠", "proof of each step"),
];

/// The same as a list: one row for each connection point and system.
#[must_use]
pub fn what_if_sheet(basis: Basis<'_>, resident: &Resident, window: Window, lang: Lang) -> Sheet {
    let words = Words::of(basis, lang);
    let mut rows = Vec::new();
    for point in &basis.recognition.points {
        let thing = format!("point:{}", point.id);
        let trees = Trees::of(resident, std::slice::from_ref(&thing), window);
        for system in &basis.recognition.systems {
            let servers = system.servers.iter().filter_map(|it| {
                let row = resident.row(&it.0)?;
                Some((trees.reach(row)?.max(Reach::Observed), row))
            });
            let best = servers.min();
            let path = best.map_or_else(Vec::new, |(reach, row)| {
                let path = resident.snapshot.path(trees.explaining(reach), row);
                path.iter().filter_map(|it| shown(resident, *it)).collect()
            });
            let none = lang.pick(
                "経路は確認できない（安全の証明ではない）",
                "no way known (no proof that there is none)",
            );
            let reach = best.map_or(none, |(reach, _)| reach.title(lang));
            let text = words.path(&path);
            rows.push(Row {
                asset: None,
                key: None,
                cells: vec![
                    Cell::own(words.name(&thing)),
                    Cell::own(words.system(&system.id)),
                    Cell::own(reach),
                    match text.is_empty() {
                        true => Cell::not_applicable(),
                        false => Cell::own(text),
                    },
                    match path.is_empty() {
                        true => Cell::not_applicable(),
                        false => Cell::lines(path.iter().map(|it| words.proof(&it.proof)), lang),
                    },
                ],
            });
        }
    }
    Sheet {
        key: "what_if",
        title: lang.pick("外部接続点×システム", "Points and systems"),
        columns: POINTS,
        rows,
    }
}
