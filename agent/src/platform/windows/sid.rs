//! Security identifiers as text, and their names. A name is asked for only where this machine knows it
//! by itself: of its own accounts and of those that every Windows has; no controller of a domain is
//! asked, so that one which is away cannot hold anybody up.

use std::ptr::null_mut;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, ConvertStringSidToSidW};
use windows_sys::Win32::Security::{LookupAccountNameW, LookupAccountSidW, PSID};

use super::adapter::long;
use super::{Answer, last_miss, text, wide};

/// Longer than any name of an account or domain.
const NAME_UNITS: usize = 512;
/// Authorities of which every Windows knows all names: BUILTIN, NT AUTHORITY, everybody.
const EVERYWHERE: &[&str] = &["S-1-5-32-", "S-1-1-0", "S-1-5-4", "S-1-5-11", "S-1-5-18"];

/// Memory of the system, given back at the end.
struct Local(*mut core::ffi::c_void);

impl Drop for Local {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the system allocated it for us, and it is given back once.
        unsafe { LocalFree(self.0) };
    }
}

/// `S-1-5-…`.
#[allow(unsafe_code)]
pub(in crate::platform) fn shown(sid: PSID) -> Option<String> {
    if sid.is_null() {
        return None;
    }
    let mut written = null_mut();
    // SAFETY: `sid` is one that the system gave us and that still lives; `written` is written only.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut written) } == 0 {
        return None;
    }
    let _given_back = Local(written.cast());
    Some(long(written))
}

/// Its name on this machine.
#[allow(unsafe_code)]
pub(super) fn name_of(sid: &str) -> Answer<String> {
    let written = wide(sid);
    let mut sid = null_mut();
    // SAFETY: `written` ends with 0; `sid` is written only.
    if unsafe { ConvertStringSidToSidW(written.as_ptr(), &raw mut sid) } == 0 {
        return Err(last_miss());
    }
    let _given_back = Local(sid);
    let (mut name, mut domain) = ([0_u16; NAME_UNITS], [0_u16; NAME_UNITS]);
    let mut lengths = [u32::try_from(NAME_UNITS).unwrap_or(0); 2];
    let [name_length, domain_length] = &mut lengths;
    let mut kind = 0;
    // SAFETY: without a system's name it is this one; both buffers have the lengths that are given.
    let known = unsafe {
        LookupAccountSidW(
            std::ptr::null(),
            sid,
            name.as_mut_ptr(),
            name_length,
            domain.as_mut_ptr(),
            domain_length,
            &raw mut kind,
        )
    };
    if known == 0 {
        Err(last_miss())
    } else {
        Ok(text(&name))
    }
}

/// The name, where nobody else has to be asked; `machine` is the SID of this machine's own accounts.
pub(super) fn own_name(sid: &str, machine: Option<&str>) -> Option<String> {
    let everywhere = EVERYWHERE.iter().any(|it| sid.starts_with(it));
    let ours = machine.is_some_and(|own| is_of(sid, own));
    (everywhere || ours).then(|| name_of(sid).ok()).flatten()
}

/// Whether it is one of the accounts of this domain or machine.
fn is_of(sid: &str, domain: &str) -> bool {
    let rest = sid.strip_prefix(domain).and_then(|it| it.strip_prefix('-'));
    rest.is_some_and(|rid| !rid.is_empty() && rid.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The SID of an account of this machine, by its name.
#[allow(unsafe_code)]
pub(in crate::platform) fn of_account(name: &str) -> Option<String> {
    let name = wide(name);
    // Units of 8 bytes: a SID has at most 68 bytes and is aligned to 4.
    let mut sid = [0_u64; 16];
    let mut length = u32::try_from(size_of_val(&sid)).ok()?;
    let mut domain = [0_u16; NAME_UNITS];
    let mut domain_length = u32::try_from(domain.len()).ok()?;
    let mut kind = 0;
    let to: PSID = sid.as_mut_ptr().cast();
    // SAFETY: `name` ends with 0; both buffers have the lengths that are given.
    let known = unsafe {
        LookupAccountNameW(
            std::ptr::null(),
            name.as_ptr(),
            to,
            &raw mut length,
            domain.as_mut_ptr(),
            &raw mut domain_length,
            &raw mut kind,
        )
    };
    (known != 0).then(|| shown(to)).flatten()
}
