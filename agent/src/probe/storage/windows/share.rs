//! Shares of Windows and whom they are for. Comes in: names of shares and the list of rights of each;
//! goes out: shares with the most that each circle of people is granted; accounts and groups of the
//! hospital are never named, and what the folder behind a share allows is not read.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{Reading, Reason, Share, ShareGrant, ShareParty, ShareRight};

use super::super::ENTRIES_MAX;
use crate::platform::{Miss, RawAccess, RawGrant, Source};
use crate::probe::field::line;
use crate::probe::registry::names;

#[cfg(test)]
mod tests;

pub(super) const SHARES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares";
const EVERYONE: &str = "S-1-1-0";
/// Circles that every Windows has.
const PARTIES: &[(&str, ShareParty)] = &[
    (EVERYONE, ShareParty::Everyone),
    ("S-1-5-7", ShareParty::Anonymous),
    ("S-1-5-32-546", ShareParty::Guests),
    ("S-1-5-11", ShareParty::AuthenticatedUsers),
    ("S-1-5-32-545", ShareParty::Users),
    ("S-1-5-32-544", ShareParty::Administrators),
];
/// The same by the last number of a SID of a machine or domain.
const NUMBERS: &[(&str, ShareParty)] = &[
    ("500", ShareParty::Administrators),
    ("501", ShareParty::Guests),
    ("512", ShareParty::Administrators),
    ("513", ShareParty::DomainUsers),
    ("514", ShareParty::Guests),
    ("519", ShareParty::Administrators),
];
const ALLOWS: u8 = 0;
const DENIES: u8 = 1;
/// `INHERIT_ONLY_ACE`: it is for what lies below, not for the share.
const BELOW_ALONE: u8 = 8;
/// Rights that stand for several (`GENERIC_*`), with those of a file that they are.
const GENERIC: &[(u32, u32)] = &[
    (0x1000_0000, 0x001f_01ff),
    (0x2000_0000, 0x0012_00a0),
    (0x4000_0000, 0x0012_0116),
    (0x8000_0000, 0x0012_0089),
];
/// `WRITE_DAC` or `WRITE_OWNER`; `FILE_WRITE_DATA` or `FILE_APPEND_DATA`; `FILE_READ_DATA`.
const RIGHTS: &[(u32, ShareRight)] = &[
    (0x000c_0000, ShareRight::Full),
    (0x0000_0006, ShareRight::Change),
    (0x0000_0001, ShareRight::Read),
];

pub(super) fn shares(source: &Source) -> Reading<Vec<Share>> {
    let found = names(source, SHARES).and_then(|names| {
        if names.len() > ENTRIES_MAX {
            return Err(Reason::failed("too many entries"));
        }
        let shares = names.iter().filter_map(|name| share(source, name));
        let shares: BTreeSet<Share> = shares.collect();
        Ok(shares.into_iter().collect())
    });
    Reading::from_result(found, SHARES)
}

fn share(source: &Source, name: &str) -> Option<Share> {
    // A list that is not there or not readable says nothing of the share but that it is there.
    let granted = match source.share_access(name) {
        Ok(access) => granted(&access),
        Err(Miss::Absent | Miss::Unknown(_)) => None,
    };
    let may = |right: ShareRight| {
        granted
            .as_ref()
            .map(|all| all.iter().any(|it| it.right >= right))
    };
    let for_all = |all: &Vec<ShareGrant>| all.iter().any(|it| it.to.is_everybody());
    let is_for_all = granted.as_ref().map(for_all);
    Some(Share {
        protocol: "smb".to_owned(),
        name: line(name)?,
        writable: may(ShareRight::Change),
        // What is granted to all may still be kept from them by the folder: only "no" is certain.
        open: is_for_all.filter(|it| !it),
        granted,
    })
}

/// The most that each circle is granted; nothing where an entry cannot be understood.
fn granted(access: &RawAccess) -> Option<Vec<ShareGrant>> {
    let grant = |to, right| ShareGrant { to, right };
    let entries = match access {
        RawAccess::Unlisted => return Some(vec![grant(ShareParty::Everyone, ShareRight::Full)]),
        RawAccess::Listed(entries) => entries,
    };
    let counts = entries.iter().filter(|it| it.flags & BELOW_ALONE == 0);
    let counts: Vec<&RawGrant> = counts.collect();
    if counts.iter().any(|it| it.kind > DENIES) {
        return None;
    }
    let mut most: BTreeMap<ShareParty, ShareRight> = BTreeMap::new();
    let whom: BTreeSet<&str> = counts.iter().map(|it| it.sid.as_str()).collect();
    for sid in whom {
        if let Some(right) = right(rights_of(sid, &counts)) {
            let known = most.entry(party(sid)).or_insert(right);
            *known = right.max(*known);
        }
    }
    Some(
        most.into_iter()
            .map(|(to, right)| grant(to, right))
            .collect(),
    )
}

/// What the entries for somebody grant: of each right the first one decides, and what everyone is
/// denied they are denied too.
fn rights_of(sid: &str, entries: &[&RawGrant]) -> u32 {
    let (mut allowed, mut denied) = (0, 0);
    for entry in entries {
        let mask = specific(entry.mask);
        match entry.kind {
            ALLOWS if entry.sid == sid => allowed |= mask & !denied,
            DENIES if entry.sid == sid || entry.sid == EVERYONE => denied |= mask & !allowed,
            _ => {}
        }
    }
    allowed
}

fn specific(mask: u32) -> u32 {
    let generic = GENERIC.iter().filter(|(bit, _)| mask & bit != 0);
    generic.fold(mask, |mask, (_, rights)| mask | rights)
}

fn right(mask: u32) -> Option<ShareRight> {
    let found = RIGHTS.iter().find(|(bits, _)| mask & bits != 0);
    found.map(|(_, right)| *right)
}

fn party(sid: &str) -> ShareParty {
    let known = PARTIES.iter().find(|(it, _)| *it == sid);
    let by_number = || {
        let rest = sid.strip_prefix("S-1-5-21-")?;
        let last = rest.rsplit_once('-')?.1;
        NUMBERS.iter().find(|(it, _)| *it == last)
    };
    let found = known.or_else(by_number);
    found.map_or(ShareParty::Other, |(_, party)| *party)
}
