//! What only Windows can answer, asked of another system: it says so to everything.

use daicho_report::Reason;

use super::{Answer, Miss, RawAdapter, RawService, RawSocket, RawValue, RawVersion};

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(super) fn registry(_: &str, _: &str) -> Answer<RawValue> {
    none()
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
