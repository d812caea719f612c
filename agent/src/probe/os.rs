//! Operating system: what `os-release` and the kernel say. Comes in: raw files; goes out: the body
//! of section `os`; a version is made exact only by a file that agrees with `os-release`.

mod windows;

use std::collections::BTreeMap;

use daicho_report::{Os, OsFamily, Reading, Reason, Time};

use super::field::line;
use super::hardware::container;
use crate::platform::{Answer, Miss, RawMachine, Source, System};

const RELEASE: &str = "/etc/os-release";
const RELEASE_OF_MAKER: &str = "/usr/lib/os-release";
const KERNEL_NAME: &str = "/proc/sys/kernel/ostype";
const KERNEL_RELEASE: &str = "/proc/sys/kernel/osrelease";
const MACHINE: &str = "sysinfo";
const MOUNTS: &str = "/proc/self/mountinfo";
/// Lines of `os-release` that are looked at.
const LINES_MAX: usize = 500;
/// Before 2000: a file system whose clock was never set.
const EARLIEST: i64 = 946_684_800;

/// Reads the operating system.
#[must_use]
pub fn read(source: &Source) -> Os {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let release = Release::read(source);
    let machine = source.machine();
    Os {
        family: family(source, &release),
        id: release.reading(&["ID"]),
        name: release.reading(&["PRETTY_NAME", "NAME"]),
        edition: release.edition(),
        version: version(source, &release),
        kernel: kernel(source, &machine),
        architecture: architecture(&machine),
        installed_at: installed_at(source),
    }
}

/// Values of `os-release` and where they were read, or why there are none.
struct Release {
    path: &'static str,
    values: Result<BTreeMap<String, String>, Reason>,
}

impl Release {
    fn read(source: &Source) -> Self {
        let (path, text) = match source.text(RELEASE) {
            // os-release(5): the maker's file counts where the machine's own is not there.
            Err(Miss::Absent) => (RELEASE_OF_MAKER, source.text(RELEASE_OF_MAKER)),
            text => (RELEASE, text),
        };
        let values = text.map(|text| assignments(&text)).map_err(Miss::reason);
        Self { path, values }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.as_ref().ok()?.get(name).map(String::as_str)
    }

    /// The first of these that is set.
    fn reading(&self, names: &[&str]) -> Reading<String> {
        if let Err(reason) = &self.values {
            return Reading::unknown(reason.clone(), self.path);
        }
        match names.iter().find_map(|name| self.value(name)) {
            Some(value) => Reading::known(value.to_owned(), self.path),
            None => Reading::unknown(Reason::failed("unset"), self.path),
        }
    }

    fn edition(&self) -> Reading<Option<String>> {
        match &self.values {
            Ok(_) => {
                let variant = self.value("VARIANT").or_else(|| self.value("VARIANT_ID"));
                Reading::known(variant.map(str::to_owned), self.path)
            }
            Err(reason) => Reading::unknown(reason.clone(), self.path),
        }
    }
}

/// `NAME=value` lines with the quotes of a shell; the last of a name counts.
fn assignments(text: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for text in text.lines().take(LINES_MAX) {
        let Some((name, value)) = text.split_once('=') else {
            continue;
        };
        let name = name.trim();
        let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let (true, Some(value)) = (named && !name.is_empty(), line(&unquoted(value))) {
            values.insert(name.to_owned(), value);
        }
    }
    values
}

/// The text without quotes and backslashes; what follows a closed quote and a space is no part.
fn unquoted(value: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut characters = value.trim().chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => out.extend(characters.next()),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => break,
            (c, _) => out.push(c),
        }
    }
    out
}

fn family(source: &Source, release: &Release) -> Reading<OsFamily> {
    match source.text(KERNEL_NAME) {
        Ok(name) if name.trim() == "Linux" => Reading::known(OsFamily::Linux, KERNEL_NAME),
        Ok(_) => Reading::known(OsFamily::Other, KERNEL_NAME),
        // Only Linux systems have the file, whatever the kernel lets be read.
        Err(_) if release.values.is_ok() => Reading::known(OsFamily::Linux, release.path),
        Err(miss) => Reading::unknown(miss.reason(), KERNEL_NAME),
    }
}

