//! WMI and Windows Update, which may not answer: both are asked by a process of our own.

use daicho_report::Reason;

use super::{Answer, Miss, RawObject, RawUpdate};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(in crate::platform) fn wmi(_: &str, _: &str, _: &[&str]) -> Answer<Vec<RawObject>> {
    none()
}

pub(in crate::platform) fn offered_updates() -> Answer<Vec<RawUpdate>> {
    none()
}
