//! Proxies that the machine and its people are told to use; accounts and passwords in them stay here.

use daicho_report::Reason;

use super::{Answer, Miss};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(in crate::platform) fn proxies() -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn proxy_bypass() -> Answer<Vec<String>> {
    none()
}
