use std::net::IpAddr;

use daicho_report::{HostEntry, ResolverRule};

use super::*;
use crate::platform::replay::Bundle;

fn check(bundle: Bundle) -> Traces {
    let bundle = bundle
        .with("proxy_bypass", "", &Vec::<String>::new())
        .with_nothing_else();
    let hardware = Hardware {
        host_name: Reading::known("Recep-01".to_owned(), "test"),
        ..Hardware::default()
    };
    read(&Source::from_bundle(bundle), &hardware)
}

fn hosts(text: &str) -> Vec<(String, String)> {
    let found = check(Bundle::new("linux").with_text("/etc/hosts", text)).hosts;
    let entry = |it: &HostEntry| (it.name.clone(), it.address.to_string());
    found.value().unwrap().iter().map(entry).collect()
}

fn rules(bundle: Bundle) -> Vec<(String, Vec<String>)> {
    let found = check(bundle).resolver_rules;
    let servers = |it: &[IpAddr]| it.iter().map(ToString::to_string).collect();
    let rule = |it: &ResolverRule| (it.domain.clone(), servers(&it.name_servers));
    found.value().unwrap().iter().map(rule).collect()
}

fn rule(domain: &str, servers: &[&str]) -> (String, Vec<String>) {
    let servers = servers.iter().map(|it| (*it).to_owned()).collect();
    (domain.to_owned(), servers)
}

