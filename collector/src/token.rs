//! Enrolment tokens. Comes in: what a token may do, and 32 random bytes; goes out: its text, once.
//! The store holds the secret's SHA-256 and never the secret.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daicho_report::{Hash, Time};
use serde::{Deserialize, Serialize};

use crate::refusal::Refused;

/// Longest life of a token for one machine.
const SINGLE_MAX_S: i64 = 24 * 60 * 60;
/// Longest life of a roll-out token.
const ROLLOUT_MAX_S: i64 = 90 * 24 * 60 * 60;

/// For how many machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// One.
    Single,
    /// Many; each waits for approval.
    Rollout,
}

/// What a token may do.
#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// For how many machines.
    pub kind: TokenKind,
    /// Seconds that it lives.
    pub ttl_s: i64,
    /// Addresses that may use it (`10.1.0.0/16`); `None`: any.
    pub cidr: Option<String>,
    /// How often it may be used; one for [`TokenKind::Single`].
    pub count: u32,
    /// Whether its enrolments need no person.
    pub auto_approve: bool,
    /// What it is for.
    pub note: String,
}

/// One token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// SHA-256 of the secret.
    pub hash: Hash,
    /// For how many machines.
    pub kind: TokenKind,
    /// When it was made.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
    /// Addresses that may use it.
    pub cidr: Option<String>,
    /// How often it may be used.
    pub count: u32,
    /// How often it was.
    pub used: u32,
    /// Whether its enrolments need no person.
    pub auto_approve: bool,
    /// What it is for.
    pub note: String,
}

/// The text that is handed over: `daicho1.<secret>.<SHA-256 of the CA certificate>`.
#[must_use]
pub fn token_text(secret: &str, ca_fingerprint: &Hash) -> String {
    format!("daicho1.{secret}.{ca_fingerprint}")
}

/// Makes a token: the secret and its row.
pub fn make(
    options: &TokenOptions,
    random: &[u8; 32],
    now: Time,
) -> Result<(String, TokenRow), Refused> {
    let longest = match options.kind {
        TokenKind::Single => SINGLE_MAX_S,
        TokenKind::Rollout => ROLLOUT_MAX_S,
    };
    if options.ttl_s <= 0 || options.ttl_s > longest {
        return Err(Refused::new("ENR-009", format!("{} s", options.ttl_s)));
    }
    if options.count == 0 || (options.kind == TokenKind::Rollout && options.auto_approve) {
        return Err(Refused::new("ENR-009", "count, approve"));
    }
    if let Some(cidr) = &options.cidr {
        Cidr::parse(cidr).ok_or_else(|| Refused::new("ENR-010", cidr))?;
    }
    let secret = URL_SAFE_NO_PAD.encode(random);
    let row = TokenRow {
        hash: Hash::of(secret.as_bytes()),
        kind: options.kind,
        made_at: now,
        ends_at: Time::from_seconds(now.seconds().saturating_add(options.ttl_s)),
        cidr: options.cidr.clone(),
        count: if options.kind == TokenKind::Single {
            1
        } else {
            options.count
        },
        used: 0,
        auto_approve: options.auto_approve,
        note: options.note.chars().take(200).collect(),
    };
    Ok((secret, row))
}

impl TokenRow {
    /// Whether it may be used now from there.
    pub fn admits(&self, peer: IpAddr, now: Time) -> Result<(), Refused> {
        if now >= self.ends_at {
            return Err(Refused::new("ENR-003", self.ends_at.to_string()));
        }
        if self.used >= self.count {
            return Err(Refused::new("ENR-002", ""));
        }
        let inside = self
            .cidr
            .as_deref()
            .is_none_or(|cidr| Cidr::parse(cidr).is_some_and(|cidr| cidr.holds(peer)));
        if inside {
            Ok(())
        } else {
            Err(Refused::new("ENR-004", peer.to_string()))
        }
    }
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    length: u8,
}

impl Cidr {
    /// Reads `10.1.0.0/16` or `fd00::/8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (base, length) = text.split_once('/')?;
        let base: IpAddr = base.parse().ok()?;
        let length: u8 = length.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        (length <= most).then_some(Self { base, length })
    }

    /// Whether the address is in it; an IPv4 address in IPv6 clothing counts as IPv4.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let length = u32::from(self.length);
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - length;
                base.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let shift = 128 - length;
                base.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_is_inside() {
        let cidr = Cidr::parse("10.1.0.0/16").unwrap();
        assert!(cidr.holds("10.1.255.9".parse().unwrap()));
        assert!(cidr.holds("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!cidr.holds("10.2.0.1".parse().unwrap()));
        assert!(
            Cidr::parse("0.0.0.0/0")
                .unwrap()
                .holds("1.2.3.4".parse().unwrap())
        );
        assert!(
            Cidr::parse("fd00::/8")
                .unwrap()
                .holds("fdab::1".parse().unwrap())
        );
        for wrong in ["", "10.0.0.0", "10.0.0.0/33", "x/1", "fd00::/129"] {
            assert_eq!(Cidr::parse(wrong), None, "{wrong}");
        }
    }
}
