//! Rules of the resolver: which domains it asks other name servers for. Comes in: settings of
//! systemd-resolved, dnsmasq and NetworkManager, and what programs told systemd-resolved since the
//! start; goes out: domains with their servers. It says what is set, not what is in force; profiles
//! of NetworkManager, which hold passwords, are not opened.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use daicho_report::{Reading, Reason, ResolverRule};

use super::super::setting::{lines, pair};
use super::{bounded, name};
use crate::platform::{Miss, Source};

const PLACES: &str = "resolved.conf, /run/systemd/resolve, dnsmasq.conf, NetworkManager.conf";
const RESOLVED: &str = "/etc/systemd/resolved.conf";
const RESOLVED_PARTS: &[&str] = &[
    "/usr/lib/systemd/resolved.conf.d",
    "/run/systemd/resolved.conf.d",
    "/etc/systemd/resolved.conf.d",
];
/// One file for each interface: what VPN programs and NetworkManager ask systemd-resolved for, and
/// what systemd-networkd found.
const LINKS: &[&str] = &["/run/systemd/resolve/netif", "/run/systemd/netif/links"];
const DNSMASQ: &str = "/etc/dnsmasq.conf";
const DNSMASQ_PARTS: &[&str] = &["/etc/dnsmasq.d", "/etc/NetworkManager/dnsmasq.d"];
const NETWORK_MANAGER: &str = "/etc/NetworkManager/NetworkManager.conf";
const NETWORK_MANAGER_PARTS: &[&str] = &[
    "/usr/lib/NetworkManager/conf.d",
    "/run/NetworkManager/conf.d",
    "/etc/NetworkManager/conf.d",
];
const LINKS_MAX: usize = 256;
/// Servers of one rule, and domains of one line.
const WORDS_MAX: usize = 64;

type Rules = BTreeMap<String, Vec<IpAddr>>;
type Step = fn(&Source, &mut Rules) -> Result<(), Reason>;

pub(super) fn read(source: &Source) -> Reading<Vec<ResolverRule>> {
    let mut rules = Rules::new();
    let steps: [Step; 4] = [of_resolved, of_links, of_dnsmasq, of_network_manager];
    for step in steps {
        if let Err(reason) = step(source, &mut rules) {
            return Reading::unknown(reason, PLACES);
        }
    }
    let rules = rules.into_iter();
    let rules = rules.map(|(domain, name_servers)| ResolverRule {
        domain,
        name_servers,
    });
    bounded(Ok(rules.collect()), PLACES)
}

/// A rule without servers of its own is none.
fn add(rules: &mut Rules, domain: &str, servers: &[IpAddr]) {
    let reverse = domain.trim_end_matches('.').to_ascii_lowercase();
    let is_reverse = reverse.ends_with("in-addr.arpa") || reverse.ends_with("ip6.arpa");
    let whole = matches!(domain.trim_matches('.'), "" | "*");
    if servers.is_empty() || is_reverse || whole {
        return;
    }
    let known = rules.entry(name(domain)).or_default();
    for server in servers {
        if !known.contains(server) && known.len() < WORDS_MAX {
            known.push(*server);
        }
    }
}

/// `DNS=` and `Domains=~example.jp` of all files together; an empty one begins anew.
fn of_resolved(source: &Source, rules: &mut Rules) -> Result<(), Reason> {
    let lines = lines(source, &[RESOLVED], RESOLVED_PARTS, ".conf")?;
    let (mut servers, mut domains) = (Vec::new(), Vec::new());
    for (key, value) in lines.iter().filter_map(|line| pair(line)) {
        let list = match key.as_str() {
            "dns" => &mut servers,
            "domains" => &mut domains,
            _ => continue,
        };
        if value.is_empty() {
            list.clear();
        }
        list.extend(value.split_whitespace().take(WORDS_MAX).map(str::to_owned));
    }
    let servers: Vec<IpAddr> = servers.iter().filter_map(|it| server(it)).collect();
    // Without the sign it is a domain that short names are completed with.
    for domain in domains.iter().filter_map(|it| it.strip_prefix('~')) {
        add(rules, domain, &servers);
    }
    Ok(())
}

/// The servers of an interface are asked for its domains, with the sign or without.
fn of_links(source: &Source, rules: &mut Rules) -> Result<(), Reason> {
    for folder in LINKS {
        let names = match source.folder(folder) {
            Ok(names) => names,
            Err(Miss::Absent) => continue,
            Err(Miss::Unknown(reason)) => return Err(reason),
        };
        for name in names.iter().take(LINKS_MAX) {
            let file = format!("{folder}/{name}");
            let lines = lines(source, &[&file], &[], "")?;
            let words = |keys: &[&str]| -> Vec<String> {
                let pairs = lines.iter().filter_map(|line| pair(line));
                let of = pairs.filter(|(key, _)| keys.contains(&key.as_str()));
                let words = of.flat_map(|(_, value)| value.split_whitespace());
                words.take(WORDS_MAX).map(str::to_owned).collect()
            };
            let servers = words(&["servers", "dns"]);
            let servers: Vec<IpAddr> = servers.iter().filter_map(|it| server(it)).collect();
            for domain in words(&["domains", "route_domains"]) {
                add(rules, domain.trim_start_matches('~'), &servers);
            }
        }
    }
    Ok(())
}

/// `server=/example.jp/example.com/192.0.2.53#5353@eth0`
fn of_dnsmasq(source: &Source, rules: &mut Rules) -> Result<(), Reason> {
    // Debian reads every file of the folder.
    for line in lines(source, &[DNSMASQ], DNSMASQ_PARTS, "")? {
        let Some(("server", value)) = line.split_once('=').map(|(k, v)| (k.trim(), v)) else {
            continue;
        };
        let value = value.split_whitespace().next().unwrap_or_default();
        let Some((domains, last)) = value.strip_prefix('/').and_then(|it| it.rsplit_once('/'))
        else {
            continue;
        };
        let servers: Vec<IpAddr> = server(last).into_iter().collect();
        for domain in domains.split('/').take(WORDS_MAX) {
            add(rules, domain, &servers);
        }
    }
    Ok(())
}

/// `[global-dns-domain-example.jp]` and its `servers=`
fn of_network_manager(source: &Source, rules: &mut Rules) -> Result<(), Reason> {
    let lines = lines(source, &[NETWORK_MANAGER], NETWORK_MANAGER_PARTS, ".conf")?;
    let mut domain = None;
    for line in &lines {
        if let Some(title) = line.strip_prefix('[') {
            let title = title.trim_end_matches(']');
            domain = title.strip_prefix("global-dns-domain-");
            continue;
        }
        let (Some(domain), Some((key, value))) = (domain, pair(line)) else {
            continue;
        };
        if key == "servers" {
            let servers = value.split([',', ';']).take(WORDS_MAX);
            let servers: Vec<IpAddr> = servers.filter_map(|it| server(it.trim())).collect();
            add(rules, domain, &servers);
        }
    }
    Ok(())
}

/// The address in `192.0.2.53`, `192.0.2.53:53%eth0#name`, `[2001:db8::1]:53`, `192.0.2.53#5353@eth0`,
/// `dns+tls://192.0.2.53`.
fn server(word: &str) -> Option<IpAddr> {
    let bare = word.split_once("://").map_or(word, |(_, rest)| rest);
    let bare = bare.split(['#', '%', '@']).next()?;
    let inner = bare.trim_start_matches('[').trim_end_matches(']');
    inner
        .parse()
        .or_else(|_| bare.parse::<SocketAddr>().map(|it| it.ip()))
        .ok()
}
