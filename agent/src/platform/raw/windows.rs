//! Raw values that only Windows has. Comes in: bytes and numbers as the system gives them; goes out:
//! values that a recording can hold; what does not fit its own type stays raw and is no value.

use std::collections::BTreeSet;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::platform::Answer;

#[cfg(test)]
mod tests;

/// Types of registry values (winnt.h).
const SZ: u32 = 1;
const EXPAND_SZ: u32 = 2;
const BINARY: u32 = 3;
const DWORD: u32 = 4;
const DWORD_BIG_ENDIAN: u32 = 5;
const MULTI_SZ: u32 = 7;
const QWORD: u32 = 11;

/// Strings of one value that are taken.
const STRINGS_MAX: usize = 4_096;

/// A value of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawValue {
    /// One string; halves of characters are replaced.
    Text(String),
    /// Several strings.
    Texts(Vec<String>),
    /// A number of 32 or 64 bits.
    Number(u64),
    /// Bytes, in base64.
    Bytes(String),
    /// Of a type that holds no value, or of a length that its type cannot have.
    Odd {
        /// The type's number.
        kind: u32,
        /// Length in bytes.
        length: u32,
    },
}

impl RawValue {
    /// What the bytes of a value mean by its type.
    #[must_use]
    pub fn decode(kind: u32, bytes: &[u8]) -> Self {
        let odd = || Self::Odd {
            kind,
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        match kind {
            SZ | EXPAND_SZ => Self::Text(first_string(&units(bytes))),
            MULTI_SZ => Self::Texts(strings(&units(bytes))),
            BINARY => Self::Bytes(BASE64_STANDARD.encode(bytes)),
            DWORD => match bytes.try_into() {
                Ok(four) => Self::Number(u64::from(u32::from_le_bytes(four))),
                Err(_) => odd(),
            },
            DWORD_BIG_ENDIAN => match bytes.try_into() {
                Ok(four) => Self::Number(u64::from(u32::from_be_bytes(four))),
                Err(_) => odd(),
            },
            QWORD => match bytes.try_into() {
                Ok(eight) => Self::Number(u64::from_le_bytes(eight)),
                Err(_) => odd(),
            },
            _ => odd(),
        }
    }

    /// The text of a string that is not empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// The bytes; none where a recording holds no base64.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(text) => BASE64_STANDARD.decode(text).ok(),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Little-endian units; a half one at the end is dropped.
fn units(bytes: &[u8]) -> Vec<u16> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

/// Up to the first end of a string, or all when there is none.
fn first_string(units: &[u16]) -> String {
    let mut parts = units.split(|unit| *unit == 0);
    String::from_utf16_lossy(parts.next().unwrap_or_default())
}

fn strings(units: &[u16]) -> Vec<String> {
    let parts = units.split(|unit| *unit == 0);
    let texts = parts.take_while(|part| !part.is_empty());
    texts
        .take(STRINGS_MAX)
        .map(String::from_utf16_lossy)
        .collect()
}

/// What `RtlGetVersion` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawVersion {
    /// 6 or 10.
    pub major: u32,
    /// 1 for Windows 7, 2 for 8, 3 for 8.1.
    pub minor: u32,
    /// Build (`7601`, `19045`).
    pub build: u32,
    /// Service pack; 0: none.
    pub service_pack: u16,
    /// 1 workstation, 2 domain controller, 3 server.
    pub product: u8,
    /// Bits of the suite.
    pub suite: u16,
}

/// An adapter, as `GetAdaptersAddresses` gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawAdapter {
    /// Index for IPv4, or for IPv6 where there is no IPv4.
    pub index: u32,
    /// The system's own name, a GUID in braces.
    pub id: String,
    /// The name that people see (`イーサネット`).
    pub name: String,
    /// What its driver calls it.
    pub description: String,
    /// IANA's number of its kind (6 Ethernet, 71 wireless, 24 loopback).
    pub kind: u32,
    /// 1: it works.
    pub state: u32,
    /// Kind of tunnel; 0: none.
    pub tunnel: u32,
    /// Hardware address.
    pub mac: Option<String>,
    /// MTU.
    pub mtu: Option<u32>,
    /// Its addresses with their prefixes.
    pub addresses: BTreeSet<(IpAddr, u8)>,
    /// Its gateways.
    pub gateways: Vec<IpAddr>,
    /// Its name servers, in the order of use.
    pub name_servers: Vec<IpAddr>,
    /// The domain of its connection.
    pub suffix: Option<String>,
    /// Who gave it its address.
    pub dhcp_server: Option<IpAddr>,
}

