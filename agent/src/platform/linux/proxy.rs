//! Proxies that the system's files name. Comes in: files that may hold an account and a password in
//! an address; goes out: `host:port` and the domains that go past them, so that nothing else of such a
//! line leaves this module.

use std::collections::BTreeSet;

use super::super::address::passed;
use super::super::{Answer, Miss, address};
use super::{file, folder};

const ENVIRONMENT: &str = "/etc/environment";
const APT: &str = "/etc/apt/apt.conf";
const APT_PARTS: &str = "/etc/apt/apt.conf.d";
const RPM: &[&str] = &["/etc/dnf/dnf.conf", "/etc/yum.conf"];
const FILE_BYTES_MAX: usize = 64 << 10;
const PARTS_MAX: usize = 64;

/// Proxies, sorted.
pub(in super::super) fn proxies() -> Answer<Vec<String>> {
    let mut found = of_file(ENVIRONMENT, |line| {
        in_environment(line).into_iter().collect()
    })?;
    found.extend(of_apt(|line| in_apt(line).into_iter().collect())?);
    for path in RPM {
        found.extend(of_file(path, |line| in_dnf(line).into_iter().collect())?);
    }
    Ok(found.into_iter().collect())
}

/// Domains and addresses that go past the proxy, sorted.
pub(in super::super) fn proxy_bypass() -> Answer<Vec<String>> {
    let mut found = of_file(ENVIRONMENT, past_in_environment)?;
    found.extend(of_apt(|line| past_in_apt(line).into_iter().collect())?);
    Ok(found.into_iter().collect())
}

fn of_apt(pick: fn(&str) -> Vec<String>) -> Answer<BTreeSet<String>> {
    let mut found = of_file(APT, pick)?;
    match folder(APT_PARTS) {
        Ok(names) => {
            for name in names.iter().take(PARTS_MAX) {
                found.extend(of_file(&format!("{APT_PARTS}/{name}"), pick)?);
            }
        }
        Err(Miss::Absent) => {}
        Err(miss) => return Err(miss),
    }
    Ok(found)
}

fn of_file(path: &str, pick: fn(&str) -> Vec<String>) -> Answer<BTreeSet<String>> {
    match file(path, FILE_BYTES_MAX) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(text.lines().flat_map(pick).collect())
        }
        Err(Miss::Absent) => Ok(BTreeSet::new()),
        Err(miss) => Err(miss),
    }
}

/// `http_proxy=…`, in either case of letters.
fn in_environment(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("export ");
    let (name, value) = line.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "http_proxy" | "https_proxy" | "ftp_proxy" | "all_proxy"
    )
    .then(|| host_and_port(value))?
}

/// `Acquire::http::Proxy "…";`
fn in_apt(line: &str) -> Option<String> {
    let line = line.trim();
    let (name, value) = line.split_once(char::is_whitespace)?;
    let name = name.to_ascii_lowercase();
    let is_proxy = name.starts_with("acquire::") && name.ends_with("::proxy");
    is_proxy.then(|| host_and_port(value.trim().trim_end_matches(';')))?
}

/// `proxy=…`
fn in_dnf(line: &str) -> Option<String> {
    let (name, value) = line.split_once('=')?;
    (name.trim() == "proxy").then(|| host_and_port(value))?
}

/// `no_proxy=.example.jp,192.0.2.0/24`, in either case of letters.
fn past_in_environment(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches("export ");
    let Some((name, value)) = line.split_once('=') else {
        return Vec::new();
    };
    if !name.trim().eq_ignore_ascii_case("no_proxy") {
        return Vec::new();
    }
    let value = value.trim().trim_matches(['"', '\'']);
    let parts = value.split([',', ' ', ';', '|']);
    parts.filter_map(passed).collect()
}

/// `Acquire::http::Proxy::mirror.example.jp "DIRECT";`
fn past_in_apt(line: &str) -> Option<String> {
    let (name, value) = line.trim().split_once(char::is_whitespace)?;
    let name = name.to_ascii_lowercase();
    let (start, host) = name.split_once("::proxy::")?;
    let value = value.trim().trim_end_matches(';').trim_matches('"');
    let direct = value.eq_ignore_ascii_case("direct");
    (start.starts_with("acquire::") && direct).then(|| passed(host))?
}

/// Host and port of an address; nothing where it says that there is no proxy.
fn host_and_port(value: &str) -> Option<String> {
    let value = value.trim().trim_matches(['"', '\'']);
    if matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "direct" | "_none_"
    ) {
        return None;
    }
    Some(match address::host_and_port(value) {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host,
        None => address::UNCLEAR.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_password_of_a_proxy_stay_here() {
        let found = in_environment("HTTP_PROXY=\"http://taro:himitsu@proxy.example.jp:8080/\"");
        assert_eq!(found.as_deref(), Some("proxy.example.jp:8080"));
        let found = in_apt("Acquire::http::Proxy \"http://u:p@[2001:db8::1]:3128\";");
        assert_eq!(found.as_deref(), Some("[2001:db8::1]:3128"));
        assert_eq!(in_dnf("proxy=http://p:3128").as_deref(), Some("p:3128"));
    }

    #[test]
    fn other_lines_name_no_proxy() {
        assert_eq!(in_environment("PATH=/usr/bin"), None);
        assert_eq!(in_environment("http_proxy="), None);
        assert_eq!(in_apt("APT::Periodic::Enable \"1\";"), None);
        assert_eq!(in_apt("Acquire::http::Proxy \"DIRECT\";"), None);
        assert_eq!(in_dnf("proxy=_none_"), None);
        assert_eq!(in_dnf("proxy_password=x"), None);
        assert!(past_in_environment("PATH=/usr/bin").is_empty());
        assert!(past_in_environment("no_proxy=").is_empty());
        assert_eq!(past_in_apt("Acquire::http::Proxy \"DIRECT\";"), None);
        let other = "Acquire::http::Proxy::a.example.jp \"http://p:3128\";";
        assert_eq!(past_in_apt(other), None);
    }

    #[test]
    fn domains_and_ranges_that_go_past_the_proxy_are_told_and_nothing_else() {
        let found = past_in_environment(
            "export NO_PROXY=\".Example.JP, *.rece,192.0.2.0/24,[::1],10.,*,taro:x@nas/y,山田,a/b,\
             taro:x,1950-01-01,0123456\"",
        );
        let other = address::UNCLEAR;
        let expected = [".example.jp", "*.rece", "192.0.2.0/24", "[::1]", "10.", "*"];
        assert_eq!(found, [&expected[..], &[other; 6]].concat());
        let found = past_in_apt("Acquire::http::Proxy::Mirror.example.jp DIRECT;");
        assert_eq!(found.as_deref(), Some("mirror.example.jp"));
    }
}
