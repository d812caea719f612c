//! Gauges: values of the moment. Comes in: raw values of the machine; goes out: the body of section
//! `gauges`, which is kept as the last one only; no value is averaged or compared here.

use daicho_report::{Gauges, Reading, Reason, Time, VolumeGauge};

use super::hardware::{MIB, local_volumes, place, volume_reading};
use crate::platform::{Miss, RawClock, RawMachine, Source, System};

mod log;
mod windows;

const MACHINE: &str = "sysinfo";
const PROCESSES: &str = "/proc";
const CLOCK: &str = "adjtimex";
/// No call of Windows 7 tells the state of its service.
const CLOCK_OF_WINDOWS: &str = "W32Time";

/// Reads the values of the moment.
#[must_use]
pub fn read(source: &Source) -> Gauges {
    let (process_count, log_oldest_at, log_bytes) = match source.system() {
        System::Windows => {
            let log = windows::log(source);
            (
                windows::process_count(source),
                windows::oldest_at(&log),
                windows::bytes(&log),
            )
        }
        System::Linux => (
            Reading::from_result(process_count(source), PROCESSES),
            log::oldest_at(source),
            log::bytes(source),
        ),
    };
    let clock = source.clock();
    let of_what = match source.system() {
        System::Windows => CLOCK_OF_WINDOWS,
        System::Linux => CLOCK,
    };
    let of_clock = |pick: fn(RawClock) -> i64| {
        let clock = clock.clone().map(pick).map_err(Miss::reason);
        Reading::from_result(clock, of_what)
    };
    let gauges = Gauges {
        process_count,
        clock_synchronized: of_clock(|it| i64::from(it.synchronized)).map(|it| it == 1),
        clock_offset_us: of_clock(|it| it.offset_us),
        log_oldest_at,
        log_bytes,
        ..Gauges::default()
    };
    match source.machine() {
        Ok(machine) => of_machine(&machine, gauges),
        Err(miss) => {
            let reason = miss.reason();
            Gauges {
                booted_at: Reading::unknown(reason.clone(), MACHINE),
                memory_used_mib: Reading::unknown(reason.clone(), MACHINE),
                volumes: Reading::unknown(reason, MACHINE),
                ..gauges
            }
        }
    }
}

fn of_machine(machine: &RawMachine, gauges: Gauges) -> Gauges {
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
    Gauges {
        booted_at: Reading::from_result(booted_at.ok_or(Reason::failed("empty")), MACHINE),
        memory_used_mib: Reading::from_result(memory_used, MACHINE),
        volumes: volume_reading(machine, volumes),
        ..gauges
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