/// The version, as exactly as files that agree with each other give it.
fn version(source: &Source, release: &Release) -> Reading<String> {
    let stated = release.value("VERSION_ID");
    let named = release.value("VERSION").and_then(first_number);
    let exact = |found: &str| stated.is_none_or(|stated| is_within(found, stated));
    let (path, more) = match release.value("ID") {
        Some("debian") => ("/etc/debian_version", whole as fn(&str) -> Option<String>),
        Some("centos") => ("/etc/centos-release", first_number as _),
        _ => ("", whole as _),
    };
    if !path.is_empty()
        && let Ok(text) = source.text(path)
        && let Some(found) = more(&text).filter(|found| exact(found))
    {
        return Reading::known(found, path);
    }
    match (named, stated) {
        // `VERSION="22.04.3 LTS"` says more than `VERSION_ID="22.04"`.
        (Some(named), Some(stated)) if is_within(&named, stated) => {
            Reading::known(named, release.path)
        }
        _ => release.reading(&["VERSION_ID", "BUILD_ID"]),
    }
}

/// Whether a version is the stated one or a part of it (`11.2` of `11`).
fn is_within(found: &str, stated: &str) -> bool {
    found
        .strip_prefix(stated)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn whole(text: &str) -> Option<String> {
    line(text)
}

fn first_number(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let word = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let number: String = word
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .take(64)
        .collect();
    line(number.trim_end_matches('.'))
}

fn kernel(source: &Source, machine: &Answer<RawMachine>) -> Reading<String> {
    let of_machine = machine.as_ref().ok().and_then(|it| it.kernel.as_deref());
    if let Some(kernel) = of_machine.and_then(line) {
        return Reading::known(kernel, MACHINE);
    }
    let text = source.text(KERNEL_RELEASE).map_err(Miss::reason);
    let kernel = text.and_then(|text| line(&text).ok_or(Reason::failed("empty")));
    Reading::from_result(kernel, KERNEL_RELEASE)
}

fn architecture(machine: &Answer<RawMachine>) -> Reading<String> {
    match machine {
        Ok(machine) => {
            let found = machine.architecture.as_deref().and_then(line);
            Reading::from_result(found.ok_or(Reason::failed("empty")), MACHINE)
        }
        Err(miss) => Reading::unknown(miss.clone().reason(), MACHINE),
    }
}

/// When this installation began. The traces of installers come first; images that are copied get
/// their machine-id at the first start; the root file system's own birth comes last.
fn installed_at(source: &Source) -> Reading<Time> {
    if let Some((_, path)) = container(source).ok().flatten() {
        // A container's files are as old as its image, which nobody installed here.
        return Reading::unknown(Reason::Unsupported, path);
    }
    let traces = [
        (true, "/var/log/installer"),
        (true, "/var/log/anaconda"),
        (false, "/etc/machine-id"),
    ];
    let mut refused = None;
    for (is_birth, path) in traces {
        let answer = if is_birth {
            source.born(path)
        } else {
            source.modified(path)
        };
        let of = if is_birth { "birth" } else { "change" };
        match answer {
            Ok(seconds) if seconds >= EARLIEST => {
                return Reading::known(Time::from_seconds(seconds), format!("{of} of {path}"));
            }
            Ok(_) | Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => {
                refused.get_or_insert((reason, path));
            }
        }
    }
    if let Some(seconds) = root_birth(source) {
        return Reading::known(Time::from_seconds(seconds), "birth of /");
    }
    match refused {
        Some((reason, path)) => Reading::unknown(reason, path),
        None => Reading::unknown(Reason::failed("no trace"), "birth of /"),
    }
}

/// Birth of the root folder, where the root is a file system of its own and not laid over others.
fn root_birth(source: &Source) -> Option<i64> {
    let mounts = source.text(MOUNTS).ok()?;
    let root = mounts
        .lines()
        .find(|line| line.split(' ').nth(4) == Some("/"))?;
    let kind = root.split_once(" - ")?.1.split(' ').next()?;
    let own = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs"];
    let born = source.born("/").ok()?;
    (own.contains(&kind) && born >= EARLIEST).then_some(born)
}

#[cfg(test)]
mod tests;
