//! Printers. Comes in: what the system knows of each; goes out: the body of section `printer`; what only
//! writes files is none, and no printer is asked for anything.

mod windows;

use std::collections::BTreeSet;

use daicho_report::{Printer, PrinterConnection, Printers, Reading, Reason};

use super::field::{host, line};
use crate::platform::{Miss, RawPrinter, Source, System};

#[cfg(test)]
mod tests;

const CUPS: &str = "/etc/cups/printers.conf";
/// A print server that has more is not one that a report can hold.
const PRINTERS_MAX: usize = 2_000;

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Printers {
    let (found, place) = if source.system() == System::Windows {
        (windows::read(source), windows::PLACE)
    } else {
        (cups(source), CUPS)
    };
    let sorted = found.and_then(|all| {
        if all.len() > PRINTERS_MAX {
            return Err(Reason::failed("too many entries"));
        }
        Ok(all.into_iter().collect())
    });
    Printers {
        printers: Reading::from_result(sorted, place),
    }
}

fn cups(source: &Source) -> Result<BTreeSet<Printer>, Reason> {
    match source.printers() {
        Ok(all) => Ok(all.iter().filter_map(of_cups).collect()),
        Err(Miss::Absent) => Ok(BTreeSet::new()),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

fn of_cups(raw: &RawPrinter) -> Option<Printer> {
    use PrinterConnection as C;
    let (connection, protocol) = match raw.scheme.as_str() {
        "socket" => (C::Network, Some("raw")),
        "lpd" => (C::Network, Some("lpr")),
        "ipp" | "ipps" | "http" | "https" | "dnssd" => (C::Network, Some("ipp")),
        "smb" => (C::Server, Some("smb")),
        "usb" | "parallel" | "serial" => (C::Local, None),
        // `/dev/null`, a folder of somebody's.
        "file" | "cups-pdf" => return None,
        // Of makers: over the network where they name a host.
        _ if raw.host.is_some() => (C::Network, None),
        "hp" => (C::Local, None),
        _ => (C::Other, None),
    };
    Some(Printer {
        driver: raw.model.as_deref().and_then(line),
        connection,
        protocol: protocol.map(str::to_owned),
        host: raw.host.as_deref().and_then(host),
        port: raw.port,
        shared: raw.shared,
    })
}
