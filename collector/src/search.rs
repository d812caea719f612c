//! What a search has to read. Comes in: the store, what is wanted, the period; goes out: the ledger of
//! the end of the period with the machines alone that could have it, and the versions of sections that
//! ended in the period and could have it. It decides nothing: what is found is decided from these.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use daicho_graph::find::{Ended, Query};
use daicho_ledger::{Input, KeptSection, Ledger, Observed, Site, normal_mac};
use daicho_report::Time;

use crate::snapshot::{self, Bodies};
use crate::store::{
    self, Chain, IntervalTable, Rows, SectionRow, Store, StoreError, Table, sealed,
};

/// What a search works on.
#[derive(Debug)]
pub struct Searched {
    /// The ledger at the end of the period, with these machines alone.
    pub ledger: Ledger,
    /// What had ended by then.
    pub ended: Vec<Ended>,
    /// How many versions of sections were looked at.
    pub versions: usize,
    /// The newest report by then; nothing: there was none.
    pub newest: Option<Time>,
}

/// What has to be read, by agent: sections, flows and neighbours among them.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// What says whose a hardware address is, and where a device was seen.
const PLACE: [&str; 4] = ["interface", "route", "neighbour", NAME];
/// What says how a machine is called.
const NAME: &str = "hardware";

fn need(needs: &mut Needs, agent: String, sections: &[&str]) {
    let all = needs.entry(agent).or_default();
    all.extend(sections.iter().map(|it| (*it).to_owned()));
}

/// Reads what a search needs, in one consistent state of the store.
pub fn read(
    store: &dyn Store,
    site: Site,
    query: &Query<'_>,
    (from, to): (Time, Time),
) -> Result<Searched, StoreError> {
    store::read(store, |rows| {
        let sections: Vec<&str> = query.sections().collect();
        let held = rows.versions_holding(&sections, from, to, &mut |section, body| {
            query.may_hold(section, body)
        })?;
        let (ended, standing): (Vec<_>, Vec<_>) =
            held.rows.into_iter().partition(|it| it.t1 <= to.seconds());
        let mut needs = Needs::new();
        for row in standing {
            let place: &[&str] = if row.kind == "route" { &PLACE } else { &[NAME] };
            need(&mut needs, row.agent.clone(), place);
            need(&mut needs, row.agent, &[&row.kind]);
        }
        for row in &ended {
            need(&mut needs, row.agent.clone(), &[NAME]);
        }
        for table in IntervalTable::ALL {
            if sections.contains(&table.name()) {
                let may = &mut |name: &str, item: &[u8]| query.may_hold(name, item);
                let place: &[&str] = match table {
                    IntervalTable::Flow => &[NAME, "flow"],
                    IntervalTable::Neighbour => &PLACE,
                };
                for agent in rows.agents_holding(table, from, to, may)? {
                    need(&mut needs, agent, place);
                }
            }
        }
        let mut observed = observe(rows, &needs, (from, to))?;
        let ended = endings(rows, &observed, &ended)?;
        let more = namesakes(rows, query, (&observed, &needs), (from, to))?;
        observed.extend(observe(rows, &more, (from, to))?);
        let (site, hand) = snapshot::site(rows, site, to)?;
        Ok(Searched {
            ledger: daicho_ledger::build(&Input {
                site,
                as_of: to,
                agents: observed.into_values().collect(),
                hand,
            }),
            ended,
            versions: held.of,
            newest: newest(rows, to)?,
        })
    })
}

fn newest(rows: &dyn Rows, by: Time) -> Result<Option<Time>, StoreError> {
    let chains: Vec<Chain> = sealed::all(rows, Table::Chain)?;
    let began = |it: &Chain| it.first_at.is_some_and(|at| at <= by);
    let chains = chains.iter().filter(|it| began(it));
    Ok(chains
        .filter_map(|it| it.run.as_ref().map(|run| run.t1.min(by)).or(it.first_at))
        .max())
}

