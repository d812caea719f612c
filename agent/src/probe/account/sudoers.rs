//! Whom `/etc/sudoers` and `/etc/doas.conf` name. Of a rule its user or group is taken and the file
//! it stands in; every rule that is not a denial counts, whatever the commands: those that look
//! harmless often are not.

use std::collections::BTreeMap;

use crate::platform::{Miss, Source};

/// The main file.
pub(super) const FILE: &str = "/etc/sudoers";
const DOAS: &str = "/etc/doas.conf";
const FILES_MAX: usize = 200;
const LINES_MAX: usize = 5_000;

/// Names with the file that names them.
#[derive(Debug, Default)]
pub(super) struct Rules {
    users: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    /// Files that are there and could not be read whole, or that name people in a way that only
    /// another system can resolve.
    pub(super) unread: Vec<String>,
}

impl Rules {
    /// Files whose rules name this user or one of the groups.
    pub(super) fn of<'a>(
        &'a self,
        name: &str,
        uid: Option<u32>,
        groups: &[&str],
    ) -> impl Iterator<Item = String> + 'a {
        let number = uid.map(|uid| format!("#{uid}")).unwrap_or_default();
        let direct = [name, number.as_str(), "ALL"].map(|it| self.users.get(it));
        let by_group: Vec<_> = groups.iter().map(|group| self.groups.get(*group)).collect();
        direct.into_iter().chain(by_group).flatten().cloned()
    }
}

/// Reads all rules.
pub(super) fn read(source: &Source) -> Rules {
    let mut rules = Rules::default();
    let mut waiting = vec![FILE.to_owned()];
    let mut aliases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut texts = Vec::new();
    while let Some(path) = waiting.pop() {
        if texts.len() >= FILES_MAX {
            rules.unread.push(path);
            break;
        }
        match source.text(&path) {
            Ok(text) => {
                let text = text.replace("\\\n", " ");
                if text.lines().count() > LINES_MAX {
                    rules.unread.push(path.clone());
                }
                include(source, &path, &text, &mut waiting, &mut rules.unread);
                alias(&text, &mut aliases);
                texts.push((path, text));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(_)) => rules.unread.push(path),
        }
    }
    for (path, text) in &texts {
        for line in text.lines().take(LINES_MAX) {
            rule(line, path, &aliases, &mut rules);
        }
    }
    // A rule for everybody that asks for the other account's password grants nothing to those who do
    // not know it: SUSE's own file is so.
    let without_password = |text: &str| {
        let mut rules = text.lines().take(LINES_MAX).map(str::trim_start);
        rules.any(|line| line.starts_with("ALL") && line.contains("NOPASSWD"))
    };
    if texts
        .iter()
        .any(|(_, text)| asks_for_password_of_other(text))
        && !texts.iter().any(|(_, text)| without_password(text))
    {
        rules.users.remove("ALL");
    }
    doas(source, &mut rules);
    rules
}

/// `@include`, `@includedir` and their older spellings with `#`.
fn include(
    source: &Source,
    path: &str,
    text: &str,
    waiting: &mut Vec<String>,
    unread: &mut Vec<String>,
) {
    for line in text.lines().take(LINES_MAX) {
        let mut words = line.split_whitespace();
        let (Some(word), Some(place)) = (words.next(), words.next()) else {
            continue;
        };
        if !matches!(
            word,
            "@include" | "#include" | "@includedir" | "#includedir"
        ) {
            continue;
        }
        if place.contains(['"', '\\', '%']) {
            unread.push(place.to_owned());
            continue;
        }
        // A relative name starts at the folder of the file that includes (sudoers(5)).
        let place = match path.rsplit_once('/') {
            Some((folder, _)) if !place.starts_with('/') => format!("{folder}/{place}"),
            _ => place.to_owned(),
        };
        match word {
            "@include" | "#include" => waiting.push(place),
            _ => match source.folder(&place) {
                // Names with a dot or a tilde are skipped by sudo too (sudoers(5)).
                Ok(names) => waiting.extend(
                    names
                        .iter()
                        .filter(|name| !name.contains('.') && !name.ends_with('~'))
                        .map(|name| format!("{}/{name}", place.trim_end_matches('/'))),
                ),
                Err(Miss::Absent) => {}
                Err(Miss::Unknown(_)) => unread.push(place),
            },
        }
    }
}

