//! What is said first. Comes in: the scope and the plan; goes out: warnings and one line for each thing
//! that staff must know at once. What is not known stands before what is.

use daicho_ledger::Lang;

use super::Reach;
use super::plan::Plan;
use super::scope::Scope;
use super::word::Words;
use crate::list::Basis;

/// What limits the answer, gravest first.
#[must_use]
pub fn warnings(basis: Basis<'_>, scope: &Scope, lang: Lang) -> Vec<String> {
    let ja = lang == Lang::Ja;
    let mut out = Vec::new();
    if scope.backups.is_empty() {
        out.push(lang.pick(
            "バックアップの保存先が台帳に一つもありません。どこを守るか、まず現物で確かめてください（site declare device … --purpose バックアップ）",
            "no place of backups is in the ledger: find out first what is to be protected (site declare device … --purpose backup)",
        ).to_owned());
    } else if !scope.backups_declared {
        out.push(lang.pick(
            "バックアップの保存先は推定だけで、登録されたものがありません。現物で確かめてください",
            "places of backups are guessed, none is declared: check on site",
        ).to_owned());
    }
    let (silent, agents) = (scope.silent.len(), basis.ledger.assets.len());
    if silent > 0 {
        out.push(match ja {
            true => {
                format!("報告が途絶えている機器 {silent}/{agents} 台：その後の通信は分かりません")
            }
            false => format!(
                "{silent} of {agents} machines have fallen silent: what they did since is not known"
            ),
        });
    }
    if scope.without_agent > 0 {
        let n = scope.without_agent;
        out.push(match ja {
            true => {
                format!("エージェントのない機器 {n} 台：その通信は他の機器から見えた分だけです")
            }
            false => format!("{n} devices without an agent: their talk is known from others alone"),
        });
    }
    if scope.unresolved_flows > 0 {
        let n = scope.unresolved_flows;
        out.push(match ja {
            true => {
                format!("相手の機器を特定できない院内アドレスの通信 {n} 件は、経路に含めていません")
            }
            false => format!("{n} talks with inside addresses that could not be told are no steps"),
        });
    }
    out.push(lang.pick(
        "通信の記録は報告時に見えた分（標本）です。記録がないことは通信がなかったことを意味しません。ファイアウォール等の遮断規則は把握していません",
        "reports are samples: no record does not mean no communication; rules of firewalls are not known",
    ).to_owned());
    out
}

/// Machines and devices by how surely they are reached.
#[must_use]
pub fn counted([damaged, observed, possible, none]: [usize; 4], lang: Lang) -> String {
    match lang {
        Lang::Ja => format!(
            "被害 {damaged} 台、観測された通信で届く {observed} 台、届く可能性 {possible} 台、経路を確認できない {none} 台"
        ),
        Lang::En => format!(
            "damaged {damaged}, observed {observed}, possible {possible}, no way known {none}"
        ),
    }
}

/// One line for each thing to know at once.
#[must_use]
pub fn headline(basis: Basis<'_>, scope: &Scope, plan: &Plan, lang: Lang) -> Vec<(String, String)> {
    let words = Words::of(basis, lang);
    let line = |ja: &str, en: &str, text: String| (lang.pick(ja, en).to_owned(), text);
    let counts = counted(scope.counts, lang);
    let hit = scope.backups.iter().filter(|(_, it)| it.is_some()).count();
    let backups = match lang {
        Lang::Ja => format!("{} か所のうち {hit} か所へ届き得る", scope.backups.len()),
        Lang::En => format!("{hit} of {} within reach", scope.backups.len()),
    };
    let systems = scope.systems.iter();
    let surely = systems.filter(|it| it.reach != Reach::Possible).count();
    let systems = match lang {
        Lang::Ja => format!("{} システム（うち観測 {surely}）", scope.systems.len()),
        Lang::En => format!("{} systems ({surely} observed)", scope.systems.len()),
    };
    let first = scope.entries.first().map(|it| words.name(&it.id));
    let departments = scope.departments.iter();
    let departments: Vec<String> = departments
        .take(8)
        .map(|(name, n)| format!("{} {n}", daicho_ledger::text::visible(name)))
        .collect();
    let unknown = || {
        lang.pick("不明（部署の記入なし）", "not known (not entered)")
            .to_owned()
    };
    vec![
        line("時点", "as of", words.moment(scope.as_of)),
        line("被害の指定", "damaged", named(&words, &scope.damaged)),
        line("範囲", "scope", counts),
        line("システム", "systems", systems),
        line(
            "部署",
            "departments",
            match departments.is_empty() {
                true => unknown(),
                false => departments.join(lang.pick("、", ", ")),
            },
        ),
        line("バックアップ", "backups", backups),
        line(
            "最も疑わしい入口",
            "likeliest way in",
            first.unwrap_or_else(|| lang.pick("候補なし", "none").to_owned()),
        ),
        line("切断の操作", "acts", plan.acts.len().to_string()),
    ]
}

/// The first of several names, with the count of the others.
fn named(words: &Words<'_>, ids: &[String]) -> String {
    let lang = words.lang;
    let shown: Vec<String> = ids.iter().take(8).map(|it| words.name(it)).collect();
    let more = match (ids.len().saturating_sub(8), lang) {
        (0, _) => String::new(),
        (n, Lang::Ja) => format!(" ほか {n}"),
        (n, Lang::En) => format!(" and {n} more"),
    };
    shown.join(lang.pick("、", ", ")) + &more
}

/// The fewest acts that keep the outside away, in words; none where these are no fewer than the routes.
#[must_use]
pub fn fewest(basis: Basis<'_>, plan: &Plan, lang: Lang) -> Vec<String> {
    let words = Words::of(basis, lang);
    plan.fewest.iter().map(|it| words.act(it)).collect()
}
