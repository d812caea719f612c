use super::*;
use crate::platform::replay::Bundle;

const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n\
                      VERSION=\"12 (bookworm)\"\nID=debian\n";

fn of(bundle: Bundle) -> Os {
    read(&Source::from_bundle(bundle))
}

fn with_release(text: &str) -> Bundle {
    Bundle::new("linux").with_text(RELEASE, text)
}

/// A machine that is no container, with what `stat` says of it.
fn installed(bundle: Bundle) -> Bundle {
    bundle
        .with_miss("file", "/run/systemd/container", Miss::Absent)
        .with("exists", "/run/.containerenv", &false)
        .with("exists", "/.dockerenv", &false)
        .with_text("/proc/1/cgroup", "0::/init.scope\n")
}

#[test]
fn debians_version_is_made_exact_by_its_own_file() {
    let os = of(with_release(DEBIAN).with_text("/etc/debian_version", "12.5\n"));
    assert_eq!(os.version.value().map(String::as_str), Some("12.5"));
    assert_eq!(os.version.source(), "/etc/debian_version");
    assert_eq!(os.id.value().map(String::as_str), Some("debian"));
    assert_eq!(os.edition.value(), Some(&None));
    // A file that tells of another system does not count.
    let other = of(with_release(DEBIAN).with_text("/etc/debian_version", "11.2\n"));
    assert_eq!(other.version.value().map(String::as_str), Some("12"));
    let longer = of(with_release(DEBIAN).with_text("/etc/debian_version", "120.1\n"));
    assert_eq!(longer.version.value().map(String::as_str), Some("12"));
}

#[test]
fn other_makers_write_the_exact_version_elsewhere() {
    let ubuntu = "ID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION=\"22.04.3 LTS (Jammy Jellyfish)\"\n";
    let os = of(with_release(ubuntu));
    assert_eq!(os.version.value().map(String::as_str), Some("22.04.3"));
    let centos = "ID=\"centos\"\nVERSION_ID=\"7\"\nVERSION=\"7 (Core)\"\n";
    let os = of(with_release(centos).with_text(
        "/etc/centos-release",
        "CentOS Linux release 7.9.2009 (Core)\n",
    ));
    assert_eq!(os.version.value().map(String::as_str), Some("7.9.2009"));
    let sid = "ID=debian\nPRETTY_NAME='Debian GNU/Linux trixie/sid'\n";
    let os = of(with_release(sid).with_text("/etc/debian_version", "trixie/sid\n"));
    assert_eq!(os.version.value().map(String::as_str), Some("trixie/sid"));
    let arch = of(with_release("ID=arch\nBUILD_ID=rolling\n"));
    assert_eq!(arch.version.value().map(String::as_str), Some("rolling"));
    let nothing = of(with_release("ID=arch\n"));
    assert_eq!(nothing.version.reason(), Some(&Reason::failed("unset")));
}

