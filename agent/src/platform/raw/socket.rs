//! The tables of sockets of Windows as bytes. Comes in: what `GetExtendedTcpTable` and
//! `GetExtendedUdpTable` fill in, with the owners' process numbers; goes out: sockets; a row that the
//! bytes do not hold whole is none, whatever the count says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::RawSocket;

#[cfg(test)]
mod tests;

/// Which of the four tables it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// TCP, or else UDP.
    pub tcp: bool,
    /// IPv6, or else IPv4.
    pub six: bool,
}

impl Table {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::new(true, false),
        Self::new(true, true),
        Self::new(false, false),
        Self::new(false, true),
    ];

    const fn new(tcp: bool, six: bool) -> Self {
        Self { tcp, six }
    }

    /// Bytes of a row (tcpmib.h, udpmib.h).
    const fn row_bytes(self) -> usize {
        match (self.tcp, self.six) {
            (true, false) => 24,
            (true, true) => 56,
            (false, false) => 12,
            (false, true) => 28,
        }
    }

    /// The sockets in a table: a count, then the rows.
    #[must_use]
    pub fn sockets(self, bytes: &[u8]) -> Vec<RawSocket> {
        let Some((count, rows)) = bytes.split_first_chunk::<4>() else {
            return Vec::new();
        };
        let count = usize::try_from(u32::from_le_bytes(*count)).unwrap_or(usize::MAX);
        let rows = rows.chunks_exact(self.row_bytes()).take(count);
        rows.filter_map(|row| self.socket(row)).collect()
    }

    fn socket(self, row: &[u8]) -> Option<RawSocket> {
        let none = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        // State and process stand before and behind the addresses, by family.
        let (local, peer, state, process) = match (self.tcp, self.six) {
            (true, false) => (
                four(row, 4)?,
                four(row, 12)?,
                number(row, 0)?,
                number(row, 20)?,
            ),
            (true, true) => (
                six(row, 0)?,
                six(row, 24)?,
                number(row, 48)?,
                number(row, 52)?,
            ),
            (false, false) => (four(row, 0)?, none, 0, number(row, 8)?),
            (false, true) => (six(row, 0)?, none, 0, number(row, 24)?),
        };
        Some(RawSocket {
            tcp: self.tcp,
            local,
            peer,
            state,
            process,
        })
    }
}

fn number(row: &[u8], at: usize) -> Option<u32> {
    let four = row.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// Address and port; of the port's 32 bits the first two bytes count, in the order of the network.
fn four(row: &[u8], at: usize) -> Option<(IpAddr, u16)> {
    let address = row.get(at..)?.first_chunk::<4>()?;
    let port = row.get(at + 4..)?.first_chunk::<2>()?;
    Some((Ipv4Addr::from(*address).into(), u16::from_be_bytes(*port)))
}

/// Address, number of the interface, port.
fn six(row: &[u8], at: usize) -> Option<(IpAddr, u16)> {
    let address = row.get(at..)?.first_chunk::<16>()?;
    let port = row.get(at + 20..)?.first_chunk::<2>()?;
    Some((Ipv6Addr::from(*address).into(), u16::from_be_bytes(*port)))
}
