//! Hardware: the machine itself and what tells it from others. Comes in: firmware's strings, the
//! kernel's files, raw values; goes out: the body of section `hardware`; stand-ins that makers leave
//! in the firmware are never taken for values, and the machine-id never leaves as it is.

mod firmware;
mod name;
mod virtualization;

use daicho_report::{Hardware, Hash, Join, Reading, Reason, Volume};

use super::field::line;
use crate::platform::{Answer, Miss, RawMachine, RawVolume, Source, System};

pub(super) use virtualization::container;

const MACHINE: &str = "sysinfo";
const MACHINE_IDS: &[&str] = &["/etc/machine-id", "/var/lib/dbus/machine-id"];
/// What Windows made up when it was installed.
const MACHINE_GUID: (&str, &str) = (r"HKLM\SOFTWARE\Microsoft\Cryptography", "MachineGuid");
/// Hashed with the machine-id: nobody else's hash of it is the same (machine-id(5)).
const MACHINE_ID_USE: &str = "daicho machine-id 1\n";
/// Bytes of a mebibyte.
pub(super) const MIB: u64 = 1 << 20;
const VOLUMES_MAX: usize = 256;
/// `NETSETUP_JOIN_STATUS`.
const IN_NOTHING: u32 = 1;
const IN_WORKGROUP: u32 = 2;
const IN_DOMAIN: u32 = 3;
/// From here on `DSROLE_MACHINE_ROLE` means controllers of a domain.
const CONTROLLER: u32 = 4;

/// Reads the machine.
#[must_use]
pub fn read(source: &Source) -> Hardware {
    let machine = source.machine();
    Hardware {
        host_name: name::host_name(source, &machine),
        domain: name::domain(source, &machine),
        join: join(source),
        machine_id: machine_id(source),
        smbios_uuid: firmware::uuid(source),
        manufacturer: firmware::manufacturer(source),
        model: firmware::model(source),
        serial: firmware::serial(source),
        chassis: firmware::chassis(source),
        virtualization: virtualization::read(source),
        processor: of_machine(&machine, |it| it.processor.as_deref().and_then(line)),
        processor_count: of_machine(&machine, |it| (it.processors > 0).then_some(it.processors)),
        memory_mib: of_machine(&machine, |it| (it.memory > 0).then_some(it.memory / MIB)),
        volumes: volumes(&machine),
    }
}

/// A value of the machine; one that the system left empty is unknown.
fn of_machine<T>(
    machine: &Answer<RawMachine>,
    value: impl FnOnce(&RawMachine) -> Option<T>,
) -> Reading<T> {
    match machine {
        Ok(machine) => Reading::from_result(value(machine).ok_or(Reason::failed("empty")), MACHINE),
        Err(miss) => Reading::unknown(miss.clone().reason(), MACHINE),
    }
}

/// To what Windows belongs; what Linux does with a directory is told by its accounts.
fn join(source: &Source) -> Reading<Join> {
    const PLACE: &str = "NetGetJoinInformation, DsRoleGetPrimaryDomainInformation";
    if source.system() != System::Windows {
        return Reading::unknown(Reason::Unsupported, "domain membership");
    }
    let join = source.join().map_err(Miss::reason).and_then(|raw| {
        let name = line(raw.domain.as_deref().unwrap_or(&raw.name));
        match (raw.role, raw.status, name) {
            (Some(CONTROLLER..), _, Some(name)) => Ok(Join::DomainController(name)),
            (_, IN_DOMAIN, Some(name)) => Ok(Join::Domain(name)),
            (_, IN_WORKGROUP, Some(name)) => Ok(Join::Workgroup(name)),
            // Neither; a domain without a name is none.
            (_, IN_NOTHING, _) => Ok(Join::Workgroup(String::new())),
            _ => Err(Reason::failed("join status")),
        }
    });
    Reading::from_result(join, PLACE)
}

