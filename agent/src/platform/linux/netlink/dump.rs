//! One rtnetlink dump. Comes in: a request; goes out: every message of the answer, or why there is
//! none. A message that cannot be read costs itself; an answer that changed while it was given is
//! asked for once more; bytes, messages and waiting are bounded.

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use daicho_report::Reason;
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN,
    NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

use super::super::super::{Answer, Miss};
use super::super::file::miss;
use super::slim::slim;

#[cfg(test)]
#[path = "dump/tests.rs"]
mod tests;

/// The kernel fills at most 32 KiB at once; one message alone may be larger (a card's many virtual
/// functions).
const BUFFER_BYTES: usize = 128 << 10;
const MESSAGES_MAX: usize = 200_000;
const BYTES_MAX: usize = 128 << 20;
/// For each datagram.
const WAIT_S: i64 = 3;
/// For the whole answer.
const WAIT_ALL: Duration = Duration::from_secs(10);
/// How often it is asked when the tables change under the answer.
const TRIES: usize = 2;

/// The answer, as far as it was read.
#[derive(Debug, Default)]
struct Dump {
    messages: Vec<Message>,
    /// Messages that could not be read.
    skipped: usize,
    /// The tables changed meanwhile: something may be missing or there twice.
    interrupted: bool,
}

/// Every message of the answer.
pub(super) fn dump(request: &Message) -> Answer<Vec<Message>> {
    for _ in 0..TRIES {
        let dump = ask(request.clone())?;
        if !dump.interrupted {
            return dump.read();
        }
    }
    Err(Miss::Unknown(Reason::failed("interrupted")))
}

impl Dump {
    fn read(self) -> Answer<Vec<Message>> {
        if self.skipped > 0 {
            tracing::warn!(
                stage = "probe",
                source = "rtnetlink",
                skipped = self.skipped
            );
            // Nothing that could be read is not nothing that is there.
            if self.messages.is_empty() {
                return Err(Miss::Unknown(Reason::failed("rtnetlink message")));
            }
        }
        Ok(self.messages)
    }

    /// Takes the messages of one datagram; `true` after the last.
    fn take(&mut self, mut rest: &[u8]) -> Answer<bool> {
        while let Some(head) = Head::of(rest) {
            let size = head.length.min(rest.len());
            let message = rest.get(..size).unwrap_or_default();
            self.interrupted |= head.flags & NLM_F_DUMP_INTR != 0;
            match head.kind {
                NLMSG_DONE => return error_of(message).map(|()| true),
                NLMSG_ERROR => error_of(message)?,
                NLMSG_OVERRUN => return Err(Miss::Unknown(Reason::failed("overrun"))),
                NLMSG_NOOP => {}
                _ => self.add(message)?,
            }
            // Messages are aligned to four bytes.
            let step = size.saturating_add(3) & !3;
            rest = rest.get(step..).unwrap_or_default();
        }
        Ok(false)
    }

    fn add(&mut self, message: &[u8]) -> Answer<()> {
        if self.messages.len() >= MESSAGES_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
        let read = |slim: Vec<u8>| NetlinkMessage::<Message>::deserialize(&slim).ok();
        let whole = slim(message, false).and_then(read);
        let found = whole.or_else(|| slim(message, true).and_then(read));
        match found.map(|it| it.payload) {
            Some(NetlinkPayload::InnerMessage(inner)) => self.messages.push(inner),
            _ if super::slim::is_foreign(message) => {}
            _ => self.skipped += 1,
        }
        Ok(())
    }
}

/// The beginning of a message (netlink(7)).
#[derive(Debug, Clone, Copy)]
struct Head {
    length: usize,
    kind: u16,
    flags: u16,
}

impl Head {
    const BYTES: usize = 16;

    /// Nothing where no message begins.
    fn of(bytes: &[u8]) -> Option<Self> {
        let head = bytes.first_chunk::<16>()?;
        let [a, b, c, d, e, f, g, h, ..] = *head;
        let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).ok()?;
        (length >= Self::BYTES).then_some(Self {
            length,
            kind: u16::from_ne_bytes([e, f]),
            flags: u16::from_ne_bytes([g, h]),
        })
    }
}

/// The error that a message of the kinds *error* and *done* carries: negative, or 0 for none.
fn error_of(message: &[u8]) -> Answer<()> {
    let code = message
        .get(Head::BYTES..)
        .and_then(|it| it.first_chunk::<4>());
    match code.map_or(0, |code| i32::from_ne_bytes(*code)) {
        0.. => Ok(()),
        code => Err(miss(&std::io::Error::from_raw_os_error(
            code.saturating_neg(),
        ))),
    }
}

fn ask(request: Message) -> Answer<Dump> {
    let mut socket = Socket::new(NETLINK_ROUTE).map_err(|error| miss(&error))?;
    wait_at_most(&socket)?;
    socket.bind_auto().map_err(|error| miss(&error))?;
    let kernel = SocketAddr::new(0, 0);
    socket.connect(&kernel).map_err(|error| miss(&error))?;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_DUMP | NLM_F_REQUEST;
    let mut request = NetlinkMessage::new(header, NetlinkPayload::from(request));
    request.finalize();
    let mut bytes = vec![0; request.buffer_len()];
    request.serialize(&mut bytes);
    socket.send(&bytes, 0).map_err(|error| miss(&error))?;
    let mut buffer = vec![0; BUFFER_BYTES];
    gather(|| {
        // With this flag the answer is the datagram's own size, even where it is cut.
        let size = socket.recv(&mut &mut buffer[..], libc::MSG_TRUNC)?;
        Ok(buffer.get(..size).map(<[u8]>::to_vec))
    })
}

/// Takes datagrams up to the last of the answer; one that was cut is `None`.
fn gather(mut next: impl FnMut() -> std::io::Result<Option<Vec<u8>>>) -> Answer<Dump> {
    let end = Instant::now() + WAIT_ALL;
    let mut dump = Dump::default();
    let mut bytes = 0_usize;
    loop {
        if Instant::now() > end {
            return Err(Miss::Unknown(Reason::TimedOut));
        }
        let datagram = match next() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            datagram => datagram.map_err(|error| miss(&error))?,
        };
        let datagram = datagram.ok_or_else(|| Miss::Unknown(Reason::failed("EMSGSIZE")))?;
        bytes = bytes.saturating_add(datagram.len());
        if bytes > BYTES_MAX {
            return Err(Miss::Unknown(Reason::failed("EFBIG")));
        }
        if dump.take(&datagram)? {
            return Ok(dump);
        }
    }
}

fn wait_at_most(socket: &Socket) -> Answer<()> {
    let limit = libc::timeval {
        tv_sec: WAIT_S,
        tv_usec: 0,
    };
    let size = u32::try_from(size_of::<libc::timeval>()).unwrap_or(0);
    // SAFETY: the descriptor is open, `limit` lives through the call and has the size given.
    #[allow(unsafe_code)]
    let answer = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVTIMEO,
            std::ptr::from_ref(&limit).cast(),
            size,
        )
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(miss(&std::io::Error::last_os_error()))
    }
}
