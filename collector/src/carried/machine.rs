//! Which machine a picture is of. Comes in: what it says of its hardware and installed system, and the
//! machines that are known; goes out: the carried machine that it continues, or a new one. Two machines
//! with one identity are never taken for one where their hardware tells them apart, and a machine with
//! an agent of its own is never written over.

use daicho_report::{AgentId, Hardware, Hash, SectionBody, Time};

use crate::refusal::Refused;
use crate::store::{AgentRow, Rows, StoreError, Table, sealed};

/// What tells a machine from others.
pub(super) struct Machine {
    /// Of the installed system.
    system: String,
    /// SMBIOS UUID, where it could be read and is not a maker's filler.
    uuid: Option<String>,
}

impl Machine {
    pub(super) fn of(hardware: &Hardware) -> Result<Self, Refused> {
        let system = hardware.machine_id.value();
        let system = system.filter(|it| !daicho_ledger::finding::is_worthless_id(it));
        let system = system.ok_or_else(|| Refused::new("CAR-003", "machine_id"))?;
        Ok(Self {
            system: system.clone(),
            uuid: uuid(hardware),
        })
    }

    /// Whether both could be the same machine.
    fn fits(&self, other: &Self) -> bool {
        let contradict = matches!((&self.uuid, &other.uuid), (Some(one), Some(two)) if one != two);
        self.system == other.system && !contradict
    }

    /// The name of a machine that is not known yet.
    fn id(&self) -> AgentId {
        let uuid = self.uuid.as_deref().unwrap_or_default();
        let text = format!("daicho carried machine v1\n{}\n{uuid}", self.system);
        let hash = Hash::of(text.as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(hash.bytes())
            .for_each(|(to, from)| *to = *from);
        AgentId::from_random(&bytes)
    }
}

fn uuid(hardware: &Hardware) -> Option<String> {
    let uuid = hardware.smbios_uuid.value()?.to_lowercase();
    (!daicho_ledger::finding::is_worthless_id(&uuid)).then_some(uuid)
}

/// The carried machine that this one is, or the name of a new one and `true`.
pub(super) fn find(
    rows: &dyn Rows,
    now: Time,
    machine: &Machine,
) -> Result<(AgentId, bool), StoreError> {
    let all: Vec<AgentRow> = sealed::all(rows, Table::Agent)?;
    let mut carried = Vec::new();
    for row in all {
        let Some(known) = known(rows, now, &row.agent)? else {
            continue;
        };
        if !machine.fits(&known) {
            continue;
        }
        if row.tls_key != Hash::ZERO {
            let what = format!("{} ({})", row.agent, row.host_name);
            return Err(Refused::new("CAR-005", what).into());
        }
        carried.push(row.agent);
    }
    match carried.as_slice() {
        [] => Ok((machine.id(), true)),
        [one] => Ok((one.clone(), false)),
        // Its hardware could not be read this time, and two machines have this identity.
        several => {
            let ids: Vec<&str> = several.iter().map(AgentId::as_str).collect();
            Err(Refused::new("CAR-007", ids.join(", ")).into())
        }
    }
}

/// What is known of a machine: of each value the newest that was read.
fn known(rows: &dyn Rows, now: Time, agent: &AgentId) -> Result<Option<Machine>, StoreError> {
    let sections = rows.sections_at(agent.as_str(), now)?;
    let Some(row) = sections.iter().find(|it| it.kind == Hardware::KIND) else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("section {} of {agent}", row.kind));
    let body = rows.blob(&row.digest)?.ok_or_else(corrupt)?;
    let hardware: Hardware = serde_json::from_slice(&body).map_err(|_| corrupt())?;
    let mut machine = Machine::of(&hardware).ok();
    for kept in crate::ingest::apply::kept_list(rows, row.kept.as_ref())? {
        let text = || serde_json::from_str(kept.reading.get()).ok();
        let reading: Option<daicho_report::Reading<String>> = text();
        let value = reading.and_then(|it| it.value().cloned());
        match (kept.field.as_str(), value, machine.as_mut()) {
            ("smbios_uuid", Some(value), Some(machine)) => {
                machine.uuid = machine.uuid.take().or(Some(value.to_lowercase()));
            }
            ("machine_id", Some(system), None) => {
                machine = Some(Machine {
                    system,
                    uuid: uuid(&hardware),
                });
            }
            _ => {}
        }
    }
    Ok(machine)
}
