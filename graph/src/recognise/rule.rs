//! Rules of the site: name one, apply to all alike. Comes in: rules and machines; goes out: which
//! machines a rule matches and what it looked at. A rule without a condition matches nothing.

use std::net::IpAddr;

use daicho_ledger::hand::{Entry, Match, SiteRule};
use daicho_ledger::{AssetId, Ledger};
use daicho_report::{Address, Protocol};

use super::index::{Place, interfaces};
use super::pattern::{Glob, holds, is_within, plain_domain, port_text};
use super::{Weight, Witness};

/// A rule, compiled.
pub(super) struct Rule<'a> {
    pub(super) entry: &'a Entry,
    pub(super) rule: &'a SiteRule,
    publisher: Option<Glob>,
    software: Option<Glob>,
    program: Option<Glob>,
    service: Option<Glob>,
    host_name: Option<Glob>,
}

/// All rules that say anything, sorted by key.
pub(super) fn rules(ledger: &Ledger) -> Vec<Rule<'_>> {
    let mut out: Vec<Rule<'_>> = ledger.hand.rules().filter_map(compile).collect();
    out.sort_by(|a, b| a.entry.cmp(b.entry));
    out
}

fn compile<'a>((entry, rule): (&'a Entry, &'a SiteRule)) -> Option<Rule<'a>> {
    let when = &rule.when;
    if *when == Match::default() || when.protocol.is_some() && when.port.is_none() {
        return None;
    }
    let texts = [
        &when.publisher,
        &when.software,
        &when.program,
        &when.service,
        &when.host_name,
    ];
    // A text that says nothing matches nothing, never everything.
    if texts
        .into_iter()
        .flatten()
        .any(|it| Glob::new(it).is_none())
    {
        return None;
    }
    let glob = |it: &Option<String>| it.as_deref().and_then(Glob::new);
    Some(Rule {
        entry,
        rule,
        publisher: glob(&when.publisher),
        software: glob(&when.software),
        program: glob(&when.program),
        service: glob(&when.service),
        host_name: glob(&when.host_name),
    })
}

/// Whether a condition that may be absent holds.
fn holds_if<T>(condition: Option<&T>, test: impl FnOnce(&T) -> bool) -> bool {
    condition.is_none_or(test)
}