/// A service, as `EnumServicesStatusExW` gives it; never where its program is or how it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawService {
    /// The system's name for it.
    pub name: String,
    /// Bits of its kind (`dwServiceType`).
    pub kind: u32,
    /// Its state (`dwCurrentState`; 4: it runs).
    pub state: u32,
}

impl RawService {
    /// Its state while it runs (`SERVICE_RUNNING`).
    pub const RUNS: u32 = 4;

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.state == Self::RUNS
    }
}

/// A socket, as `GetExtendedTcpTable` and `GetExtendedUdpTable` give it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawSocket {
    /// TCP, or else UDP.
    pub tcp: bool,
    /// Address and port here.
    pub local: (IpAddr, u16),
    /// Address and port there; all zeros where there is none.
    pub peer: (IpAddr, u16),
    /// State of TCP (`MIB_TCP_STATE`); 0 of UDP.
    pub state: u32,
    /// The process that holds it; 0: not told.
    pub process: u32,
}

/// To what this Windows belongs (`NetGetJoinInformation`, `DsRoleGetPrimaryDomainInformation`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawJoin {
    /// 1 to nothing, 2 a workgroup, 3 a domain (`NETSETUP_JOIN_STATUS`).
    pub status: u32,
    /// Name of workgroup or domain, in the short form.
    pub name: String,
    /// 0 and 1 workstation, 2 and 3 server, 4 and 5 controller of a domain
    /// (`DSROLE_MACHINE_ROLE`).
    pub role: Option<u32>,
    /// The domain's name in DNS.
    pub domain: Option<String>,
}

/// What the token of a log-in says of rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawToken {
    /// Whose it is.
    pub sid: String,
    /// 1 not divided, 2 full, 3 limited (`TOKEN_ELEVATION_TYPE`).
    pub elevation: u32,
    /// Groups with their attributes (`SE_GROUP_*`), sorted; groups of a limited token's full twin
    /// are the same.
    pub groups: Vec<(String, u32)>,
}

/// A session with somebody in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawSession {
    /// Number.
    pub id: u32,
    /// `Console`, `RDP-Tcp#3`.
    pub station: String,
    /// 0 active, 4 disconnected (`WTS_CONNECTSTATE_CLASS`).
    pub state: u32,
    /// Who.
    pub user: String,
    /// Of which domain or machine.
    pub domain: String,
    /// Its token; only the system's own account may ask for it.
    pub token: Answer<RawToken>,
}

/// A local account, without its full name and comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawAccount {
    /// Name.
    pub name: String,
    /// Last part of its SID.
    pub rid: u32,
    /// Bits (`UF_*`; 2: switched off).
    pub flags: u32,
}

/// A member of a local group.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawMember {
    /// SID.
    pub sid: String,
    /// Name, where this machine knows it without asking another.
    pub name: Option<String>,
}

/// Rules for passwords (`USER_MODALS_INFO_0` and `_3`). All bits set: never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawPasswordRules {
    /// Shortest length.
    pub length_min: u32,
    /// Seconds after which it must be changed.
    pub age_max_s: u32,
    /// Passwords that are remembered.
    pub history: u32,
    /// Failed log-ins before the account is locked; 0: never.
    pub lockout_after: u32,
}

/// A property of an object of WMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawProperty {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text; dates come as text too (`20261125101500.000000+540`).
    Text(String),
    /// Several.
    List(Vec<RawProperty>),
    /// Of a type that no fact of ours has.
    Other,
}

/// An object of WMI: the properties that were asked for, by their name.
pub type RawObject = std::collections::BTreeMap<String, RawProperty>;

/// An update that Windows Update offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawUpdate {
    /// Title.
    pub title: String,
    /// Numbers of its articles, without `KB`.
    pub articles: Vec<String>,
    /// Whether it belongs to the category of security updates, or is rated critical or important.
    pub security: bool,
}

/// A log of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEventLog {
    /// Time of its oldest entry, in seconds since 1970.
    pub oldest_at: Option<i64>,
    /// Size of its file.
    pub bytes: u64,
}
