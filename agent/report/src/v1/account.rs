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

/// What the token of a log-in on Windows says of its rights (`TOKEN_ELEVATION_TYPE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elevation {
    /// An administrator whose programs run without those rights until he agrees (UAC).
    Limited,
    /// An administrator's rights are in force.
    Full,
    /// The token is not divided: whoever holds it is no administrator, or UAC is off, or it is the
    /// built-in administrator; the verdict says which.
    Undivided,
    /// One that this version does not know.
    #[serde(other)]
    Other,
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
    /// What the token says, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elevation: Option<Elevation>,
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
