//! Section `policy`: settings that decide who gets in and what is written down: passwords, remote
//! log-in, logs, the clock. Settings only; no password, key or log line is read.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// Rules for passwords. `null`: not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Shortest length.
    pub length_min: Option<u32>,
    /// Days after which it must be changed.
    pub days_max: Option<u32>,
    /// Passwords that are remembered and refused.
    pub history: Option<u32>,
    /// Failed log-ins before the account is locked.
    pub lockout_after: Option<u32>,
}

/// Remote log-in by SSH.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SshPolicy {
    /// Whether root may log in, as the setting says (`no`, `prohibit-password`, `yes`).
    pub root_log_in: String,
    /// Whether a password is enough.
    pub password_log_in: bool,
    /// Ports, sorted.
    pub ports: Vec<u16>,
}

/// How the system's logs are kept. `null`: not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPolicy {
    /// Whether they outlive a restart.
    pub persistent: bool,
    /// Days after which they are deleted.
    pub days_max: Option<u32>,
    /// Bytes above which the oldest are deleted.
    pub bytes_max: Option<u64>,
    /// Hosts that logs are sent to, sorted.
    pub sent_to: Vec<String>,
}

/// What sets the clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeSource {
    /// The program (`chrony`, `systemd-timesyncd`, `W32Time`).
    pub program: String,
    /// Servers that it is told to ask, sorted; empty: its maker's own.
    pub servers: Vec<String>,
}

/// User Account Control (UAC).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UacPolicy {
    /// Whether administrators work without their rights until they agree (`EnableLUA`).
    pub enabled: bool,
    /// How they are asked, as the setting says (`ConsentPromptBehaviorAdmin`; 0: not at all).
    pub prompt: u32,
    /// Whether that holds for the built-in administrator too (`FilterAdministratorToken`).
    pub of_built_in: bool,
    /// Whether local administrators keep all rights over the network
    /// (`LocalAccountTokenFilterPolicy`).
    pub full_over_network: bool,
}

/// Remote Desktop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemoteDesktop {
    /// Whether it lets anybody in.
    pub enabled: bool,
    /// Whether who comes is known before there is a screen (NLA).
    pub authenticates_first: bool,
    /// Port.
    pub port: u16,
}

/// Questions for names that any neighbour may answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NameQueries {
    /// Whether LLMNR is in use.
    pub llmnr: bool,
    /// Whether NetBIOS over TCP is in use on an interface; `null`: what DHCP says decides.
    pub netbios: Option<bool>,
}

/// Settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// Rules for passwords of local accounts.
    pub password: Reading<PasswordPolicy>,
    /// Remote log-in by SSH; `null` value: no SSH server is installed.
    pub ssh: Reading<Option<SshPolicy>>,
    /// Logs.
    pub log: Reading<LogPolicy>,
    /// What sets the clock, sorted; empty: nothing is installed that does.
    pub time_sources: Reading<Vec<TimeSource>>,
    /// User Account Control.
    pub uac: Reading<UacPolicy>,
    /// Remote Desktop.
    pub remote_desktop: Reading<RemoteDesktop>,
    /// Whether files are served by the first version of SMB as well.
    pub smb1: Reading<bool>,
    /// Questions for names that any neighbour may answer.
    pub name_queries: Reading<NameQueries>,
}

impl SectionBody for Policies {
    const KIND: &'static str = "policy";
}
