//! The RPM package database, read without starting rpm. Comes in: the path of one database file;
//! goes out: name, version, architecture, vendor and time of each package, sorted. It takes no lock
//! and writes no byte, holds one package in memory at a time, and never gives a list that is cut short.

#[path = "rpm/bdb.rs"]
mod bdb;
#[path = "rpm/header.rs"]
mod header;
#[path = "rpm/ndb.rs"]
mod ndb;
#[path = "rpm/number.rs"]
mod number;
#[path = "rpm/pages.rs"]
mod pages;
#[path = "rpm/row.rs"]
mod row;
#[path = "rpm/sqlite.rs"]
mod sqlite;
#[path = "rpm/wal.rs"]
mod wal;

use daicho_report::Reason;

use super::{Answer, Miss, RawPackage};
use pages::Pages;

/// The most packages of a database.
const PACKAGES_MAX: usize = 50_000;
/// Of a larger header only this much is read: what is asked for stands in front, but for the time.
const HEADER_BYTES_MAX: usize = 8 << 20;
/// The most that is read of all files of a database.
const READ_BYTES_MAX: u64 = 512 << 20;
/// A writer at work can spoil a read; then it is made again.
const ATTEMPTS: usize = 3;
/// Keys of signers stand in the list as packages of this name.
const KEY: &str = "gpg-pubkey";

/// The packages in one database file: `rpmdb.sqlite`, `Packages.db` or `Packages`.
pub(in super::super) fn rpm_packages(path: &str) -> Answer<Vec<RawPackage>> {
    for _ in 0..ATTEMPTS {
        let mut file = Pages::open(path, READ_BYTES_MAX)?;
        let before = (file.stamp()?, wal::round(&file)?);
        let found = read(&mut file);
        if (file.stamp()?, wal::round(&file)?) == before {
            return found;
        }
    }
    Err(failed("changed while it was read"))
}

/// The first bytes say of which form the file is; its name does not.
fn read(file: &mut Pages) -> Answer<Vec<RawPackage>> {
    let mut start = Vec::new();
    file.read(0, 16, &mut start)?;
    let mut found = Vec::new();
    let mut take = |header: &[u8], len: u64| {
        let package = header::package(header, len).ok_or_else(|| damaged("header"))?;
        if found.len() >= PACKAGES_MAX {
            return Err(failed("too many packages"));
        }
        if package.name != KEY {
            found.push(package);
        }
        Ok(())
    };
    if start.starts_with(sqlite::MAGIC) {
        sqlite::each(file, &mut take)?;
    } else if start.starts_with(ndb::MAGIC) {
        ndb::each(file, &mut take)?;
    } else if let Some(order) = bdb::order(&start) {
        bdb::each(file, order, &mut take)?;
    } else {
        return Err(failed("unknown form of database"));
    }
    found.sort();
    Ok(found)
}

/// Takes the beginning of a package's header, at most [`HEADER_BYTES_MAX`], and its whole length.
type Take<'a> = &'a mut dyn FnMut(&[u8], u64) -> Answer<()>;

fn failed(code: &str) -> Miss {
    Miss::Unknown(Reason::failed(code))
}

/// What the database says cannot be.
fn damaged(what: &str) -> Miss {
    Miss::Unknown(Reason::failed(format!("damaged {what}")))
}

#[cfg(test)]
#[path = "rpm/tests.rs"]
mod tests;
