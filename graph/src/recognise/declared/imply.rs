//! Ways out that devices kept by hand are by their kind or name. Comes in: devices; goes out: drafts
//! of grade 手入力 where nothing is declared or recognised. It says nothing of a switch.

use std::collections::BTreeSet;

use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{Grade, PointKind};

use super::super::Weight;
use super::super::draft::{Drafts, protocol_fact};
use super::super::hand::Devices;
use super::super::index::Index;
use super::super::knowledge::Knowledge;
use super::super::point::is_oqs;
use super::super::way_out::way_out_of;
use super::{Declared, may_be};

/// A device kept by hand that is a way out by its kind, where nothing is declared or recognised.
pub(super) fn imply(
    index: &Index<'_>,
    (devices, lines): (&Devices<'_>, &BTreeSet<String>),
    knowledge: &Knowledge,
    all: &[Declared<'_>],
    drafts: &mut Drafts,
) {
    for (key, device) in devices.entries() {
        let leads = matches!(device.kind, DeviceKind::Firewall | DeviceKind::Router);
        let kind = match way_out_of(device, knowledge) {
            Some(kind) => kind,
            None if leads && devices.faces_outside(key, device) => PointKind::Internet,
            None => continue,
        };
        let mut places = devices.places(key);
        places.extend(devices.places(devices.pair(key)));
        let declared = all
            .iter()
            .any(|it| it.places.iter().any(|at| places.contains(at)));
        let found = drafts.all.iter().find(|((place, found), draft)| {
            places.contains(place) && may_be(*found, kind) && draft.grade() != Grade::Hint
        });
        // One line of オンライン資格確認 is enough: its router is not another.
        let oqs = is_oqs(kind)
            && drafts
                .all
                .values()
                .any(|it| is_oqs(it.kind) && it.grade() != Grade::Hint);
        // The router of オンライン資格確認 is no other way out.
        let explained = lines.iter().any(|it| places.contains(it));
        if declared
            || oqs
            || (explained && !is_oqs(kind))
            || found.is_some()
            || devices.pair(key) != key
        {
            continue;
        }
        let Some(place) = devices.place(key) else {
            continue;
        };
        let draft = drafts.at(&place, kind);
        draft.called.insert(device.name.clone());
        draft.segments.extend(index.segments_of(&place));
        let id = daicho_ledger::AssetId(place.clone());
        let seen = index.last_seen(&place).unwrap_or(index.ledger.as_of);
        let value = device.name.clone();
        let mut witness = protocol_fact("device", value, Weight::Strong, &id, (seen, seen));
        witness.proven = false;
        witness.source = key.to_owned();
        (witness.first, witness.last) = (None, index.last_seen(&place));
        draft.witnesses.push(witness);
        draft.at_most(
            Grade::Declared,
            "手入力の機器の種別による",
            "by the kind of a device kept by hand",
        );
    }
}
