//! Printers of Windows. Comes in: the registry, where the spooler keeps printers and their ports; goes
//! out: printers; the spooler itself is not asked, because it may wait for a printer that is off.

use std::collections::BTreeSet;

use daicho_report::{Printer, PrinterConnection, Reason};

use super::PRINTERS_MAX;
use crate::platform::Source;
use crate::probe::field::host;
use crate::probe::registry::{keys, number, people, text};

#[cfg(test)]
mod tests;

pub(super) const PLACE: &str = r"registry Control\Print, HKU\…\Printers\Connections";
const PRINTERS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Printers";
const PORTS: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Monitors\Standard TCP/IP Port\Ports";
/// `PRINTER_ATTRIBUTE_SHARED`.
const SHARED: u64 = 0x8;
/// Ports that write files or send faxes, and the beginning of those that programs of Microsoft make.
const NO_DEVICE: &[&str] = &["file:", "portprompt:", "nul:", "nul", "xpsport:", "shrfax:"];
const OF_PROGRAMS: &str = "microsoft.";
/// Ports for a cable, each with its number behind it.
const CABLE: &[&str] = &["usb", "lpt", "com", "dot4_"];
/// A printer of whoever came by Remote Desktop, gone with the session (`TS002`).
const REDIRECTED: &[&str] = &["ts"];

pub(super) fn read(source: &Source) -> Result<BTreeSet<Printer>, Reason> {
    let mut found = BTreeSet::new();
    // A port is found by its name, in whatever case a printer writes it.
    let ports = keys(source, PORTS)?;
    for key in keys(source, PRINTERS)?.iter().take(PRINTERS_MAX + 1) {
        found.extend(printer(source, key, &ports)?);
    }
    for sid in people(source)? {
        let place = format!(r"HKU\{sid}\Printers\Connections");
        let connections = keys(source, &place)?;
        found.extend(connections.iter().filter_map(|it| connected(it)));
    }
    Ok(found)
}

fn printer(source: &Source, key: &str, ports: &[String]) -> Result<Option<Printer>, Reason> {
    let place = format!(r"{PRINTERS}\{key}");
    let port = text(source, &[&place], "Port")?.unwrap_or_default();
    // Several may stand there: the first is used first.
    let port = port.split(',').next().unwrap_or_default().trim();
    let lower = port.to_lowercase();
    let is_no_device = NO_DEVICE.contains(&lower.as_str()) || lower.starts_with(OF_PROGRAMS);
    if is_no_device || is_numbered(&lower, REDIRECTED) {
        return Ok(None);
    }
    let attributes = number(source, &[&place], "Attributes")?.unwrap_or_default();
    let mut printer = Printer {
        driver: text(source, &[&place], "Printer Driver")?,
        connection: PrinterConnection::Other,
        protocol: None,
        host: None,
        port: None,
        shared: attributes & SHARED != 0,
    };
    if let Some(known) = ports.iter().find(|it| it.eq_ignore_ascii_case(port)) {
        on_network(source, known, &mut printer)?;
    } else if let Some(rest) = port.strip_prefix(r"\\") {
        printer.connection = PrinterConnection::Server;
        printer.protocol = Some("smb".to_owned());
        printer.host = rest.split('\\').next().and_then(server);
    } else if lower.starts_with("wsd-") {
        printer.connection = PrinterConnection::Network;
        printer.protocol = Some("wsd".to_owned());
    } else if is_numbered(&lower, CABLE) {
        printer.connection = PrinterConnection::Local;
    }
    Ok(Some(printer))
}

/// `usb001`, `lpt1:`.
fn is_numbered(port: &str, starts: &[&str]) -> bool {
    let port = port.trim_end_matches(':');
    starts.iter().any(|start| {
        let number = port.strip_prefix(start);
        number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// A port of the monitor for TCP/IP. The name it was made with may be older than where it points.
fn on_network(source: &Source, port: &str, printer: &mut Printer) -> Result<(), Reason> {
    let place = format!(r"{PORTS}\{port}");
    printer.connection = PrinterConnection::Network;
    let protocol = match number(source, &[&place], "Protocol")? {
        Some(1) => Some("raw"),
        Some(2) => Some("lpr"),
        _ => None,
    };
    printer.protocol = protocol.map(str::to_owned);
    let named = text(source, &[&place], "HostName")?;
    let named = match named {
        Some(named) => Some(named),
        None => text(source, &[&place], "IPAddress")?,
    };
    printer.host = named.as_deref().and_then(server);
    printer.port = number(source, &[&place], "PortNumber")?
        .and_then(|it| u16::try_from(it).ok())
        .filter(|it| *it != 0);
    Ok(())
}

/// `,,server,printer`: one that somebody who is logged in uses through another machine.
fn connected(key: &str) -> Option<Printer> {
    let (server_name, _) = key.strip_prefix(",,")?.split_once(',')?;
    let host = server(server_name)?;
    Some(Printer {
        driver: None,
        connection: PrinterConnection::Server,
        protocol: Some("smb".to_owned()),
        host: Some(host),
        port: None,
        shared: false,
    })
}

fn server(text: &str) -> Option<String> {
    host(text).map(|it| it.to_lowercase())
}
