//! Files and folders of this machine, for reading; none of another machine, and none that is a device.

use daicho_report::Reason;

use super::{Answer, Miss};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(in crate::platform) fn born(_: &str) -> Answer<i64> {
    none()
}

pub(in crate::platform) fn exists(_: &str) -> Answer<bool> {
    none()
}

pub(in crate::platform) fn file(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(in crate::platform) fn folder(_: &str) -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn folder_bytes(_: &str) -> Answer<u64> {
    none()
}

pub(in crate::platform) fn head(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(in crate::platform) fn modified(_: &str) -> Answer<i64> {
    none()
}

pub(in crate::platform) fn tail(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}
