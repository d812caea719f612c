//! Reports on their way, and what remains of them. Comes in: versions, spans and moments of a machine;
//! goes out: sealed reports in a chain, or the end of the story as the ledger takes it. Both are made
//! from the same values, and a test holds one against the other.

use std::collections::BTreeMap;
use std::rc::Rc;

use daicho_ledger::{Interval, Kept, KeptSection, Observed, Presence};
use daicho_report::{
    Closed, Cost, Envelope, Gauges, Goodbye, GoodbyeCause, Hash, IntervalBody, Opened, Reading,
    Report, ReportKey, Section, SectionKind, SectionRef, Time, VolumeGauge, WIRE_MAJOR,
};
use serde_json::value::RawValue;

use crate::dice::Dice;
use crate::machine::Machine;
use crate::schedule::Moment;
use crate::wire::talk::{Links, Span};
use crate::wire::{Body, Versions};
use crate::world::{AssetNo, World};

/// How far the ledger looks back for talk that ended.
pub(crate) const LOOK_BACK_S: i64 = 7 * 86_400;

/// One machine's story.
pub(crate) struct Story<'a> {
    pub world: &'a World,
    pub asset: AssetNo,
    pub machine: &'a Machine,
    pub moments: &'a [Moment],
    pub links: &'a Links,
    pub versions: Vec<Versions>,
}

/// How far its reports have come.
pub(crate) struct Progress {
    pub next: usize,
    previous: Hash,
    known: BTreeMap<&'static str, Hash>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            next: 0,
            previous: Hash::ZERO,
            known: BTreeMap::new(),
        }
    }
}

