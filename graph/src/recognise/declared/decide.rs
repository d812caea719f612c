//! People's decisions on what was recognised. Comes in: finished points and decisions; goes out: the
//! points as decided, and decisions on what is not there. It changes no witness.

use std::collections::BTreeSet;

use daicho_ledger::Grade;
use daicho_ledger::hand::{Entry, EntryBody, Verdict};

use super::super::index::Index;
use super::super::{ConnectionPoint, Contradiction, Recognition};

/// Decisions on what is not there: neither a point, a system, a segment nor a pair of segments.
pub(in super::super) fn idle_decisions(
    index: &Index<'_>,
    known: &BTreeSet<&str>,
) -> Vec<Contradiction> {
    let hand = &index.ledger.hand;
    let decided = hand
        .entries
        .iter()
        .filter(|it| matches!(it.body, EntryBody::Decision(_)));
    let here = |it: &&Entry| it.key.starts_with("point:") || it.key.starts_with("system:");
    decided
        .filter(|it| here(it) && !known.contains(it.key.as_str()))
        .map(|it| Contradiction {
            entries: vec![it.key.clone()],
            text: (
                "判断の対象が、いまは認識されていない".to_owned(),
                "what this decision is about is not recognised any more".to_owned(),
            ),
        })
        .collect()
}

/// Applies people's decisions to the finished points.
pub(in super::super) fn decide(
    index: &Index<'_>,
    points: Vec<ConnectionPoint>,
    out: &mut Recognition,
) {
    let hand = &index.ledger.hand;
    for mut point in points {
        let Some((entry, decision)) = hand.decision(&point.id) else {
            out.points.push(point);
            continue;
        };
        point.decided = Some(entry.key.clone());
        if let Some(name) = &decision.name {
            point.name.clone_from(name);
        }
        match decision.verdict {
            Verdict::Confirmed => {
                point.grade = Grade::OnSite;
                let (on, by) = (&decision.on, &entry.by);
                point.reason = (
                    format!("{on}に{by}が現地で確認。{}", point.reason.0),
                    format!("Confirmed on site on {on} by {by}. {}", point.reason.1),
                );
                out.points.push(point);
            }
            Verdict::Rejected => {
                let (on, by) = (&decision.on, &entry.by);
                point.reason = (
                    format!("{on}に{by}が「該当しない」と判断。{}", point.reason.0),
                    format!("Rejected on {on} by {by}. {}", point.reason.1),
                );
                out.rejected.push(point);
            }
        }
    }
}
