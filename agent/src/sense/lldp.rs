//! Reads an LLDP data unit (IEEE 802.1AB-2016 §8). Comes in: the bytes after the ethertype; goes
//! out: who the neighbour says it is. Everything in it is a claim of that neighbour, bounded here
//! and never trusted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use crate::message::visible;

/// More than any device sends.
const TLVS_MAX: usize = 64;
const ADDRESSES_MAX: usize = 8;

/// What one neighbour says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LldpFrame {
    /// Which chassis: mostly its hardware address.
    pub chassis: String,
    /// Which of its ports we are connected to.
    pub port: String,
    /// Seconds that this is valid; 0 says that it goes.
    pub ttl_s: u16,
    /// The port in words.
    pub port_description: Option<String>,
    /// The device's name.
    pub system_name: Option<String>,
    /// The device in words: product and version, mostly.
    pub system_description: Option<String>,
    /// What it does: bit 2 bridge, bit 3 access point, bit 4 router (§8.5.8.1).
    pub capabilities: Option<u16>,
    /// Addresses to manage it by.
    pub management: Vec<IpAddr>,
}

/// Why bytes are no LLDP data unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LldpError {
    /// A length goes beyond the bytes.
    #[error("read the data unit: it is cut off")]
    Short,
    /// Chassis, port and time to live must come first, in this order.
    #[error("read the data unit: mandatory parts are missing or out of order")]
    Order,
    /// More parts than any device sends.
    #[error("read the data unit: too many parts")]
    Many,
}

/// Reads one data unit.
pub fn parse(bytes: &[u8]) -> Result<LldpFrame, LldpError> {
    let mut frame = LldpFrame::default();
    let mut rest = bytes;
    for index in 0..TLVS_MAX {
        let Some((header, after)) = rest.split_first_chunk::<2>() else {
            // The end marker may be missing, a part that is cut off may not.
            return if rest.is_empty() && index >= 3 {
                Ok(frame)
            } else {
                Err(LldpError::Short)
            };
        };
        let header = u16::from_be_bytes(*header);
        let kind = header >> 9;
        let length = usize::from(header & 0x1ff);
        let (value, after) = after.split_at_checked(length).ok_or(LldpError::Short)?;
        rest = after;
        match (index, kind) {
            (0, 1) => frame.chassis = identifier(value, [4, 5])?,
            (1, 2) => frame.port = identifier(value, [3, 4])?,
            (2, 3) => frame.ttl_s = word(value)?,
            (0..3, _) | (_, 1..=3) => return Err(LldpError::Order),
            (_, 0) => return Ok(frame),
            (_, kind) => optional(&mut frame, kind, value)?,
        }
    }
    Err(LldpError::Many)
}

fn optional(frame: &mut LldpFrame, kind: u16, value: &[u8]) -> Result<(), LldpError> {
    match kind {
        4 => frame.port_description = Some(words(value)),
        5 => frame.system_name = Some(words(value)),
        6 => frame.system_description = Some(words(value)),
        7 => {
            // Two masks: what it can do, and what of it is switched on.
            let (_, enabled) = value.split_first_chunk::<2>().ok_or(LldpError::Short)?;
            frame.capabilities = Some(word(enabled)?);
        }
        8 if frame.management.len() < ADDRESSES_MAX => {
            let (length, rest) = value.split_first().ok_or(LldpError::Short)?;
            let address = rest.get(..usize::from(*length)).ok_or(LldpError::Short)?;
            frame.management.extend(network_address(address));
        }
        // Parts of organisations and future ones.
        _ => {}
    }
    Ok(())
}

fn word(value: &[u8]) -> Result<u16, LldpError> {
    let (word, _) = value.split_first_chunk::<2>().ok_or(LldpError::Short)?;
    Ok(u16::from_be_bytes(*word))
}

/// An identifier by its subtype: `kinds` are those of a MAC and of a network address.
fn identifier(value: &[u8], kinds: [u8; 2]) -> Result<String, LldpError> {
    let (subtype, value) = value.split_first().ok_or(LldpError::Short)?;
    let [mac, network] = kinds;
    if *subtype == mac
        && let Ok(mac) = <[u8; 6]>::try_from(value)
    {
        return Ok(hexadecimal(&mac, ":"));
    }
    if *subtype == network
        && let Some(address) = network_address(value)
    {
        return Ok(address.to_string());
    }
    Ok(words(value))
}

/// An address family number (IANA) and the address.
fn network_address(value: &[u8]) -> Option<IpAddr> {
    match value.split_first()? {
        (1, v4) => Some(Ipv4Addr::from(<[u8; 4]>::try_from(v4).ok()?).into()),
        (2, v6) => Some(Ipv6Addr::from(<[u8; 16]>::try_from(v6).ok()?).into()),
        _ => None,
    }
}

/// Text as it can be printed; bytes that are none as hexadecimal digits.
fn words(value: &[u8]) -> String {
    let text = value.strip_suffix(&[0]).unwrap_or(value);
    match std::str::from_utf8(text) {
        Ok(text) => visible(text),
        Err(_) => hexadecimal(value, ""),
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8], between: &str) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(between)
}
