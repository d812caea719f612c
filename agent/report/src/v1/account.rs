//! Section `account`: who logs in, and who has administrator rights.
//!
//! No password, hash, key or command is read; of an account its name and number alone.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// What gives an account administrator rights.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdministratorGrant {
    /// It is the administrator (uid 0, RID 500).
    BuiltIn,
    /// Member of this group (`sudo`, `wheel`, `Administrators`).
    Group(String),
    /// Named in a rule (`/etc/sudoers.d/…`).
    Rule(String),
}

/// A local account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// Name.
    pub name: String,
    /// Number (uid, RID).
    pub number: Option<u32>,
    /// Whether anybody can log in with it interactively (shell, not locked).
    pub can_log_in: Reading<bool>,
    /// What gives it administrator rights; empty: nothing known does.
    pub administrator: Vec<AdministratorGrant>,
}

/// Somebody who logs in on this machine: at the screen or remotely, now or last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogIn {
    /// Name of the account.
    pub account: String,
    /// How: `session` (now), `last` (the last known one), `auto` (logs in without a password).
    pub how: String,
    /// Whether that person works with administrator rights.
    pub verdict: LogInVerdict,
}

/// Does the person who logs in have administrator rights?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogInVerdict {
    /// Yes, the account is the administrator.
    Administrator,
    /// Yes, by this group or rule.
    AdministratorBy(String),
    /// No: every place that could grant it was read and none does.
    NotAdministrator,
    /// Cannot be told: the places that could not be read.
    Unclear(String),
}

/// Accounts, log-ins and the verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    /// Accounts that can log in or have administrator rights, sorted by name.
    pub accounts: Reading<Vec<Account>>,
    /// Who logs in, sorted; empty: the sources were read and name nobody.
    pub log_ins: Reading<Vec<LogIn>>,
    /// Whether every place that grants administrator rights was read; otherwise an account may have
    /// more than what is named above.
    pub grants: Reading<()>,
    /// Whether rights granted outside the local files (directory service) could be asked.
    pub directory: Reading<bool>,
}

impl SectionBody for Accounts {
    const KIND: &'static str = "account";
}
