use super::*;
use crate::platform::replay::Bundle;

fn systemd(units: &[&str], enabled: &[&str], running: &[&str]) -> Bundle {
    Bundle::new("linux")
        .with_folder("/usr/lib/systemd/system", units)
        .with_folder("/etc/systemd/system", &["multi-user.target.wants"])
        .with_folder("/etc/systemd/system/multi-user.target.wants", enabled)
        .with_folder("/sys/fs/cgroup/system.slice", running)
        .with_nothing_else()
}

fn check(bundle: Bundle) -> Firewall {
    let source = Source::from_bundle(bundle);
    let units = Units::read(&source);
    read(&source, &units)
}

fn verdict_of(bundle: Bundle) -> FirewallVerdict {
    *check(bundle).verdict.value().unwrap()
}

#[test]
fn ufw_that_is_installed_and_switched_off_is_no_firewall() {
    let off = systemd(&["ufw.service"], &["ufw.service"], &["ssh.service"])
        .with_text("/etc/ufw/ufw.conf", "ENABLED=no\n");
    assert_eq!(verdict_of(off), FirewallVerdict::Inactive);
}

#[test]
fn ufw_that_is_on_says_what_no_rule_names() {
    let on = systemd(&["ufw.service"], &["ufw.service"], &["ssh.service"])
        .with_text("/etc/ufw/ufw.conf", "ENABLED=yes\n")
        .with_text("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n");
    let found = check(on);
    assert_eq!(found.verdict.value(), Some(&FirewallVerdict::Active));
    assert_eq!(found.default_input.value(), Some(&DefaultInput::Drop));
}

#[test]
fn firewalld_that_is_enabled_and_does_not_run_is_to_be_confirmed() {
    let unit = "firewalld.service";
    let stopped = systemd(&[unit], &[unit], &["sshd.service"]);
    assert_eq!(verdict_of(stopped), FirewallVerdict::ToConfirm);
    let runs = systemd(&[unit], &[unit], &[unit]);
    assert_eq!(verdict_of(runs), FirewallVerdict::Active);
}

#[test]
fn rules_in_the_kernel_that_no_setting_explains_are_to_be_confirmed() {
    let rules = systemd(&["ssh.service"], &[], &["ssh.service"]);
    let rules = rules.with_text("/proc/net/ip_tables_names", "nat\nfilter\n");
    assert_eq!(verdict_of(rules), FirewallVerdict::ToConfirm);
}

#[test]
fn nothing_on_is_inactive_only_where_all_could_be_asked() {
    let none = systemd(&["ssh.service"], &[], &["ssh.service"]);
    assert_eq!(verdict_of(none.clone()), FirewallVerdict::Inactive);
    let denied = none.with_miss(
        "file",
        "/proc/net/ip_tables_names",
        Miss::Unknown(Reason::Denied),
    );
    assert_eq!(check(denied).verdict.reason(), Some(&Reason::Denied));
    // Rules of nftables on a machine without systemd are seen by no file.
    let without = Bundle::new("linux").with_nothing_else();
    assert_eq!(check(without).verdict.reason(), Some(&Reason::Unsupported));
}

#[test]
fn what_only_root_may_read_does_not_hide_a_firewall_that_runs() {
    let unit = "firewalld.service";
    let denied = systemd(&[unit], &[unit], &[unit]).with_miss(
        "file",
        "/proc/net/ip_tables_names",
        Miss::Unknown(Reason::Denied),
    );
    let found = check(denied);
    assert_eq!(found.verdict.value(), Some(&FirewallVerdict::Active));
    assert_eq!(found.witnesses.value().map(Vec::len), Some(2));
}

#[test]
fn the_firewall_of_a_hypervisor_is_one() {
    let unit = "pve-firewall.service";
    assert_eq!(
        verdict_of(systemd(&[unit], &[unit], &[unit])),
        FirewallVerdict::Active
    );
}
