//! Adapters with their addresses, gateways and name servers: one call, walked once.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use daicho_report::Reason;
use windows_sys::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, ERROR_SUCCESS};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_INCLUDE_ALL_INTERFACES, GAA_FLAG_INCLUDE_GATEWAYS, GAA_FLAG_SKIP_ANYCAST,
    GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses, IP_ADAPTER_ADDRESSES_LH,
};
use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, AF_UNSPEC, SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_INET, SOCKET_ADDRESS,
};

use super::{Answer, Miss, RawAdapter, RawAddress, RawLink, miss};

/// More than 1,000 adapters with their addresses.
const BYTES_MAX: u32 = 16 << 20;
/// Members of one list.
const LIST_MAX: usize = 10_000;
/// Characters of one name.
const NAME_MAX: usize = 1_024;
const TRIES: usize = 4;

/// All adapters, sorted.
pub(in crate::platform) fn adapters() -> Answer<Vec<RawAdapter>> {
    let buffer = filled()?;
    let mut found = Vec::new();
    let mut next = buffer.as_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
    if buffer.is_empty() {
        return Ok(found);
    }
    while !next.is_null() && found.len() < LIST_MAX {
        // SAFETY: the system filled the buffer, which lives on, with a list of these structures.
        #[allow(unsafe_code)]
        let adapter = unsafe { &*next };
        found.push(raw(adapter));
        next = adapter.Next;
    }
    found.sort();
    Ok(found)
}

