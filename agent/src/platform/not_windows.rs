//! What only Windows can answer, asked of another system: it says so to everything.

use daicho_report::Reason;

use super::{
    Answer, Miss, RawAccess, RawAccount, RawAdapter, RawEventLog, RawJoin, RawMember, RawObject,
    RawPasswordRules, RawService, RawSession, RawSocket, RawUpdate, RawValue, RawVersion,
};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(super) fn registry(_: &str, _: &str) -> Answer<RawValue> {
    none()
}

pub(super) fn registry_values<const N: usize>(_: &str, names: [&str; N]) -> [Answer<RawValue>; N] {
    names.map(|_| none())
}

pub(super) fn registry_keys(_: &str) -> Answer<Vec<String>> {
    none()
}

pub(super) fn version() -> Answer<RawVersion> {
    none()
}

pub(super) fn firmware() -> Answer<Vec<u8>> {
    none()
}

pub(super) fn adapters() -> Answer<Vec<RawAdapter>> {
    none()
}

pub(super) fn services() -> Answer<Vec<RawService>> {
    none()
}

pub(super) fn sockets() -> Answer<Vec<RawSocket>> {
    none()
}

pub(super) fn registry_has(_: &str, _: &str) -> Answer<bool> {
    none()
}

pub(super) fn registry_names(_: &str) -> Answer<Vec<String>> {
    none()
}

pub(super) fn drivers() -> Answer<Vec<RawService>> {
    none()
}

pub(super) fn join() -> Answer<RawJoin> {
    none()
}

pub(super) fn sessions() -> Answer<Vec<RawSession>> {
    none()
}

pub(super) fn local_accounts() -> Answer<Vec<RawAccount>> {
    none()
}

pub(super) fn group_members(_: &str) -> Answer<Vec<RawMember>> {
    none()
}

pub(super) fn password_rules() -> Answer<RawPasswordRules> {
    none()
}

pub(super) fn wmi(_: &str, _: &str, _: &[&str]) -> Answer<Vec<RawObject>> {
    none()
}

pub(super) fn worker(_: &str) -> String {
    String::new()
}

pub(super) fn offered_updates() -> Answer<Vec<RawUpdate>> {
    none()
}

pub(super) fn resolved(_: &[&str]) -> Answer<Vec<String>> {
    none()
}

pub(super) fn share_access(_: &str) -> Answer<RawAccess> {
    none()
}

pub(super) fn event_log(_: &str) -> Answer<RawEventLog> {
    none()
}
