//! Words that identify people and machines. Comes in: a recording; goes out: each word with its
//! stand-in. Whoever is named anywhere where accounts are named counts, also when the account stands
//! in a directory; accounts of the system itself do not.

mod windows;

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::{RawMachine, raw, record};
use super::super::Bundle;

/// Files whose whole content identifies the machine.
const IDENTITIES: &[&str] = &[
    "/etc/machine-id",
    "/var/lib/dbus/machine-id",
    "/sys/class/dmi/id/product_serial",
    "/sys/class/dmi/id/product_uuid",
    "/sys/class/dmi/id/board_serial",
    "/sys/class/dmi/id/chassis_serial",
    "/sys/class/dmi/id/chassis_asset_tag",
    "/proc/sys/kernel/random/boot_id",
];

/// A shorter identity is a placeholder (`0`, `None`), and as a word it is everywhere.
const IDENTITY_MIN: usize = 5;
/// A shorter name would be found in too many places.
const NAME_MIN: usize = 2;
/// Names of people's accounts begin here (login.defs).
const PEOPLE_FROM: u32 = 1000;

/// What log-in records name beside people.
const EVENTS: &[&str] = &["LOGIN", "reboot", "runlevel", "shutdown"];
const RESOLVERS: &[&str] = &[
    "/etc/resolv.conf",
    "/run/systemd/resolve/resolv.conf",
    "/run/systemd/resolve/stub-resolv.conf",
];
const SETTINGS_OF_LOG_IN: &[&str] = &[
    "file /etc/gdm",
    "file /etc/lightdm/",
    "file /etc/sddm.conf",
    "file /etc/systemd/system/getty@",
];

/// The words of a recording.
pub(super) struct Words {
    /// Longest first, so that none is cut by a shorter one.
    pub(super) pairs: Vec<(String, String)>,
    /// Accounts that are no person's.
    system: BTreeSet<String>,
}

impl Words {
    /// What stands for a name in log-in records; nothing for one that nobody knows.
    pub(super) fn stand_in(&self, name: &str) -> String {
        let known = self.pairs.iter().find(|(word, _)| word == name);
        match known {
            Some((_, stand_in)) => stand_in.clone(),
            None if self.system.contains(name) || EVENTS.contains(&name) => name.to_owned(),
            None => String::new(),
        }
    }
}

/// Words to replace.
pub(super) fn words(bundle: &Bundle) -> Words {
    let mut words = BTreeMap::new();
    hosts(bundle, &mut words);
    windows::add(bundle, &mut words);
    for path in IDENTITIES {
        if let Some(value) = text(bundle, path) {
            let value = value.trim().to_owned();
            if value.len() < IDENTITY_MIN {
                continue;
            }
            let stand_in = same_shape(&value, words.len());
            words.insert(value, stand_in);
        }
    }
    let system = accounts(bundle, &mut words);
    for name in named(bundle).into_iter().chain(windows::named(bundle)) {
        let skipped = system.contains(&name) || words.contains_key(&name);
        if name.len() >= NAME_MIN && !skipped {
            let number = words.len();
            // `HOSPITAL\yamada`, `yamada@hospital.example`: the name alone counts too.
            let parts = name.split(['\\', '@', '/']).map(str::to_owned);
            let bare = parts.filter(|it| it.len() > NAME_MIN && !system.contains(it));
            for word in bare.chain([name.clone()]) {
                words.entry(word).or_insert_with(|| format!("user{number}"));
            }
        }
    }
    let _ = words.remove("");
    let mut pairs: Vec<_> = words.into_iter().collect();
    pairs.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    Words { pairs, system }
}

fn text(bundle: &Bundle, path: &str) -> Option<String> {
    let bytes: Vec<u8> = bundle.answer::<raw::Bytes>("file", path).ok()?.into();
    String::from_utf8(bytes).ok()
}

/// Texts of all recorded files whose question begins like this.
fn texts<'a>(bundle: &'a Bundle, begin: &'a str) -> impl Iterator<Item = String> + 'a {
    let answers = bundle.answers.range(begin.to_owned()..);
    let answers = answers.take_while(move |(name, _)| name.starts_with(begin));
    answers.filter_map(|(_, value)| Some(value.pointer("/Ok/text")?.as_str()?.to_owned()))
}

/// The machine's names, its domain and the domains that are searched.
fn hosts(bundle: &Bundle, words: &mut BTreeMap<String, String>) {
    let machine = bundle.answer::<RawMachine>("machine", "").ok();
    let hosts = machine.and_then(|it| it.host_name);
    let mut domains = BTreeSet::new();
    for host in hosts.into_iter().chain(text(bundle, "/etc/hostname")) {
        let host = host.trim().to_owned();
        if let Some((short, domain)) = host.split_once('.') {
            words.insert(short.to_owned(), "host".to_owned());
            domains.insert(domain.to_owned());
        }
        words.insert(host, "host".to_owned());
    }
    for path in RESOLVERS {
        for line in text(bundle, path).unwrap_or_default().lines() {
            let mut parts = line.split_whitespace();
            if matches!(parts.next(), Some("search" | "domain")) {
                domains.extend(parts.map(str::to_owned));
            }
        }
    }
    // One word alone (`lan`, `local`) is nobody's, and is everywhere.
    domains.retain(|domain| domain.trim_matches('.').contains('.'));
    for (at, domain) in domains.iter().enumerate() {
        let domain = domain.trim_matches('.');
        words.insert(domain.to_lowercase(), format!("domain{at}.example"));
        words.insert(domain.to_owned(), format!("domain{at}.example"));
        // As directories write it: the realm, and its first part.
        words.insert(domain.to_uppercase(), format!("DOMAIN{at}.EXAMPLE"));
        let first = domain.split('.').next().unwrap_or_default().to_uppercase();
        if first.len() >= IDENTITY_MIN {
            words.insert(first, format!("DOMAIN{at}"));
        }
    }
}