#[test]
fn names_of_other_machines_are_told_in_lower_case_with_each_address() {
    let found = hosts(
        "127.0.0.1 localhost\n\
         192.0.2.50\tPACS.his.Example.jp. pacs # 山田太郎 カルテ 0123456\n\
         2001:db8::7 hweb.oqs.onshikaku.org\n\
         fe80::1%eth0 router\n",
    );
    let expected = [
        ("hweb.oqs.onshikaku.org", "2001:db8::7"),
        ("pacs", "192.0.2.50"),
        ("pacs.his.example.jp", "192.0.2.50"),
        ("router", "fe80::1"),
    ];
    let expected = expected.map(|(name, address)| (name.to_owned(), address.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn loopback_own_names_and_what_installers_write_are_left_out() {
    let found = hosts(
        "127.0.1.1 recep-01\n127.0.0.1 tunnel.example.jp\n::ffff:127.0.0.1 x\n\
         192.0.2.9 RECEP-01.his.example.jp recep-01\n0.0.0.0 ads.example.com\n\
         ::1 ip6-localhost\nfe00::0 ip6-localnet\nff02::1 ip6-allnodes\n999.1.1.1 bad\nx y\n",
    );
    assert_eq!(found, []);
}

#[test]
fn what_is_no_name_of_a_host_is_told_as_one_without_its_words() {
    let long = "a".repeat(300);
    let found = hosts(&format!(
        "192.0.2.1 山田太郎\n192.0.2.2 taro@nas/x\n192.0.2.3 {long}\n\
         192.0.2.4 1950-01-01 0123456\n"
    ));
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(name, _)| name == "(other)"), "{found:?}");
}

#[test]
fn list_of_advertisers_is_not_sent() {
    let blocked: String = (0..5_000)
        .map(|n| format!("0.0.0.0 a{n}.example\n"))
        .collect();
    let text = format!("{blocked}192.0.2.1 pacs\n");
    assert_eq!(hosts(&text).len(), 1, "to nobody leads no line");
    let many: String = (0..5_000)
        .map(|n| format!("192.0.2.1 a{n}.example\n"))
        .collect();
    let found = check(Bundle::new("linux").with_text("/etc/hosts", &many)).hosts;
    assert_eq!(found.reason(), Some(&Reason::failed("too many entries")));
}

#[test]
fn file_of_hosts_that_may_not_be_read_is_no_empty_one() {
    let denied = Miss::Unknown(Reason::Denied);
    let found = check(Bundle::new("linux").with_miss("file", "/etc/hosts", denied));
    assert_eq!(found.hosts.reason(), Some(&Reason::Denied));
    assert_eq!(check(Bundle::new("linux")).hosts.value(), Some(&Vec::new()));
}

#[test]
fn domains_that_systemd_resolved_routes_have_the_servers_of_all_its_files() {
    let bundle = Bundle::new("linux")
        .with_text(
            "/etc/systemd/resolved.conf",
            "[Resolve]\n#DNS=192.0.2.1\nDNS=192.0.2.2\nDomains=~old.example\n",
        )
        .with_folder("/etc/systemd/resolved.conf.d", &["oqs.conf", "x.bak"])
        .with_text(
            "/etc/systemd/resolved.conf.d/oqs.conf",
            "[Resolve]\nDNS=\nDNS=[2001:db8::53]:53#dns.example 192.0.2.3%eth0\n\
             Domains=\nDomains=~Onshikaku.org his.example.jp ~. ~10.in-addr.arpa\n",
        );
    let expected = [rule("onshikaku.org", &["2001:db8::53", "192.0.2.3"])];
    assert_eq!(rules(bundle), expected);
}

#[test]
fn domains_of_an_interface_are_asked_of_its_own_servers() {
    let bundle = Bundle::new("linux")
        .with_folder("/run/systemd/resolve/netif", &["7"])
        .with_text(
            "/run/systemd/resolve/netif/7",
            "LLMNR=yes\nSERVERS=198.51.100.1 198.51.100.2:53\nDOMAINS=~hoshu.example partner.example\n",
        )
        .with_folder("/run/systemd/netif/links", &["1", "2"])
        .with_text("/run/systemd/netif/links/1", "ADMIN_STATE=unmanaged\nDOMAINS=lone.example\n")
        .with_text(
            "/run/systemd/netif/links/2",
            "DNS=\"192.0.2.53\"\nDOMAINS=\nROUTE_DOMAINS=rece\n",
        );
    let both: &[&str] = &["198.51.100.1", "198.51.100.2"];
    let expected = [
        rule("hoshu.example", both),
        rule("partner.example", both),
        rule("rece", &["192.0.2.53"]),
    ];
    assert_eq!(rules(bundle), expected, "without servers there is no rule");
}

#[test]
fn dnsmasq_and_network_manager_forward_domains() {
    let bundle = Bundle::new("linux")
        .with_text(
            "/etc/dnsmasq.conf",
            "server=192.0.2.1\nserver=/a.example/B.example/192.0.2.2#5353@eth0 # x\n\
             server=/local.example/\nserver=/std.example/#\nserver=/山田/192.0.2.3\n",
        )
        .with_folder("/etc/NetworkManager/dnsmasq.d", &["one"])
        .with_text(
            "/etc/NetworkManager/dnsmasq.d/one",
            "server = /a.example/192.0.2.4\n",
        )
        .with_text(
            "/etc/NetworkManager/NetworkManager.conf",
            "[global-dns-domain-*]\nservers=192.0.2.5\n[main]\nservers=192.0.2.9\n\
             [global-dns-domain-c.example]\nservers=192.0.2.6, 2001:db8::6\n",
        );
    let expected = [
        rule("(other)", &["192.0.2.3"]),
        rule("a.example", &["192.0.2.2", "192.0.2.4"]),
        rule("b.example", &["192.0.2.2"]),
        rule("c.example", &["192.0.2.6", "2001:db8::6"]),
    ];
    assert_eq!(rules(bundle), expected);
}

#[test]
fn setting_that_may_not_be_read_leaves_the_rules_unknown() {
    for place in ["/etc/dnsmasq.d", "/run/systemd/resolve/netif"] {
        let denied = Miss::Unknown(Reason::Denied);
        let found = check(Bundle::new("linux").with_miss("folder", place, denied));
        assert_eq!(found.resolver_rules.reason(), Some(&Reason::Denied));
    }
}

#[test]
fn listed_folders_that_are_there_are_told_and_no_others() {
    let bundle =
        Bundle::new("linux")
            .with("exists", "/opt/jma", &true)
            .with("exists", "/opt/yamada", &true);
    let found = check(bundle).folders;
    let names: Vec<&str> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["/opt/jma"]);
    let denied = Miss::Unknown(Reason::Denied);
    let found = check(Bundle::new("linux").with_miss("exists", "/opt/jma", denied));
    assert_eq!(found.folders.reason(), Some(&Reason::Denied));
}

#[test]
fn what_linux_does_not_have_is_unsupported_and_not_none() {
    let found = check(Bundle::new("linux"));
    for reading in [&found.resolved, &found.tasks, &found.credentials] {
        assert_eq!(reading.reason(), Some(&Reason::Unsupported));
    }
    assert_eq!(found.proxy_bypass.value(), Some(&Vec::new()));
}
