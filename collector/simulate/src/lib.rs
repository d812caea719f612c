//! The simulated hospital（模擬病院）. Comes in: a seed and a size; goes out: the truth, the reports that
//! its machines would send, and what its staff would have written down. It never reads what the
//! recogniser knows, and everything it makes says that it is simulated.

#![forbid(unsafe_code)]

mod churn;
mod dice;
mod fill;
mod frame;
mod habits;
mod hand;
mod lines;
mod machine;
mod machines;
mod names;
mod plan;
mod report;
mod scenarios;
mod schedule;
mod summary;
mod systems;
mod traps;
pub mod truth;
mod wire;
mod world;

use daicho_ledger::hand::Entry;
use daicho_ledger::{Hand, Input, Site};
use daicho_report::{AgentId, Goodbye, Report, ReportKey, SignedGoodbye, Time};
use serde::{Deserialize, Serialize};

use report::{Progress, Story};
use schedule::Moment;
use wire::Past;
use wire::talk::Links;
use world::{AssetNo, World};

pub use truth::Truth;

/// A known incident that the hospital is built after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// A forgotten VPN box of a monitoring system leads to other systems' servers.
    ForgottenVpn,
    /// A caterer's link that is always on.
    Caterer,
    /// A data centre's maintenance VPN, and one administrator name on all machines.
    DataCentre,
    /// One administrator, no list.
    NoList,
}

/// What hospital to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// How many assets (servers, terminals, network devices, medical devices) in all.
    pub assets: usize,
    /// The seed.
    pub seed: u64,
    /// Over how many days reports go.
    pub days: u32,
    /// Reports of a machine on one day.
    pub reports_per_day: u32,
    /// The end of the time covered.
    pub end: Time,
    /// The incident.
    pub scenario: Option<Scenario>,
}

/// An agent of the hospital.
pub struct SimulatedAgent {
    /// Who.
    pub agent: AgentId,
    /// Key that signs its reports; made from the seed, so worth nothing.
    pub key: ReportKey,
    /// Host name.
    pub host_name: String,
    /// Its version.
    pub agent_version: String,
    /// When it was enrolled.
    pub enrolled_at: Time,
}

/// A report on its way.
pub struct Sent {
    /// Whose.
    pub agent: AgentId,
    /// When the collector receives it; the machine's own clock may say something else.
    pub received_at: Time,
    /// What it is.
    pub report: Report,
}

/// Something that a machine says before it falls silent.
pub struct Farewell {
    /// Whose.
    pub agent: AgentId,
    /// When the collector receives it.
    pub received_at: Time,
    /// What it says.
    pub goodbye: Goodbye,
    /// The same, signed.
    pub signed: SignedGoodbye,
}

/// A hospital that does not exist.
pub struct Hospital {
    /// What it was made from.
    pub options: Options,
    /// What is so.
    pub truth: Truth,
    /// Its agents, sorted.
    pub agents: Vec<SimulatedAgent>,
    /// What its staff wrote down.
    pub hand: Vec<Entry>,
    world: World,
    links: Links,
    /// Assets of the agents, in their order, with the moments of their reports.
    tracks: Vec<(AssetNo, Vec<Moment>)>,
}

/// Makes a hospital. Fewer than [`ASSETS_MIN`] assets make none: it then has that many.
#[must_use]
pub fn hospital(options: &Options) -> Hospital {
    let mut options = options.clone();
    options.assets = options.assets.max(ASSETS_MIN);
    options.days = options.days.max(1);
    let start = options.end.seconds() - i64::from(options.days) * 86_400;
    let times = (Time::from_seconds(start), options.end);
    let mut world = build(&options, times);
    let hand = hand::write(&mut world);
    let links = Links::of(&world);
    let mut tracks: Vec<(AssetNo, Vec<Moment>)> = (0..world.assets.len())
        .filter(|it| world.assets[*it].agent.is_some())
        .map(|it| (it, schedule::moments(&world, it, options.reports_per_day)))
        .collect();
    tracks.sort_by(|a, b| world.assets[a.0].agent.cmp(&world.assets[b.0].agent));
    let agents = tracks
        .iter()
        .filter_map(|(it, _)| simulated(&world, *it))
        .collect();
    Hospital {
        truth: summary::truth(&world),
        hand,
        agents,
        options,
        links,
        tracks,
        world,
    }
}

/// The smallest hospital.
pub const ASSETS_MIN: usize = 30;

