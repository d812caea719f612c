//! Encryption of volumes, shares given and taken, storage on USB. Comes in: mounts, sysfs, settings
//! of Samba, NFS and modprobe; goes out: the body of section `storage`; no path of a folder but the
//! system's own places, and no account, leaves it.

mod windows;

use std::collections::BTreeSet;
use std::net::IpAddr;

use daicho_report::{Reading, Reason, RemoteMount, Share, Storage, UsbStorage, VolumeEncryption};

use super::field::{host, line};
use super::hardware::{container, local_volumes, place};
use super::setting::{is_yes, lines, of_file, pair};
use super::unit::Units;
use crate::platform::{Miss, RawVolume, Source, System};

#[cfg(test)]
mod tests;

const MOUNTS: &str = "/proc/self/mountinfo";
const BLOCK: &str = "/sys/class/block";
const SAMBA: &str = "/etc/samba/smb.conf";
const EXPORTS: &str = "/etc/exports";
const EXPORT_PARTS: &str = "/etc/exports.d";
const MODPROBE: &[&str] = &["/etc/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"];
const USBGUARD: &str = "usbguard.service";
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ceph",
    "glusterfs",
    "afs",
];
/// Devices that stand on others: crypt on LVM on RAID on partitions.
const DEPTH_MAX: usize = 6;
const ENTRIES_MAX: usize = 1_000;

/// Reads the section.
#[must_use]
pub fn read(source: &Source, units: &Units) -> Storage {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    Storage {
        encryption: encryption(source),
        shares: shares(source),
        remote_mounts: remote_mounts(source),
        usb_storage: usb_storage(source, units),
    }
}

fn encryption(source: &Source) -> Reading<Vec<VolumeEncryption>> {
    let machine = match source.machine() {
        Ok(machine) => machine,
        Err(miss) => return Reading::unknown(miss.reason(), MOUNTS),
    };
    let mut found = BTreeSet::new();
    for volume in local_volumes(&machine) {
        match layers(source, volume) {
            Ok(encryption) => found.insert(VolumeEncryption {
                mount: place(&volume.mount),
                encryption,
            }),
            Err(reason) => return Reading::unknown(reason, BLOCK),
        };
    }
    if found.is_empty() {
        return Reading::unknown(Reason::failed("no volume"), MOUNTS);
    }
    Reading::known(found.into_iter().collect(), BLOCK)
}

/// The encryption of the first layer below a volume that has one.
fn layers(source: &Source, volume: &RawVolume) -> Result<Option<String>, Reason> {
    // It encrypts by itself, and which of its file systems stands in no file.
    if volume.file_system == "zfs" {
        return Err(Reason::Unsupported);
    }
    let mut below = vec![device(source, &volume.device)];
    for _ in 0..DEPTH_MAX {
        let mut next = Vec::new();
        for name in &below {
            match source.text(&format!("{BLOCK}/{name}/dm/uuid")) {
                Ok(text) => {
                    if let Some(kind) = text.strip_prefix("CRYPT-") {
                        return Ok(line(kind.split('-').next().unwrap_or_default()));
                    }
                }
                Err(Miss::Absent) => {}
                Err(Miss::Unknown(reason)) => return Err(reason),
            }
            match source.folder(&format!("{BLOCK}/{name}/slaves")) {
                Ok(names) => next.extend(names),
                Err(Miss::Absent) => {}
                Err(Miss::Unknown(reason)) => return Err(reason),
            }
        }
        if next.is_empty() {
            return Ok(None);
        }
        below = next;
    }
    Err(Reason::failed("too deep"))
}

/// The kernel's name of a device: `/dev/mapper/root` is a link to `../dm-0`.
fn device(source: &Source, path: &str) -> String {
    let target = source.link(path).unwrap_or_else(|_| path.to_owned());
    target.rsplit('/').next().unwrap_or_default().to_owned()
}

fn shares(source: &Source) -> Reading<Vec<Share>> {
    let places = format!("{SAMBA}, {EXPORTS}");
    let smb = of_file(source, SAMBA).map_err(|reason| (reason, SAMBA));
    let nfs =
        lines(source, &[EXPORTS], &[EXPORT_PARTS], ".exports").map_err(|reason| (reason, EXPORTS));
    match (smb, nfs) {
        (Ok(smb), Ok(nfs)) => {
            let mut found = samba(&smb.unwrap_or_default());
            found.extend(nfs.iter().take(ENTRIES_MAX).filter_map(|line| export(line)));
            found.sort();
            found.dedup();
            Reading::known(found, places)
        }
        (Err((reason, place)), _) | (_, Err((reason, place))) => Reading::unknown(reason, place),
    }
}

