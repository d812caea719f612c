//! Virtual machines defined on this host. Comes in: the definitions that libvirt and Proxmox keep,
//! which may hold passwords of consoles; goes out: name, UUID and whether it runs, and nothing else
//! of them. It asks no daemon.

use std::collections::BTreeSet;

use super::super::{Answer, Miss, RawGuest};
use super::{exists, file, folder};

const LIBVIRT: &str = "/etc/libvirt/qemu";
const LIBVIRT_RUNNING: &str = "/run/libvirt/qemu";
const PROXMOX: &str = "/etc/pve/qemu-server";
const PROXMOX_RUNNING: &str = "/run/qemu-server";
const DEFINITION_BYTES_MAX: usize = 256 << 10;
const GUESTS_MAX: usize = 1_000;

/// All definitions, sorted.
pub(in super::super) fn guests() -> Answer<Vec<RawGuest>> {
    let mut found = BTreeSet::new();
    for name in names(LIBVIRT, ".xml")? {
        let text = file(&format!("{LIBVIRT}/{name}.xml"), DEFINITION_BYTES_MAX)?;
        if let Some(guest) = libvirt(&String::from_utf8_lossy(&text)) {
            let running = runs(&format!("{LIBVIRT_RUNNING}/{name}.pid"));
            found.insert(RawGuest { running, ..guest });
        }
    }
    for number in names(PROXMOX, ".conf")? {
        let text = file(&format!("{PROXMOX}/{number}.conf"), DEFINITION_BYTES_MAX)?;
        let guest = proxmox(&String::from_utf8_lossy(&text), &number);
        let running = runs(&format!("{PROXMOX_RUNNING}/{number}.pid"));
        found.insert(RawGuest { running, ..guest });
    }
    Ok(found.into_iter().collect())
}

fn runs(path: &str) -> Option<bool> {
    exists(path).ok()
}

/// Names of files with this ending, without it; a folder that is not there has none.
fn names(place: &str, ending: &str) -> Answer<Vec<String>> {
    match folder(place) {
        Ok(names) => {
            let names = names.iter().filter_map(|name| name.strip_suffix(ending));
            Ok(names.take(GUESTS_MAX).map(str::to_owned).collect())
        }
        Err(Miss::Absent) => Ok(Vec::new()),
        Err(miss) => Err(miss),
    }
}

/// The first `<name>` and `<uuid>` of a definition stand directly under `<domain>`.
fn libvirt(text: &str) -> Option<RawGuest> {
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        Some(value.trim().to_owned())
    };
    Some(RawGuest {
        name: element("name")?,
        uuid: element("uuid").filter(|it| is_uuid(it)),
        running: None,
    })
}

/// `name: …` and `smbios1: uuid=…,…` before the first section, which is a snapshot.
fn proxmox(text: &str, number: &str) -> RawGuest {
    let lines = text.lines().take_while(|line| !line.starts_with('['));
    let mut guest = RawGuest {
        name: number.to_owned(),
        uuid: None,
        running: None,
    };
    for line in lines {
        if let Some(name) = line.strip_prefix("name:") {
            guest.name = name.trim().to_owned();
        } else if let Some(fields) = line.strip_prefix("smbios1:") {
            let mut fields = fields.split(',').map(str::trim);
            let uuid = fields.find_map(|field| field.strip_prefix("uuid="));
            guest.uuid = uuid.filter(|it| is_uuid(it)).map(str::to_owned);
        }
    }
    guest
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0";

    #[test]
    fn of_a_definition_nothing_but_name_and_uuid_is_kept() {
        let text = format!(
            "<domain type='kvm'>\n <name>his-db</name>\n <uuid>{UUID}</uuid>\n <devices>\
             <graphics type='vnc' passwd='himitsu'/></devices></domain>"
        );
        let guest = libvirt(&text).unwrap();
        assert_eq!(
            (guest.name.as_str(), guest.uuid.as_deref()),
            ("his-db", Some(UUID))
        );
        assert!(!format!("{guest:?}").contains("himitsu"));
        assert_eq!(libvirt("<domain>"), None);
    }

    #[test]
    fn a_snapshot_of_proxmox_is_no_second_guest() {
        let text = format!("name: pacs\nsmbios1: uuid={UUID}\n[before]\nname: old\n");
        let guest = proxmox(&text, "101");
        assert_eq!(
            (guest.name.as_str(), guest.uuid.as_deref()),
            ("pacs", Some(UUID))
        );
        assert_eq!(proxmox("", "102").name, "102");
    }
}
