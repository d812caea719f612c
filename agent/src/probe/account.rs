//! Who logs in here, and who works with administrator rights. Names, numbers and memberships are
//! read, and of a password field nothing but its lock mark; no command of a rule is kept.

mod log_in;
mod sudoers;

use std::collections::BTreeSet;

use daicho_report::{Account, Accounts, AdministratorGrant, LogIn, LogInVerdict, Reading, Reason};

use super::field::line;
use crate::platform::{Miss, Source};

#[cfg(test)]
mod tests;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const SHADOW: &str = "/etc/shadow";
const NSSWITCH: &str = "/etc/nsswitch.conf";
const ACCOUNTS_MAX: usize = 20_000;

/// Groups that give administrator rights by themselves: by the distributions' own sudo and polkit
/// rules, or because their members can become root (docker, lxd).
const GROUPS: &[&str] = &["admin", "docker", "incus-admin", "lxd", "sudo", "wheel"];
/// Services of the name switch that ask a directory.
const DIRECTORIES: &[&str] = &["ldap", "nis", "nisplus", "sss", "winbind"];
/// Shells that let nobody in.
const NO_SHELL: &[&str] = &["false", "halt", "nologin", "shutdown", "sync"];

/// A line of the passwd file.
#[derive(Debug, Clone)]
struct User {
    name: String,
    uid: Option<u32>,
    gid: Option<u32>,
    shell: String,
}

/// A line of the group file.
#[derive(Debug, Clone)]
struct Group {
    name: String,
    gid: Option<u32>,
    members: Vec<String>,
}

/// Everything that could grant rights, and the places that could not be read.
struct Rights {
    groups: Vec<Group>,
    rules: sudoers::Rules,
    unread: BTreeSet<String>,
}

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Accounts {
    let directory = directory(source);
    let users = match source.text(PASSWD) {
        Ok(text) => users(&text),
        Err(miss) => {
            let reason = miss.reason();
            return Accounts {
                accounts: Reading::unknown(reason.clone(), PASSWD),
                log_ins: Reading::unknown(reason, PASSWD),
                directory,
            };
        }
    };
    let mut rights = Rights {
        groups: Vec::new(),
        rules: sudoers::read(source),
        unread: BTreeSet::new(),
    };
    rights.unread.extend(rights.rules.unread.iter().cloned());
    match source.text(GROUP) {
        Ok(text) => rights.groups = groups(&text),
        Err(_) => {
            rights.unread.insert(GROUP.to_owned());
        }
    }
    if directory.value().is_none() {
        rights.unread.insert(NSSWITCH.to_owned());
    }
    let locked = source.locked_accounts();
    let mut accounts: Vec<Account> = users
        .iter()
        .map(|user| account(user, &rights, &locked))
        .filter(|it| !it.administrator.is_empty() || it.can_log_in.value() != Some(&false))
        .collect();
    accounts.sort();
    let log_ins = log_in::read(source).map(|seen| {
        let verdict = |name: &str| verdict(users.iter().find(|user| user.name == name), &rights);
        let mut log_ins: Vec<LogIn> = seen
            .into_iter()
            .map(|(account, how)| LogIn {
                verdict: verdict(&account),
                account,
                how: how.to_owned(),
            })
            .collect();
        log_ins.sort();
        log_ins
    });
    Accounts {
        accounts: Reading::known(
            accounts,
            format!("{PASSWD}, {GROUP}, {SHADOW}, {}", sudoers::FILE),
        ),
        log_ins,
        directory,
    }
}

fn users(text: &str) -> Vec<User> {
    let users = text.lines().take(ACCOUNTS_MAX).filter_map(|entry| {
        let mut parts = entry.split(':');
        let name = line(parts.next()?)?;
        let uid = parts.nth(1)?.parse().ok();
        let gid = parts.next()?.parse().ok();
        let shell = parts.nth(2)?.rsplit('/').next()?.to_owned();
        Some(User {
            name,
            uid,
            gid,
            shell,
        })
    });
    users.collect()
}

