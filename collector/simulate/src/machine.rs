//! A machine with an agent, as far as its agent can see. Comes in: what is installed on it; goes out:
//! the traits from which its report is written. It knows no network but its own interfaces.

pub(crate) mod antivirus;
pub(crate) mod iron;
pub(crate) mod release;
pub(crate) mod software;

use std::collections::BTreeSet;
use std::net::IpAddr;

use daicho_report::{
    Address, AdministratorGrant, Certificate, Guest, HostEntry, ListedFolder, Printer, Protocol,
    Reason, RemoteMount, ResolverRule, ServiceStart, Share, ShareGrant, ShareParty, ShareRight,
    Time, Tool, Vpn,
};

use iron::Iron;
use release::Release;

/// When a machine is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hours {
    /// Always.
    Always,
    /// In the hours of the day clinic, on weekdays.
    Office,
}

/// A local account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub name: String,
    pub number: u32,
    pub can_log_in: bool,
    pub grants: Vec<AdministratorGrant>,
}

/// A socket that waits.
#[derive(Debug, Clone)]
pub(crate) struct Waits {
    pub protocol: Protocol,
    pub port: u16,
    pub program: &'static str,
    pub local_only: bool,
}

/// An installed program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    pub name: String,
    pub version: String,
    pub publisher: String,
}

/// Something that could not be read: section, field, why, what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blind {
    pub section: &'static str,
    /// Field; empty: the whole section.
    pub field: &'static str,
    pub reason: Reason,
    /// From when on; `None`: always.
    pub since: Option<Time>,
}

/// Something that was otherwise before.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// Before, the system stood at this older patch.
    Patched { version: String, at: Time },
    /// Before, somebody else logged in.
    LoggedIn(String),
    /// Before, this program had this version.
    Updated { name: String, version: String },
    /// Before, it had another address (the interface says which).
    Moved,
}

/// A machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub release: &'static Release,
    /// Version of the system, to the last number.
    pub version: String,
    pub installed_at: Time,
    pub iron: Iron,
    pub machine_id: String,
    pub domain: Option<String>,
    pub hours: Hours,
    pub users: Vec<User>,
    /// Account that works at it, and whether it logs in by itself.
    pub log_in: Option<(String, bool)>,
    /// Whether the place of the account's rights could be asked in the directory.
    pub directory: bool,
    pub programs: BTreeSet<Program>,
    pub services: Vec<(String, ServiceStart, bool)>,
    pub autostarts: Vec<(String, String)>,
    pub waits: Vec<Waits>,
    pub antivirus: Option<antivirus::Installed>,
    pub firewall: bool,
    pub shares: Vec<Share>,
    pub printers: Vec<Printer>,
    pub mounts: Vec<RemoteMount>,
    pub encrypted: bool,
    pub usb_blocked: bool,
    pub routes: Vec<(Address, IpAddr, usize)>,
    pub forwarding: bool,
    pub tools: Vec<Tool>,
    pub backups: Vec<Tool>,
    pub vpns: Vec<Vpn>,
    pub guests: Vec<Guest>,
    pub runs_on: Option<String>,
    pub proxies: Vec<String>,
    pub roots: Vec<Certificate>,
    pub certificates: Vec<Certificate>,
    pub hosts: Vec<HostEntry>,
    pub resolved: Vec<String>,
    pub rules: Vec<ResolverRule>,
    pub bypass: Vec<String>,
    pub folders: Vec<ListedFolder>,
    pub tasks: Vec<String>,
    pub credentials: Vec<String>,
    pub updates_from: Vec<String>,
    pub clock_from: Vec<String>,
    pub patched_at: Time,
    pub name_servers: Option<Vec<IpAddr>>,
    pub blind: Vec<Blind>,
    pub turns: Vec<(Time, Turn)>,
    /// Its clock is off by so many seconds.
    pub clock_off_s: i64,
    pub agent_version: &'static str,
    pub enrolled_at: Time,
    /// It says goodbye when it falls silent.
    pub goodbye: bool,
}

