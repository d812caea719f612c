//! Rules that ask each machine: patches, passwords, storage on USB, accounts, logs, services.

use daicho_report::{LogInVerdict, Reading, UsbStorage};

use super::{Ask, Word};
use crate::asset::AgentAsset;
use crate::checklist::census::Thing;
use crate::checklist::form::Scope;
use crate::checklist::settle::Proof;
use crate::support::Release;
use crate::text::visible;

/// A look for updates this old says nothing of what is missing today.
const INDEX_DAYS: i64 = 35;
/// Firmware is looked at once a year.
const FIRMWARE_DAYS: i64 = 366;

/// What the rule on patches reads.
const PATCH: &[(&str, &str)] = &[
    ("os", "version"),
    ("update", "pending"),
    ("patch", "index_at"),
    ("patch", "last_update_at"),
];

/// Patches, and firmware of network devices.
pub(super) fn patched(ask: &Ask<'_>) -> Proof {
    ask.each(|thing, agent| match agent {
        Some(agent) => ask.today_alone(agent, PATCH, patches(ask, thing, agent)),
        None => firmware(ask, thing),
    })
}

fn patches(ask: &Ask<'_>, thing: &Thing, agent: &AgentAsset) -> Word {
    if let Some(release) = Release::of(&agent.os).filter(|it| it.has_ended(&ask.today)) {
        return ended(ask, thing, release);
    }
    let Some(pending) = agent.updates.pending.value() else {
        return Word::unknown(&agent.updates.pending);
    };
    let security = pending.iter().filter(|it| it.security).count();
    if security > 0 {
        return Word::contradicts(
            format!("未適用のセキュリティ更新 {security} 件"),
            format!("{security} security updates pending"),
        );
    }
    let Some(index) = agent.patches.index_at.value() else {
        return Word::unknown(&agent.patches.index_at);
    };
    let offset = ask.census.ledger.site.utc_offset_s;
    let looked = crate::text::day(*index, offset);
    match ask.age(&looked) {
        Some(age) if age <= INDEX_DAYS => {}
        _ => {
            return Word::open(
                format!("更新一覧が古い（{looked} 取得）"),
                format!("the index of updates is old ({looked})"),
            );
        }
    }
    if Release::of(&agent.os).is_none() {
        return Word::open(
            "OSのサポート期限が不明",
            "when support of its system ends is not known",
        );
    }
    if !pending.is_empty() {
        let count = pending.len();
        return Word::open(
            format!("セキュリティ更新以外の未適用 {count} 件"),
            format!("{count} other updates pending"),
        );
    }
    match agent.patches.last_update_at.value() {
        Some(at) => {
            let day = crate::text::day(*at, offset);
            Word::supports(format!("最終更新 {day}"), format!("last update {day}"))
        }
        None => Word::unknown(&agent.patches.last_update_at),
    }
}

/// Support has ended: what legitimises it is a reason, a measure, and a day on which it is looked at
/// again.
fn ended(ask: &Ask<'_>, thing: &Thing, release: &Release) -> Word {
    let (name, ends) = (&release.name, &release.ends);
    let reason = thing.field("exception_reason");
    let measure = thing.field("exception_measure");
    let (Some(reason), Some(measure)) = (reason, measure) else {
        return Word::contradicts(
            format!("{name} はサポート終了（{ends}）、更新できない理由・対策の記録なし"),
            format!("support of {name} ended on {ends}; no reason and measure kept"),
        );
    };
    let review = thing.field("exception_review");
    if review.is_none_or(|day| day < ask.today.as_str()) {
        return Word::open(
            format!("{name} はサポート終了（{ends}）。例外の見直し日が過ぎたか未入力"),
            format!("support of {name} ended on {ends}; the exception is due for review"),
        );
    }
    let (reason, measure) = (visible(reason), visible(measure));
    Word::open(
        format!("{name} はサポート終了（{ends}）。例外：{reason}。対策：{measure}"),
        format!("support of {name} ended on {ends}. exception: {reason}. measure: {measure}"),
    )
}

fn firmware(ask: &Ask<'_>, thing: &Thing) -> Word {
    if thing.scope != Some(Scope::Network) {
        return Word::no_agent();
    }
    let version = thing.field("firmware");
    let checked = thing.field("firmware_checked");
    let (Some(version), Some(checked)) = (version, checked) else {
        return Word::open(
            "ファームウェアの版・確認日が未入力",
            "firmware and the day of its check are not entered",
        );
    };
    let version = visible(version);
    match ask.age(checked) {
        Some(age) if (0..=FIRMWARE_DAYS).contains(&age) => Word::supports(
            format!("{version}（確認 {checked}、手入力）"),
            format!("{version} (checked {checked}, entered)"),
        ),
        _ => Word::open(
            format!("ファームウェアの確認が古い（{checked}）"),
            format!("firmware was last checked on {checked}"),
        ),
    }
}

/// Rules for passwords of local accounts.
pub(super) fn password_policy(ask: &Ask<'_>) -> Proof {
    ask.each_machine(&[("policy", "password")], |_, agent| {
        let Some(policy) = agent.policies.password.value() else {
            return Word::unknown(&agent.policies.password);
        };
        let length = policy.length_min;
        match (length, policy.days_max) {
            (Some(13..), _) => Word::supports(
                format!("最小 {} 文字", length.unwrap_or_default()),
                format!("at least {} characters", length.unwrap_or_default()),
            ),
            (Some(8..=12), Some(1..)) => Word::open(
                "8文字以上・期限あり。文字種の混在は未取得",
                "8 or more and an age; whether kinds are mixed is not read",
            ),
            (Some(8..=12), _) => {
                Word::contradicts("8～12文字で期限なし", "8 to 12 characters and no age")
            }
            (Some(short), _) => Word::contradicts(
                format!("最小 {short} 文字"),
                format!("at least {short} characters"),
            ),
            (None, _) => Word::contradicts("最小文字数の定めなし", "no least length is set"),
        }
    })
}

