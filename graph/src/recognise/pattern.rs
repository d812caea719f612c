//! Patterns of signature files and site rules. Comes in: text with `*`, a domain, an address with
//! prefix, a port with protocol; goes out: whether a value fits. It compiles once and never panics.

use std::net::IpAddr;

use daicho_report::{Address, Protocol};

/// Most stars in one pattern: more is a mistake, and slow.
const STARS_MAX: usize = 4;

/// A text in which `*` stands for any text; compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    parts: Vec<String>,
}

impl Glob {
    /// Nothing for an empty text, one of stars alone, too many stars, or control characters.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let parts: Vec<String> = text.to_lowercase().split('*').map(str::to_owned).collect();
        let says_nothing = parts.iter().all(|it| it.trim().is_empty());
        let bad = says_nothing || parts.len() > STARS_MAX + 1 || text.chars().any(char::is_control);
        (!bad).then_some(Self { parts })
    }

    /// The whole text, when there is no star in it.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The texts between the stars, in lower case.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }

    /// Whether a text in lower case fits.
    pub(crate) fn fits(&self, lower: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.plain() == Some(lower);
        };
        let Some(rest) = lower.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else {
            return false;
        };
        for part in middle {
            let Some((_, after)) = rest.split_once(part.as_str()) else {
                return false;
            };
            rest = after;
        }
        true
    }

    /// Whether a text fits, in whatever case.
    pub(crate) fn fits_any_case(&self, text: &str) -> bool {
        self.fits(&text.to_lowercase())
    }
}

/// A name and all that it lies below: `a.b.c`, `b.c`, `c`.
pub(crate) fn above(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.match_indices('.').map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(ends)
        .filter_map(|at| name.get(at..))
}

/// Whether a name is a domain or lies below it; both in lower case.
pub(super) fn is_within(name: &str, domain: &str) -> bool {
    above(name).any(|it| it == domain)
}

/// A domain as settings write it (`*.example.jp`, `.example.jp`, `example.jp.`), in its plain form.
pub(super) fn plain_domain(text: &str) -> String {
    let text = text.trim().trim_start_matches("*.").trim_matches('.');
    text.to_lowercase()
}

/// `104/tcp`.
pub(super) fn port(text: &str) -> Option<(u16, Protocol)> {
    let (number, protocol) = text.split_once('/')?;
    let protocol = match protocol {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => return None,
    };
    number
        .parse()
        .ok()
        .filter(|it| *it != 0)
        .map(|it| (it, protocol))
}

/// How a port is written.
pub(super) fn port_text(port: u16, protocol: Protocol) -> String {
    let protocol = match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Other => "other",
    };
    format!("{port}/{protocol}")
}

/// An address, or a network whose host bits are clear.
pub(super) fn network(text: &str) -> Option<Address> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address.parse().ok()?, prefix.parse().ok()?),
        None => {
            let address: IpAddr = text.parse().ok()?;
            (address, if address.is_ipv4() { 32 } else { 128 })
        }
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let out = Address { address, prefix };
    (prefix <= most && out.network() == address).then_some(out)
}

/// Whether a network holds an address.
pub(super) fn holds(network: &Address, address: IpAddr) -> bool {
    let prefix = network.prefix;
    network.address.is_ipv4() == address.is_ipv4()
        && Address { address, prefix }.network() == network.network()
}

/// Whether an address is for use inside (RFC 1918, RFC 6598, RFC 4193).
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => {
            let [first, second, ..] = it.octets();
            it.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(it) => it.is_unique_local(),
    }
}

/// Whether an address can be another machine's beyond this link.
pub(super) fn is_routable(address: IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(it) => it.is_link_local() || it.is_broadcast(),
        IpAddr::V6(it) => it.is_unicast_link_local(),
    };
    !(local || address.is_loopback() || address.is_multicast() || address.is_unspecified())
}

/// Whether an address is in public space.
pub(super) fn is_public(address: IpAddr) -> bool {
    is_routable(address) && !is_private(address)
}

#[cfg(test)]
mod tests;