impl Machine {
    /// A machine on which nothing is installed yet.
    pub(crate) fn bare(release: &'static Release, iron: Iron, hours: Hours) -> Self {
        Self {
            release,
            version: String::new(),
            installed_at: Time::EPOCH,
            iron,
            machine_id: String::new(),
            domain: None,
            hours,
            users: Vec::new(),
            log_in: None,
            directory: false,
            programs: BTreeSet::new(),
            services: Vec::new(),
            autostarts: Vec::new(),
            waits: Vec::new(),
            antivirus: None,
            firewall: false,
            shares: Vec::new(),
            printers: Vec::new(),
            mounts: Vec::new(),
            encrypted: false,
            usb_blocked: false,
            routes: Vec::new(),
            forwarding: false,
            tools: Vec::new(),
            backups: Vec::new(),
            vpns: Vec::new(),
            guests: Vec::new(),
            runs_on: None,
            proxies: Vec::new(),
            roots: Vec::new(),
            certificates: Vec::new(),
            hosts: Vec::new(),
            resolved: Vec::new(),
            rules: Vec::new(),
            bypass: Vec::new(),
            folders: Vec::new(),
            tasks: Vec::new(),
            credentials: Vec::new(),
            updates_from: Vec::new(),
            clock_from: Vec::new(),
            patched_at: Time::EPOCH,
            name_servers: None,
            blind: Vec::new(),
            turns: Vec::new(),
            clock_off_s: 0,
            agent_version: "",
            enrolled_at: Time::EPOCH,
            goodbye: false,
        }
    }

    /// Installs a program.
    pub(crate) fn install(&mut self, name: &str, version: &str, publisher: &str) {
        self.programs.insert(Program {
            name: name.to_owned(),
            version: version.to_owned(),
            publisher: publisher.to_owned(),
        });
    }

    /// Adds a service that starts with the machine and runs.
    pub(crate) fn serve(&mut self, name: &str) {
        let service = (name.to_owned(), ServiceStart::Automatic, true);
        if !self.services.iter().any(|it| it.0 == service.0) {
            self.services.push(service);
        }
    }

    /// Listens on a TCP port.
    pub(crate) fn listen(&mut self, port: u16, program: &'static str) {
        self.wait(Protocol::Tcp, port, program);
    }

    /// Listens.
    pub(crate) fn wait(&mut self, protocol: Protocol, port: u16, program: &'static str) {
        let there = |it: &Waits| it.protocol == protocol && it.port == port;
        if !self.waits.iter().any(there) {
            self.waits.push(Waits {
                protocol,
                port,
                program,
                local_only: false,
            });
        }
    }

    /// Offers a share.
    pub(crate) fn share(&mut self, name: &str, writable: bool, open: bool) {
        // On Windows the share says to whom it is granted, and the folder may still keep them out.
        let windows = self.release.windows;
        let grant = |to| ShareGrant {
            to,
            right: if writable {
                ShareRight::Change
            } else {
                ShareRight::Read
            },
        };
        let everyone = open.then(|| grant(ShareParty::Everyone));
        let granted = everyone.into_iter().chain([grant(ShareParty::Other)]);
        self.shares.push(Share {
            protocol: "smb".to_owned(),
            name: name.to_owned(),
            writable: Some(writable),
            open: (!(windows && open)).then_some(open),
            granted: windows.then(|| granted.collect()),
        });
        if self.release.windows {
            self.listen(445, "System");
        } else {
            self.listen(445, "smbd");
        }
    }

    /// Adds a local account.
    pub(crate) fn user(&mut self, name: &str, administrator: bool) {
        let number = self.users.iter().map(|it| it.number).max().unwrap_or(1000);
        let group = if self.release.windows {
            "Administrators"
        } else {
            "sudo"
        };
        self.users.retain(|it| it.name != name);
        self.users.push(User {
            name: name.to_owned(),
            number: number.max(1000) + 1,
            can_log_in: true,
            grants: administrator
                .then(|| AdministratorGrant::Group(group.to_owned()))
                .into_iter()
                .collect(),
        });
    }

    /// Names of local accounts with administrator rights.
    pub(crate) fn administrators(&self) -> Vec<String> {
        let with = self.users.iter().filter(|it| !it.grants.is_empty());
        with.map(|it| it.name.clone()).collect()
    }
}
