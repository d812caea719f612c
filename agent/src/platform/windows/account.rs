//! Local accounts, members of groups, rules for passwords, and to what the machine belongs. Nothing but
//! this machine is asked: a name that only a controller of the domain knows stays a SID. On real
//! Windows none of this was tried yet; Wine answers in part.

use std::ptr::{null, null_mut};

use daicho_report::Reason;
use windows_sys::Win32::Foundation::{ERROR_MORE_DATA, ERROR_SUCCESS};
use windows_sys::Win32::NetworkManagement::NetManagement::{
    LOCALGROUP_MEMBERS_INFO_0, MAX_PREFERRED_LENGTH, NERR_BASE, NetApiBufferFree,
    NetGetJoinInformation, NetLocalGroupGetMembers, NetUserEnum, NetUserModalsGet, USER_INFO_20,
    USER_MODALS_INFO_0, USER_MODALS_INFO_3,
};
use windows_sys::Win32::Networking::ActiveDirectory::{
    DSROLE_PRIMARY_DOMAIN_INFO_BASIC, DsRoleFreeMemory, DsRoleGetPrimaryDomainInformation,
    DsRolePrimaryDomainInfoBasic,
};

use super::adapter::long;
use super::sid::{name_of, of_account, own_name, shown};
use super::{
    Answer, Miss, RawAccount, RawJoin, RawMember, RawPasswordRules, last_miss, miss, wide,
};

/// Accounts that people have; trusts and machines are none.
const NORMAL: u32 = 2;
/// Pieces in which the system hands out its lists.
const ROUNDS_MAX: usize = 100;
/// Accounts or members that are taken.
const ENTRIES_MAX: usize = 20_000;
/// Controllers of a domain begin here (`DSROLE_MACHINE_ROLE`).
const CONTROLLER: u32 = 4;
/// The group is not there.
const NO_GROUP: u32 = NERR_BASE + 120;

/// A buffer of the network functions, given back at the end.
struct Net(*mut u8);

impl Drop for Net {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the system allocated it for us, and it is given back once.
            unsafe { NetApiBufferFree(self.0.cast()) };
        }
    }
}

impl Net {
    /// So many structures of a kind; one more than are taken tells that there are too many.
    #[allow(unsafe_code)]
    fn entries<T>(&self, count: u32) -> &[T] {
        let count = usize::try_from(count).unwrap_or(0);
        let count = count.min(ENTRIES_MAX.saturating_add(1));
        if self.0.is_null() || count == 0 {
            return &[];
        }
        // SAFETY: the system filled the buffer with so many of these and aligned it for them; it
        // lives as long as this.
        unsafe { std::slice::from_raw_parts(self.0.cast::<T>(), count) }
    }
}

/// What one call for a list writes.
struct Page {
    buffer: *mut u8,
    count: u32,
    total: u32,
}

/// A list that the system hands out in pages, sorted: `ask` calls for the next one, and gives the
/// system's code.
fn pages<T, R: Ord>(
    mut ask: impl FnMut(&mut Page) -> u32,
    take: impl Fn(&T) -> Answer<R>,
) -> Answer<Vec<R>> {
    let mut found = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let mut page = Page {
            buffer: null_mut(),
            count: 0,
            total: 0,
        };
        let code = ask(&mut page);
        let buffer = Net(page.buffer);
        match code {
            ERROR_SUCCESS | ERROR_MORE_DATA => {}
            NO_GROUP => return Err(Miss::Absent),
            code => return Err(miss(code)),
        }
        for entry in buffer.entries::<T>(page.count) {
            found.push(take(entry)?);
        }
        if code == ERROR_SUCCESS && found.len() <= ENTRIES_MAX {
            found.sort();
            return Ok(found);
        }
    }
    Err(Miss::Unknown(Reason::failed("too many entries")))
}