/// People of the passwd file; gives the accounts that are no person's.
fn accounts(bundle: &Bundle, words: &mut BTreeMap<String, String>) -> BTreeSet<String> {
    let mut system = BTreeSet::from(["root".to_owned()]);
    for line in text(bundle, "/etc/passwd").unwrap_or_default().lines() {
        let parts: Vec<&str> = line.split(':').collect();
        let (Some(name), Some(uid), Some(person)) = (parts.first(), parts.get(2), parts.get(4))
        else {
            continue;
        };
        let number = words.len();
        let uid = uid.parse::<u32>();
        if uid.is_ok_and(|uid| (PEOPLE_FROM..65_000).contains(&uid)) {
            words.insert((*name).to_owned(), format!("user{number}"));
            // A full name is a person's.
            for part in person.split(',') {
                words.insert(part.to_owned(), format!("Person {number}"));
            }
        } else {
            system.insert((*name).to_owned());
        }
    }
    system
}

/// Names in the other places where accounts are named.
fn named(bundle: &Bundle) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text(bundle, "/etc/group").unwrap_or_default().lines() {
        let members = line.split(':').nth(3).unwrap_or_default();
        names.extend(members.split(',').map(|it| it.trim().to_owned()));
    }
    for session in texts(bundle, "file /run/systemd/sessions/") {
        let users = session.lines().filter_map(|it| it.strip_prefix("USER="));
        names.extend(users.map(|it| it.trim().to_owned()));
    }
    for path in super::RECORDS {
        for question in ["file", "head", "tail"] {
            let bytes = bundle.answer::<raw::Bytes>(question, path);
            let bytes: Vec<u8> = bytes.map(Into::into).unwrap_or_default();
            names.extend(record::people(&bytes).unwrap_or_default());
        }
    }
    let locked = bundle.answer::<Vec<String>>("locked_accounts", "/etc/shadow");
    names.extend(locked.unwrap_or_default());
    for begin in SETTINGS_OF_LOG_IN {
        texts(bundle, begin).for_each(|text| of_settings(&text, &mut names));
    }
    for rules in texts(bundle, "file /etc/sudoers") {
        rules.lines().for_each(|line| of_rule(line, &mut names));
    }
    names
}

/// Users of an automatic log-in: `AutomaticLogin=…`, `autologin-user=…`, `--autologin …`.
fn of_settings(text: &str, names: &mut BTreeSet<String>) {
    let keys = ["AutomaticLogin", "TimedLogin", "autologin-user", "User"];
    for line in text.lines() {
        let pair = line.split_once('=').map(|(key, value)| (key.trim(), value));
        if let Some((_, value)) = pair.filter(|(key, _)| keys.contains(key)) {
            names.insert(value.trim().to_owned());
        }
        if let Some((_, command)) = line.split_once("--autologin") {
            let name = command.trim_start_matches(['=', ' ']).split_whitespace();
            names.extend(
                name.take(1)
                    .map(|it| it.trim_matches(['"', '\'']).to_owned()),
            );
        }
    }
}

/// Users of a rule of sudoers(5) and of its lists of users.
fn of_rule(line: &str, names: &mut BTreeSet<String>) {
    let line = line.trim();
    let left = match line.strip_prefix("User_Alias") {
        Some(list) => list.split_once('=').map(|(_, members)| members),
        None if line.starts_with(['#', '@', '%']) => None,
        None => line.split_once('=').map(|(left, _)| left),
    };
    let others = [
        "Defaults",
        "Runas_Alias",
        "Host_Alias",
        "Cmnd_Alias",
        "Cmd_Alias",
    ];
    if others.iter().any(|word| line.starts_with(word)) {
        return;
    }
    let left = left.unwrap_or_default();
    // The list of users ends at the first space that follows no comma.
    let list = left.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    let list = list.split_whitespace().next().unwrap_or_default();
    let users = list.split(',').filter(|it| {
        let is_list = it.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        !it.starts_with(['%', '#', '+', '!']) && !is_list
    });
    names.extend(users.map(str::to_owned));
}

/// The same shape: digits and letters replaced, signs kept.
fn same_shape(value: &str, number: usize) -> String {
    let tail = format!("{number:04x}");
    let mut tail = tail.chars().rev();
    let changed: Vec<char> = value
        .chars()
        .rev()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                tail.next().unwrap_or('0')
            } else {
                c
            }
        })
        .collect();
    changed.into_iter().rev().collect()
}
