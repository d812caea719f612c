//! Ways out that protocols show by themselves. Comes in: routes, interfaces, VPNs, tools and flows;
//! goes out: drafts of Internet access, second routes, mobile lines, vendor lines and remote tools.
//! It names no vendor, and a static route alone is never 確認.

mod internet;
mod line;
mod tool;
mod vendor;

use std::collections::BTreeSet;

use super::draft::Drafts;
use super::hand::Devices;
use super::index::Index;
use super::knowledge::Knowledge;
use super::sign::Shown;

/// Adds all of them.
pub(super) fn ways_out(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    devices: &Devices<'_>,
    explained: &BTreeSet<usize>,
    drafts: &mut Drafts,
) {
    internet::internet(index, shown, devices, drafts);
    for (number, (place, shown)) in index.places.iter().zip(shown).enumerate() {
        if !explained.contains(&number) {
            line::lines(index, place, shown, drafts);
            tool::vpns(place, drafts);
        }
        tool::tools(place, shown, knowledge, drafts);
        vendor::vendors(index, place, shown, drafts);
    }
}
