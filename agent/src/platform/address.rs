//! Addresses in settings (`scheme://account:password@host:port/path`), escaped or not. Comes in: such
//! an address; goes out: host and port. Account, password and path never come out, not even where signs
//! in a password make an address that can be read in two ways.

pub mod internet;

/// What is told of an address that cannot be read: that there is one.
pub const UNCLEAR: &str = "(other)";

/// Longest name of a host (RFC 1035 §2.3.4).
const HOST_MAX: usize = 253;

/// Host and port; an address of IPv6 stands in its brackets.
#[must_use]
pub fn host_and_port(address: &str) -> Option<(String, Option<u16>)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let first = rest.split('/').next()?;
    if let Some((_, host)) = first.rsplit_once('@') {
        return read(host);
    }
    // Behind the first slash there may still be the end of a password.
    let later = rest.rsplit_once('@').map(|(_, host)| host);
    match (read(first), later) {
        (Some((_, Some(_))), Some(_)) => None,
        (Some(found), _) => Some(found),
        (None, Some(later)) => read(later),
        (None, None) => None,
    }
}

fn read(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.split(['/', '?', '#']).next()?;
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => {
            let (host, rest) = inner.split_once(']')?;
            let whole = format!("[{}]", host.parse::<std::net::Ipv6Addr>().ok()?);
            (whole, rest.strip_prefix(':'))
        }
        None => {
            let (host, port) = text
                .split_once(':')
                .map_or((text, None), |(host, port)| (host, Some(port)));
            (host.to_owned(), port)
        }
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_host = host.starts_with('[') || host.chars().all(is_name);
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    (is_host && !host.is_empty() && host.len() <= HOST_MAX).then_some((host, port))
}

/// One domain, address or range that goes past a proxy, as it is written, in lower-case letters.
#[must_use]
pub fn passed(part: &str) -> Option<String> {
    let part = part.trim().to_ascii_lowercase();
    if part.is_empty() {
        return None;
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*');
    let is_number = |text: &str| text.len() <= 5 && text.chars().all(|c| c.is_ascii_digit());
    // Only a range has a slash: what else has one may be a path.
    let (host, length) = part.split_once('/').unwrap_or((&part, "0"));
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_v6 = bare.parse::<std::net::Ipv6Addr>().is_ok();
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    // A number alone may be a date or a patient's.
    let has_letter = name.contains(|c: char| c.is_ascii_alphabetic());
    let is_range = name == "*" || name.contains('.') && !name.contains(['-', '_']);
    let is_name = name.len() <= HOST_MAX && name.chars().all(fits) && (has_letter || is_range);
    let is_path = part.contains('/') && has_letter;
    Some(
        if is_number(length) && (is_v6 || is_name && is_number(port) && !is_path) {
            part
        } else {
            UNCLEAR.to_owned()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, host: &str, port: Option<u16>) {
        assert_eq!(
            host_and_port(address),
            Some((host.to_owned(), port)),
            "{address}"
        );
    }

    #[test]
    fn host_and_port_are_told_and_nothing_else() {
        check(
            "http://proxy.example.jp:8080/",
            "proxy.example.jp",
            Some(8080),
        );
        check("proxy:3128", "proxy", Some(3128));
        check("https://taro:himitsu@nas/x?y", "nas", None);
        check("http://[2001:db8::1]:3128", "[2001:db8::1]", Some(3128));
        check(
            "https://copr.example.jp/results/@group/x/",
            "copr.example.jp",
            None,
        );
    }

    #[test]
    fn password_with_any_sign_stays_where_it_is() {
        for password in ["a#b", "a?b", "a/b", "a@b", "a:b", "a/b@c", "1/2@c/d"] {
            let address = format!("http://taro:{password}@proxy:3128/x");
            let found = host_and_port(&address);
            let fits = found.is_none() || found == Some(("proxy".to_owned(), Some(3128)));
            assert!(fits, "{address}: {found:?}");
        }
        assert_eq!(host_and_port("http://taro:1/2@proxy:3128"), None, "unclear");
        assert_eq!(host_and_port("taro:himitsu"), None);
        assert_eq!(host_and_port("http://"), None);
    }
}
