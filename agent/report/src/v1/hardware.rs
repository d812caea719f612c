//! Section `hardware`: the machine itself and what tells it from others.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// Kind of machine, from the SMBIOS chassis byte (DSP0134 §7.4.1) and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chassis {
    /// Desktop computer.
    Desktop,
    /// Notebook or tablet.
    Notebook,
    /// Server.
    Server,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// Whether the machine is virtual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Virtualization {
    /// A physical machine.
    Physical,
    /// A virtual machine; the technology (`kvm`, `vmware`, `firecracker`).
    Virtual(String),
    /// A container; the technology (`docker`, `lxc`).
    Container(String),
}

/// To what the machine belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// To nothing but itself, in a workgroup of this name.
    Workgroup(String),
    /// To this domain.
    Domain(String),
    /// It is a controller of this domain.
    DomainController(String),
}

/// A file system on a local volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Volume {
    /// Where it is mounted, for the system's own places; others are not named.
    pub mount: String,
    /// File system (`ext4`, `NTFS`).
    pub file_system: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// The machine itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hardware {
    /// Host name without domain.
    pub host_name: Reading<String>,
    /// Domain the host name belongs to; `null` value: none.
    pub domain: Reading<Option<String>>,
    /// Workgroup or domain, and as what.
    pub join: Reading<Join>,
    /// Identity of the installed system (machine-id, MachineGuid), hashed when it is a secret.
    pub machine_id: Reading<String>,
    /// SMBIOS UUID.
    pub smbios_uuid: Reading<String>,
    /// Manufacturer.
    pub manufacturer: Reading<String>,
    /// Model.
    pub model: Reading<String>,
    /// Serial number of the machine.
    pub serial: Reading<String>,
    /// Kind of machine.
    pub chassis: Reading<Chassis>,
    /// Virtual or not.
    pub virtualization: Reading<Virtualization>,
    /// Processor, as it names itself.
    pub processor: Reading<String>,
    /// Logical processors.
    pub processor_count: Reading<u32>,
    /// Memory in MiB.
    pub memory_mib: Reading<u64>,
    /// Local volumes, sorted.
    pub volumes: Reading<Vec<Volume>>,
}

impl SectionBody for Hardware {
    const KIND: &'static str = "hardware";
}
