//! Sessions, and what the token of each says of rights. Of others' sessions only the system's own
//! account may ask for the token (`WTSQueryUserToken`); whoever else runs this learns it of his own.
//! Tokens are opened for asking only. On real Windows none of this was tried yet.

use std::ptr::null_mut;

use daicho_report::Reason;
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_NO_TOKEN, ERROR_PRIVILEGE_NOT_HELD, HANDLE,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION_TYPE, TOKEN_GROUPS, TOKEN_INFORMATION_CLASS, TOKEN_QUERY,
    TOKEN_USER, TokenElevationType, TokenGroups, TokenUser,
};
use windows_sys::Win32::System::RemoteDesktop::{
    ProcessIdToSessionId, WTS_CURRENT_SERVER_HANDLE, WTS_INFO_CLASS, WTS_SESSION_INFOW,
    WTSDomainName, WTSEnumerateSessionsW, WTSFreeMemory, WTSQuerySessionInformationW,
    WTSQueryUserToken, WTSUserName,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentProcessId, OpenProcessToken,
};

use super::adapter::long;
use super::{Answer, Miss, RawSession, RawToken, last_miss, sid};

/// Sessions of one machine: a terminal server has some hundreds.
const SESSIONS_MAX: usize = 4_096;
/// A token has at most 1,024 groups.
const GROUPS_MAX: usize = 1_024;
/// Larger than any answer about a token.
const TOKEN_BYTES_MAX: u32 = 1 << 20;

/// A token, closed at the end.
struct Token(HANDLE);

impl Drop for Token {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once; the result changes nothing.
        let _ = unsafe { CloseHandle(self.0) };
    }
}

/// Memory of the session service, given back at the end.
struct Wts(*mut core::ffi::c_void);

impl Drop for Wts {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the system allocated it for us, and it is given back once.
        unsafe { WTSFreeMemory(self.0) };
    }
}

/// Sessions with somebody in them, sorted by their numbers.
#[allow(unsafe_code)]
pub(in crate::platform) fn sessions() -> Answer<Vec<RawSession>> {
    let (mut all, mut count) = (null_mut::<WTS_SESSION_INFOW>(), 0);
    // SAFETY: it is this machine's own service; both are written only.
    let known = unsafe {
        WTSEnumerateSessionsW(
            WTS_CURRENT_SERVER_HANDLE,
            0,
            1,
            &raw mut all,
            &raw mut count,
        )
    };
    if known == 0 {
        return Err(last_miss());
    }
    let _given_back = Wts(all.cast());
    let count = usize::try_from(count).unwrap_or(0);
    if count > SESSIONS_MAX {
        return Err(Miss::Unknown(Reason::failed("too many entries")));
    }
    let own = own_session();
    let mut sessions = Vec::new();
    for at in 0..count {
        // SAFETY: the system filled the buffer with so many of these, and `at` lies inside of it.
        let entry = unsafe { &*all.add(at) };
        let id = entry.SessionId;
        let user = said(id, WTSUserName)?;
        // Of the services and of a screen that waits.
        if user.is_empty() {
            continue;
        }
        sessions.push(RawSession {
            id,
            station: long(entry.pWinStationName),
            state: entry.State.cast_unsigned(),
            user,
            domain: said(id, WTSDomainName)?,
            token: token(id, own),
        });
    }
    sessions.sort_by_key(|it| it.id);
    Ok(sessions)
}

/// A text about a session.
#[allow(unsafe_code)]
fn said(id: u32, what: WTS_INFO_CLASS) -> Answer<String> {
    let (mut text, mut length) = (null_mut(), 0);
    // SAFETY: it is this machine's own service; both are written only.
    let known = unsafe {
        WTSQuerySessionInformationW(
            WTS_CURRENT_SERVER_HANDLE,
            id,
            what,
            &raw mut text,
            &raw mut length,
        )
    };
    if known == 0 {
        return Err(last_miss());
    }
    let _given_back = Wts(text.cast());
    Ok(long(text))
}

/// The session that this program runs in.
#[allow(unsafe_code)]
fn own_session() -> Option<u32> {
    let mut id = 0;
    // SAFETY: the first call takes nothing; the number is written only.
    let known = unsafe { ProcessIdToSessionId(GetCurrentProcessId(), &raw mut id) };
    (known != 0).then_some(id)
}

