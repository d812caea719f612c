//! Wire version 1.
//!
//! Order of reading: a [`Fact`] is one value or the reason why there is none; bodies (`os`,
//! `interface`, …) hold readings of facts; a [`Section`] is a body with source, time and hash; an
//! [`Envelope`] lists the sections of one report and is signed; a [`Report`] is what travels.

mod account;
mod antivirus;
mod dictionary;
mod encoding;
mod envelope;
mod fact;
mod firewall;
mod flow;
mod gauge;
mod guest;
mod hardware;
mod hash;
mod interface;
mod interval;
mod limit;
mod message;
mod neighbour;
mod os;
mod patch;
mod picture;
mod policy;
mod printer;
mod route;
mod seal;
mod section;
mod service;
mod software;
mod storage;
mod time;
mod tool;
mod trace;
mod trust;

pub use account::{Account, Accounts, AdministratorGrant, Elevation, LogIn, LogInVerdict};
pub use antivirus::{
    Antivirus, AntivirusKind, AntivirusProduct, AntivirusVerdict, Testimony, Witness,
};
pub use dictionary::DICTIONARY;
pub use encoding::Base64Bytes;
pub use envelope::{Cost, Envelope, EnvelopeError, Report, WIRE_MAJOR, open_envelope};
pub use fact::{Fact, Reading, Reason};
pub use firewall::{DefaultInput, Firewall, FirewallVerdict};
pub use flow::{Direction, Flow, FlowBody, Listener, Listeners, Protocol};
pub use gauge::{Gauges, VolumeGauge};
pub use guest::{Container, Guest, Guests};
pub use hardware::{Chassis, Hardware, Join, Virtualization, Volume};
pub use hash::Hash;
pub use interface::{Address, Interface, InterfaceKind, Interfaces};
pub use interval::{Closed, IntervalBody, Opened};
pub use limit::{Limit, LimitError, check_json};
pub use message::{
    AgentId, EnrolReply, EnrolRequest, Goodbye, GoodbyeCause, Heartbeat, Refusal, Renewal, Reply,
    SignedGoodbye, TreeHead, path,
};
pub use neighbour::{Neighbour, NeighbourBody};
pub use os::{Os, OsFamily};
pub use patch::{InstalledUpdate, Patches, PendingUpdate, Reboot, Updates};
pub use picture::Picture;
pub use policy::{
    LogPolicy, NameQueries, PasswordPolicy, Policies, RemoteDesktop, SshPolicy, TimeSource,
    UacPolicy,
};
pub use printer::{Printer, PrinterConnection, Printers};
pub use route::{Route, RouteKind, Routes};
pub use seal::{ReportKey, ReportKeyPublic, SealError, Signature};
pub use section::{Kept, Section, SectionBody, SectionHash, SectionKind, SectionRef, unknown_body};
pub use service::{Autostart, Service, ServiceStart, Services};
pub use software::{SoftwareItem, SoftwareList};
pub use storage::{
    RemoteMount, Share, ShareGrant, ShareParty, ShareRight, Storage, UsbStorage, VolumeEncryption,
};
pub use time::{Time, TimeError};
pub use tool::{Backups, RemoteTools, Tool, ToolState, Vpn, VpnGrade, Vpns};
pub use trace::{
    HostEntry, KnownNetwork, KnownNetworkKind, ListedFolder, NetworkCategory, ResolverRule, Traces,
};
pub use trust::{Certificate, Trust};

#[cfg(test)]
mod tests;