/// `Defaults targetpw`, `Defaults rootpw` for everybody.
fn asks_for_password_of_other(text: &str) -> bool {
    let settings = text.lines().take(LINES_MAX);
    let mut settings = settings.filter_map(|line| line.trim_start().strip_prefix("Defaults"));
    settings.any(|rest| {
        let words = rest.split('#').next().unwrap_or_default();
        let mut words = words.split([',', ' ', '\t']);
        rest.starts_with([' ', '\t']) && words.any(|word| matches!(word, "targetpw" | "rootpw"))
    })
}

fn alias(text: &str, aliases: &mut BTreeMap<String, Vec<String>>) {
    for line in text.lines().take(LINES_MAX) {
        let Some(rest) = line.trim_start().strip_prefix("User_Alias") else {
            continue;
        };
        for one in rest.split(':') {
            if let Some((name, members)) = one.split_once('=') {
                let members = members.split(',').map(|it| it.trim().to_owned());
                aliases.insert(name.trim().to_owned(), members.collect());
            }
        }
    }
}

fn rule(line: &str, path: &str, aliases: &BTreeMap<String, Vec<String>>, rules: &mut Rules) {
    let line = line.trim();
    let other = [
        "Defaults",
        "User_Alias",
        "Runas_Alias",
        "Host_Alias",
        "Cmnd_Alias",
        "Cmd_Alias",
        "@",
    ];
    let number = line
        .strip_prefix('#')
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    if other.iter().any(|word| line.starts_with(word)) || (line.starts_with('#') && !number) {
        return;
    }
    let Some((left, _)) = line.split_once('=') else {
        return;
    };
    // The user list, then the host list; both may have spaces around their commas.
    let parts: Vec<&str> = left.split(',').map(str::trim).collect();
    let lists = parts.join(",");
    let Some((names, _)) = lists.split_once(char::is_whitespace) else {
        return;
    };
    for name in names.split(',') {
        add(name, path, aliases, rules, 0);
    }
}

fn add(
    name: &str,
    path: &str,
    aliases: &BTreeMap<String, Vec<String>>,
    rules: &mut Rules,
    depth: u8,
) {
    if name.is_empty() || name.starts_with('!') {
        return;
    }
    // Group numbers, groups and netgroups of a directory, quoted names: whom they mean is not told
    // here.
    let elsewhere = name.starts_with("%#") || name.starts_with("%:") || name.starts_with('+');
    if elsewhere || name.contains(['"', '\\']) || depth > 8 {
        rules.unread.push(path.to_owned());
        return;
    }
    if let Some(members) = aliases.get(name) {
        for member in members {
            add(member, path, aliases, rules, depth + 1);
        }
    } else if let Some(group) = name.strip_prefix('%') {
        rules
            .groups
            .entry(group.to_owned())
            .or_insert_with(|| path.to_owned());
    } else {
        rules
            .users
            .entry(name.to_owned())
            .or_insert_with(|| path.to_owned());
    }
}

/// `permit [options] identity` (doas.conf(5)).
fn doas(source: &Source, rules: &mut Rules) {
    let text = match source.text(DOAS) {
        Ok(text) => text,
        Err(Miss::Absent) => return,
        Err(Miss::Unknown(_)) => {
            rules.unread.push(DOAS.to_owned());
            return;
        }
    };
    for line in text.lines().take(LINES_MAX) {
        let mut words = line.split_whitespace();
        if words.next() != Some("permit") {
            continue;
        }
        let options = ["nopass", "nolog", "persist", "keepenv"];
        let mut name = words.find(|word| !options.contains(word));
        while name.is_some_and(|word| word.starts_with("setenv")) {
            // `setenv { … }`: up to the bracket's end.
            words.find(|word| word.ends_with('}'));
            name = words.find(|word| !options.contains(word));
        }
        let Some(name) = name else {
            continue;
        };
        match name.strip_prefix(':') {
            Some(group) => rules.groups.insert(group.to_owned(), DOAS.to_owned()),
            None => rules.users.insert(name.to_owned(), DOAS.to_owned()),
        };
    }
}
