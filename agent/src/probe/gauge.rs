//! Gauges: values of the moment. Comes in: raw values of the machine; goes out: the body of section
//! `gauges`, which is kept as the last one only; no value is averaged or compared here.

use daicho_report::{Gauges, Reading, Reason, Time, VolumeGauge};

use super::hardware::{MIB, local_volumes, place};
use crate::platform::{Miss, RawMachine, Source};

const MACHINE: &str = "sysinfo";
const PROCESSES: &str = "/proc";

/// Reads the values of the moment.
#[must_use]
pub fn read(source: &Source) -> Gauges {
    let process_count = Reading::from_result(process_count(source), PROCESSES);
    match source.machine() {
        Ok(machine) => Gauges {
            process_count,
            ..of_machine(&machine)
        },
        Err(miss) => {
            let reason = miss.reason();
            Gauges {
                booted_at: Reading::unknown(reason.clone(), MACHINE),
                memory_used_mib: Reading::unknown(reason.clone(), MACHINE),
                volumes: Reading::unknown(reason, MACHINE),
                process_count,
            }
        }
    }
}

fn of_machine(machine: &RawMachine) -> Gauges {
    let booted_at = machine.booted_at.filter(|seconds| *seconds > 0);
    let booted_at = booted_at.map(Time::from_seconds);
    // A machine without memory was not asked about it.
    let memory_used = match machine.memory {
        0 => Err(Reason::failed("empty")),
        _ => Ok(machine.memory_used / MIB),
    };
    let mut volumes: Vec<VolumeGauge> = local_volumes(machine)
        .map(|raw| VolumeGauge {
            mount: place(&raw.mount),
            free_bytes: raw.free,
        })
        .collect();
    volumes.sort();
    // No volume at all: the list could not be read.
    let volumes = Some(volumes).filter(|_| !machine.volumes.is_empty());
    Gauges {
        booted_at: Reading::from_result(booted_at.ok_or(Reason::failed("empty")), MACHINE),
        memory_used_mib: Reading::from_result(memory_used, MACHINE),
        volumes: Reading::from_result(volumes.ok_or(Reason::failed("empty")), MACHINE),
        process_count: Reading::default(),
    }
}

fn process_count(source: &Source) -> Result<u32, Reason> {
    let names = source.folder(PROCESSES).map_err(Miss::reason)?;
    let is_number = |name: &&String| name.bytes().all(|b| b.is_ascii_digit());
    // Where the first process is hidden (`hidepid`), most of the others are as well.
    if !names.iter().any(|name| name == "1") {
        return Err(Reason::Denied);
    }
    let count = names.iter().filter(is_number).count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
