//! Who logs in here, and who works with administrator rights. Names, numbers and memberships are
//! read, and of a password field nothing but its lock mark; no command of a rule is kept.

mod auto;
mod log_in;
mod sudoers;
mod windows;

use std::collections::BTreeSet;

use daicho_report::{Account, Accounts, AdministratorGrant, LogIn, LogInVerdict, Reading, Reason};

use super::field::line;
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const SHADOW: &str = "/etc/shadow";
const NSSWITCH: &str = "/etc/nsswitch.conf";
const ACCOUNTS_MAX: usize = 20_000;
const FILE_BYTES_MAX: usize = 4 << 20;

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
    /// As a field.
    name: String,
    /// As other files write it: a name need not be UTF-8.
    key: String,
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

/// The lines of a file that name local accounts or groups.
struct Lines<T> {
    entries: Vec<T>,
    /// There are more than are read.
    cut: bool,
    /// A line refers to a directory (`+`, `-@staff`: passwd(5) of NIS).
    refers: bool,
}

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Accounts {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let users = match of_file(source, PASSWD, user) {
        Ok(users) => users,
        Err(miss) => {
            let reason = miss.reason();
            return Accounts {
                accounts: Reading::unknown(reason.clone(), PASSWD),
                log_ins: Reading::unknown(reason.clone(), PASSWD),
                grants: Reading::unknown(reason, PASSWD),
                directory: directory(source),
            };
        }
    };
    let mut unread = BTreeSet::new();
    let groups = of_file(source, GROUP, group).unwrap_or_else(|_| {
        unread.insert(GROUP.to_owned());
        Lines::none()
    });
    if groups.cut {
        unread.insert(GROUP.to_owned());
    }
    let directory = if users.refers || groups.refers {
        Reading::unknown(Reason::Unsupported, format!("{PASSWD}, {GROUP}"))
    } else {
        directory(source)
    };
    if directory.value().is_none() {
        unread.insert(directory.source().to_owned());
    }
    let rules = sudoers::read(source);
    unread.extend(rules.unread.iter().cloned());
    let rights = Rights {
        groups: groups.entries,
        rules,
        unread,
    };
    let asked = format!("{PASSWD}, {GROUP}, {SHADOW}, {}", sudoers::FILE);
    Accounts {
        accounts: if users.cut {
            Reading::unknown(Reason::failed("too many entries"), PASSWD)
        } else {
            Reading::known(accounts(source, &users.entries, &rights), asked)
        },
        log_ins: log_ins(source, &users, &rights),
        grants: grants(&rights),
        directory,
    }
}

/// Known when nothing that grants rights was left unread.
fn grants(rights: &Rights) -> Reading<()> {
    if rights.unread.is_empty() {
        return Reading::known((), format!("{GROUP}, {}", sudoers::FILE));
    }
    let places: Vec<&str> = rights.unread.iter().map(String::as_str).take(20).collect();
    Reading::unknown(
        Reason::failed("not every place was read"),
        places.join(", "),
    )
}

fn accounts(source: &Source, users: &[User], rights: &Rights) -> Vec<Account> {
    let locked = source
        .locked_accounts()
        .map(|names| names.into_iter().collect());
    let accounts = users.iter().map(|user| account(user, rights, &locked));
    let mut accounts: Vec<Account> = accounts
        .filter(|it| !it.administrator.is_empty() || it.can_log_in.value() != Some(&false))
        .collect();
    accounts.sort();
    accounts
}

fn log_ins(source: &Source, users: &Lines<User>, rights: &Rights) -> Reading<Vec<LogIn>> {
    let verdict = |name: &str| match users.entries.iter().find(|user| user.name == name) {
        Some(user) => verdict(user, rights),
        None if users.cut => LogInVerdict::Unclear(PASSWD.to_owned()),
        None => LogInVerdict::Unclear(NSSWITCH.to_owned()),
    };
    log_in::read(source).map(|seen| {
        let log_ins = seen.into_iter().map(|(account, how)| LogIn {
            verdict: verdict(&account),
            account,
            how: how.to_owned(),
            elevation: None,
        });
        let mut log_ins: Vec<LogIn> = log_ins.collect();
        log_ins.sort();
        log_ins
    })
}

impl<T> Lines<T> {
    fn none() -> Self {
        Self {
            entries: Vec::new(),
            cut: false,
            refers: false,
        }
    }
}

fn of_file<T>(source: &Source, path: &str, entry: fn(&str) -> Option<T>) -> Result<Lines<T>, Miss> {
    let bytes = source.file_up_to(path, FILE_BYTES_MAX)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found = Lines::none();
    for line in text.lines() {
        if line.starts_with(['+', '-']) {
            found.refers = true;
            continue;
        }
        if found.entries.len() >= ACCOUNTS_MAX {
            found.cut = true;
            break;
        }
        found.entries.extend(entry(line));
    }
    Ok(found)
}

fn user(entry: &str) -> Option<User> {
    let mut parts = entry.split(':');
    let key = parts.next()?.to_owned();
    let name = line(&key)?;
    let uid = parts.nth(1)?.parse().ok();
    let gid = parts.next()?.parse().ok();
    let shell = parts.nth(2)?.rsplit('/').next()?.to_owned();
    Some(User {
        name,
        key,
        uid,
        gid,
        shell,
    })
}

fn group(entry: &str) -> Option<Group> {
    let mut parts = entry.split(':');
    let name = line(parts.next()?)?;
    let gid = parts.nth(1)?.parse().ok();
    let members = parts.next().unwrap_or_default().split(',');
    Some(Group {
        name,
        gid,
        members: members.map(str::to_owned).collect(),
    })
}

impl Rights {
    /// Names of the groups that a user is in.
    fn groups_of<'a>(&'a self, user: &User) -> Vec<&'a str> {
        let own = self.groups.iter().filter(|group| {
            group.members.contains(&user.key) || (group.gid.is_some() && group.gid == user.gid)
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
                .of(&user.key, user.uid, &groups)
                .map(AdministratorGrant::Rule),
        );
        grants.into_iter().collect()
    }
}

fn account(user: &User, rights: &Rights, locked: &Result<BTreeSet<String>, Miss>) -> Account {
    let can_log_in = if NO_SHELL.contains(&user.shell.as_str()) {
        Reading::known(false, PASSWD)
    } else {
        match locked {
            Ok(locked) => Reading::known(!locked.contains(&user.key), SHADOW),
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
fn verdict(user: &User, rights: &Rights) -> LogInVerdict {
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
