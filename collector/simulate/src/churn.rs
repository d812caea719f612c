//! What changes by itself: addresses that DHCP gives anew, talk that begins and ends. Comes in: the
//! hospital; goes out: the same with a past.

use crate::machine::Turn;
use crate::world::World;

/// Gives it a past.
pub(crate) fn put(world: &mut World) {
    let days = (world.end.seconds() - world.start.seconds()) / 86_400;
    for asset in 0..world.assets.len() {
        let mut dice = world.dice(&format!("churn {asset}"));
        let it = &world.assets[asset];
        let moves = it.machine.is_some()
            && it.nics.len() == 1
            && it.nics[0].dhcp
            && it.nics[0].addresses.len() == 1;
        if !moves || !dice.chance(7) || days < 3 {
            continue;
        }
        let at = world.ago(dice.seconds(1, days - 2), dice.seconds(0, 40_000));
        let net = world.assets[asset].nics[0].net;
        let Some(earlier) = world.address(net, true) else {
            continue;
        };
        world.assets[asset].nics[0].earlier = Some((earlier, at));
        if let Some(machine) = world.machine(asset) {
            machine.turns.push((at, Turn::Moved));
        }
    }
    for n in 0..world.talks.len() {
        let mut dice = world.dice(&format!("churn of talk {n}"));
        let new = dice
            .chance(4)
            .then(|| world.ago(dice.seconds(0, 5), dice.seconds(0, 80_000)));
        let over = (new.is_none() && dice.chance(2))
            .then(|| world.ago(dice.seconds(0, 12), dice.seconds(0, 80_000)));
        let talk = &mut world.talks[n];
        // Only talk inside ends so: what leads out is few and matters.
        let inside = matches!(talk.to, crate::world::End::Asset(_));
        if talk.during == (None, None) && inside {
            talk.during = (new, over);
        }
    }
}
