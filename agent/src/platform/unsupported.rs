//! A system that this agent cannot read yet: says so to everything.

use std::collections::BTreeSet;

use daicho_report::{Cost, Reason};

use super::{
    Answer, Miss, RawAddress, RawClock, RawGuest, RawLink, RawMachine, RawNeighbour, RawOffer,
    RawPackage, RawProcess, RawRoute,
};

/// As sections name their source.
pub(super) const NAME: &str = "unsupported";

fn none<T>() -> Answer<T> {
    Err(Miss::Unknown(Reason::Unsupported))
}

pub(super) fn file(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(super) fn head(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(super) fn tail(_: &str, _: usize) -> Answer<Vec<u8>> {
    none()
}

pub(super) fn folder_bytes(_: &str) -> Answer<u64> {
    none()
}

pub(super) fn clock() -> Answer<RawClock> {
    none()
}

pub(super) fn proxies() -> Answer<Vec<String>> {
    none()
}

pub(super) fn proxy_bypass() -> Answer<Vec<String>> {
    none()
}

pub(super) fn guests() -> Answer<Vec<RawGuest>> {
    none()
}

pub(super) fn offers(_: &str, _: &BTreeSet<&str>) -> Answer<Vec<RawOffer>> {
    none()
}

pub(super) fn folder(_: &str) -> Answer<Vec<String>> {
    none()
}

pub(super) fn link(_: &str) -> Answer<String> {
    none()
}

pub(super) fn exists(_: &str) -> Answer<bool> {
    none()
}

pub(super) fn born(_: &str) -> Answer<i64> {
    none()
}

pub(super) fn modified(_: &str) -> Answer<i64> {
    none()
}

pub(super) fn locked_accounts() -> Answer<Vec<String>> {
    none()
}

pub(super) fn rpm_packages(_: &str) -> Answer<Vec<RawPackage>> {
    none()
}

pub(super) fn machine() -> Answer<RawMachine> {
    none()
}

pub(super) fn processes() -> Answer<Vec<RawProcess>> {
    none()
}

pub(super) fn links() -> Answer<Vec<RawLink>> {
    none()
}

pub(super) fn addresses() -> Answer<Vec<RawAddress>> {
    none()
}

pub(super) fn routes() -> Answer<Vec<RawRoute>> {
    none()
}

pub(super) fn neighbours() -> Answer<Vec<RawNeighbour>> {
    none()
}

pub(super) fn own_cost() -> Cost {
    Cost::default()
}

pub(super) fn own_memory_kib() -> u64 {
    0
}
