//! Raw reads of the machine. Comes in: what a probe asks for by name; goes out: bytes, names and
//! plain values, or why there are none. Everything that is read passes [`Source`], so that a machine
//! can be recorded and played back; nothing here says what a value means.

pub mod address;
pub mod capture;
pub mod daemon;
pub mod filetime;
pub mod private;
pub mod raw;
pub mod record;
pub mod replay;
pub mod space;
pub mod stop;

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod live;
#[cfg(windows)]
#[path = "platform/windows.rs"]
mod live;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "platform/unsupported.rs"]
mod live;
#[cfg(not(windows))]
#[path = "platform/not_windows.rs"]
mod of_windows;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use daicho_report::{Cost, Reason};
use serde::{Deserialize, Serialize};

#[cfg(windows)]
use live as of_windows;

pub use raw::{
    RawAccess, RawAccount, RawAdapter, RawAddress, RawClock, RawEventLog, RawGrant, RawGuest,
    RawJoin, RawLink, RawMachine, RawMember, RawNeighbour, RawObject, RawOffer, RawPackage,
    RawPasswordRules, RawPrinter, RawProcess, RawProperty, RawRoute, RawService, RawSession,
    RawSocket, RawToken, RawUpdate, RawValue, RawVersion, RawVolume,
};
use replay::{Bundle, BundleError};

/// Why a raw read gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// It was looked for and is not there: an answer, not a failure.
    Absent,
    /// It could not be asked.
    Unknown(Reason),
}

impl Miss {
    /// As the reason of a reading: something that had to be there and is not has failed.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Absent => Reason::failed("ENOENT"),
            Self::Unknown(reason) => reason,
        }
    }
}

/// What a raw read gave.
pub type Answer<T> = Result<T, Miss>;

/// The kind of system that is read: its facts are looked for in its own places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux, and every other system: there is nothing else to ask it.
    Linux,
    /// Windows.
    Windows,
}

impl System {
    fn of(name: &str) -> Self {
        if name == "windows" {
            Self::Windows
        } else {
            Self::Linux
        }
    }
}

/// Where the state is unless somebody says otherwise.
pub const DEFAULT_STATE: &str = live::DEFAULT_STATE;

/// The largest file that is read whole, unless the caller allows more.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// The most entries of a folder.
pub const FOLDER_ENTRIES_MAX: usize = 50_000;

/// What this process has cost since it started: no fact about the machine, so no raw read.
#[must_use]
pub fn own_cost() -> Cost {
    live::own_cost()
}

/// Answers one question of a process of this same program, in JSON; only Windows asks so.
#[must_use]
pub fn worker(question: &str) -> String {
    of_windows::worker(question)
}

/// Whether whoever read what is written has gone away.
#[must_use]
pub fn is_closed_pipe(error: &std::io::Error) -> bool {
    // ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED.
    let of_windows = cfg!(windows) && matches!(error.raw_os_error(), Some(109 | 232 | 233));
    error.kind() == std::io::ErrorKind::BrokenPipe || of_windows
}

/// Memory that this process takes now, in KiB; 0 where the system does not say.
#[must_use]
pub fn own_memory_kib() -> u64 {
    live::own_memory_kib()
}

/// Where raw values come from, for one collection: what several probes ask is read once.
#[derive(Debug)]
pub struct Source {
    from: From,
    processes: OnceLock<Answer<Vec<RawProcess>>>,
    links: OnceLock<Answer<Vec<RawLink>>>,
    services: OnceLock<Answer<Vec<RawService>>>,
    drivers: OnceLock<Answer<Vec<RawService>>>,
    machine: OnceLock<Answer<RawMachine>>,
    /// Of the first file that is asked for: few machines have another.
    rpm_packages: OnceLock<(String, Answer<Vec<RawPackage>>)>,
}

#[derive(Debug)]
enum From {
    /// This machine.
    Live,
    /// A recording of a machine; what it does not hold was not asked.
    Recorded(Box<Bundle>),
    /// This machine, with every answer kept.
    Recording(Box<Mutex<Bundle>>),
}

impl Source {
    /// This machine.
    #[must_use]
    pub fn live() -> Self {
        Self::new(From::Live)
    }

    fn new(from: From) -> Self {
        Self {
            from,
            processes: OnceLock::new(),
            links: OnceLock::new(),
            services: OnceLock::new(),
            drivers: OnceLock::new(),
            machine: OnceLock::new(),
            rpm_packages: OnceLock::new(),
        }
    }