fn groups(text: &str) -> Vec<Group> {
    let groups = text.lines().take(ACCOUNTS_MAX).filter_map(|entry| {
        let mut parts = entry.split(':');
        let name = line(parts.next()?)?;
        let gid = parts.nth(1)?.parse().ok();
        let members = parts
            .next()
            .unwrap_or_default()
            .split(',')
            .map(str::to_owned);
        Some(Group {
            name,
            gid,
            members: members.collect(),
        })
    });
    groups.collect()
}

impl Rights {
    /// Names of the groups that a user is in.
    fn groups_of<'a>(&'a self, user: &User) -> Vec<&'a str> {
        let own = self.groups.iter().filter(|group| {
            group.members.contains(&user.name) || (group.gid.is_some() && group.gid == user.gid)
        });
        own.map(|group| group.name.as_str()).collect()
    }

    fn grants(&self, user: &User) -> Vec<AdministratorGrant> {
        let mut grants = BTreeSet::new();
        if user.uid == Some(0) {
            grants.insert(AdministratorGrant::BuiltIn);
        }
        let groups = self.groups_of(user);
        for group in &groups {
            if GROUPS.contains(group) {
                grants.insert(AdministratorGrant::Group((*group).to_owned()));
            }
        }
        grants.extend(
            self.rules
                .of(&user.name, user.uid, &groups)
                .map(AdministratorGrant::Rule),
        );
        grants.into_iter().collect()
    }
}

fn account(user: &User, rights: &Rights, locked: &Result<Vec<String>, Miss>) -> Account {
    let can_log_in = if NO_SHELL.contains(&user.shell.as_str()) {
        Reading::known(false, PASSWD)
    } else {
        match locked {
            Ok(locked) => Reading::known(!locked.contains(&user.name), SHADOW),
            Err(miss) => Reading::unknown(miss.clone().reason(), SHADOW),
        }
    };
    Account {
        name: user.name.clone(),
        number: user.uid,
        can_log_in,
        administrator: rights.grants(user),
    }
}

/// "Not an administrator" needs that every place that could say otherwise was read.
fn verdict(user: Option<&User>, rights: &Rights) -> LogInVerdict {
    let Some(user) = user else {
        return LogInVerdict::Unclear(NSSWITCH.to_owned());
    };
    match rights.grants(user).first() {
        Some(AdministratorGrant::BuiltIn) => LogInVerdict::Administrator,
        Some(AdministratorGrant::Group(name) | AdministratorGrant::Rule(name)) => {
            LogInVerdict::AdministratorBy(name.clone())
        }
        None if rights.unread.is_empty() => LogInVerdict::NotAdministrator,
        None => {
            let places: Vec<&str> = rights.unread.iter().map(String::as_str).collect();
            LogInVerdict::Unclear(places.join(", "))
        }
    }
}

/// Accounts of a directory cannot be asked without sending something: where one is in use, what it
/// grants is unknown.
fn directory(source: &Source) -> Reading<bool> {
    let text = match source.text(NSSWITCH) {
        Ok(text) => text,
        // Without the file the library asks local files only (nsswitch.conf(5)).
        Err(Miss::Absent) => return Reading::known(false, NSSWITCH),
        Err(miss) => return Reading::unknown(miss.reason(), NSSWITCH),
    };
    let asks = text
        .lines()
        .filter_map(|line| line.split('#').next()?.split_once(':'));
    let mut asks = asks.filter(|(name, _)| matches!(name.trim(), "passwd" | "group" | "sudoers"));
    let used = asks.any(|(_, services)| {
        services
            .split_whitespace()
            .any(|service| DIRECTORIES.contains(&service))
    });
    if used {
        Reading::unknown(Reason::Unsupported, NSSWITCH)
    } else {
        Reading::known(false, NSSWITCH)
    }
}