/// Sections of smb.conf are shares, but for those that stand for settings or for every account.
fn samba(lines: &[String]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    let mut current: Option<Share> = None;
    for text in lines {
        // A printer is no folder.
        let pair = text.split_once('=');
        let is_of = |name: &str| matches!(name.trim(), "printable" | "print ok");
        if pair.is_some_and(|(name, value)| is_of(name) && is_yes(value.trim())) {
            current = None;
        }
        if let Some(name) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            shares.extend(current.take());
            let is_setting = ["global", "print$"].contains(&name.to_ascii_lowercase().as_str());
            current = line(name).filter(|_| !is_setting).map(|name| Share {
                protocol: "smb".to_owned(),
                name,
                writable: None,
                open: None,
                granted: None,
            });
        } else if let (Some(share), Some((name, value))) = (current.as_mut(), text.split_once('='))
        {
            let value = is_yes(value.trim());
            match name.trim().to_ascii_lowercase().as_str() {
                "read only" => share.writable = Some(!value),
                "writable" | "writeable" | "write ok" => share.writable = Some(value),
                "guest ok" | "public" => share.open = Some(value),
                _ => {}
            }
        }
        if shares.len() >= ENTRIES_MAX {
            break;
        }
    }
    shares.extend(current);
    shares
}

/// `/srv 192.0.2.0/24(rw,sync) *(ro)`: the folder and who may mount it.
fn export(text: &str) -> Option<Share> {
    let (folder, clients) = match text.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?,
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    let options = |client: &str| {
        let options = client.split_once('(').map_or("", |(_, rest)| rest);
        options
            .trim_end_matches(')')
            .split(',')
            .any(|it| it == "rw")
    };
    let clients: Vec<&str> = clients.split_whitespace().collect();
    let open = clients.is_empty()
        || clients.iter().any(|it| {
            let host = it.split('(').next().unwrap_or_default();
            matches!(host, "" | "*" | "0.0.0.0/0" | "::/0")
        });
    folder.starts_with('/').then(|| Share {
        protocol: "nfs".to_owned(),
        name: place(folder),
        writable: Some(clients.iter().any(|it| options(it))),
        open: Some(open),
        granted: None,
    })
}

fn remote_mounts(source: &Source) -> Reading<Vec<RemoteMount>> {
    let text = match source.text(MOUNTS) {
        Ok(text) => text,
        Err(miss) => return Reading::unknown(miss.reason(), MOUNTS),
    };
    let found: BTreeSet<RemoteMount> = text
        .lines()
        .take(ENTRIES_MAX)
        .filter_map(|line| line.split_once(" - "))
        .filter_map(|(_, rest)| {
            let mut words = rest.split(' ');
            remote_mount(words.next()?, words.next()?)
        })
        .collect();
    Reading::known(found.into_iter().collect(), MOUNTS)
}

/// `server:/folder`, `[2001:db8::1]:/folder`, `//server/share`, `account@server:folder`: the server
/// alone.
fn remote_mount(kind: &str, from: &str) -> Option<RemoteMount> {
    let sshfs = kind == "fuse.sshfs";
    if !REMOTE.contains(&kind) && !sshfs {
        return None;
    }
    Some(RemoteMount {
        protocol: if sshfs {
            "sshfs".to_owned()
        } else {
            kind.to_owned()
        },
        server: server(from)?,
    })
}

/// Folder and account go, in whatever form they stand beside the server.
fn server(from: &str) -> Option<String> {
    // The list of mounts writes a backslash by its number.
    let from = from.replace("\\134", "/");
    let rest = from.trim_start_matches('/');
    let bare = rest.split(":/").next()?;
    if bare.parse::<IpAddr>().is_ok() {
        return Some(bare.to_owned());
    }
    let account = |end: usize| {
        rest.get(..end)?
            .rsplit_once('@')
            .map(|(account, _)| account.len() + 1)
    };
    let end = rest.find(['/', ':', '=', ',', '[']).unwrap_or(rest.len());
    let rest = rest.get(account(end).unwrap_or(0)..)?;
    match rest.strip_prefix('[') {
        Some(inner) => host(inner.split(']').next()?),
        None => host(rest.split(['/', ':', '=', ',']).next()?),
    }
}

fn usb_storage(source: &Source, units: &Units) -> Reading<UsbStorage> {
    // Its host decides.
    if let Ok(Some((_, path))) = container(source) {
        return Reading::unknown(Reason::Unsupported, path);
    }
    for folder in MODPROBE {
        match lines(source, &[], &[folder], ".conf") {
            Ok(found) => {
                if let Some(rule) = found.iter().find_map(|line| keeps_out(line)) {
                    let setting = format!("{rule} ({folder})");
                    return Reading::known(UsbStorage::Blocked(setting), *folder);
                }
            }
            Err(reason) => return Reading::unknown(reason, *folder),
        }
    }
    let place = "/etc/modprobe.d, usbguard";
    match &units.running {
        Ok(Some(all)) if all.contains(USBGUARD) => {
            Reading::known(UsbStorage::Controlled("usbguard".to_owned()), USBGUARD)
        }
        Ok(_) => Reading::known(UsbStorage::Allowed, place),
        Err(reason) => Reading::unknown(reason.clone(), place),
    }
}

/// `install usb-storage /bin/false`, `blacklist usb_storage`.
fn keeps_out(line: &str) -> Option<&'static str> {
    let (name, rest) = pair(line)?;
    let mut words = rest.split_whitespace();
    let module = words.next()?.replace('_', "-");
    if module != "usb-storage" && module != "uas" {
        return None;
    }
    match name.as_str() {
        "blacklist" if module == "usb-storage" => Some("blacklist usb-storage"),
        "install" => {
            let program = words.next()?.rsplit('/').next()?;
            (module == "usb-storage" && matches!(program, "true" | "false"))
                .then_some("install usb-storage")
        }
        _ => None,
    }
}
