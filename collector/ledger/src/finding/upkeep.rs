//! Rules about upkeep and what leads outside: support, updates, firewall, remote access, shares,
//! storage, certificates, logs. Each looks at a value that is known; what is unknown is another
//! rule's matter.

use daicho_report::{
    Chassis, FirewallVerdict, ServiceStart, ShareGrant, ShareRight, Time, ToolState, UsbStorage,
    Virtualization, VpnGrade,
};

use super::Finding;
use crate::asset::AgentAsset;
use crate::ledger::Ledger;
use crate::support::Release;
use crate::text::{Lang, day, share_grants, visible};

/// Rules of this file.
#[cfg(test)]
pub(super) const RULES: &[&str] = &[
    "CRT-001", "ENC-001", "EOL-001", "EOL-002", "EOL-003", "EOL-004", "FWL-001", "FWL-002",
    "LOG-001", "PAT-001", "PAT-002", "PAT-003", "RMT-001", "SHR-001", "SHR-002", "SSH-001",
    "USB-001", "VPN-001",
];

const DAY_S: i64 = 86_400;
/// Support that ends within half a year asks for a plan.
const SUPPORT_SOON_S: i64 = 180 * DAY_S;
/// An index this old says nothing of what is pending today.
const INDEX_OLD_S: i64 = 30 * DAY_S;
const CERTIFICATE_SOON_S: i64 = 30 * DAY_S;

pub(super) fn of_asset(ledger: &Ledger, asset: &AgentAsset) -> Vec<Finding> {
    let mut said = Said {
        ledger,
        asset,
        found: Vec::new(),
    };
    said.support();
    said.updates();
    said.firewall();
    said.remote();
    said.storage();
    said.certificates();
    said.logs();
    said.found
}

struct Said<'a> {
    ledger: &'a Ledger,
    asset: &'a AgentAsset,
    found: Vec<Finding>,
}

