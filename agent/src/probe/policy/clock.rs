//! What sets the clock. Comes in: units and settings of chrony, timesyncd, ntpd; goes out: the
//! programs that run or start by themselves, with the servers that they are told to ask.

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, TimeSource};

use super::super::field::host;
use super::super::setting::{lines, pair};
use super::super::unit::Units;
use crate::platform::Source;

/// A program that sets the clock.
struct Program {
    name: &'static str,
    units: &'static [&'static str],
    files: &'static [&'static str],
    parts: &'static [&'static str],
    ending: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "chrony",
        units: &["chrony.service", "chronyd.service"],
        files: &["/etc/chrony/chrony.conf", "/etc/chrony.conf"],
        parts: &[
            "/etc/chrony/conf.d",
            "/etc/chrony.d",
            "/etc/chrony/sources.d",
        ],
        ending: "",
    },
    Program {
        name: "systemd-timesyncd",
        units: &["systemd-timesyncd.service"],
        files: &["/etc/systemd/timesyncd.conf"],
        parts: &["/etc/systemd/timesyncd.conf.d"],
        ending: ".conf",
    },
    Program {
        name: "ntp",
        units: &["ntp.service", "ntpd.service", "ntpsec.service"],
        files: &["/etc/ntpsec/ntp.conf", "/etc/ntp.conf"],
        parts: &[],
        ending: "",
    },
    Program {
        name: "openntpd",
        units: &["openntpd.service"],
        files: &["/etc/openntpd/ntpd.conf"],
        parts: &[],
        ending: "",
    },
];
const SERVERS_MAX: usize = 32;
const UNITS: &str = "units";

/// Programs that are switched on, with their servers.
pub(super) fn time_sources(source: &Source, units: &Units) -> Reading<Vec<TimeSource>> {
    let (files, enabled, running) = match (&units.files, &units.enabled, &units.running) {
        (Ok(files), Ok(enabled), Ok(running)) => (files, enabled, running.as_ref()),
        (Err(reason), _, _) | (_, Err(reason), _) | (_, _, Err(reason)) => {
            return Reading::unknown(reason.clone(), UNITS);
        }
    };
    if files.is_empty() {
        return Reading::unknown(Reason::Unsupported, UNITS);
    }
    let mut found = BTreeSet::new();
    for program in PROGRAMS {
        let is_on =
            |unit: &&str| enabled.contains(*unit) || running.is_some_and(|all| all.contains(*unit));
        if !program.units.iter().any(is_on) {
            continue;
        }
        match lines(source, program.files, program.parts, program.ending) {
            Ok(lines) => found.insert(TimeSource {
                program: program.name.to_owned(),
                servers: servers(&lines),
            }),
            Err(reason) => return Reading::unknown(reason, program.name),
        };
    }
    Reading::known(found.into_iter().collect(), "chrony, timesyncd, ntp")
}

/// `server HOST …`, `pool HOST …`, `peer HOST …`; `NTP=HOST HOST` of timesyncd.
fn servers(lines: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (name, value) in lines.iter().filter_map(|line| pair(line)) {
        let hosts: Vec<&str> = match name.as_str() {
            "server" | "servers" | "pool" | "peer" => value.split_whitespace().take(1).collect(),
            "ntp" => value.split_whitespace().collect(),
            _ => continue,
        };
        found.extend(hosts.into_iter().filter_map(host));
    }
    found.into_iter().take(SERVERS_MAX).collect()
}