impl Rule<'_> {
    /// Whether a machine matches: all that is given holds.
    pub(super) fn matches(&self, place: &Place<'_>) -> bool {
        let when = &self.rule.when;
        holds_if(self.host_name.as_ref(), |it| {
            let name = place.asset.hardware.host_name.value();
            name.is_some_and(|name| it.fits_any_case(name))
        }) && holds_if(when.range.as_ref(), |it| {
            addresses(place).any(|address| holds(it, address))
        }) && self.software(place)
            && holds_if(self.service.as_ref(), |it| {
                let all = place.asset.services.services.value();
                let mut all = all.into_iter().flatten();
                all.any(|service| it.fits_any_case(&service.name))
            })
            && self.port_and_program(place)
            && holds_if(when.peer_range.as_ref(), |it| {
                place
                    .asset
                    .flows
                    .iter()
                    .any(|flow| holds(it, flow.item.peer))
            })
            && holds_if(when.domain.as_ref(), |it| domain(place, it))
    }

    /// Publisher and name are those of one program.
    fn software(&self, place: &Place<'_>) -> bool {
        if self.publisher.is_none() && self.software.is_none() {
            return true;
        }
        let mut items = place.asset.software.items.value().into_iter().flatten();
        items.any(|item| {
            holds_if(self.software.as_ref(), |it| it.fits_any_case(&item.name))
                && holds_if(self.publisher.as_ref(), |it| {
                    let publisher = item.publisher.as_deref();
                    publisher.is_some_and(|publisher| it.fits_any_case(publisher))
                })
        })
    }

    /// Port and program are those of one socket; a program alone may also only talk.
    fn port_and_program(&self, place: &Place<'_>) -> bool {
        let when = &self.rule.when;
        let named = |program: Option<&str>| {
            holds_if(self.program.as_ref(), |it| {
                program.is_some_and(|program| it.fits_any_case(program))
            })
        };
        if when.port.is_none() && self.program.is_none() {
            return true;
        }
        let talks = || {
            let mut flows = place.asset.flows.iter();
            flows.any(|it| named(it.item.program.as_deref()))
        };
        self.listens(place) || (when.port.is_none() && talks())
    }

    /// Whether the machine waits for others with the program or on the port that the rule names.
    pub(super) fn listens(&self, place: &Place<'_>) -> bool {
        let when = &self.rule.when;
        if when.port.is_none() && self.program.is_none() {
            return false;
        }
        let protocol = when.protocol.unwrap_or(Protocol::Tcp);
        let all = place.asset.listeners.listeners.value();
        all.into_iter().flatten().any(|it| {
            holds_if(when.port.as_ref(), |port| {
                it.port == *port && it.protocol == protocol
            }) && holds_if(self.program.as_ref(), |glob| {
                let program = it.program.as_deref();
                program.is_some_and(|program| glob.fits_any_case(program))
            })
        })
    }

    /// Whether the rule gives a system to what has this name: then it needs no other.
    pub(super) fn names(&self, kind: &str, value: &str) -> bool {
        let glob = match kind {
            "program" => &self.program,
            "publisher" => &self.publisher,
            "software" => &self.software,
            _ => return false,
        };
        let named = glob.as_ref().is_some_and(|it| it.fits_any_case(value));
        self.rule.system.is_some() && named
    }

    /// The range that the rule names, when it names one.
    pub(super) fn range(&self) -> Option<Address> {
        self.rule.when.range
    }

    /// A witness that the rule matched a machine.
    pub(super) fn witness(&self, place: &Place<'_>) -> Witness {
        Witness {
            kind: "rule".to_owned(),
            value: self.text(),
            weight: Weight::Decisive,
            source: self.entry.key.clone(),
            proven: false,
            asset: AssetId(place.asset.id.0.clone()),
            first: None,
            last: Some(place.asset.presence.last_at),
        }
    }

    /// What it looks at, for people.
    fn text(&self) -> String {
        let when = &self.rule.when;
        let mut out = Vec::new();
        let texts = [
            &when.publisher,
            &when.software,
            &when.program,
            &when.service,
            &when.host_name,
            &when.domain,
        ];
        out.extend(texts.into_iter().flatten().cloned());
        let ranges = [when.range, when.peer_range];
        let ranges = ranges.into_iter().flatten();
        out.extend(ranges.map(|it| format!("{}/{}", it.address, it.prefix)));
        let protocol = when.protocol.unwrap_or(Protocol::Tcp);
        out.extend(when.port.map(|it| port_text(it, protocol)));
        out.join(", ")
    }
}

fn addresses<'a>(place: &'a Place<'_>) -> impl Iterator<Item = IpAddr> + 'a {
    interfaces(place.asset).flat_map(|it| it.addresses.iter().map(|it| it.address))
}

fn domain(place: &Place<'_>, wanted: &str) -> bool {
    let wanted = plain_domain(wanted);
    if wanted.is_empty() {
        return false;
    }
    let asset = place.asset;
    let fits = |name: &str| is_within(&plain_domain(name), &wanted);
    let traces = &asset.traces;
    let own = asset.hardware.domain.value().and_then(Option::as_deref);
    let searched = asset
        .interfaces
        .search_domains
        .value()
        .into_iter()
        .flatten();
    let resolved = traces.resolved.value().into_iter().flatten();
    let hosts = traces
        .hosts
        .value()
        .into_iter()
        .flatten()
        .map(|it| &it.name);
    let rules = traces
        .resolver_rules
        .value()
        .into_iter()
        .flatten()
        .map(|it| &it.domain);
    let bypass = traces.proxy_bypass.value().into_iter().flatten();
    let mut all = searched
        .chain(resolved)
        .chain(hosts)
        .chain(rules)
        .chain(bypass);
    own.is_some_and(fits) || all.any(|it| fits(it))
}