impl Said<'_> {
    fn say(&mut self, rule: &'static str, ja: String, en: String) {
        self.found.push(Finding::new(rule, &self.asset.id, ja, en));
    }

    fn day(&self, at: Time) -> String {
        day(at, self.ledger.site.utc_offset_s)
    }

    fn support(&mut self) {
        let Some(release) = Release::of(&self.asset.os) else {
            return;
        };
        let (name, ends, checked) = (&release.name, &release.ends, &release.checked);
        let (mut ja, mut en) = (
            format!("{name}：{ends} まで"),
            format!("{name}: until {ends}"),
        );
        if let (Some(what), Some(longer)) = (&release.extended, &release.extended_ends) {
            ja.push_str(&format!("、{what}は {longer} まで"));
            en.push_str(&format!(", {what} until {longer}"));
        }
        ja.push_str(&format!("（期限の確認日 {checked}、{}）", release.source));
        en.push_str(&format!(" (read on {checked}, {})", release.source));
        let left = release
            .last_day()
            .map(|last| last.seconds() - self.ledger.as_of.seconds());
        if release.has_ended(&self.day(self.ledger.as_of)) {
            self.ended(ja, en);
        } else if left.is_some_and(|left| left < SUPPORT_SOON_S) {
            self.say("EOL-002", ja, en);
        }
    }

    /// Support has ended. What legitimises it is a reason, a measure, and a day of review that lies ahead.
    fn ended(&mut self, mut ja: String, mut en: String) {
        let fields = self.ledger.hand.fields();
        let kept = fields.get(self.asset.id.0.as_str()).copied();
        let value = |name: &str| {
            kept.and_then(|it| it.values.get(name))
                .map(|it| it.text.as_str())
        };
        let (Some(reason), Some(measure)) = (value("exception_reason"), value("exception_measure"))
        else {
            return self.say("EOL-001", ja, en);
        };
        let review = value("exception_review");
        let (reason, measure) = (visible(reason), visible(measure));
        let day = review.map_or("－".to_owned(), visible);
        ja.push_str(&format!(
            "。理由：{reason}。対策：{measure}。見直し日 {day}"
        ));
        en.push_str(&format!(
            ". reason: {reason}. measure: {measure}. review {day}"
        ));
        let today = self.day(self.ledger.as_of);
        let rule = match review.is_some_and(|day| day >= today.as_str()) {
            true => "EOL-003",
            false => "EOL-004",
        };
        self.say(rule, ja, en);
    }

    fn updates(&mut self) {
        let patches = &self.asset.patches;
        let index = patches.index_at.value().copied();
        let pending = self
            .asset
            .updates
            .pending
            .value()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let security: Vec<String> = pending
            .iter()
            .filter(|it| it.security)
            .map(|it| visible(&it.name))
            .collect();
        if !security.is_empty() {
            let count = security.len();
            let first: Vec<String> = security.into_iter().take(5).collect();
            let names = first.join(", ");
            self.say(
                "PAT-001",
                format!("{count} 件（{names} など）"),
                format!("{count} ({names} and others)"),
            );
        }
        if let Some(reboot) = self.asset.patches.reboot.value().filter(|it| it.needed) {
            let reasons: Vec<String> = reboot.reasons.iter().map(|it| visible(it)).collect();
            let text = reasons.join(", ");
            self.say("PAT-002", text.clone(), text);
        }
        let age = index.map(|at| self.ledger.as_of.seconds() - at.seconds());
        if let (Some(at), Some(age)) = (index, age)
            && age > INDEX_OLD_S
        {
            let (day, days) = (self.day(at), age / DAY_S);
            self.say(
                "PAT-003",
                format!("{day} 取得（{days} 日前）"),
                format!("of {day}, {days} days ago"),
            );
        }
    }

    fn firewall(&mut self) {
        let read = visible(self.asset.firewall.verdict.source());
        match self.asset.firewall.verdict.value() {
            Some(FirewallVerdict::Inactive) => {
                self.say(
                    "FWL-001",
                    format!("確認先：{read}"),
                    format!("read: {read}"),
                );
            }
            Some(FirewallVerdict::ToConfirm) => {
                let witnesses = self.asset.firewall.witnesses.value();
                let names: Vec<String> = witnesses
                    .into_iter()
                    .flatten()
                    .map(|it| visible(&it.source))
                    .collect();
                let names = names.join(", ");
                self.say("FWL-002", names.clone(), names);
            }
            _ => {}
        }
    }

    fn remote(&mut self) {
        let tools = self.asset.remote_tools.tools.value().into_iter().flatten();
        let live = tools.filter(|it| {
            matches!(
                it.state,
                ToolState::Running | ToolState::Enabled | ToolState::Unclear
            )
        });
        let names: Vec<String> = live.map(|it| visible(&it.name)).collect();
        if !names.is_empty() {
            let names = names.join(", ");
            self.say("RMT-001", names.clone(), names);
        }
        let vpns = self.asset.vpns.vpns.value().into_iter().flatten();
        let there = vpns.filter(|it| matches!(it.grade, VpnGrade::Certain | VpnGrade::Probable));
        let names: Vec<String> = there
            .map(|it| {
                let product = it.product.as_deref().unwrap_or("?");
                let interface = it.interface.as_deref().unwrap_or("?");
                format!("{} ({})", visible(product), visible(interface))
            })
            .collect();
        if !names.is_empty() {
            let names = names.join(", ");
            self.say("VPN-001", names.clone(), names);
        }
        if let Some(Some(ssh)) = self.asset.policies.ssh.value() {
            let starts = self
                .asset
                .services
                .services
                .value()
                .into_iter()
                .flatten()
                .any(|it| {
                    matches!(it.name.as_str(), "ssh" | "sshd")
                        && (it.start == ServiceStart::Automatic || it.running == Some(true))
                });
            let listens = self.asset.listeners.listeners.value().into_iter().flatten();
            let listens = listens.into_iter().any(|it| ssh.ports.contains(&it.port));
            if ssh.root_log_in == "yes" && ssh.password_log_in && (starts || listens) {
                let text = "PermitRootLogin yes, PasswordAuthentication yes".to_owned();
                self.say("SSH-001", text.clone(), text);
            }
        }
    }

    /// The share lets everybody write; what the folder behind it allows is not known.
    fn granted_to_all(&mut self) {
        let writes = |it: &&ShareGrant| it.to.is_everybody() && it.right >= ShareRight::Change;
        let shares = self.asset.storage.shares.value().into_iter().flatten();
        let named = |lang: Lang| {
            let all = shares.clone().filter_map(|share| {
                let granted = share.granted.as_ref()?;
                let to: Vec<ShareGrant> = granted.iter().filter(writes).copied().collect();
                (!to.is_empty())
                    .then(|| lang.remark(&visible(&share.name), &share_grants(&to, lang)))
            });
            all.collect::<Vec<_>>().join(lang.pick("、", ", "))
        };
        let (ja, en) = (named(Lang::Ja), named(Lang::En));
        if !ja.is_empty() {
            self.say("SHR-002", ja, en);
        }
    }

    fn storage(&mut self) {
        let shares = self.asset.storage.shares.value().into_iter().flatten();
        let open = shares.filter(|it| it.open == Some(true) && it.writable == Some(true));
        let names: Vec<String> = open
            .map(|it| format!("{} ({})", visible(&it.name), visible(&it.protocol)))
            .collect();
        if !names.is_empty() {
            let names = names.join(", ");
            self.say("SHR-001", names.clone(), names);
        }
        self.granted_to_all();
        if self.asset.storage.usb_storage.value() == Some(&UsbStorage::Allowed)
            && self.asset.hardware.virtualization.value() == Some(&Virtualization::Physical)
        {
            let read = visible(self.asset.storage.usb_storage.source());
            self.say(
                "USB-001",
                format!("確認先：{read}"),
                format!("read: {read}"),
            );
        }
        let notebook = self.asset.hardware.chassis.value() == Some(&Chassis::Notebook);
        let encryption = self.asset.storage.encryption.value().into_iter().flatten();
        let bare: Vec<String> = encryption
            // Start-up files cannot be encrypted.
            .filter(|it| {
                it.encryption.is_none() && !it.mount.starts_with("/boot") && it.mount != "/efi"
            })
            .map(|it| visible(&it.mount))
            .collect();
        if notebook && !bare.is_empty() {
            let names = bare.join(", ");
            self.say("ENC-001", names.clone(), names);
        }
    }

    fn certificates(&mut self) {
        let soon = self.ledger.as_of.seconds() + CERTIFICATE_SOON_S;
        let all = self.asset.trust.certificates.value().into_iter().flatten();
        let ending: Vec<String> = all
            .filter(|it| it.not_after.seconds() < soon)
            .map(|it| format!("{} ({})", visible(&it.subject), self.day(it.not_after)))
            .collect();
        if !ending.is_empty() {
            let names = ending.join(", ");
            self.say("CRT-001", names.clone(), names);
        }
    }

    fn logs(&mut self) {
        if let Some(log) = self.asset.policies.log.value()
            && !log.persistent
            && log.sent_to.is_empty()
        {
            let read = visible(self.asset.policies.log.source());
            self.say(
                "LOG-001",
                format!("確認先：{read}"),
                format!("read: {read}"),
            );
        }
    }
}
