//! The file of hosts. Comes in: its text and the machine's own name; goes out: names of other machines
//! with their addresses; no comment and no name that is none of a host leaves it.

use std::net::IpAddr;

use daicho_report::{Hardware, HostEntry, Reading, Reason};

use super::{bounded, name};
use crate::platform::{Miss, Source};

const LINES_MAX: usize = 100_000;
/// What installers write for IPv6; no machine is called so.
const OF_INSTALLER: &[&str] = &[
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-localhost",
    "ip6-localnet",
    "ip6-loopback",
    "ip6-mcastprefix",
];

pub(super) fn read(source: &Source, hardware: &Hardware, path: &str) -> Reading<Vec<HostEntry>> {
    let own = hardware.host_name.value().map(String::as_str);
    let found = match source.text(path) {
        Ok(text) if text.lines().count() > LINES_MAX => Err(Reason::failed("too many lines")),
        Ok(text) => Ok(entries(&text, own.unwrap_or_default())),
        Err(Miss::Absent) => Ok(Vec::new()),
        Err(Miss::Unknown(reason)) => Err(reason),
    };
    bounded(found, path)
}

/// hosts(5): an address, then its names; what follows `#` is a comment.
fn entries(text: &str, own: &str) -> Vec<HostEntry> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(address) = words.next().and_then(address) else {
            continue;
        };
        let names = words.map(name);
        let others = names.filter(|name| !is_own(name, own) && !is_default(name));
        found.extend(others.map(|name| HostEntry { name, address }));
    }
    found
}

/// The address of a machine. To this one (loopback) and to nobody (`0.0.0.0`, as lists of advertisers
/// have it; multicast) leads no line.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.split('%').next()?;
    let address: IpAddr = bare.parse::<IpAddr>().ok()?.to_canonical();
    let nobody = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    (!nobody).then_some(address)
}

fn is_own(name: &str, own: &str) -> bool {
    let short = name.split('.').next().unwrap_or_default();
    !own.is_empty() && short.eq_ignore_ascii_case(own)
}

fn is_default(name: &str) -> bool {
    OF_INSTALLER.contains(&name) || name == "localhost" || name.starts_with("localhost.")
}
