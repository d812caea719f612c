use super::*;
use crate::platform::replay::Bundle;

fn raw(scheme: &str, host: Option<&str>) -> RawPrinter {
    RawPrinter {
        scheme: scheme.to_owned(),
        host: host.map(str::to_owned),
        ..RawPrinter::default()
    }
}

fn of_linux(answer: Bundle) -> Reading<Vec<Printer>> {
    read(&Source::from_bundle(answer)).printers
}

#[test]
fn a_printer_of_cups_is_reached_as_its_scheme_says() {
    let all = [
        raw("socket", Some("192.0.2.9")),
        raw("usb", None),
        raw("smb", Some("nas")),
        raw("file", None),
        raw("hp", Some("192.0.2.8")),
        raw("hp", None),
        raw("implicitclass", None),
    ];
    let found = of_linux(Bundle::new("linux").with("printers", "", &all));
    let shown: Vec<_> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| (it.connection, it.host.as_deref()))
        .collect();
    use PrinterConnection as C;
    assert_eq!(
        shown,
        [
            (C::Local, None),
            (C::Network, Some("192.0.2.8")),
            (C::Network, Some("192.0.2.9")),
            (C::Server, Some("nas")),
            (C::Other, None),
        ]
    );
}

#[test]
fn no_file_is_no_printer_and_one_that_may_not_be_read_is_unknown() {
    let absent = Bundle::new("linux").with_miss("printers", "", Miss::Absent);
    assert_eq!(of_linux(absent).value(), Some(&Vec::new()));
    let denied = Miss::Unknown(Reason::Denied);
    let denied = Bundle::new("linux").with_miss("printers", "", denied);
    assert_eq!(of_linux(denied).reason(), Some(&Reason::Denied));
}
