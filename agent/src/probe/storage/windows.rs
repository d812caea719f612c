//! Windows: BitLocker, shares given and taken, storage on USB. Comes in: what WMI says of volumes, and
//! the registry; goes out: the body of section `storage`; of a share that is taken its server alone.

mod share;

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, RemoteMount, Storage, UsbStorage, VolumeEncryption};

use crate::platform::{RawObject, RawProperty, Source};
use crate::probe::field::host;
use crate::probe::registry::{is_on, keys, number, people, text};

#[cfg(test)]
mod tests;

const ENCRYPTION: &str = r"root\cimv2\Security\MicrosoftVolumeEncryption";
const VOLUME: &str = "Win32_EncryptableVolume";
const NO_NAMESPACE: &str = "0x8004100E";
const TAKEN: &str = r"registry HKU\…\Network";
const USB: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\USBSTOR";
const REMOVABLE: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices";
/// Removable disks, in that policy.
const DISKS: &str = "{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}";

pub(super) fn read(source: &Source) -> Storage {
    Storage {
        encryption: encryption(source),
        shares: share::shares(source),
        remote_mounts: Reading::from_result(taken(source), TAKEN),
        usb_storage: usb_storage(source),
    }
}

fn encryption(source: &Source) -> Reading<Vec<VolumeEncryption>> {
    let place = format!("WMI {VOLUME}");
    let properties = &["DriveLetter", "ProtectionStatus", "ConversionStatus"];
    let found = match source.wmi(ENCRYPTION, VOLUME, properties) {
        Ok(volumes) => volumes.iter().filter_map(volume).collect(),
        // Editions without BitLocker do not have the namespace.
        Err(miss) => Err(match miss.reason() {
            Reason::Failed(code) if code == NO_NAMESPACE => Reason::Unsupported,
            reason => reason,
        }),
    };
    let sorted = found.and_then(|all: BTreeSet<VolumeEncryption>| {
        if all.is_empty() {
            return Err(Reason::failed("no volume"));
        }
        Ok(all.into_iter().collect())
    });
    Reading::from_result(sorted, place)
}

/// A volume with a letter; what is not mounted is nobody's.
fn volume(object: &RawObject) -> Option<Result<VolumeEncryption, Reason>> {
    let letter = match object.get("DriveLetter") {
        Some(RawProperty::Text(letter)) if letter.len() == 2 => letter,
        _ => return None,
    };
    let whole = |name: &str| match object.get(name) {
        Some(RawProperty::Number(number)) => Some(*number),
        _ => None,
    };
    let encryption = match (whole("ProtectionStatus"), whole("ConversionStatus")) {
        (Some(1), _) => Some("BitLocker"),
        // Encrypted, and the key lies open.
        (Some(0), Some(1)) => Some("BitLocker (suspended)"),
        (Some(0), Some(2..)) => Some("BitLocker (in progress)"),
        (Some(0), _) => None,
        // Locked: nobody can tell.
        _ => return Some(Err(Reason::failed("protection status"))),
    };
    Some(Ok(VolumeEncryption {
        mount: format!("{letter}\\"),
        encryption: encryption.map(str::to_owned),
    }))
}

/// Servers whose shares stand as drives of those who are logged in.
fn taken(source: &Source) -> Result<Vec<RemoteMount>, Reason> {
    let mut found = BTreeSet::new();
    for sid in people(source)? {
        let place = format!(r"HKU\{sid}\Network");
        for letter in keys(source, &place)?.iter().take(26) {
            let key = format!(r"{place}\{letter}");
            let path = text(source, &[&key], "RemotePath")?.unwrap_or_default();
            let server = path
                .strip_prefix(r"\\")
                .and_then(|it| it.split('\\').next());
            found.extend(server.and_then(host).map(|server| RemoteMount {
                protocol: "smb".to_owned(),
                server: server.to_lowercase(),
            }));
        }
    }
    Ok(found.into_iter().collect())
}

fn usb_storage(source: &Source) -> Reading<UsbStorage> {
    let disks = format!(r"{REMOVABLE}\{DISKS}");
    let blocked = |place: &str| UsbStorage::Blocked(place.to_owned());
    let find = || {
        if number(source, &[USB], "Start")? == Some(4) {
            return Ok(blocked("USBSTOR Start 4"));
        }
        for (key, name) in [(REMOVABLE, "Deny_All"), (disks.as_str(), "Deny_Read")] {
            if is_on(source, &[key], name)? == Some(true) {
                return Ok(blocked(&format!("policy {name}")));
            }
        }
        if is_on(source, &[&disks], "Deny_Write")? == Some(true) {
            return Ok(UsbStorage::Controlled("policy Deny_Write".to_owned()));
        }
        Ok(UsbStorage::Allowed)
    };
    Reading::from_result(find(), format!("{USB}, {REMOVABLE}"))
}
