use super::*;
use crate::platform::RawProcess;
use crate::platform::replay::Bundle;
use crate::probe::software;
use crate::probe::unit::Units;

fn read(source: &Source) -> Antivirus {
    let (units, software) = (Units::read(source), software::read(source));
    super::read(source, &mut Places::new(source, &units, &software))
}

fn process(name: &str) -> RawProcess {
    RawProcess {
        name: name.to_owned(),
        ..RawProcess::default()
    }
}

/// A machine on which everything can be read and nothing protects.
fn bare() -> Bundle {
    Bundle::new("linux")
        .with("processes", "", &vec![process("systemd")])
        .with_text(
            "/var/lib/dpkg/status",
            "Package: base-files\nStatus: install ok installed\nVersion: 12\n\n",
        )
        .with_folder("/sys/fs/cgroup/system.slice", &["cron.service"])
        .with_bytes("head", "/proc/1/comm", b"systemd\n")
        .with_nothing_else()
}

fn clamav() -> Bundle {
    bare()
        .with("exists", "/usr/sbin/clamd", &true)
        .with_folder("/lib/systemd/system", &["clamav-daemon.service"])
        .with_bytes(
            "head",
            "/var/lib/clamav/daily.cld",
            b"ClamAV-VDB:24 Nov 2026 08-30 +0000:27800:2080000:90:X:X:raynman:1795509000          ",
        )
}

fn check(bundle: Bundle) -> AntivirusVerdict {
    *read(&Source::from_bundle(bundle)).verdict.value().unwrap()
}

/// Of the product itself it is unclear, and so nothing can be said of the whole machine.
fn unclear(bundle: Bundle) {
    let found = read(&Source::from_bundle(bundle));
    assert_eq!(found.verdict.reason(), Some(&Reason::Denied));
    let products = found.products.value().unwrap();
    assert_eq!(products[0].verdict, AntivirusVerdict::Unclear);
}

/// What shows it on Windows.
fn on_windows(product: &Product) -> bool {
    let names = &product.windows;
    let first = names.services.first().or(names.display_names.first());
    first.is_some()
}

#[test]
fn data_file_is_read_whole_and_each_product_has_witnesses_and_a_source() {
    let products = products(include_str!("../../data/antivirus.toml"));
    assert!(products.len() >= 15);
    for product in &products {
        assert!(
            !product.units.is_empty() && !product.paths.is_empty() || on_windows(product),
            "{}",
            product.name
        );
        assert!(
            product.processes.iter().all(|name| name.len() <= 15),
            "{}",
            product.name
        );
        assert!(
            !product.source.is_empty() && product.checked.len() == 10,
            "{}",
            product.name
        );
    }
}

#[test]
fn running_needs_two_kinds_of_witness() {
    let process_alone = clamav().with("processes", "", &vec![process("clamd")]);
    assert_eq!(check(process_alone.clone()), AntivirusVerdict::ToConfirm);
    let both = process_alone.with_folder("/sys/fs/cgroup/system.slice", &["clamav-daemon.service"]);
    assert_eq!(check(both), AntivirusVerdict::Running);
    assert_eq!(check(clamav()), AntivirusVerdict::NotRunning);
}

#[test]
fn none_found_needs_that_every_place_was_read() {
    assert_eq!(check(bare()), AntivirusVerdict::NoneFound);
    let denied = bare().with_miss("processes", "", Miss::Unknown(Reason::Denied));
    let found = read(&Source::from_bundle(denied));
    assert_eq!(found.verdict.reason(), Some(&Reason::Denied));
    assert_eq!(found.products.reason(), Some(&Reason::Denied));
    let path = bare().with_miss("exists", "/usr/sbin/clamd", Miss::Unknown(Reason::Denied));
    assert_eq!(
        read(&Source::from_bundle(path)).verdict.reason(),
        Some(&Reason::Denied)
    );
    let nothing = read(&Source::from_bundle(Bundle::new("linux")));
    assert_eq!(nothing.verdict.reason(), Some(&Reason::NotAsked));
}

#[test]
fn installed_and_not_seen_running_is_unclear_where_running_could_not_be_read() {
    let denied = clamav().with_miss("processes", "", Miss::Unknown(Reason::Denied));
    unclear(denied);
}

#[test]
fn date_of_the_definitions_is_that_of_their_header() {
    let found = read(&Source::from_bundle(clamav()));
    let product = &found.products.value().unwrap()[0];
    assert_eq!(
        product
            .definitions_at
            .value()
            .map(ToString::to_string)
            .as_deref(),
        Some("2026-11-24T08:30:00Z")
    );
    let broken = clamav().with_bytes("head", "/var/lib/clamav/daily.cld", b"\0\xff");
    let found = read(&Source::from_bundle(broken));
    assert_eq!(
        found.products.value().unwrap()[0].definitions_at.reason(),
        Some(&Reason::failed("header"))
    );
}

#[test]
fn list_of_own_programs_alone_is_no_list_of_all() {
    for miss in [Miss::Absent, Miss::Unknown(Reason::Denied)] {
        let own = bare().with_miss("head", "/proc/1/comm", miss.clone());
        let found = read(&Source::from_bundle(own));
        assert_eq!(found.verdict.reason(), Some(&Reason::Denied));
        let installed = clamav().with_miss("head", "/proc/1/comm", miss);
        unclear(installed);
    }
}
