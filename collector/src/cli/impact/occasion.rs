//! What the first-response sheet is made for: when it was detected, the rules for reports, what changed
//! lately. Comes in: options and the site; goes out: an occasion. Without a sheet nothing is compared.

use daicho_graph::impact::Scope;
use daicho_report::Time;

use super::{Arguments, Paper};
use crate::cli::open::Opened;
use crate::diff;
use crate::export::response::{Lately, Occasion, Rules};
use crate::export::{Lang, List};
use crate::out;
use crate::picture::Picture;
use crate::refusal::Refused;

/// A site's own rules for reports are no longer than this.
const RULES_BYTES: u64 = 256 * 1024;

/// When it was detected, and the rules for reports: the site's own, where it has some.
pub(super) fn occasion(
    (arguments, form): (&Arguments, Option<out::Form>),
    opened: &Opened,
    picture: &Picture,
    scope: &Scope,
) -> anyhow::Result<Occasion> {
    let detected = arguments.detected.as_deref();
    let own = opened.folder.path().join("report_rules.toml");
    let rules = match std::fs::metadata(&own) {
        Ok(it) if it.len() > RULES_BYTES => {
            return Err(Refused::new("IMP-005", own.display().to_string()).into());
        }
        Ok(_) => {
            let refused =
                |why: String| Refused::new("IMP-005", format!("{}: {why}", own.display()));
            let text = std::fs::read_to_string(&own).map_err(|it| refused(it.to_string()))?;
            Rules::parse(&text).map_err(|it| refused(it.to_string()))?
        }
        Err(_) => Rules::shipped(),
    };
    Ok(Occasion {
        detected: detected.map(|it| opened.moment(Some(it))).transpose()?,
        rules,
        hash: picture.data_hash().to_string(),
        changes: lately((arguments, form), opened, picture, scope)?,
        a3: arguments.paper == Paper::A3,
    })
}

/// Lists in which a change may tell what happened.
const TELLING: [List; 5] = [
    List::Devices,
    List::Points,
    List::Remote,
    List::Administrators,
    List::Software,
];

/// What changed on the damaged machines and at the connection points. Only the sheet tells it.
fn lately(
    (arguments, form): (&Arguments, Option<out::Form>),
    opened: &Opened,
    picture: &Picture,
    scope: &Scope,
) -> anyhow::Result<Lately> {
    let days = arguments.changes;
    if !matches!(form, Some(out::Form::Pdf | out::Form::Html)) {
        return Ok(Lately::default());
    }
    let since = Time::from_seconds(picture.ledger.as_of.seconds() - i64::from(days) * 86_400);
    let Some(before) = opened.earlier(since)? else {
        return Ok(Lately {
            days,
            ..Lately::default()
        });
    };
    let mut changes = diff::changes(before.basis(), picture.basis(), &TELLING, Lang::Ja);
    let of_damaged = |id: &str| {
        let own = |it: &String| id.strip_prefix(it.as_str());
        let mut rest = scope.damaged.iter().filter_map(own);
        rest.any(|it| it.is_empty() || it.starts_with(" / "))
    };
    changes.retain(|it| matches!(it.list, List::Points | List::Remote) || of_damaged(&it.id));
    Ok(Lately {
        since: Some(before.ledger.as_of),
        days,
        changes,
    })
}
