//! Section `storage`: encryption of volumes, shares given and taken, and what may be plugged in.
//!
//! Of a share its name and who may use it; of a mounted one the protocol and the server. No path of
//! a folder leaves the machine but the system's own places.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// Encryption of a local volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VolumeEncryption {
    /// Where it is mounted, for the system's own places; others are not named.
    pub mount: String,
    /// Which encryption (`LUKS2`, `BitLocker`); `null`: none below it.
    pub encryption: Option<String>,
}

/// To whom a share is granted. Accounts and groups that somebody made are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareParty {
    /// Everyone (S-1-1-0).
    Everyone,
    /// Who does not log in (S-1-5-7).
    Anonymous,
    /// Guests (S-1-5-32-546, and the account of that name).
    Guests,
    /// Who has any account (S-1-5-11).
    AuthenticatedUsers,
    /// Users of this machine (S-1-5-32-545).
    Users,
    /// All users of the domain.
    DomainUsers,
    /// Administrators, of this machine or the domain.
    Administrators,
    /// Accounts and groups of the hospital's own, or one that this version does not know.
    #[serde(other)]
    Other,
}

impl ShareParty {
    /// Whether nobody who reaches the machine is left out, with an account or without.
    #[must_use]
    pub fn is_everybody(self) -> bool {
        matches!(self, Self::Everyone | Self::Anonymous | Self::Guests)
    }
}

/// What a share lets somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareRight {
    /// Read.
    Read,
    /// Read and write.
    Change,
    /// Change who may use it as well.
    Full,
}

/// A right that a share itself grants; the rights of the folder behind it may take it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShareGrant {
    /// To whom.
    pub to: ShareParty,
    /// The most that any of them may do.
    pub right: ShareRight,
}

/// A folder or printer that this machine offers to others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Share {
    /// Protocol (`smb`, `nfs`).
    pub protocol: String,
    /// Name of the share; for NFS the place, where it is one of the system's own.
    pub name: String,
    /// Whether it can be written to; `null`: not stated.
    pub writable: Option<bool>,
    /// Whether everybody may use it: guests, or every address.
    pub open: Option<bool>,
    /// What the share itself grants, sorted; empty: nothing to anybody; `null`: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Vec<ShareGrant>>,
}

/// A share of another machine that is mounted here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemoteMount {
    /// Protocol (`nfs4`, `cifs`).
    pub protocol: String,
    /// Name or address of the server.
    pub server: String,
}

/// Whether storage on USB can be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsbStorage {
    /// Nothing keeps it out.
    Allowed,
    /// Kept out, by this setting.
    Blocked(String),
    /// A product decides (`usbguard`); its rules are not read.
    Controlled(String),
}

/// Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// Encryption of each local volume, sorted.
    pub encryption: Reading<Vec<VolumeEncryption>>,
    /// Shares offered, sorted.
    pub shares: Reading<Vec<Share>>,
    /// Shares of others in use, sorted.
    pub remote_mounts: Reading<Vec<RemoteMount>>,
    /// Storage on USB.
    pub usb_storage: Reading<UsbStorage>,
}

impl SectionBody for Storage {
    const KIND: &'static str = "storage";
}