/// The buffer as the system filled it; units of 8 bytes, as its structures need them.
#[allow(unsafe_code)]
fn filled() -> Answer<Vec<u64>> {
    let flags = GAA_FLAG_INCLUDE_GATEWAYS
        | GAA_FLAG_INCLUDE_ALL_INTERFACES
        | GAA_FLAG_SKIP_ANYCAST
        | GAA_FLAG_SKIP_MULTICAST;
    let mut length: u32 = 32 << 10;
    for _ in 0..TRIES {
        let mut buffer = vec![0_u64; usize::try_from(length.div_ceil(8)).unwrap_or(0)];
        // SAFETY: the buffer has `length` bytes, of which the call writes no more.
        let code = unsafe {
            GetAdaptersAddresses(
                u32::from(AF_UNSPEC),
                flags,
                std::ptr::null(),
                buffer.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        match code {
            ERROR_SUCCESS => return Ok(buffer),
            ERROR_NO_DATA => return Ok(Vec::new()),
            ERROR_BUFFER_OVERFLOW if length <= BYTES_MAX => {}
            ERROR_BUFFER_OVERFLOW => return Err(Miss::Unknown(Reason::failed("too large"))),
            code => return Err(miss(code)),
        }
    }
    Err(Miss::Unknown(Reason::failed("changes while it is read")))
}

/// What is taken of an adapter.
#[allow(unsafe_code)]
fn raw(adapter: &IP_ADAPTER_ADDRESSES_LH) -> RawAdapter {
    // SAFETY: both forms of the union are numbers.
    let index = unsafe { adapter.Anonymous1.Anonymous.IfIndex };
    let length = usize::try_from(adapter.PhysicalAddressLength).unwrap_or(0);
    let mut addresses = BTreeSet::new();
    let mut next = adapter.FirstUnicastAddress;
    while !next.is_null() && addresses.len() < LIST_MAX {
        // SAFETY: a member of the list in the buffer that the adapter stands in.
        let it = unsafe { &*next };
        addresses.extend(ip(&it.Address).map(|ip| (ip, it.OnLinkPrefixLength)));
        next = it.Next;
    }
    let mut gateways = Vec::new();
    let mut next = adapter.FirstGatewayAddress;
    while !next.is_null() && gateways.len() < LIST_MAX {
        // SAFETY: as above.
        let it = unsafe { &*next };
        gateways.extend(ip(&it.Address));
        next = it.Next;
    }
    let mut name_servers = Vec::new();
    let mut next = adapter.FirstDnsServerAddress;
    while !next.is_null() && name_servers.len() < LIST_MAX {
        // SAFETY: as above.
        let it = unsafe { &*next };
        name_servers.extend(ip(&it.Address));
        next = it.Next;
    }
    RawAdapter {
        index: if index == 0 {
            adapter.Ipv6IfIndex
        } else {
            index
        },
        id: narrow(adapter.AdapterName),
        name: long(adapter.FriendlyName),
        description: long(adapter.Description),
        kind: adapter.IfType,
        state: adapter.OperStatus.cast_unsigned(),
        tunnel: adapter.TunnelType.cast_unsigned(),
        mac: mac(adapter.PhysicalAddress.get(..length).unwrap_or_default()),
        mtu: (adapter.Mtu != 0 && adapter.Mtu != u32::MAX).then_some(adapter.Mtu),
        addresses,
        gateways,
        name_servers,
        suffix: Some(long(adapter.DnsSuffix)).filter(|it| !it.is_empty()),
        dhcp_server: ip(&adapter.Dhcpv4Server),
    }
}

/// A hardware address of six bytes.
pub(super) fn mac(bytes: &[u8]) -> Option<String> {
    let bytes: &[u8; 6] = bytes.try_into().ok()?;
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(parts.join(":"))
}

/// An address of a structure that names its own length.
#[allow(unsafe_code)]
fn ip(address: &SOCKET_ADDRESS) -> Option<IpAddr> {
    let length = usize::try_from(address.iSockaddrLength).ok()?;
    if address.lpSockaddr.is_null() || length < size_of::<u16>() {
        return None;
    }
    // SAFETY: it is not null and holds at least the family.
    let family = unsafe { (*address.lpSockaddr).sa_family };
    if family == AF_INET && length >= size_of::<SOCKADDR_IN>() {
        let four = address.lpSockaddr.cast::<SOCKADDR_IN>();
        // SAFETY: the length is that of this form.
        Some(v4(unsafe { &*four }).into())
    } else if family == AF_INET6 && length >= size_of::<SOCKADDR_IN6>() {
        let six = address.lpSockaddr.cast::<SOCKADDR_IN6>();
        // SAFETY: the length is that of this form.
        Some(v6(unsafe { &*six }).into())
    } else {
        None
    }
}

/// An address of a structure that has room for both families.
#[allow(unsafe_code)]
pub(super) fn ip_of(address: &SOCKADDR_INET) -> Option<IpAddr> {
    // SAFETY: every form of the union begins with the family and is made of numbers.
    unsafe {
        match address.si_family {
            AF_INET => Some(v4(&address.Ipv4).into()),
            AF_INET6 => Some(v6(&address.Ipv6).into()),
            _ => None,
        }
    }
}

#[allow(unsafe_code)]
fn v4(address: &SOCKADDR_IN) -> Ipv4Addr {
    // SAFETY: every form of the union is four bytes.
    let bits = unsafe { address.sin_addr.S_un.S_addr };
    Ipv4Addr::from(bits.to_ne_bytes())
}

#[allow(unsafe_code)]
fn v6(address: &SOCKADDR_IN6) -> Ipv6Addr {
    // SAFETY: every form of the union is sixteen bytes.
    Ipv6Addr::from(unsafe { address.sin6_addr.u.Byte })
}

#[allow(unsafe_code)]
pub(super) fn long(text: *const u16) -> String {
    if text.is_null() {
        return String::new();
    }
    let mut units = Vec::new();
    for at in 0..NAME_MAX {
        // SAFETY: the text ends with 0, behind which nothing is read.
        match unsafe { *text.add(at) } {
            0 => break,
            unit => units.push(unit),
        }
    }
    String::from_utf16_lossy(&units)
}

#[allow(unsafe_code)]
fn narrow(text: *const u8) -> String {
    if text.is_null() {
        return String::new();
    }
    let mut bytes = Vec::new();
    for at in 0..NAME_MAX {
        // SAFETY: the text ends with 0, behind which nothing is read.
        match unsafe { *text.add(at) } {
            0 => break,
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The same as far as every system has it.
pub(in crate::platform) fn links() -> Answer<Vec<RawLink>> {
    let links = adapters()?.into_iter().map(|it| RawLink {
        index: it.index,
        name: it.name,
        admin_up: it.state == 1,
        carrier: it.state == 1,
        mac: it.mac,
        mtu: it.mtu,
        ..RawLink::default()
    });
    Ok(links.collect())
}

/// Addresses of all adapters.
pub(in crate::platform) fn addresses() -> Answer<Vec<RawAddress>> {
    let addresses = adapters()?.into_iter().flat_map(|adapter| {
        let of_adapter = adapter.addresses.into_iter();
        of_adapter.map(move |(address, prefix)| RawAddress {
            index: adapter.index,
            address,
            prefix,
            scope: "global".to_owned(),
            dynamic: false,
            temporary: false,
        })
    });
    Ok(addresses.collect())
}
