//! Accounts, sessions and their rights, and to what the machine belongs. Nothing but this machine is
//! asked: a name that only a controller of the domain knows stays a SID.

use daicho_report::Reason;

use super::{Answer, Miss, RawAccount, RawJoin, RawMember, RawPasswordRules, RawSession};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(in crate::platform) fn join() -> Answer<RawJoin> {
    none()
}

pub(in crate::platform) fn sessions() -> Answer<Vec<RawSession>> {
    none()
}

pub(in crate::platform) fn local_accounts() -> Answer<Vec<RawAccount>> {
    none()
}

pub(in crate::platform) fn group_members(_: &str) -> Answer<Vec<RawMember>> {
    none()
}

pub(in crate::platform) fn password_rules() -> Answer<RawPasswordRules> {
    none()
}
