//! Frames on Linux: an AF_PACKET socket whose kernel filter lets ARP and LLDP through, read by pnet.
//! Comes in: an interface's name; goes out: frames. It never sends and never asks for promiscuous
//! mode; joining LLDP's multicast address only tells the own network card.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::time::Duration;

use pnet::datalink::linux::{Config, channel};
use pnet::datalink::{Channel, ChannelType, DataLinkReceiver, NetworkInterface, interfaces};

use pnet::packet::arp::{ArpHardwareTypes, ArpPacket};
use pnet::packet::ethernet::EtherTypes;

use super::{CaptureError, Frames};

/// 01:80:c2:00:00:0e, where LLDP is sent to (IEEE 802.1AB §7.1).
const LLDP_GROUP: [u8; 6] = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e];

/// Larger than any frame that passes the filter.
const FRAME_BYTES: usize = 9_216;

struct Heard(Box<dyn DataLinkReceiver>);

impl Frames for Heard {
    fn next_frame(&mut self) -> Result<Option<&[u8]>, io::Error> {
        match self.0.next() {
            Ok(frame) => Ok(Some(frame)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::TimedOut
                        | io::ErrorKind::WouldBlock
                        | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// See [`super::open`].
pub(super) fn open(name: &str, wait: Duration) -> Result<Box<dyn Frames>, CaptureError> {
    let there = interfaces();
    let Some(interface) = there.iter().find(|it| it.name == name) else {
        return Err(CaptureError::NoInterface {
            name: name.to_owned(),
            there: there.into_iter().map(|it| it.name).collect(),
        });
    };
    let failed = |source: io::Error| CaptureError::Failed {
        name: name.to_owned(),
        source,
    };
    let socket = packet_socket().map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => CaptureError::Denied(error),
        _ => failed(error),
    })?;
    only_arp_and_lldp(&socket).map_err(failed)?;
    join_lldp_group(&socket, interface).map_err(failed)?;
    let config = Config {
        read_timeout: Some(wait),
        read_buffer_size: FRAME_BYTES,
        channel_type: ChannelType::Layer2,
        promiscuous: false,
        // pnet owns the socket from here on, and closes it when it fails.
        socket_fd: Some(socket.into_raw_fd()),
        ..Config::default()
    };
    match channel(interface, config).map_err(failed)? {
        Channel::Ethernet(_, receiver) => Ok(Box::new(Heard(receiver))),
        _ => Err(CaptureError::Unsupported),
    }
}

/// A packet socket of protocol 0: it hears nothing until pnet binds it, when the filter is set.
#[allow(unsafe_code)]
fn packet_socket() -> io::Result<OwnedFd> {
    // SAFETY: socket(2) takes no pointer; its result is checked before it is used.
    let socket = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    if socket < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new, open and owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(socket) })
}

/// `ldb [type]; jeq outgoing drop; ldh [12]; jeq 0x0806 keep; jeq 0x88cc keep; drop: ret 0; keep: ret
/// all`. What this machine sends itself is no neighbour.
#[allow(unsafe_code)]
fn only_arp_and_lldp(socket: &OwnedFd) -> io::Result<()> {
    let op = |code: u32, jt, jf, k| libc::sock_filter {
        code: u16::try_from(code).unwrap_or_default(),
        jt,
        jf,
        k,
    };
    let jump = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    let answer = libc::BPF_RET | libc::BPF_K;
    let load = libc::BPF_LD | libc::BPF_ABS;
    let packet_type = (libc::SKF_AD_OFF + libc::SKF_AD_PKTTYPE).cast_unsigned();
    let mut program = [
        op(load | libc::BPF_B, 0, 0, packet_type),
        op(jump, 3, 0, u32::from(libc::PACKET_OUTGOING)),
        op(load | libc::BPF_H, 0, 0, 12),
        op(jump, 2, 0, 0x0806),
        op(jump, 1, 0, 0x88cc),
        op(answer, 0, 0, 0),
        op(answer, 0, 0, u32::MAX),
    ];
    let filter = libc::sock_fprog {
        len: 7,
        filter: program.as_mut_ptr(),
    };
    set_option(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
}

fn join_lldp_group(socket: &OwnedFd, interface: &NetworkInterface) -> io::Result<()> {
    let mut address = [0; 8];
    for (to, from) in address.iter_mut().zip(LLDP_GROUP) {
        *to = from;
    }
    let membership = libc::packet_mreq {
        mr_ifindex: i32::try_from(interface.index).unwrap_or_default(),
        mr_type: u16::try_from(libc::PACKET_MR_MULTICAST).unwrap_or_default(),
        mr_alen: 6,
        mr_address: address,
    };
    set_option(
        socket,
        libc::SOL_PACKET,
        libc::PACKET_ADD_MEMBERSHIP,
        &membership,
    )
}

#[allow(unsafe_code)]
fn set_option<T>(socket: &OwnedFd, level: i32, name: i32, value: &T) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of::<T>()).unwrap_or_default();
    // SAFETY: `value` lives through the call and `length` is its size; the kernel copies it.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(value).cast(),
            length,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// See [`super::arp`].
pub(super) fn arp(packet: &[u8]) -> Option<([u8; 6], std::net::Ipv4Addr)> {
    let arp = ArpPacket::new(packet)?;
    let for_us = arp.get_hardware_type() == ArpHardwareTypes::Ethernet
        && arp.get_protocol_type() == EtherTypes::Ipv4
        && arp.get_hw_addr_len() == 6
        && arp.get_proto_addr_len() == 4;
    for_us.then(|| {
        (
            arp.get_sender_hw_addr().octets(),
            arp.get_sender_proto_addr(),
        )
    })
}
