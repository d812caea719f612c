//! What the firmware says about the machine. Comes in: the kernel's copies of SMBIOS strings, or the
//! device tree's; goes out: readings; a stand-in (`To Be Filled By O.E.M.`) is unknown, not a value.

use daicho_report::{Chassis, Reading, Reason};

use super::super::field::line;
use super::super::smbios;
use crate::platform::{Miss, Source, System};

/// The kernel's folder of SMBIOS strings.
pub(super) const DMI: &str = "/sys/class/dmi/id";
/// The same strings on Windows.
pub(super) const TABLE: &str = "GetSystemFirmwareTable(RSMB)";
const MODEL_OF_TREE: &str = "/proc/device-tree/model";
const SERIAL_OF_TREE: &str = "/proc/device-tree/serial-number";

/// Whole texts that makers leave where a value should be, in lower case.
const STAND_INS: &[&str] = &[
    "none",
    "n/a",
    "na",
    "null",
    "unknown",
    "unspecified",
    "undefined",
    "not available",
    "not specified",
    "not applicable",
    "invalid",
    "default",
    "default string",
    "oem",
    "o.e.m.",
    "empty",
    "no serial",
    "no serial number",
    "serial",
    "serial number",
    "sernum0",
    "sn",
    "system serial number",
    "system manufacturer",
    "system product name",
    "system name",
    "system version",
    "product name",
    "manufacturer",
    "type1productconfigid",
    "type1family",
    "0123456789",
    "123456789",
    "1234567890",
    "01234567890123456789012",
    "123456789012345678901234567890",
    "bss-0123456789",
    "eval",
    "xxxxxxxx",
    "chassis serial number",
    "base board serial number",
    "03000200-0400-0500-0006-000700080009",
    "00020003-0004-0005-0006-000700080009",
    "12345678-1234-5678-90ab-cddeefaabbcc",
    "fefefefe-fefe-fefe-fefe-fefefefefefe",
];
/// Beginnings of such texts.
const STAND_IN_BEGINNINGS: &[&str] = &[
    "to be filled",
    "to be set by",
    "not to be filled",
    "please change",
    "insert ",
    "<bad index",
    "<out of spec",
];

/// Whether a text is what makers leave where a value should be.
fn is_stand_in(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', ' ']).to_lowercase();
    let mut significant = text.chars().filter(|c| c.is_alphanumeric());
    // Nothing but one character, as `00000000`, `FFFF-FFFF`, `........`.
    let first = significant.next();
    let uniform = first.is_none_or(|first| significant.all(|c| c == first));
    let is_long_or_weak = text.len() > 3 || first.is_none_or(|first| "0fx".contains(first));
    (uniform && is_long_or_weak)
        || STAND_INS.iter().any(|it| text == it.trim_end_matches('.'))
        || STAND_IN_BEGINNINGS.iter().any(|it| text.starts_with(it))
}

/// A string of the firmware.
pub(super) fn string(source: &Source, name: &str) -> Reading<String> {
    if source.system() == System::Windows {
        let text = in_table(source, name);
        return Reading::from_result(text.and_then(|text| worth(&text)), TABLE);
    }
    let path = format!("{DMI}/{name}");
    let value = match source.text(&path) {
        Ok(text) => worth(&text),
        Err(Miss::Unknown(reason)) => Err(reason),
        Err(Miss::Absent) => Err(why_absent(source)),
    };
    Reading::from_result(value, path)
}

/// A text of the table that Windows hands over.
fn in_table(source: &Source, name: &str) -> Result<String, Reason> {
    let bytes = source.firmware().map_err(Miss::reason)?;
    let mut texts = smbios::texts(&bytes).ok_or(Reason::failed("parse"))?;
    texts.remove(name).ok_or(Reason::failed("unset"))
}

/// The kernel shows a string only if the firmware has set it; without the folder there is no SMBIOS.
fn why_absent(source: &Source) -> Reason {
    match source.exists(DMI) {
        Ok(true) => Reason::failed("unset"),
        Ok(false) | Err(Miss::Absent) => Reason::Unsupported,
        Err(Miss::Unknown(reason)) => reason,
    }
}

fn worth(text: &str) -> Result<String, Reason> {
    match line(text.trim_end_matches('\0')) {
        None => Err(Reason::failed("unset")),
        Some(text) if is_stand_in(&text) => Err(Reason::failed("placeholder")),
        Some(text) => Ok(text),
    }
}

/// A string of the firmware, or of the device tree where there is no SMBIOS.
fn string_or_tree(source: &Source, name: &str, tree: &str) -> Reading<String> {
    let found = string(source, name);
    if found.reason() == Some(&Reason::Unsupported)
        && let Ok(text) = source.text(tree)
    {
        return Reading::from_result(worth(&text), tree);
    }
    found
}

/// The SMBIOS UUID.
pub(super) fn uuid(source: &Source) -> Reading<String> {
    match string(source, "product_uuid") {
        Reading::Known { value, source } if !is_uuid(&value) => {
            Reading::unknown(Reason::failed("parse"), source)
        }
        found => found.map(|text| text.to_ascii_lowercase()),
    }
}

/// Machines are told apart by it: what only stands in its place is none.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Who made the machine; the maker of the board where the machine's was left open.
pub(super) fn manufacturer(source: &Source) -> Reading<String> {
    or_of_board(source, string(source, "sys_vendor"), "board_vendor")
}

/// Model.
pub(super) fn model(source: &Source) -> Reading<String> {
    let model = string_or_tree(source, "product_name", MODEL_OF_TREE);
    or_of_board(source, model, "board_name")
}

/// Serial number of the machine. The board's is no stand-in for it: boards are exchanged.
pub(super) fn serial(source: &Source) -> Reading<String> {
    string_or_tree(source, "product_serial", SERIAL_OF_TREE)
}

fn or_of_board(source: &Source, of_machine: Reading<String>, name: &str) -> Reading<String> {
    if matches!(of_machine.reason(), Some(Reason::Failed(_))) {
        let of_board = string(source, name);
        if of_board.value().is_some() {
            return of_board;
        }
    }
    of_machine
}

/// Kind of machine, by SMBIOS' table of chassis types (DSP0134 §7.4.1).
pub(super) fn chassis(source: &Source) -> Reading<Chassis> {
    let (path, text) = if source.system() == System::Windows {
        (TABLE.to_owned(), in_table(source, "chassis_type"))
    } else {
        let path = format!("{DMI}/chassis_type");
        let text = source.text(&path).map_err(|miss| match miss {
            Miss::Unknown(reason) => reason,
            Miss::Absent => why_absent(source),
        });
        (path, text)
    };
    let text = match text {
        Ok(text) => text,
        Err(reason) => return Reading::unknown(reason, path),
    };
    // The highest bit says that there is a lock.
    let number = text.trim().parse::<u8>().map(|number| number & 0x7f);
    let chassis = match number {
        Ok(3..=7 | 13 | 15 | 16 | 24 | 35 | 36) => Ok(Chassis::Desktop),
        Ok(8..=10 | 11 | 14 | 30..=32) => Ok(Chassis::Notebook),
        Ok(17 | 23 | 25 | 28 | 29) => Ok(Chassis::Server),
        Ok(0 | 2) => Err(Reason::failed("placeholder")),
        Ok(_) => Ok(Chassis::Other),
        Err(_) => Err(Reason::failed("parse")),
    };
    Reading::from_result(chassis, path)
}