fn observe(
    rows: &dyn Rows,
    needs: &Needs,
    (from, to): (Time, Time),
) -> Result<BTreeMap<String, Observed>, StoreError> {
    let mut observed = BTreeMap::new();
    let mut bodies = Bodies::default();
    for (name, sections) in needs {
        let Some(agent) = sealed::one(rows, Table::Agent, name)? else {
            continue;
        };
        let wanted = |section: &str| sections.contains(section);
        let one = snapshot::observe(rows, &mut bodies, &agent, &wanted, (from, to))?;
        observed.extend(one.map(|it| (name.clone(), it)));
    }
    Ok(observed)
}

/// What more has to be read so that everything is called as in the whole ledger: machines of the same
/// name, those that have one of the hardware addresses which were seen at a wanted address or are
/// wanted, and those that saw it elsewhere.
fn namesakes(
    rows: &dyn Rows,
    query: &Query<'_>,
    (observed, needs): (&BTreeMap<String, Observed>, &Needs),
    (from, to): (Time, Time),
) -> Result<Needs, StoreError> {
    let mut more = Needs::new();
    let names: BTreeSet<String> = observed.values().filter_map(host_name).collect();
    if !names.is_empty() {
        let names = any_of(names.iter().map(|it| serde_json::json!(it).to_string()))?;
        let mut may = |_: &str, json: &[u8]| names.is_match(json);
        for row in rows.versions_holding(&[NAME], to, to, &mut may)?.rows {
            need(&mut more, row.agent, &[NAME]);
        }
    }
    let neighbours = observed.values().flat_map(|it| &it.neighbours);
    let seen = neighbours.map(|it| (it.item.address, normal_mac(&it.item.mac)));
    let wanted = seen.filter(|(address, mac)| query.holds(*address, mac));
    let macs: BTreeSet<String> = wanted.map(|(_, mac)| mac).collect();
    if !macs.is_empty() {
        let both = macs
            .iter()
            .flat_map(|it| [it.clone(), it.replace(':', "-")]);
        let macs = any_of(both.filter(|it| !it.is_empty()))?;
        let mut may = |_: &str, json: &[u8]| macs.is_match(json);
        let owners = rows.versions_holding(&["interface"], to, to, &mut may)?;
        for row in owners.rows {
            need(&mut more, row.agent, &[NAME, "interface"]);
        }
        for agent in rows.agents_holding(IntervalTable::Neighbour, from, to, &mut may)? {
            need(&mut more, agent, &PLACE);
        }
    }
    // Who has been read as far is not read again; otherwise with all that it needs.
    more.retain(|agent, sections| match needs.get(agent) {
        Some(read) if sections.is_subset(read) => false,
        read => {
            sections.extend(read.into_iter().flatten().cloned());
            true
        }
    });
    Ok(more)
}

fn any_of(texts: impl Iterator<Item = String>) -> Result<AhoCorasick, StoreError> {
    let builder = &mut AhoCorasick::builder();
    let builder = builder.ascii_case_insensitive(true).build(texts);
    builder.map_err(|error| StoreError::Engine(error.into()))
}

fn host_name(observed: &Observed) -> Option<String> {
    let hardware = |it: &&KeptSection| it.kind.as_str() == "hardware";
    let section = observed.sections.iter().find(hardware)?;
    Some(daicho_ledger::machine(&alone(observed, section.clone())).label)
}

/// A machine with nothing but a section.
fn alone(observed: &Observed, section: KeptSection) -> Observed {
    Observed {
        agent: observed.agent.clone(),
        enrolled_at: observed.enrolled_at,
        agent_version: observed.agent_version.clone(),
        presence: observed.presence.clone(),
        carried: observed.carried.clone(),
        sections: vec![section],
        flows: Vec::new(),
        neighbours: Vec::new(),
        interval_reasons: Vec::new(),
    }
}

/// Each version that ended, as an asset with nothing else.
fn endings(
    rows: &dyn Rows,
    observed: &BTreeMap<String, Observed>,
    ended: &[SectionRow],
) -> Result<Vec<Ended>, StoreError> {
    let (mut out, mut bodies) = (Vec::new(), Bodies::default());
    for row in ended {
        // An agent of whom nothing is known by the end of the period has nothing that ended in it.
        let Some(newest) = observed.get(&row.agent) else {
            continue;
        };
        out.push(Ended {
            asset: daicho_ledger::machine(&alone(
                newest,
                snapshot::section(rows, &mut bodies, row)?,
            )),
            until: Time::from_seconds(row.t1),
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