    /// This machine, with every answer kept for [`Source::save`].
    #[must_use]
    pub fn recording() -> Self {
        Self::new(From::Recording(Box::new(Mutex::new(Bundle::new(
            live::NAME,
        )))))
    }

    /// The recording in a folder.
    pub fn recorded(folder: &Path) -> Result<Self, BundleError> {
        Ok(Self::from_bundle(Bundle::load(folder)?))
    }

    /// A recording at hand.
    #[must_use]
    pub fn from_bundle(bundle: Bundle) -> Self {
        Self::new(From::Recorded(Box::new(bundle)))
    }

    /// Writes what was recorded into a folder; `redact` replaces names and addresses that identify
    /// people and machines, the same one everywhere by the same stand-in.
    pub fn save(&self, folder: &Path, redact: bool) -> Result<(), BundleError> {
        match &self.from {
            From::Recording(bundle) => {
                let bundle = bundle
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                bundle.save(folder, redact)
            }
            From::Live | From::Recorded(_) => Err(BundleError::NothingRecorded),
        }
    }

    /// The kind of system that is read (`linux`), as sections name their source.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.from {
            From::Live | From::Recording(_) => live::NAME,
            From::Recorded(_) => "replay",
        }
    }

    /// The kind of system that is read, or was recorded.
    #[must_use]
    pub fn system(&self) -> System {
        match &self.from {
            From::Live | From::Recording(_) => System::of(live::NAME),
            From::Recorded(bundle) => System::of(bundle.system()),
        }
    }

    /// A whole file of at most [`FILE_BYTES_MAX`] bytes.
    pub fn file(&self, path: &str) -> Answer<Vec<u8>> {
        self.file_up_to(path, FILE_BYTES_MAX)
    }

    /// A whole file of at most `max` bytes; a larger one fails with `EFBIG`.
    pub fn file_up_to(&self, path: &str, max: usize) -> Answer<Vec<u8>> {
        self.ask("file", path, || live::file(path, max).map(Into::into))
            .map(raw::Bytes::into)
    }

    /// A whole file as text: bytes that are no UTF-8 are replaced.
    pub fn text(&self, path: &str) -> Answer<String> {
        self.file(path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first bytes of a file, at most `len`.
    pub fn head(&self, path: &str, len: usize) -> Answer<Vec<u8>> {
        self.ask("head", path, || live::head(path, len).map(Into::into))
            .map(raw::Bytes::into)
    }

    /// The names in a folder, sorted.
    pub fn folder(&self, path: &str) -> Answer<Vec<String>> {
        self.ask("folder", path, || live::folder(path))
    }

    /// Where a symbolic link points.
    pub fn link(&self, path: &str) -> Answer<String> {
        self.ask("link", path, || live::link(path))
    }

    /// Whether something is there. `Ok(false)` only when the system said that it is not.
    pub fn exists(&self, path: &str) -> Answer<bool> {
        self.ask("exists", path, || live::exists(path))
    }

    /// The same as a probe takes it: what is absent is not there, what could not be asked is unknown.
    pub fn has(&self, path: &str) -> Result<bool, Reason> {
        match self.exists(path) {
            Ok(there) => Ok(there),
            Err(Miss::Absent) => Ok(false),
            Err(Miss::Unknown(reason)) => Err(reason),
        }
    }

    /// When a file or folder was made, in seconds since 1970.
    pub fn born(&self, path: &str) -> Answer<i64> {
        self.ask("born", path, || live::born(path))
    }

    /// When a file was last changed, in seconds since 1970.
    pub fn modified(&self, path: &str) -> Answer<i64> {
        self.ask("modified", path, || live::modified(path))
    }

    /// Accounts whose password field in the shadow file marks them as locked. Of the field nothing
    /// but that mark leaves the platform.
    pub fn locked_accounts(&self) -> Answer<Vec<String>> {
        self.ask("locked_accounts", "/etc/shadow", live::locked_accounts)
    }

    /// The last bytes of a file, at most `len`.
    pub fn tail(&self, path: &str, len: usize) -> Answer<Vec<u8>> {
        self.ask("tail", path, || live::tail(path, len).map(Into::into))
            .map(raw::Bytes::into)
    }

    /// Bytes that the files in a folder and one level below take on the disk.
    pub fn folder_bytes(&self, path: &str) -> Answer<u64> {
        self.ask("folder_bytes", path, || live::folder_bytes(path))
    }

    /// The kernel's view of its clock.
    pub fn clock(&self) -> Answer<RawClock> {
        self.ask("clock", "", live::clock)
    }

    /// Proxies that the system's files name, as `host:port`; account and password of such an
    /// address never leave the platform.
    pub fn proxies(&self) -> Answer<Vec<String>> {
        self.ask("proxies", "", live::proxies)
    }

    /// Domains, addresses and ranges that the same files send past the proxies.
    pub fn proxy_bypass(&self) -> Answer<Vec<String>> {
        self.ask("proxy_bypass", "", live::proxy_bypass)
    }

    /// Printers of CUPS; account and password of an address never leave the platform.
    pub fn printers(&self) -> Answer<Vec<RawPrinter>> {
        self.ask("printers", "", live::printers)
    }

    /// Virtual machines that are defined on this host; of a definition nothing else is kept.
    pub fn guests(&self) -> Answer<Vec<RawGuest>> {
        self.ask("guests", "", live::guests)
    }

    /// What an index of packages offers for these names.
    pub fn offers(&self, path: &str, wanted: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
        self.ask("offers", path, || live::offers(path, wanted))
    }

    /// The packages in one file of the RPM database, sorted: of each the few values of
    /// [`RawPackage`] and no more leave the platform.
    pub fn rpm_packages(&self, path: &str) -> Answer<Vec<RawPackage>> {
        let read = || self.ask("rpm_packages", path, || live::rpm_packages(path));
        let (first, answer) = self.rpm_packages.get_or_init(|| (path.to_owned(), read()));
        if first == path {
            answer.clone()
        } else {
            read()
        }
    }

    /// Kernel, processor, memory, volumes, boot time.
    pub fn machine(&self) -> Answer<RawMachine> {
        let read = || self.ask("machine", "", live::machine);
        self.machine.get_or_init(read).clone()
    }

    /// Names of running programs with the sockets that they hold; never their arguments.
    pub fn processes(&self) -> Answer<Vec<RawProcess>> {
        let read = || self.ask("processes", "", live::processes);
        self.processes.get_or_init(read).clone()
    }

    /// Interfaces.
    pub fn links(&self) -> Answer<Vec<RawLink>> {
        let read = || self.ask("links", "", live::links);
        self.links.get_or_init(read).clone()
    }

    /// Their addresses.
    pub fn addresses(&self) -> Answer<Vec<RawAddress>> {
        self.ask("addresses", "", live::addresses)
    }

    /// Routes of all tables.
    pub fn routes(&self) -> Answer<Vec<RawRoute>> {
        self.ask("routes", "", live::routes)
    }

    /// One value of the registry of Windows, below `HKLM\\…` or `HKU\\…`, or `HKLM32\\…` for what
    /// 32-bit programs see. Values that are not asked by their name never leave the platform.
    pub fn registry(&self, key: &str, value: &str) -> Answer<RawValue> {
        let of = format!("{key}\\{value}");
        self.ask("registry", &of, || of_windows::registry(key, value))
    }

    /// Several values of one key, opened once: the same answers as [`Source::registry`] gives, which a
    /// recording keeps one by one.
    pub fn registry_values<const N: usize>(
        &self,
        key: &str,
        names: [&str; N],
    ) -> [Answer<RawValue>; N] {
        let of = |name: &str| format!("{key}\\{name}");
        match &self.from {
            From::Live => of_windows::registry_values(key, names),
            From::Recorded(bundle) => names.map(|name| bundle.answer("registry", &of(name))),
            From::Recording(bundle) => {
                let answers = of_windows::registry_values(key, names);
                let mut bundle = bundle
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                for (name, answer) in names.iter().zip(&answers) {
                    bundle.keep("registry", &of(name), answer);
                }
                answers
            }
        }
    }

    /// Names of the keys below one, sorted.
    pub fn registry_keys(&self, key: &str) -> Answer<Vec<String>> {
        self.ask("registry_keys", key, || of_windows::registry_keys(key))
    }

    /// Whether a value is there and not empty: for those that nobody may read (a password, paths).
    pub fn registry_has(&self, key: &str, value: &str) -> Answer<bool> {
        let of = format!("{key}\\{value}");
        self.ask("registry_has", &of, || of_windows::registry_has(key, value))
    }

    /// Names of the values of a key, sorted, without what they hold.
    pub fn registry_names(&self, key: &str) -> Answer<Vec<String>> {
        self.ask("registry_names", key, || of_windows::registry_names(key))
    }

    /// The version of Windows.
    pub fn windows_version(&self) -> Answer<RawVersion> {
        self.ask("windows_version", "", of_windows::version)
    }

    /// The firmware's table of SMBIOS, as Windows hands it over.
    pub fn firmware(&self) -> Answer<Vec<u8>> {
        self.ask("firmware", "", || of_windows::firmware().map(Into::into))
            .map(raw::Bytes::into)
    }

    /// Adapters of Windows with their addresses and name servers.
    pub fn adapters(&self) -> Answer<Vec<RawAdapter>> {
        self.ask("adapters", "", of_windows::adapters)
    }

    /// Services of Windows, by what manages them.
    pub fn services(&self) -> Answer<Vec<RawService>> {
        let read = || self.ask("services", "", of_windows::services);
        self.services.get_or_init(read).clone()
    }

    /// The kernel's drivers and those of file systems, on Windows.
    pub fn drivers(&self) -> Answer<Vec<RawService>> {
        let read = || self.ask("drivers", "", of_windows::drivers);
        self.drivers.get_or_init(read).clone()
    }

    /// Workgroup or domain of Windows.
    pub fn join(&self) -> Answer<RawJoin> {
        self.ask("join", "", of_windows::join)
    }

    /// Sessions of Windows with somebody in them.
    pub fn sessions(&self) -> Answer<Vec<RawSession>> {
        self.ask("sessions", "", of_windows::sessions)
    }

    /// Local accounts of Windows; never asked of a controller of a domain, where they are all its
    /// accounts.
    pub fn local_accounts(&self) -> Answer<Vec<RawAccount>> {
        self.ask("local_accounts", "", of_windows::local_accounts)
    }

    /// Members of the local group with this SID; nobody else is asked for their names.
    pub fn group_members(&self, sid: &str) -> Answer<Vec<RawMember>> {
        self.ask("group_members", sid, || of_windows::group_members(sid))
    }

    /// Rules for passwords of Windows.
    pub fn password_rules(&self) -> Answer<RawPasswordRules> {
        self.ask("password_rules", "", of_windows::password_rules)
    }

    /// All objects of a class of WMI with these properties. The question is asked by a process of
    /// our own that is ended when it does not answer in time.
    pub fn wmi(&self, namespace: &str, class: &str, properties: &[&str]) -> Answer<Vec<RawObject>> {
        let of = format!("{namespace} {class}");
        self.ask("wmi", &of, || of_windows::wmi(namespace, class, properties))
    }

    /// Updates that Windows Update found at its last search and that are not installed; asked in the
    /// same way, without a new search.
    pub fn offered_updates(&self) -> Answer<Vec<RawUpdate>> {
        self.ask("offered_updates", "", of_windows::offered_updates)
    }

    /// Names below these domains that the resolver of Windows has in its cache. What is below none
    /// of them never leaves the platform.
    pub fn resolved(&self, domains: &[&str]) -> Answer<Vec<String>> {
        self.ask("resolved", "", || of_windows::resolved(domains))
    }

    /// Age and size of a log of events of Windows; no entry is kept.
    pub fn event_log(&self, name: &str) -> Answer<RawEventLog> {
        self.ask("event_log", name, || of_windows::event_log(name))
    }

    /// Whom a share of Windows is granted to.
    pub fn share_access(&self, name: &str) -> Answer<RawAccess> {
        self.ask("share_access", name, || of_windows::share_access(name))
    }

    /// Sockets of Windows.
    pub fn sockets(&self) -> Answer<Vec<RawSocket>> {
        self.ask("sockets", "", of_windows::sockets)
    }

    /// Neighbours (ARP, NDP).
    pub fn neighbours(&self) -> Answer<Vec<RawNeighbour>> {
        self.ask("neighbours", "", live::neighbours)
    }

    fn ask<T: Serialize + serde::de::DeserializeOwned>(
        &self,
        what: &str,
        of: &str,
        read: impl FnOnce() -> Answer<T>,
    ) -> Answer<T> {
        match &self.from {
            From::Live => read(),
            From::Recorded(bundle) => bundle.answer(what, of),
            From::Recording(bundle) => {
                let answer = read();
                let mut bundle = bundle
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                bundle.keep(what, of, &answer);
                answer
            }
        }
    }
}