/// What the token of the session's log-in says.
#[allow(unsafe_code)]
fn token(id: u32, own: Option<u32>) -> Answer<RawToken> {
    let mut handle = null_mut();
    // SAFETY: the handle is written only.
    if unsafe { WTSQueryUserToken(id, &raw mut handle) } != 0 {
        return read(&Token(handle));
    }
    let code = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    let denied = match code.cast_unsigned() {
        ERROR_PRIVILEGE_NOT_HELD | ERROR_NO_TOKEN => Miss::Unknown(Reason::Denied),
        code => super::miss(code),
    };
    // Services have a session too, in which nobody is logged in.
    if own == Some(id) && id != 0 {
        return read(&own_token()?);
    }
    Err(denied)
}

#[allow(unsafe_code)]
fn own_token() -> Answer<Token> {
    let mut handle = null_mut();
    // SAFETY: the first call gives this process itself; the handle is written only.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut handle) } == 0 {
        return Err(last_miss());
    }
    Ok(Token(handle))
}

/// Who runs this program.
pub(in crate::platform) fn own_sid() -> Answer<String> {
    user(&asked(&own_token()?, TokenUser)?)
}

fn read(token: &Token) -> Answer<RawToken> {
    Ok(RawToken {
        sid: user(&asked(token, TokenUser)?)?,
        elevation: elevation(&asked(token, TokenElevationType)?)?,
        groups: groups(&asked(token, TokenGroups)?)?,
    })
}

/// What the system says of a token, in units of 8 bytes, as its structures need them.
#[allow(unsafe_code)]
fn asked(token: &Token, what: TOKEN_INFORMATION_CLASS) -> Answer<Vec<u64>> {
    let mut length = 0;
    // SAFETY: without a buffer the call answers with the length that it needs.
    unsafe { GetTokenInformation(token.0, what, null_mut(), 0, &raw mut length) };
    if length == 0 {
        return Err(last_miss());
    }
    if length > TOKEN_BYTES_MAX {
        return Err(Miss::Unknown(Reason::failed("too large")));
    }
    let mut buffer = vec![0_u64; usize::try_from(length.div_ceil(8)).unwrap_or(0)];
    let to = buffer.as_mut_ptr().cast();
    // SAFETY: the buffer has at least `length` bytes.
    if unsafe { GetTokenInformation(token.0, what, to, length, &raw mut length) } == 0 {
        return Err(last_miss());
    }
    Ok(buffer)
}

fn unreadable() -> Miss {
    Miss::Unknown(Reason::failed("token"))
}

#[allow(unsafe_code)]
fn user(buffer: &[u64]) -> Answer<String> {
    if size_of_val(buffer) < size_of::<TOKEN_USER>() {
        return Err(unreadable());
    }
    // SAFETY: the system filled the buffer with this structure; what it points to lies in it.
    let user = unsafe { &*buffer.as_ptr().cast::<TOKEN_USER>() };
    sid::shown(user.User.Sid).ok_or_else(unreadable)
}

#[allow(unsafe_code)]
fn elevation(buffer: &[u64]) -> Answer<u32> {
    if buffer.is_empty() {
        return Err(unreadable());
    }
    // SAFETY: the system filled the buffer with this number; every value is one of its own.
    let kind: TOKEN_ELEVATION_TYPE = unsafe { *buffer.as_ptr().cast() };
    Ok(kind.cast_unsigned())
}

#[allow(unsafe_code)]
fn groups(buffer: &[u64]) -> Answer<Vec<(String, u32)>> {
    if size_of_val(buffer) < size_of::<TOKEN_GROUPS>() {
        return Err(unreadable());
    }
    let all = buffer.as_ptr().cast::<TOKEN_GROUPS>();
    // SAFETY: the system filled the buffer with this structure.
    let count = unsafe { (*all).GroupCount };
    let count = usize::try_from(count).unwrap_or(0).min(GROUPS_MAX);
    let mut groups = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: behind the structure's first group lie the others; what they point to is there too.
        let group = unsafe {
            &*(&raw const (*all).Groups)
                .cast::<windows_sys::Win32::Security::SID_AND_ATTRIBUTES>()
                .add(at)
        };
        let sid = sid::shown(group.Sid).ok_or_else(unreadable)?;
        // The mark of one log-in (S-1-5-5-…) is another one each time.
        if !sid.starts_with("S-1-5-5-") {
            groups.push((sid, group.Attributes));
        }
    }
    groups.sort();
    Ok(groups)
}