#[test]
fn quotes_of_a_shell_are_taken_off() {
    assert_eq!(unquoted(r#""a \"b\" \$c""#), r#"a "b" $c"#);
    assert_eq!(unquoted(r"'a \b'"), r"a \b");
    assert_eq!(unquoted("abc # comment"), "abc");
    assert_eq!(unquoted("\"never closed"), "never closed");
    assert_eq!(unquoted("\\"), "");
}

#[test]
fn the_makers_file_counts_only_where_the_own_is_absent() {
    let maker = Bundle::new("linux").with_text(RELEASE_OF_MAKER, DEBIAN);
    let os = of(maker.clone().with_miss("file", RELEASE, Miss::Absent));
    assert_eq!(os.id.source(), RELEASE_OF_MAKER);
    assert!(os.id.value().is_some());
    let os = of(maker.with_miss("file", RELEASE, Miss::Unknown(Reason::Denied)));
    assert_eq!(os.id.reason(), Some(&Reason::Denied));
}

#[test]
fn what_was_not_asked_stays_unknown_in_every_field() {
    let os = of(Bundle::new("linux"));
    assert_eq!(os.family.reason(), Some(&Reason::NotAsked));
    assert_eq!(os.name.reason(), Some(&Reason::NotAsked));
    assert_eq!(os.edition.reason(), Some(&Reason::NotAsked));
    assert_eq!(os.kernel.reason(), Some(&Reason::NotAsked));
    assert_eq!(os.architecture.reason(), Some(&Reason::NotAsked));
    assert!(os.installed_at.value().is_none());
}

#[test]
fn kernel_and_architecture_come_from_the_machine() {
    let machine = RawMachine {
        kernel: Some("6.1.0-18-amd64".to_owned()),
        architecture: Some("x86_64".to_owned()),
        ..RawMachine::default()
    };
    let bundle = Bundle::new("linux").with("machine", "", &machine);
    let os = of(bundle.with_text(KERNEL_NAME, "Linux\n"));
    assert_eq!(os.family.value(), Some(&OsFamily::Linux));
    assert_eq!(
        os.kernel.value().map(String::as_str),
        Some("6.1.0-18-amd64")
    );
    assert_eq!(os.architecture.value().map(String::as_str), Some("x86_64"));
    let text = Bundle::new("linux").with_text(KERNEL_RELEASE, "5.14.0-427.el9\n");
    let os = of(text);
    assert_eq!(
        os.kernel.value().map(String::as_str),
        Some("5.14.0-427.el9")
    );
}

#[test]
fn the_day_of_installation_names_its_trace() {
    let bundle = installed(Bundle::new("linux"))
        .with("born", "/var/log/installer", &1_700_000_000_i64)
        .with("modified", "/etc/machine-id", &1_710_000_000_i64);
    let found = of(bundle).installed_at;
    assert_eq!(found.value(), Some(&Time::from_seconds(1_700_000_000)));
    assert_eq!(found.source(), "birth of /var/log/installer");
    let bundle = installed(Bundle::new("linux"))
        .with_miss("born", "/var/log/installer", Miss::Absent)
        .with_miss("born", "/var/log/anaconda", Miss::Absent)
        .with("modified", "/etc/machine-id", &0_i64)
        .with("born", "/", &1_720_000_000_i64);
    let root = |kind: &str| format!("27 1 254:0 / / rw,relatime shared:1 - {kind} /dev/vda rw\n");
    let found = of(bundle.clone().with_text(MOUNTS, &root("ext4"))).installed_at;
    assert_eq!(found.value(), Some(&Time::from_seconds(1_720_000_000)));
    let found = of(bundle.with_text(MOUNTS, &root("overlay"))).installed_at;
    assert_eq!(found.reason(), Some(&Reason::failed("no trace")));
}

#[test]
fn a_container_was_never_installed() {
    let bundle = Bundle::new("linux")
        .with_text("/run/systemd/container", "systemd-nspawn\n")
        .with("modified", "/etc/machine-id", &1_710_000_000_i64);
    assert_eq!(of(bundle).installed_at.reason(), Some(&Reason::Unsupported));
}

#[test]
fn hostile_text_stays_bounded() {
    let text = format!(
        "NAME=\"a\0\u{1b}[2Jb\"\nID={}\n=x\n\"\n",
        "y".repeat(100_000)
    );
    let os = of(with_release(&text));
    assert_eq!(os.name.value().map(String::as_str), Some("a[2Jb"));
    assert_eq!(os.id.value().map(String::len), Some(256));
}

proptest::proptest! {
    #[test]
    fn any_release_file_is_read_without_failing(text in "(ID|VERSION|NAME|=|\"|'|\\\\|.|\n){0,60}") {
        for (name, value) in assignments(&text) {
            proptest::prop_assert!(!name.is_empty() && !value.chars().any(char::is_control));
        }
    }
}
