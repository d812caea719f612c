//! Printers of CUPS. Comes in: its file of printers, whose addresses may hold an account and a password;
//! goes out: model, scheme, host and port of each; nothing else of such an address leaves this
//! module, and no job is looked at.

use super::super::{Answer, RawPrinter, address};
use super::file;

const PRINTERS: &str = "/etc/cups/printers.conf";
const FILE_BYTES_MAX: usize = 1 << 20;
/// What a cable is called, and what writes files: their addresses name no host.
const HOSTLESS: &[&str] = &["usb", "parallel", "serial", "file", "cups-pdf", "dnssd"];

/// Printers, in the order of the file.
pub(in super::super) fn printers() -> Answer<Vec<RawPrinter>> {
    let bytes = file(PRINTERS, FILE_BYTES_MAX)?;
    Ok(in_cups(&String::from_utf8_lossy(&bytes)))
}

/// `<Printer ward3>` … `</Printer>`; the default one is `<DefaultPrinter …>`.
fn in_cups(text: &str) -> Vec<RawPrinter> {
    let mut printers = Vec::new();
    let mut current: Option<RawPrinter> = None;
    for line in text.lines().map(str::trim) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        match (word, current.as_mut()) {
            ("<Printer" | "<DefaultPrinter", _) => {
                printers.extend(current.replace(RawPrinter::default()));
            }
            ("</Printer>" | "</DefaultPrinter>", _) => printers.extend(current.take()),
            ("MakeModel", Some(printer)) => printer.model = Some(rest.to_owned()),
            ("Shared", Some(printer)) => printer.shared = rest.eq_ignore_ascii_case("yes"),
            ("DeviceURI", Some(printer)) => place(rest, printer),
            _ => {}
        }
    }
    printers.extend(current);
    printers
}

/// Where it is: `socket://192.0.2.9:9100`, `hp:/net/LaserJet?ip=192.0.2.9`.
fn place(address: &str, printer: &mut RawPrinter) {
    let scheme = address.split(':').next().unwrap_or_default();
    printer.scheme = scheme.to_ascii_lowercase();
    let named = address.split_once("?ip=").map(|(_, rest)| rest);
    let named = named.map(|it| it.split('&').next().unwrap_or_default());
    let whole = address.contains("://") && !HOSTLESS.contains(&printer.scheme.as_str());
    let found = match named {
        Some(named) => address::host_and_port(named),
        None if whole => address::host_and_port(address),
        None => None,
    };
    if let Some((host, port)) = found {
        printer.host = Some(host);
        printer.port = port;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_password_of_a_printer_stay_here() {
        let found = in_cups(
            "# written by cupsd\n<DefaultPrinter ward3>\nInfo 三階\nMakeModel RICOH IM C3000\n\
             DeviceURI lpd://taro:himitsu@192.0.2.9:515/q\nShared Yes\nOption job-owner taro\n\
             </DefaultPrinter>\n<Printer scan>\nDeviceURI smb://HOSP/taro:himitsu@nas/p\n",
        );
        let told = format!("{found:?}");
        assert!(
            !told.contains("himitsu") && !told.contains("taro") && !told.contains("ward3"),
            "{told}"
        );
        let [ward, scan] = found.as_slice() else {
            panic!("two printers");
        };
        assert_eq!(ward.model.as_deref(), Some("RICOH IM C3000"));
        assert_eq!(
            (ward.scheme.as_str(), ward.port, ward.shared),
            ("lpd", Some(515), true)
        );
        assert_eq!(ward.host.as_deref(), Some("192.0.2.9"));
        assert_eq!(scan.scheme, "smb");
    }

    #[test]
    fn a_cable_has_no_host_and_a_parameter_may_name_one() {
        let found = in_cups(
            "<Printer a>\nDeviceURI usb://HP/LaserJet?serial=X1\n</Printer>\n\
             <Printer b>\nDeviceURI hp:/net/LaserJet?ip=192.0.2.8\n</Printer>\n\
             <Printer c>\nDeviceURI dnssd://HP%20x._ipp._tcp.local/?uuid=1\n</Printer>\n",
        );
        let hosts: Vec<_> = found.iter().map(|it| it.host.as_deref()).collect();
        assert_eq!(hosts, [None, Some("192.0.2.8"), None]);
    }

    #[test]
    fn any_text_is_a_list_of_printers() {
        assert!(in_cups("").is_empty());
        assert_eq!(in_cups("<Printer").len(), 1);
        assert_eq!(
            in_cups("<Printer a>\n<Printer b>\nDeviceURI\n</Printer>").len(),
            2
        );
    }
}