/// Workgroup or domain.
#[allow(unsafe_code)]
pub(in crate::platform) fn join() -> Answer<RawJoin> {
    let (mut name, mut status) = (null_mut(), 0);
    // SAFETY: without a server's name it is this machine; both are written only.
    let code = unsafe { NetGetJoinInformation(null(), &raw mut name, &raw mut status) };
    if code != ERROR_SUCCESS {
        return Err(miss(code));
    }
    let _given_back = Net(name.cast());
    let mut join = RawJoin {
        status: status.cast_unsigned(),
        name: long(name),
        ..RawJoin::default()
    };
    let mut found = null_mut();
    // SAFETY: as above.
    let code = unsafe {
        DsRoleGetPrimaryDomainInformation(null(), DsRolePrimaryDomainInfoBasic, &raw mut found)
    };
    if code == ERROR_SUCCESS && !found.is_null() {
        let basic = found.cast::<DSROLE_PRIMARY_DOMAIN_INFO_BASIC>();
        // SAFETY: the system filled it as it was asked to.
        let (role, dns) = unsafe { ((*basic).MachineRole, (*basic).DomainNameDns) };
        join.role = Some(role.cast_unsigned());
        join.domain = Some(long(dns)).filter(|it| !it.is_empty());
        // SAFETY: the system allocated it for us, and it is given back once.
        unsafe { DsRoleFreeMemory(found.cast()) };
    }
    Ok(join)
}

/// Local accounts with their numbers and bits, sorted.
#[allow(unsafe_code)]
pub(in crate::platform) fn local_accounts() -> Answer<Vec<RawAccount>> {
    // There these would be the accounts of the whole domain. Who cannot tell does not ask.
    match join()?.role {
        Some(role) if role < CONTROLLER => {}
        Some(_) => return Err(Miss::Unknown(Reason::Withheld)),
        None => return Err(Miss::Unknown(Reason::failed("role not known"))),
    }
    let mut resume = 0;
    let ask = |page: &mut Page| {
        // SAFETY: without a server's name it is this machine; the numbers are written only.
        unsafe {
            NetUserEnum(
                null(),
                20,
                NORMAL,
                &raw mut page.buffer,
                MAX_PREFERRED_LENGTH,
                &raw mut page.count,
                &raw mut page.total,
                &raw mut resume,
            )
        }
    };
    pages(ask, |entry: &USER_INFO_20| Ok(account(entry)))
}

fn account(entry: &USER_INFO_20) -> RawAccount {
    RawAccount {
        name: long(entry.usri20_name),
        rid: entry.usri20_user_id,
        flags: entry.usri20_flags,
    }
}

/// Members of a local group, by its SID: its name depends on the language.
#[allow(unsafe_code)]
pub(in crate::platform) fn group_members(sid: &str) -> Answer<Vec<RawMember>> {
    let group = wide(&name_of(sid)?);
    // Those of this machine's own accounts begin with that of an account of its own name.
    let machine = super::machine::net_bios_name().and_then(|host| of_account(&host));
    let mut resume = 0;
    let ask = |page: &mut Page| {
        // SAFETY: `group` ends with 0; the numbers are written only.
        unsafe {
            NetLocalGroupGetMembers(
                null(),
                group.as_ptr(),
                // SIDs alone: with names the system would ask the domain for each.
                0,
                &raw mut page.buffer,
                MAX_PREFERRED_LENGTH,
                &raw mut page.count,
                &raw mut page.total,
                &raw mut resume,
            )
        }
    };
    pages(ask, |entry: &LOCALGROUP_MEMBERS_INFO_0| {
        let sid = shown(entry.lgrmi0_sid);
        let sid = sid.ok_or(Miss::Unknown(Reason::failed("SID")))?;
        let name = own_name(&sid, machine.as_deref());
        Ok(RawMember { sid, name })
    })
}

/// Rules for passwords of this machine's own accounts.
#[allow(unsafe_code)]
pub(in crate::platform) fn password_rules() -> Answer<RawPasswordRules> {
    let rules = modals(0)?;
    let lockout = modals(3)?;
    let rules = rules.entries::<USER_MODALS_INFO_0>(1).first();
    let lockout = lockout.entries::<USER_MODALS_INFO_3>(1).first();
    let (Some(rules), Some(lockout)) = (rules, lockout) else {
        return Err(last_miss());
    };
    Ok(RawPasswordRules {
        length_min: rules.usrmod0_min_passwd_len,
        age_max_s: rules.usrmod0_max_passwd_age,
        history: rules.usrmod0_password_hist_len,
        lockout_after: lockout.usrmod3_lockout_threshold,
    })
}

#[allow(unsafe_code)]
fn modals(level: u32) -> Answer<Net> {
    let mut buffer = null_mut();
    // SAFETY: without a server's name it is this machine; the buffer is written only.
    let code = unsafe { NetUserModalsGet(null(), level, &raw mut buffer) };
    let buffer = Net(buffer);
    match code {
        ERROR_SUCCESS if !buffer.0.is_null() => Ok(buffer),
        code => Err(miss(code)),
    }
}
