//! When machines report. Comes in: a machine's hours and the time covered; goes out: its reports'
//! moments, its boots and its goodbye. A machine that is off sends nothing.

use daicho_report::{Hash, Time};

use crate::dice::Dice;
use crate::machine::Hours;
use crate::world::{AssetNo, World};

const DAY: i64 = 86_400;
/// Japan is nine hours ahead.
const OFFSET: i64 = 9 * 3_600;

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// When the collector receives it.
    pub received: Time,
    /// What the machine's clock says then.
    pub collected: Time,
    pub boot: String,
    pub booted_at: Time,
}

/// All reports of a machine, in order.
pub(crate) fn moments(world: &World, asset: AssetNo, per_day: u32) -> Vec<Moment> {
    let it = &world.assets[asset];
    let Some(machine) = it.machine.as_deref() else {
        return Vec::new();
    };
    let mut dice = Dice::of(world.seed, &format!("schedule {}", it.id));
    let per_day = i64::from(per_day.clamp(1, 96));
    let step = DAY / per_day;
    let slots = (world.end.seconds() - world.start.seconds()) / step;
    let offset = match machine.hours {
        // One report a day comes while the machine is on.
        Hours::Office if per_day == 1 => {
            let wanted = dice.seconds(8 * 3_600 + 1_800, 17 * 3_600);
            let base = (world.end.seconds() - step + OFFSET).rem_euclid(DAY);
            (wanted - base).rem_euclid(DAY).clamp(1, step - 1)
        }
        _ => dice.seconds(1, step - 1),
    };
    let ends = it.silent_since.unwrap_or(world.end);
    let begins = machine.enrolled_at.max(world.start);
    let at = |slot: i64| world.end.seconds() - (slots - slot) * step + offset;
    let mut times: Vec<i64> = (0..slots)
        .map(at)
        .filter(|it| *it < ends.seconds() && *it >= begins.seconds() && is_on(machine.hours, *it))
        .collect();
    if times.is_empty() {
        times.push(at(0).min(ends.seconds() - 60));
    }
    let boots = boots(machine.hours, &mut dice);
    times
        .iter()
        .map(|time| moment(world, asset, *time, machine.clock_off_s, boots))
        .collect()
}

fn is_on(hours: Hours, time: i64) -> bool {
    let local = time + OFFSET;
    let of_day = local.rem_euclid(DAY);
    // 1970-01-01 was a Thursday.
    let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7);
    match hours {
        Hours::Always => true,
        Hours::Office => weekday < 5 && (8 * 3_600 + 1_200..18 * 3_600).contains(&of_day),
    }
}

/// Days between boots, and the second of the day.
fn boots(hours: Hours, dice: &mut Dice) -> (i64, i64) {
    match hours {
        Hours::Office => (1, 8 * 3_600 + dice.seconds(0, 1_100)),
        Hours::Always => (dice.seconds(6, 70), 3 * 3_600 + dice.seconds(0, 7_200)),
    }
}

fn moment(
    world: &World,
    asset: AssetNo,
    time: i64,
    off: i64,
    (every, second): (i64, i64),
) -> Moment {
    let local = time + OFFSET;
    let day = (local - second).div_euclid(DAY).div_euclid(every) * every;
    let booted = day * DAY + second - OFFSET;
    let id = &world.assets[asset].id;
    let hash = Hash::of(format!("{} {id} {day}", world.seed).as_bytes()).to_string();
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    Moment {
        received: Time::from_seconds(time),
        collected: Time::from_seconds(time + off),
        boot: format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        ),
        booted_at: Time::from_seconds(booted + off),
    }
}