impl<'a> Story<'a> {
    /// What was asked, in short.
    fn source(&self) -> &'static str {
        if self.machine.release.windows {
            "windows"
        } else {
            "linux"
        }
    }

    /// The next report, if one can be made.
    pub(crate) fn next(&self, progress: &mut Progress, key: &ReportKey) -> Option<Report> {
        let moment = self.moments.get(progress.next)?;
        let at = moment.collected;
        let mut references: Vec<SectionRef> = Vec::new();
        let mut bodies: Vec<Section> = Vec::new();
        for versions in &self.versions {
            let body = versions.at(moment.received)?;
            let section = self.section(versions.kind, body, at)?;
            if progress.known.get(versions.kind) == Some(&body.hash) {
                references.push(section.short_reference());
            } else {
                progress.known.insert(versions.kind, body.hash);
                references.push(section.reference());
                bodies.push(section);
            }
        }
        let flows = self.links.flows(self.asset);
        let neighbours = self.links.neighbours(self.asset);
        let source = self.source();
        for section in [
            Section::new(&self.gauges(moment, progress.next), source, at).ok()?,
            Section::new(&self.body("flow", progress.next, flows), source, at).ok()?,
            Section::new(
                &self.body("neighbour", progress.next, neighbours),
                source,
                at,
            )
            .ok()?,
        ] {
            references.push(section.reference());
            bodies.push(section);
        }
        references.sort_by(|a, b| a.kind.cmp(&b.kind));
        bodies.sort_by(|a, b| a.kind.cmp(&b.kind));
        let envelope = Envelope {
            wire: WIRE_MAJOR,
            agent_version: self.machine.agent_version.to_owned(),
            boot_id: moment.boot.clone(),
            sequence: sequence(progress.next),
            previous: progress.previous,
            collected_at: at,
            cost: self.cost(progress.next),
            sections: references,
        };
        let report = envelope.seal(key, bodies).ok()?;
        progress.previous = report.envelope_hash();
        progress.next += 1;
        Some(report)
    }

    fn section(&self, kind: &str, body: &Body, at: Time) -> Option<Section> {
        Some(Section {
            kind: SectionKind::try_from(kind.to_owned()).ok()?,
            hash: body.hash,
            source: self.source().to_owned(),
            at,
            body: body.raw.clone(),
        })
    }

    fn cost(&self, n: usize) -> Cost {
        let mut dice = Dice::of(self.world.seed, &format!("cost {} {n}", self.asset));
        Cost {
            cpu_ms: u64::try_from(dice.between(90, 420)).unwrap_or(90),
            wall_ms: u64::try_from(dice.between(450, 2_900)).unwrap_or(450),
            peak_kib: u64::try_from(dice.between(9_000, 19_000)).unwrap_or(9_000),
        }
    }

    fn gauges(&self, moment: &Moment, n: usize) -> Gauges {
        let mut dice = Dice::of(self.world.seed, &format!("gauges {} {n}", self.asset));
        let iron = &self.machine.iron;
        let free =
            iron.disk_gb * 1_000_000_000 / 100 * u64::try_from(dice.between(20, 70)).unwrap_or(20);
        let windows = self.machine.release.windows;
        let used = iron.memory_mib / 100 * u64::try_from(dice.between(35, 80)).unwrap_or(35);
        let volume = VolumeGauge {
            mount: if windows { "C:" } else { "/" }.to_owned(),
            free_bytes: free,
        };
        let in_time = self.machine.clock_off_s.abs() < 60;
        let offset = self.machine.clock_off_s * 1_000_000 + dice.seconds(-900_000, 900_000);
        let ask = |windows_asks, linux| if windows { windows_asks } else { linux };
        Gauges {
            booted_at: Reading::known(moment.booted_at, ask("GetTickCount64", "sysinfo")),
            memory_used_mib: Reading::known(used, "sysinfo"),
            volumes: Reading::known(vec![volume], "sysinfo"),
            process_count: Reading::known(
                u32::try_from(dice.between(70, 210)).unwrap_or(70),
                ask("EnumProcesses", "/proc"),
            ),
            clock_synchronized: Reading::known(in_time, ask("event log Time-Service", "adjtimex")),
            clock_offset_us: if in_time {
                Reading::known(offset, ask("event log Time-Service", "adjtimex"))
            } else {
                Reading::unknown(
                    daicho_report::Reason::failed("not synchronised"),
                    ask("event log Time-Service", "adjtimex"),
                )
            },
            log_oldest_at: Reading::known(
                Time::from_seconds(moment.collected.seconds() - 86_400 * 21),
                ask("EvtQuery System", "/var/log/journal"),
            ),
            log_bytes: Reading::known(20_971_520, ask("registry EventLog", "/var/log")),
        }
    }

    /// Openings and closings since the report before.
    fn body<T: Clone + Ord>(&self, kind: &str, n: usize, spans: &[Span<T>]) -> IntervalBody<T> {
        if n >= self.seeing(kind) {
            return IntervalBody {
                whole: n == 0,
                asked: self.asked(kind),
                opened: Vec::new(),
                closed: Vec::new(),
            };
        }
        let now = self.moments.get(n).map_or(self.world.end, |it| it.received);
        let before = n.checked_sub(1).and_then(|it| self.moments.get(it));
        let there = |span: &Span<T>, at: Time| span.from <= at && at < span.until;
        let was = |span: &Span<T>| before.is_some_and(|it| there(span, it.received));
        let clock = self
            .moments
            .get(n)
            .map_or(self.world.end, |it| it.collected);
        let mut opened: Vec<Opened<T>> = spans
            .iter()
            .filter(|span| there(span, now) && !was(span))
            .map(|span| Opened {
                item: span.item.clone(),
                since: clock,
            })
            .collect();
        let mut closed: Vec<Closed<T>> = spans
            .iter()
            .filter(|span| !there(span, now) && was(span))
            .map(|span| Closed {
                item: span.item.clone(),
                until: before.map_or(clock, |it| it.collected),
            })
            .collect();
        opened.sort();
        closed.sort();
        IntervalBody {
            whole: n == 0,
            asked: self.asked_well(kind),
            opened,
            closed,
        }
    }

    /// How many of its reports could ask for such talk.
    fn seeing(&self, kind: &str) -> usize {
        let blind = self.machine.blind.iter().find(|it| it.section == kind);
        match blind.map(|it| it.since) {
            None => self.moments.len(),
            Some(None) => 0,
            Some(Some(since)) => self.moments.partition_point(|it| it.received < since),
        }
    }

    fn asked_well(&self, kind: &str) -> Reading<()> {
        let source = match (kind, self.machine.release.windows) {
            ("flow", true) => "GetExtendedTcpTable, GetExtendedUdpTable",
            ("flow", false) => "/proc/net/{tcp,tcp6,udp,udp6}",
            (_, true) => "GetIpNetTable2",
            (_, false) => "rtnetlink",
        };
        Reading::known((), source)
    }

    /// Why the newest report could not ask, where it could not.
    fn asked(&self, kind: &str) -> Reading<()> {
        let well = self.asked_well(kind);
        match self.machine.blind.iter().find(|it| it.section == kind) {
            Some(blind) => Reading::unknown(blind.reason.clone(), well.source()),
            None => well,
        }
    }

    /// Why the newest flows or neighbours could not be asked.
    fn reasons(&self) -> Vec<(SectionKind, Reading<()>)> {
        let blind = ["flow", "neighbour"]
            .into_iter()
            .filter(|it| self.seeing(it) < self.moments.len());
        blind
            .filter_map(|it| Some((SectionKind::try_from(it.to_owned()).ok()?, self.asked(it))))
            .collect()
    }

    /// What the ledger holds of it in the end.
    pub(crate) fn observed(&self, goodbye: Option<(GoodbyeCause, Time)>) -> Option<Observed> {
        let (first, last) = (self.moments.first()?, self.moments.last()?);
        Some(Observed {
            agent: self.world.assets[self.asset].agent.clone()?,
            enrolled_at: self.machine.enrolled_at,
            agent_version: self.machine.agent_version.to_owned(),
            carried: None,
            presence: Presence {
                first_at: first.received,
                last_at: last.received,
                collected_at: last.collected,
                sequence: sequence(self.moments.len().saturating_sub(1)),
                missing: 0,
                goodbye,
            },
            sections: self
                .versions
                .iter()
                .filter_map(|it| self.kept(it))
                .collect(),
            flows: self.intervals("flow", self.links.flows(self.asset)),
            neighbours: self.intervals("neighbour", self.links.neighbours(self.asset)),
            interval_reasons: self.reasons(),
        })
    }

    fn kept(&self, versions: &Versions) -> Option<KeptSection> {
        let mut standing: Option<(&Rc<Body>, &Moment)> = None;
        let mut older: BTreeMap<String, Kept> = BTreeMap::new();
        // With one version, the first report settles it.
        let moments = if versions.bodies.len() == 1 {
            self.moments.get(..1)?
        } else {
            self.moments
        };
        for moment in moments {
            let body = versions.at(moment.received)?;
            match standing {
                Some((before, _)) if before.hash == body.hash => {}
                Some((before, since)) => {
                    older = carried(older, before, since.collected, body);
                    standing = Some((body, moment));
                }
                None => standing = Some((body, moment)),
            }
        }
        let (body, since) = standing?;
        Some(KeptSection {
            kind: SectionKind::try_from(versions.kind.to_owned()).ok()?,
            source: self.source().to_owned(),
            at: since.collected,
            received_at: since.received,
            body: body.raw.clone(),
            kept: older.into_values().collect(),
        })
    }

    fn intervals<T: Clone + Ord>(&self, kind: &str, spans: &[Span<T>]) -> Vec<Interval<T>> {
        let moments = self.moments.get(..self.seeing(kind)).unwrap_or_default();
        let from = self.world.end.seconds() - LOOK_BACK_S;
        let mut out: Vec<Interval<T>> = Vec::new();
        for span in spans {
            let begun = moments.partition_point(|it| it.received < span.from);
            let ended = moments.partition_point(|it| it.received < span.until);
            let Some(first) = moments.get(begun).filter(|_| begun < ended) else {
                continue;
            };
            let until = moments.get(ended);
            if until.is_some_and(|it| it.received.seconds() < from) {
                continue;
            }
            let last = moments.get(ended - 1).map(|it| it.collected);
            out.push(Interval {
                item: span.item.clone(),
                since: first.collected,
                until: until.and(last),
            });
        }
        out.sort();
        out
    }

    /// What the machine says before it falls silent.
    pub(crate) fn goodbye(&self) -> Option<(Goodbye, Time)> {
        let last = self.moments.last()?;
        let at = Time::from_seconds(last.received.seconds() + 1_200).min(self.world.end);
        let goodbye = Goodbye {
            agent: self.world.assets[self.asset].agent.clone()?,
            boot_id: last.boot.clone(),
            sequence: sequence(self.moments.len().saturating_sub(1)),
            cause: GoodbyeCause::Shutdown,
            at: Time::from_seconds(at.seconds() + self.machine.clock_off_s),
        };
        self.machine.goodbye.then_some((goodbye, at))
    }
}

fn sequence(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(0) + 1
}

type Fields = BTreeMap<String, Box<RawValue>>;

fn is_known(reading: &RawValue) -> bool {
    let outer: Result<Fields, _> = serde_json::from_str(reading.get());
    outer.is_ok_and(|outer| outer.contains_key("known"))
}

/// Older values of fields that the new body does not confirm.
fn carried(
    mut values: BTreeMap<String, Kept>,
    older: &Body,
    at: Time,
    newer: &Body,
) -> BTreeMap<String, Kept> {
    let fields =
        |body: &Body| -> Fields { serde_json::from_str(body.raw.get()).unwrap_or_default() };
    for (field, reading) in fields(older) {
        if is_known(&reading) {
            values.insert(field.clone(), Kept { field, at, reading });
        }
    }
    let newer = fields(newer);
    values.retain(|field, _| !newer.get(field).is_some_and(|reading| is_known(reading)));
    values
}
