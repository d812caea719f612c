//! Ways out that protocols show by themselves. Comes in: routes, interfaces, VPNs, tools and flows;
//! goes out: drafts of Internet access, second routes, mobile lines, vendor lines and remote tools.
//! It names no vendor, and a static route alone is never 確認.

mod internet;
mod line;
mod tool;
mod vendor;

pub(super) use internet::INNER;
pub(super) use line::is_line;
pub(super) use vendor::{elsewhere, way_out_of};

use super::draft::Drafts;
use super::hand::Devices;
use super::index::Index;
use super::knowledge::Knowledge;
use super::oqs::Lines;
use super::sign::Shown;

/// Adds all of them.
pub(super) fn ways_out(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    devices: &Devices<'_>,
    oqs: &Lines,
    drafts: &mut Drafts,
) {
    internet::internet(index, shown, knowledge, devices, drafts);
    let around = vendor::Around {
        index,
        devices,
        knowledge,
        oqs,
    };
    for (number, (place, shown)) in index.places.iter().zip(shown).enumerate() {
        let explained = oqs.machines.contains(&number);
        line::lines(index, place, shown, explained, drafts);
        if !explained {
            tool::vpns(place, drafts);
        }
        tool::tools(place, shown, knowledge, drafts);
        vendor::vendors(&around, place, shown, drafts);
    }
    // What leaves by a line of オンライン資格確認 is no other way out.
    drafts.all.retain(|(place, kind), _| {
        use daicho_ledger::PointKind::{Internet, Other, SecondRoute, VendorVpn};
        let other = matches!(kind, Internet | Other | SecondRoute | VendorVpn);
        !(other && oqs.devices.contains(place))
    });
}
