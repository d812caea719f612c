//! The machine's name. Comes in: the kernel's host name, `/etc/hostname`, `/etc/hosts`; goes out:
//! name and domain; no name server is asked.

use std::net::IpAddr;

use daicho_report::{Reading, Reason};

use super::super::field::line;
use crate::platform::{Answer, Miss, RawMachine, Source, System};

const HOST_NAME: &str = "/etc/hostname";
const HOSTS: &str = "/etc/hosts";
const MACHINE: &str = "sysinfo";
const JOIN: &str = "DsRoleGetPrimaryDomainInformation";
const LINES_MAX: usize = 10_000;

/// The host name as it is set, with its domain where it has one.
fn full_name(source: &Source, machine: &Answer<RawMachine>) -> Reading<String> {
    let of_kernel = machine.as_ref().ok().and_then(|it| it.host_name.as_deref());
    if let Some(name) = of_kernel.and_then(line) {
        return Reading::known(name, MACHINE);
    }
    let text = source.text(HOST_NAME).map_err(Miss::reason);
    let name = text.and_then(|text| line(&text).ok_or(Reason::failed("empty")));
    Reading::from_result(name, HOST_NAME)
}

/// Name without domain.
pub(super) fn host_name(source: &Source, machine: &Answer<RawMachine>) -> Reading<String> {
    full_name(source, machine).map(|name| match name.split_once('.') {
        Some((short, _)) if !short.is_empty() => short.to_owned(),
        _ => name,
    })
}

/// Domain of the name: a part of it, or as the file of hosts completes it.
pub(super) fn domain(source: &Source, machine: &Answer<RawMachine>) -> Reading<Option<String>> {
    let (name, place) = match full_name(source, machine) {
        Reading::Known { value, source } => (value, source),
        Reading::Unknown { reason, source } => return Reading::unknown(reason, source),
    };
    if let Some(domain) = domain_of(&name, None) {
        return Reading::known(Some(domain), place);
    }
    // Windows gives the name with its domain, where it has one.
    if source.system() == System::Windows {
        let joined = match source.join() {
            Ok(join) => join.domain,
            // An older recording: the name is all that there is.
            Err(Miss::Absent | Miss::Unknown(Reason::NotAsked)) => None,
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, JOIN),
        };
        return match joined.as_deref().and_then(line) {
            Some(domain) => Reading::known(Some(domain.to_lowercase()), JOIN),
            None => Reading::known(None, place),
        };
    }
    match source.text(HOSTS) {
        Ok(text) => Reading::known(in_hosts(&text, &name), HOSTS),
        Err(Miss::Absent) => Reading::known(None, place),
        Err(Miss::Unknown(reason)) => Reading::unknown(reason, HOSTS),
    }
}

/// The domain in `name.domain`; of the given host, if one is given.
fn domain_of(full: &str, host: Option<&str>) -> Option<String> {
    let (short, domain) = full.split_once('.')?;
    let domain = domain.trim_matches('.').to_lowercase();
    let fits = host.is_none_or(|host| host.eq_ignore_ascii_case(short));
    // `localdomain` is what installers write when there is none.
    (fits && !short.is_empty() && !domain.is_empty() && domain != "localdomain").then_some(domain)
}

/// hosts(5): an address, then names; `name.domain` of this host completes it.
fn in_hosts(text: &str, host: &str) -> Option<String> {
    text.lines().take(LINES_MAX).find_map(|text| {
        let text = text.split('#').next().unwrap_or_default();
        let mut words = text.split_whitespace();
        words.next()?.parse::<IpAddr>().ok()?;
        words.find_map(|name| domain_of(&line(name)?, Some(host)))
    })
}
