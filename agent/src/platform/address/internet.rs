//! Proxies as the Internet settings of Windows write them. Comes in: such a list, the address of a
//! script, or the form of the system's own programs; goes out: `host:port`, or what goes past them;
//! account, password and path of an address never come out.

use std::collections::BTreeSet;

use super::{UNCLEAR, host_and_port, passed};

/// Words of one list that are looked at.
const WORDS_MAX: usize = 1_000;
/// Structure, counter and flags stand before the texts.
const TEXTS_AT: usize = 12;

/// `host:port`, `http=host:port;https=host:port`.
#[must_use]
pub fn of_list(list: &str) -> BTreeSet<String> {
    // The signs between words may stand in a password as well: before an `@` nothing without one is
    // clear.
    let words = list.split([';', ' ']).map(str::trim);
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).take(WORDS_MAX).collect();
    let last = words.iter().rposition(|it| it.contains('@'));
    let words = words.iter().enumerate();
    let told = words.map(|(at, word)| {
        if !word.contains('@') && last.is_some_and(|last| at < last) {
            UNCLEAR.to_owned()
        } else {
            shown(without_protocol(word))
        }
    });
    told.collect()
}

fn without_protocol(word: &str) -> &str {
    match word.split_once('=') {
        Some((protocol, rest)) if protocol.chars().all(|c| c.is_ascii_alphanumeric()) => rest,
        _ => word,
    }
}

/// The host that hands out a script which says what to use; a file of this machine is none.
#[must_use]
pub fn of_script(address: &str) -> Option<String> {
    let (scheme, _) = address.trim().split_once("://")?;
    (!scheme.eq_ignore_ascii_case("file")).then(|| shown(address.trim()))
}

fn shown(address: &str) -> String {
    match host_and_port(address) {
        Some((host, Some(port))) => format!("{host}:{port}").to_ascii_lowercase(),
        Some((host, None)) => host.to_ascii_lowercase(),
        None => UNCLEAR.to_owned(),
    }
}

/// `*.his.example;192.168.*;<local>`
#[must_use]
pub fn past(list: &str) -> BTreeSet<String> {
    let words = list.split([';', ' ']).take(WORDS_MAX);
    let words = words.filter_map(|word| {
        let word = word.trim();
        // All names without a dot, and none of them.
        if matches!(word, "<local>" | "<-loopback>") {
            return Some(word.to_owned());
        }
        passed(word.split_once("://").map_or(word, |(_, rest)| rest))
    });
    words.collect()
}

/// `WinHttpSettings`: after three numbers two texts, each behind its length: proxies, and what goes
/// past them.
#[must_use]
pub fn of_services(bytes: &[u8]) -> Option<(String, String)> {
    let (servers, end) = counted(bytes, TEXTS_AT)?;
    let (list, _) = counted(bytes, end)?;
    Some((servers, list))
}

fn counted(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let length = bytes.get(at..)?.first_chunk::<4>()?;
    let start = at.checked_add(4)?;
    let end = start.checked_add(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let text = String::from_utf8_lossy(bytes.get(start..end)?).into_owned();
    Some((text, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(of_list(list), expected, "{list}");
    }

    #[test]
    fn proxies_of_each_protocol_are_told_by_host_and_port() {
        check("Proxy.his.example:8080", &["proxy.his.example:8080"]);
        check(
            "http=a.example:80;https=b.example:81;socks=c",
            &["a.example:80", "b.example:81", "c"],
        );
        check("http://a.example:80/ b", &["a.example:80", "b"]);
        check(" ; ", &[]);
    }

    #[test]
    fn account_and_password_of_a_proxy_stay_here() {
        check("taro:himitsu@a.example:80", &["a.example:80"]);
        check("http=taro:x@a:80;https=b:81", &["a:80", "b:81"]);
        check("https=himitsu:taro", &[UNCLEAR]);
        for password in ["a/b", "a;b", "a=b", "a b", "a@b", "1;2=3"] {
            for list in [
                format!("taro:{password}@a.example:80"),
                format!("http=taro:{password}@a.example:80"),
                format!("http=http://taro:{password}@a.example:80"),
            ] {
                let found = of_list(&list);
                let fits = |it: &String| it == "a.example:80" || it == UNCLEAR;
                assert!(found.iter().all(fits), "{list}: {found:?}");
            }
        }
        let script = of_script("http://taro:pw@pac.example/p.pac");
        assert_eq!(script.as_deref(), Some("pac.example"));
        assert_eq!(of_script("file://C:/taro/p.pac"), None);
        assert_eq!(of_script("p.pac"), None);
    }

    #[test]
    fn what_goes_past_a_proxy_is_told_and_nothing_else() {
        let found = past("*.His.example;192.168.*; <local> ;山田;http://x.example/0123;<x>;");
        let expected = ["(other)", "*.his.example", "192.168.*", "<local>"];
        assert_eq!(found, expected.map(str::to_owned).into());
    }

    #[test]
    fn settings_of_the_system_s_programs_that_break_off_are_none() {
        let mut bytes = vec![24, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0];
        bytes.extend(b"a:3128\x05\0\0\0*.b.c");
        let found = Some(("a:3128".to_owned(), "*.b.c".to_owned()));
        assert_eq!(of_services(&bytes), found);
        for length in 0..bytes.len() {
            assert_eq!(of_services(&bytes[..length]), None, "{length}");
        }
        bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(of_services(&bytes), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_set_is_told_as_hosts_and_nothing_else(
            list in "([a-z0-9]{0,3}[=:;@/. <>*\\[\\]-]{0,2}|山){0,12}",
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80),
        ) {
            for told in of_list(&list).iter().chain(&past(&list)) {
                let fits = |c: char| c.is_ascii() && !c.is_ascii_control() && c != '@' && c != '=';
                proptest::prop_assert!(told.chars().all(fits), "{list} {told}");
            }
            let _ = (of_script(&list), of_services(&bytes));
        }
    }
}