/// The installed system's identity, hashed: the id itself is to stay on the machine.
fn machine_id(source: &Source) -> Reading<String> {
    if source.system() == System::Windows {
        return machine_guid(source);
    }
    let mut miss = None;
    for path in MACHINE_IDS {
        let reason = match source.text(path) {
            Ok(text) => match hashed(text.trim()) {
                Some(hash) => return Reading::known(hash, *path),
                None => Reason::failed("no machine-id"),
            },
            Err(Miss::Absent) => continue,
            Err(Miss::Unknown(reason)) => reason,
        };
        miss.get_or_insert((reason, *path));
    }
    let (reason, path) = miss.unwrap_or((Miss::Absent.reason(), "/etc/machine-id"));
    Reading::unknown(reason, path)
}

fn machine_guid(source: &Source) -> Reading<String> {
    let (key, name) = MACHINE_GUID;
    let value = source.registry(key, name).map_err(Miss::reason);
    let hash = value.and_then(|value| {
        let text = value.text().unwrap_or_default().replace('-', "");
        hashed(&text).ok_or(Reason::failed("no machine-id"))
    });
    Reading::from_result(hash, format!("{key}\\{name}"))
}

fn hashed(id: &str) -> Option<String> {
    let id = id.to_ascii_lowercase();
    let is_id = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    // `uninitialized` and zeros are no identity.
    (is_id && id.bytes().any(|b| b != b'0'))
        .then(|| Hash::of(format!("{MACHINE_ID_USE}{id}").as_bytes()).to_string())
}

fn volumes(machine: &Answer<RawMachine>) -> Reading<Vec<Volume>> {
    match machine {
        Ok(machine) => volume_reading(machine, of_volumes(machine)),
        Err(miss) => Reading::unknown(miss.clone().reason(), MACHINE),
    }
}

/// Volumes; when the system gave none of any kind, the list could not be read. When one of several
/// did not answer, the source says so.
pub(super) fn volume_reading<T>(machine: &RawMachine, value: T) -> Reading<T> {
    match &machine.volumes_unread {
        unread if machine.volumes.is_empty() => {
            let reason = unread.clone().unwrap_or(Reason::failed("empty"));
            Reading::unknown(reason, MACHINE)
        }
        Some(_) => Reading::known(value, format!("{MACHINE}, not every volume answered")),
        None => Reading::known(value, MACHINE),
    }
}

fn of_volumes(machine: &RawMachine) -> Vec<Volume> {
    let mut volumes: Vec<Volume> = local_volumes(machine)
        .filter_map(|raw| {
            Some(Volume {
                mount: place(&raw.mount),
                file_system: line(&raw.file_system)?,
                size_bytes: raw.total,
            })
        })
        .collect();
    volumes.sort();
    volumes
}

/// Volumes that belong to the machine: not images that are mounted, not what can be taken out.
pub(super) fn local_volumes(machine: &RawMachine) -> impl Iterator<Item = &RawVolume> {
    let belongs = |raw: &&RawVolume| {
        let is_image = raw.device.starts_with("/dev/loop")
            || matches!(
                raw.file_system.as_str(),
                "squashfs" | "iso9660" | "udf" | "erofs"
            );
        // Engines lay single files of the host over those of a container.
        let is_file = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];
        let is_file = is_file.contains(&raw.mount.as_str());
        !raw.removable && !is_image && !is_file && raw.total > 0
    };
    machine.volumes.iter().filter(belongs).take(VOLUMES_MAX)
}

/// Where a volume is mounted, for the system's own places. Others may name people or customers.
pub(super) fn place(mount: &str) -> String {
    let own = [
        "/",
        "/boot",
        "/boot/efi",
        "/efi",
        "/home",
        "/opt",
        "/root",
        "/srv",
        "/tmp",
        "/usr",
        "/var",
        "/usr/local",
        "/var/cache",
        "/var/lib",
        "/var/lib/docker",
        "/var/lib/mysql",
        "/var/lib/postgresql",
        "/var/log",
        "/var/log/audit",
        "/var/tmp",
        "/var/www",
    ];
    let is_own = own.contains(&mount);
    // A drive of Windows.
    let is_drive = mount.trim_end_matches('\\').len() == 2 && mount.contains(':');
    if is_own || is_drive {
        mount.to_owned()
    } else {
        "(other)".to_owned()
    }
}

#[cfg(test)]
mod tests;
