//! rtnetlink messages cut down to what is kept. Comes in: a message of the kernel; goes out: the same
//! with its known attributes only, so that one which a newer kernel adds or changes cannot spoil the
//! others. No value is changed but a name that is no text.

/// Header of a message, then the fixed part of its kind.
const HEAD: usize = 16;

/// What is kept of a kind of message (linux/rtnetlink.h).
struct Kept {
    /// Length of the fixed part.
    fixed: usize,
    /// The fixed part begins with the address family, and only IPv4 and IPv6 are read.
    addresses: bool,
    /// Numbers of the attributes.
    attributes: &'static [u16],
    /// Those without which nothing is worth keeping.
    essential: &'static [u16],
}

const IFNAME: u16 = 3;
const LINKINFO: u16 = 18;
const INFO_KIND: u16 = 1;
const INFO_DATA: u16 = 2;
const VLAN_ID: u16 = 1;

fn kept(kind: u16) -> Option<&'static Kept> {
    match kind {
        // Interfaces: address, name, MTU, lower one, upper one, kind, other namespace, burnt-in one.
        16 => Some(&Kept {
            fixed: 16,
            addresses: false,
            attributes: &[1, IFNAME, 4, 5, 10, LINKINFO, 37, 54],
            essential: &[IFNAME],
        }),
        // Addresses: the other end's, ours, flags.
        20 => Some(&Kept {
            fixed: 8,
            addresses: true,
            attributes: &[1, 2, 8],
            essential: &[1, 2],
        }),
        // Routes: destination, interface, next hop, priority, source, next hops, table, next hop
        // of the other family.
        24 => Some(&Kept {
            fixed: 12,
            addresses: true,
            attributes: &[1, 4, 5, 6, 7, 9, 15, 18],
            essential: &[1, 4, 5, 6, 15],
        }),
        // Neighbours: address, hardware address.
        28 => Some(&Kept {
            fixed: 12,
            addresses: true,
            attributes: &[1, 2],
            essential: &[1, 2],
        }),
        _ => None,
    }
}

fn kind(message: &[u8]) -> Option<u16> {
    let [low, high] = *message.get(4..)?.first_chunk::<2>()?;
    Some(u16::from_ne_bytes([low, high]))
}

/// It is about something that is not read here: MPLS, bridges' tables, other kinds.
pub(super) fn is_foreign(message: &[u8]) -> bool {
    let Some(kept) = kind(message).and_then(kept) else {
        return true;
    };
    let family = message.get(HEAD).copied().map(i32::from);
    kept.addresses && !matches!(family, Some(libc::AF_INET | libc::AF_INET6))
}

/// The message with what is kept of it; nothing where it is foreign or cut.
pub(super) fn slim(message: &[u8], essential: bool) -> Option<Vec<u8>> {
    if is_foreign(message) {
        return None;
    }
    let kept = kind(message).and_then(kept)?;
    let wanted = if essential {
        kept.essential
    } else {
        kept.attributes
    };
    let is_link = !kept.addresses;
    let mut out = message.get(..HEAD + kept.fixed)?.to_vec();
    for (number, value) in Attributes(message.get(HEAD + kept.fixed..)?) {
        match number {
            _ if !wanted.contains(&number) => {}
            LINKINFO if is_link => add(&mut out, number, &link_info(value)),
            IFNAME if is_link => add(&mut out, number, &name(value)),
            _ => add(&mut out, number, value),
        }
    }
    let length = u32::try_from(out.len()).ok()?.to_ne_bytes();
    out.get_mut(..4)?.copy_from_slice(&length);
    Some(out)
}

/// The kernel takes any bytes as an interface's name.
fn name(value: &[u8]) -> Vec<u8> {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut text = String::from_utf8_lossy(text).into_owned().into_bytes();
    text.push(0);
    text
}

/// The kind, and of a VLAN its number.
fn link_info(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut is_vlan = false;
    for (number, value) in Attributes(value) {
        match number {
            INFO_KIND => {
                is_vlan = value.starts_with(b"vlan\0");
                add(&mut out, number, value);
            }
            INFO_DATA if is_vlan => {
                let mut data = Vec::new();
                for (number, value) in Attributes(value).filter(|(it, _)| *it == VLAN_ID) {
                    add(&mut data, number, value);
                }
                add(&mut out, number, &data);
            }
            _ => {}
        }
    }
    out
}

/// Attributes one after the other: length, number, value, aligned to four bytes.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [a, b, c, d] = *self.0.first_chunk::<4>()?;
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let value = self.0.get(4..length)?;
        let step = length.saturating_add(3) & !3;
        self.0 = self.0.get(step..).unwrap_or_default();
        // The two upper bits say how the value is written (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
        Some((u16::from_ne_bytes([c, d]) & 0x3fff, value))
    }
}

fn add(out: &mut Vec<u8>, number: u16, value: &[u8]) {
    let Ok(length) = u16::try_from(value.len() + 4) else {
        return;
    };
    out.extend(length.to_ne_bytes());
    out.extend(number.to_ne_bytes());
    out.extend(value);
    out.resize(out.len().next_multiple_of(4), 0);
}
