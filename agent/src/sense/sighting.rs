//! Sightings: who was heard, first and last when, and how often. Comes in: frames; goes out: a
//! bounded list. It never asks anybody.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use daicho_report::Time;
use serde::Serialize;

use super::lldp::{self, LldpFrame, hexadecimal};

const ETHERNET_BYTES: usize = 14;
const ETHERTYPE_ARP: [u8; 2] = [0x08, 0x06];
const ETHERTYPE_LLDP: [u8; 2] = [0x88, 0xcc];
/// A link has fewer; a flood of forged frames must not fill the memory.
const SIGHTINGS_MAX: usize = 16_384;

/// An address that said by ARP whose hardware it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arp {
    /// Hardware address of the sender, as the ARP packet says.
    pub mac: String,
    /// Its address; `null` when it only asks whether an address is free (RFC 5227).
    pub address: Option<Ipv4Addr>,
    /// First heard.
    pub first: Time,
    /// Last heard.
    pub last: Time,
    /// How often.
    pub count: u64,
}

/// A device that said by LLDP who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lldp {
    /// Hardware address that sent the frame.
    pub mac: String,
    /// What it says.
    pub says: LldpFrame,
    /// First heard.
    pub first: Time,
    /// Last heard.
    pub last: Time,
    /// How often.
    pub count: u64,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    first: Time,
    last: Time,
    count: u64,
}

/// Everything heard on one interface.
#[derive(Debug)]
pub struct Sightings {
    interface: String,
    since: Time,
    until: Time,
    arp: BTreeMap<(String, Option<Ipv4Addr>), Heard>,
    lldp: BTreeMap<(String, LldpFrame), Heard>,
    unreadable: u64,
    not_listed: u64,
}

/// Sightings as JSON.
#[derive(Debug, Serialize)]
pub struct SightingsJson<'a> {
    interface: &'a str,
    since: Time,
    until: Time,
    arp: Vec<Arp>,
    lldp: Vec<Lldp>,
    /// Frames that are neither.
    unreadable: u64,
    /// Frames of senders beyond the bound.
    not_listed: u64,
}

impl Sightings {
    /// Nothing heard yet.
    #[must_use]
    pub fn new(interface: &str, since: Time) -> Self {
        Self {
            interface: interface.to_owned(),
            since,
            until: since,
            arp: BTreeMap::new(),
            lldp: BTreeMap::new(),
            unreadable: 0,
            not_listed: 0,
        }
    }

    /// Listening has ended.
    pub fn end(&mut self, until: Time) {
        self.until = until;
    }

    /// One frame with its Ethernet header.
    pub fn hear(&mut self, frame: &[u8], at: Time) {
        let Some((header, body)) = frame.split_at_checked(ETHERNET_BYTES) else {
            self.unreadable += 1;
            return;
        };
        let (Some(sender), Some(ethertype)) = (header.get(6..12), header.get(12..14)) else {
            return;
        };
        if ethertype == ETHERTYPE_ARP {
            match crate::platform::capture::arp(body) {
                Some((mac, address)) => {
                    let address = (!address.is_unspecified()).then_some(address);
                    let key = (hexadecimal(&mac, ":"), address);
                    self.not_listed += count(&mut self.arp, key, at);
                }
                None => self.unreadable += 1,
            }
        } else if ethertype == ETHERTYPE_LLDP {
            match lldp::parse(body) {
                Ok(says) => {
                    let key = (hexadecimal(sender, ":"), says);
                    self.not_listed += count(&mut self.lldp, key, at);
                }
                Err(_) => self.unreadable += 1,
            }
        }
    }

    /// Frames whose senders are not in the list because it was full.
    #[must_use]
    pub fn not_listed(&self) -> u64 {
        self.not_listed
    }

    /// Whether nobody was heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arp.is_empty() && self.lldp.is_empty()
    }

    /// Who said by ARP whose address it is, sorted.
    #[must_use]
    pub fn arp(&self) -> Vec<Arp> {
        let list = self.arp.iter().map(|((mac, address), heard)| Arp {
            mac: mac.clone(),
            address: *address,
            first: heard.first,
            last: heard.last,
            count: heard.count,
        });
        list.collect()
    }

    /// Who said by LLDP what it is, sorted.
    #[must_use]
    pub fn lldp(&self) -> Vec<Lldp> {
        let list = self.lldp.iter().map(|((mac, says), heard)| Lldp {
            mac: mac.clone(),
            says: says.clone(),
            first: heard.first,
            last: heard.last,
            count: heard.count,
        });
        list.collect()
    }

    /// The value that `--json` prints.
    #[must_use]
    pub fn json(&self) -> SightingsJson<'_> {
        SightingsJson {
            interface: &self.interface,
            since: self.since,
            until: self.until,
            arp: self.arp(),
            lldp: self.lldp(),
            unreadable: self.unreadable,
            not_listed: self.not_listed,
        }
    }
}

/// Counts one sighting; 1 when the list is full.
fn count<K: Ord>(list: &mut BTreeMap<K, Heard>, key: K, at: Time) -> u64 {
    if let Some(heard) = list.get_mut(&key) {
        heard.last = heard.last.max(at);
        heard.count += 1;
        return 0;
    }
    if list.len() >= SIGHTINGS_MAX {
        return 1;
    }
    let heard = Heard {
        first: at,
        last: at,
        count: 1,
    };
    list.insert(key, heard);
    0
}
