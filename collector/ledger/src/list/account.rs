//! Accounts with what gives them administrator rights, log-ins with their verdict, and whether a
//! directory service could be asked.

use daicho_report::{Account, AdministratorGrant, LogIn, LogInVerdict};

use super::{Column, Layer, View, column, setting};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, Lang, visible};

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "row", "区別", "row"),
    column(C, "account", "アカウント", "account"),
    column(C, "number", "番号（UID・RID）", "number (uid, RID)"),
    column(C, "can_log_in", "対話ログオン可", "can log in"),
    column(C, "administrator", "管理者権限の根拠", "administrator by"),
    column(C, "how", "ログオンの種類", "how"),
    column(
        Layer::Derived,
        "verdict",
        "管理者権限でのログオン",
        "logs in as administrator",
    ),
    column(
        C,
        "elevation",
        "権限の状態（Windows）",
        "state of rights (Windows)",
    ),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let mut rows = accounts(view, asset);
    rows.extend(log_ins(view, asset));
    let lang = view.lang;
    let reading = &asset.accounts.directory;
    let mut row = vec![Cell::own(
        lang.pick("ディレクトリサービス", "directory service"),
    )];
    row.push(
        view.reading(asset, ("account", "directory"), reading, |asked| {
            let text = if *asked {
                lang.pick("照会済み", "asked")
            } else {
                lang.pick("利用なし", "not in use")
            };
            Cell::own(text)
        }),
    );
    row.resize(COLUMNS.len(), Cell::not_applicable());
    rows.push(row);
    rows
}

fn accounts(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let reading = &asset.accounts.accounts;
    let name = ("account", "accounts");
    let kind = || Cell::own(lang.pick("アカウント", "account"));
    let accounts = reading.value().map(Vec::as_slice).unwrap_or_default();
    if accounts.is_empty() {
        let mut row = vec![kind()];
        row.extend(view.unknown_row(asset, name, reading, 4));
        row.resize(COLUMNS.len(), Cell::not_applicable());
        return vec![row];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &Account| {
        let number = match it.number {
            Some(number) => shown(Cell::number(u64::from(number))),
            None => shown(Cell::none(lang)),
        };
        let log_in = view.reading(asset, name, &it.can_log_in, |can| {
            Cell::own(text::yes_no(*can, lang))
        });
        let grants = it.administrator.iter().map(|it| grant(it, lang));
        vec![
            kind(),
            shown(Cell::value(&it.name, lang)),
            number,
            log_in,
            match asset.accounts.grants.reason() {
                // What could not be read may grant rights.
                Some(reason) if it.administrator.is_empty() => {
                    Cell::unknown(reason, asset.accounts.grants.source(), None, lang)
                }
                _ => shown(Cell::lines(grants, lang)),
            },
            Cell::not_applicable(),
            Cell::not_applicable(),
            Cell::not_applicable(),
        ]
    };
    accounts.iter().map(one).collect()
}

fn log_ins(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let reading = &asset.accounts.log_ins;
    let name = ("account", "log_ins");
    let start = |account: Cell| {
        let kind = Cell::own(lang.pick("ログオン", "log-in"));
        let mut row = vec![kind, account];
        row.resize(5, Cell::not_applicable());
        row
    };
    let log_ins = reading.value().map(Vec::as_slice).unwrap_or_default();
    if log_ins.is_empty() {
        let cell = view.reading(asset, name, reading, |_| Cell::none(lang));
        let mut row = start(cell.clone());
        row.extend([cell.clone(), cell, Cell::not_applicable()]);
        return vec![row];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &LogIn| {
        let mut row = start(shown(Cell::value(&it.account, lang)));
        row.push(shown(Cell::own(how(&it.how, lang))));
        row.push(shown(Cell::own(verdict(&it.verdict, lang))));
        row.push(match it.elevation {
            Some(elevation) => shown(Cell::own(setting::elevation(elevation, lang))),
            None => Cell::not_applicable(),
        });
        row
    };
    log_ins.iter().map(one).collect()
}

fn how(how: &str, lang: Lang) -> String {
    let known = match how {
        "session" => lang.pick("ログオン中", "now"),
        "last" => lang.pick("最後のログオン", "last"),
        "auto" => lang.pick("自動ログオン", "without a password"),
        other => return Cell::value(other, lang).text,
    };
    known.to_owned()
}

pub(super) fn grant(grant: &AdministratorGrant, lang: Lang) -> String {
    match grant {
        AdministratorGrant::BuiltIn => lang.pick("既定の管理者", "the administrator").to_owned(),
        AdministratorGrant::Group(name) => {
            format!("{} {}", lang.pick("グループ", "group"), visible(name))
        }
        AdministratorGrant::Rule(name) => {
            format!("{} {}", lang.pick("規則", "rule"), visible(name))
        }
    }
}

/// Whether somebody who logs in works with administrator rights.
pub(crate) fn verdict(verdict: &LogInVerdict, lang: Lang) -> String {
    match verdict {
        LogInVerdict::Administrator => lang.pick("あり（既定の管理者）", "yes (the administrator)"),
        LogInVerdict::AdministratorBy(by) => {
            return lang.remark(lang.pick("あり", "yes"), &visible(by));
        }
        LogInVerdict::NotAdministrator => lang.pick("なし（全箇所を確認）", "no (all was read)"),
        LogInVerdict::Unclear(why) => {
            let word = lang.pick("判定できず", "cannot be told");
            return lang.remark(word, &visible(why));
        }
    }
    .to_owned()
}
