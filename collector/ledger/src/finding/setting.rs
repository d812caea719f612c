//! Rules about settings of Windows: each speaks only where the setting is known.

use daicho_report::LogInVerdict;

use super::Finding;
use crate::asset::AgentAsset;
use crate::text::visible;

/// Rules of this file.
#[cfg(test)]
pub(super) const RULES: &[&str] = &["ADM-003", "RDP-001", "SMB-001", "UAC-001"];

pub(super) fn of_asset(asset: &AgentAsset) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |rule, ja: String, en: String| found.push(Finding::new(rule, &asset.id, ja, en));
    for it in asset.accounts.log_ins.value().into_iter().flatten() {
        let is_administrator = matches!(
            it.verdict,
            LogInVerdict::Administrator | LogInVerdict::AdministratorBy(_)
        );
        if it.how == "auto" && is_administrator {
            let account = visible(&it.account);
            say(
                "ADM-003",
                format!("アカウント：{account}"),
                format!("account: {account}"),
            );
        }
    }
    let policies = &asset.policies;
    if policies.uac.value().is_some_and(|it| !it.enabled) {
        let read = visible(policies.uac.source());
        say(
            "UAC-001",
            format!("確認先：{read}"),
            format!("read: {read}"),
        );
    }
    let desktop = policies.remote_desktop.value();
    if let Some(it) = desktop.filter(|it| it.enabled && !it.authenticates_first) {
        let port = it.port;
        say("RDP-001", format!("ポート {port}"), format!("port {port}"));
    }
    if policies.smb1.value() == Some(&true) {
        let read = visible(policies.smb1.source());
        say(
            "SMB-001",
            format!("確認先：{read}"),
            format!("read: {read}"),
        );
    }
    found
}