/// No password is read; the same name of an administrator on several machines is worth a look.
pub(super) fn password_reuse(ask: &Ask<'_>) -> Proof {
    let mut by_name: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let mut proof = Proof::default();
    for thing in ask.census.within(&ask.item.scope).filter(|it| it.is_kept()) {
        let agent = thing.asset.as_ref().and_then(|id| ask.agents.get(id));
        for account in agent
            .into_iter()
            .flat_map(|it| it.accounts.accounts.value())
            .flatten()
        {
            if !account.administrator.is_empty() && account.can_log_in.value() != Some(&false) {
                *by_name.entry(&account.name).or_default() += 1;
            }
        }
    }
    for (name, count) in by_name.into_iter().filter(|it| it.1 > 1) {
        proof.say(
            &visible(name),
            Word::open(
                format!("同名の管理者アカウントが {count} 台（パスワードは読まない）"),
                format!(
                    "an administrator of this name on {count} machines (passwords are not read)"
                ),
            ),
        );
    }
    proof.sorted()
}

/// Storage on USB.
pub(super) fn usb_storage(ask: &Ask<'_>) -> Proof {
    ask.each_machine(&[("storage", "usb_storage")], |_, agent| {
        match agent.storage.usb_storage.value() {
            None => Word::unknown(&agent.storage.usb_storage),
            Some(UsbStorage::Blocked(by)) => {
                let by = visible(by);
                Word::supports(format!("制限あり（{by}）"), format!("blocked ({by})"))
            }
            Some(UsbStorage::Controlled(by)) => {
                let by = visible(by);
                Word::open(
                    format!("製品が制御（{by}）、規則は読まない"),
                    format!("a product decides ({by}); its rules are not read"),
                )
            }
            Some(UsbStorage::Allowed) => Word::contradicts("制限なし", "not restricted"),
        }
    })
}

/// Who has administrator rights, and who logs in with them.
pub(super) fn admin_rights(ask: &Ask<'_>) -> Proof {
    ask.each_machine(
        &[
            ("account", "accounts"),
            ("account", "grants"),
            ("account", "log_ins"),
        ],
        |_, agent| {
            let accounts = &agent.accounts;
            let Some(all) = accounts.accounts.value() else {
                return Word::unknown(&accounts.accounts);
            };
            if accounts.grants.value().is_none() {
                return Word::unknown(&accounts.grants);
            }
            let by_daily = accounts.log_ins.value().into_iter().flatten().find(|it| {
                matches!(
                    it.verdict,
                    LogInVerdict::Administrator | LogInVerdict::AdministratorBy(_)
                )
            });
            if let Some(log_in) = by_daily {
                let account = visible(&log_in.account);
                return Word::open(
                    format!("管理者権限でログオン：{account}"),
                    format!("logs in with administrator rights: {account}"),
                );
            }
            let count = all.iter().filter(|it| !it.administrator.is_empty()).count();
            Word::supports(
                format!("管理者 {count} 名を明確化"),
                format!("{count} administrators named"),
            )
        },
    )
}

/// Accounts that can log in.
pub(super) fn accounts(ask: &Ask<'_>) -> Proof {
    ask.each_machine(&[("account", "accounts")], |_, agent| {
        let Some(all) = agent.accounts.accounts.value() else {
            return Word::unknown(&agent.accounts.accounts);
        };
        let unclear = all
            .iter()
            .filter(|it| it.can_log_in.value().is_none())
            .count();
        let live = all
            .iter()
            .filter(|it| it.can_log_in.value() == Some(&true))
            .count();
        if unclear > 0 {
            return Word::open(
                format!("有効か不明なアカウント {unclear} 件"),
                format!("{unclear} accounts of which it is not known whether they can log in"),
            );
        }
        Word::supports(
            format!("有効なアカウント {live} 件を列挙（在籍者との突合は人が行う）"),
            format!("{live} accounts listed (to be compared with the staff by a person)"),
        )
    })
}

/// Whether logs are kept.
pub(super) fn access_log(ask: &Ask<'_>) -> Proof {
    ask.each_machine(
        &[("policy", "log"), ("policy", "time_sources")],
        |thing, agent| {
            let Some(log) = agent.policies.log.value() else {
                return Word::unknown(&agent.policies.log);
            };
            if !log.persistent {
                return Word::contradicts("再起動で消える設定", "logs do not outlive a restart");
            }
            let clock = agent.policies.time_sources.value();
            if clock.is_some_and(Vec::is_empty) {
                return Word::contradicts("時刻同期なし", "nothing sets the clock");
            }
            let kept = thing.field("log_days").map(visible);
            match kept {
                Some(days) => Word::supports(
                    format!("保存あり（{days} 日、手入力）"),
                    format!("kept ({days} days, entered)"),
                ),
                None => Word::open("保存日数が未入力", "for how long is not entered"),
            }
        },
    )
}

/// Services that run, and old protocols among them.
pub(super) fn services(ask: &Ask<'_>) -> Proof {
    ask.each_machine(
        &[("policy", "smb1"), ("service", "services")],
        |_, agent| {
            if agent.policies.smb1.value() == Some(&true) {
                return Word::contradicts("SMBv1 が有効", "SMBv1 is on");
            }
            match &agent.services.services {
                Reading::Known { .. } => Word::open(
                    "サービスの要・不要は人が判断（一覧はサービス・自動起動）",
                    "which services are needed is for people to say (see the list of services)",
                ),
                unknown => Word::unknown(unknown),
            }
        },
    )
}