fn build(options: &Options, times: (Time, Time)) -> World {
    let (mut world, plan) = plan::world(options.seed, options.assets, times);
    let frame = frame::build(&mut world, &plan);
    let cloud = lines::cloud(&mut world, &frame);
    let mut cast = systems::build(&mut world, &plan, cloud);
    if let Some(scenario) = options.scenario {
        scenarios::before(&mut world, &plan, &mut cast, scenario);
    }
    lines::build(&mut world, &plan, &frame, &cast);
    traps::before(&mut world, &plan, &cast);
    fill::fill(&mut world, &plan, &cast, &frame);
    lines::late(&mut world);
    habits::servers(&mut world, &cast);
    systems::backbone::house(&mut world, &cast);
    traps::after(&mut world);
    churn::put(&mut world);
    if let Some(scenario) = options.scenario {
        scenarios::after(&mut world, &plan, &cast, scenario);
    }
    world
}

fn key(seed: u64, agent: &AgentId) -> ReportKey {
    let text = format!("daicho simulate key\n{seed}\n{agent}");
    ReportKey::from_secret(daicho_report::Hash::of(text.as_bytes()).bytes())
}

fn simulated(world: &World, asset: AssetNo) -> Option<SimulatedAgent> {
    let it = &world.assets[asset];
    let (agent, machine) = (it.agent.clone()?, it.machine.as_deref()?);
    Some(SimulatedAgent {
        key: key(world.seed, &agent),
        agent,
        host_name: it.host_name.clone(),
        agent_version: machine.agent_version.to_owned(),
        enrolled_at: machine.enrolled_at,
    })
}

impl Hospital {
    fn story<'a>(&'a self, track: &'a (AssetNo, Vec<Moment>), past: Past) -> Option<Story<'a>> {
        Some(Story {
            world: &self.world,
            asset: track.0,
            machine: self.world.assets[track.0].machine.as_deref()?,
            moments: &track.1,
            links: &self.links,
            versions: wire::versions(&self.world, track.0, past, track.1.last()?.received),
        })
    }

    /// All reports in the order of receipt.
    pub fn reports(&self) -> impl Iterator<Item = Sent> + '_ {
        let mut order: Vec<(Time, usize)> = Vec::new();
        for (n, (_, moments)) in self.tracks.iter().enumerate() {
            order.extend(moments.iter().map(|it| (it.received, n)));
        }
        order.sort_unstable();
        let mut under_way: Vec<Option<(Story<'_>, Progress)>> = Vec::new();
        under_way.resize_with(self.tracks.len(), || None);
        order.into_iter().filter_map(move |(received_at, n)| {
            let track = self.tracks.get(n)?;
            let agent = self.agents.get(n)?;
            let place = under_way.get_mut(n)?;
            if place.is_none() {
                *place = Some((self.story(track, Past::Whole)?, Progress::default()));
            }
            let (story, progress) = place.as_mut()?;
            let report = story.next(progress, &agent.key)?;
            if progress.next >= track.1.len() {
                // What is over needs no memory.
                *place = None;
            }
            Some(Sent {
                agent: agent.agent.clone(),
                received_at,
                report,
            })
        })
    }

    /// What machines say before they fall silent, in the order of receipt.
    #[must_use]
    pub fn farewells(&self) -> Vec<Farewell> {
        let mut all: Vec<Farewell> = Vec::new();
        for (track, agent) in self.tracks.iter().zip(&self.agents) {
            let said = self.story(track, Past::Last).and_then(|it| it.goodbye());
            let Some((goodbye, received_at)) = said else {
                continue;
            };
            let Ok(bytes) = serde_json::value::to_raw_value(&goodbye) else {
                continue;
            };
            let signature = agent.key.sign(bytes.get().as_bytes());
            all.push(Farewell {
                agent: agent.agent.clone(),
                received_at,
                goodbye,
                signed: SignedGoodbye {
                    goodbye: bytes,
                    signature,
                },
            });
        }
        all.sort_by(|a, b| (a.received_at, &a.agent).cmp(&(b.received_at, &b.agent)));
        all
    }

    /// What the collector's ledger would be built from after the last report, without the way over
    /// the wire.
    #[must_use]
    pub fn input(&self) -> Input {
        let agents = self.tracks.iter().filter_map(|track| {
            let story = self.story(track, Past::Last)?;
            let goodbye = story.goodbye().map(|(it, at)| (it.cause, at));
            story.observed(goodbye)
        });
        Input {
            site: Site {
                name: self.truth.name.clone(),
                time_zone: "Asia/Tokyo".to_owned(),
                utc_offset_s: 32_400,
                simulated: true,
            },
            as_of: self.options.end,
            agents: agents.collect(),
            hand: Hand::new(self.hand.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
