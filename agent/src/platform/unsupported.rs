//! A system that this agent cannot read yet: says so to everything.

use std::collections::BTreeSet;

use daicho_report::{Cost, Reason};

use crate::platform::{
    Answer, Miss, RawAddress, RawClock, RawGuest, RawLink, RawMachine, RawNeighbour, RawOffer,
    RawPackage, RawPrinter, RawProcess, RawRoute,
};

/// Where the state is unless somebody says otherwise.
pub(in crate::platform) const DEFAULT_STATE: &str = "/var/lib/daicho-agent";

/// As sections name their source.
pub(in crate::platform) const NAME: &str = "unsupported";

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(in crate::platform) fn file(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(in crate::platform) fn head(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(in crate::platform) fn tail(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(in crate::platform) fn folder_bytes(_: &str) -> Answer<u64> {
    none()
}

pub(in crate::platform) fn printers() -> Answer<Vec<RawPrinter>> {
    none()
}

pub(in crate::platform) fn clock() -> Answer<RawClock> {
    none()
}

pub(in crate::platform) fn proxies() -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn proxy_bypass() -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn guests() -> Answer<Vec<RawGuest>> {
    none()
}

pub(in crate::platform) fn offers(_: &str, _: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    none()
}

pub(in crate::platform) fn folder(_: &str) -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn link(_: &str) -> Answer<String> {
    none()
}

pub(in crate::platform) fn exists(_: &str) -> Answer<bool> {
    none()
}

pub(in crate::platform) fn born(_: &str) -> Answer<i64> {
    none()
}

pub(in crate::platform) fn modified(_: &str) -> Answer<i64> {
    none()
}

pub(in crate::platform) fn locked_accounts() -> Answer<Vec<String>> {
    none()
}

pub(in crate::platform) fn rpm_packages(_: &str) -> Answer<Vec<RawPackage>> {
    none()
}

pub(in crate::platform) fn machine() -> Answer<RawMachine> {
    none()
}

pub(in crate::platform) fn processes() -> Answer<Vec<RawProcess>> {
    none()
}

pub(in crate::platform) fn links() -> Answer<Vec<RawLink>> {
    none()
}

pub(in crate::platform) fn addresses() -> Answer<Vec<RawAddress>> {
    none()
}

pub(in crate::platform) fn routes() -> Answer<Vec<RawRoute>> {
    none()
}

pub(in crate::platform) fn neighbours() -> Answer<Vec<RawNeighbour>> {
    none()
}

pub(in crate::platform) fn own_cost() -> Cost {
    Cost::default()
}

pub(in crate::platform) fn own_memory_kib() -> u64 {
    0
}
