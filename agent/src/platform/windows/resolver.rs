//! The cache of the resolver: listed names that are in it, and no others. Comes in: domains; goes out:
//! names below them. The call (`DnsGetCacheDataTable`) is in no document; where it is missing, or its
//! list does not end, nothing is said. Other names of the cache are compared in place and forgotten.

use std::collections::BTreeSet;
use std::ptr::null_mut;

use daicho_report::Reason;
use windows_sys::Win32::NetworkManagement::Dns::{DnsFree, DnsFreeFlat};
use windows_sys::Win32::System::LibraryLoader::{
    GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW,
};

use super::adapter::long;
use super::{Answer, Miss, last_miss, wide};

/// Entries of the cache that are looked at.
const ENTRIES_MAX: usize = 100_000;
const FOUND_MAX: usize = 2_000;

/// An entry, as the system lays it out.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    name: *const u16,
    kind: u16,
    data_length: u16,
    flags: u32,
}

type Table = unsafe extern "system" fn(*mut *mut Entry) -> i32;

/// Names below these domains, in lower case, sorted.
pub(in crate::platform) fn resolved(domains: &[&str]) -> Answer<Vec<String>> {
    let mut first = null_mut();
    let table = table()?;
    ask(table, &mut first)?;
    let mut found = BTreeSet::new();
    let mut entry = first;
    let mut count = 0;
    while !entry.is_null() && count < ENTRIES_MAX {
        count += 1;
        let (name, next) = take(entry);
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if domains.iter().any(|it| is_below(&name, it)) && found.len() < FOUND_MAX {
            found.insert(name);
        }
        entry = next;
    }
    if entry.is_null() {
        Ok(found.into_iter().collect())
    } else {
        Err(Miss::Unknown(Reason::failed("too many entries")))
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    let rest = name.strip_suffix(domain);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[allow(unsafe_code)]
fn table() -> Answer<Table> {
    let library = wide("dnsapi.dll");
    // SAFETY: the name ends with 0, and the file is looked for in the system's own folder only; it
    // stays loaded.
    let library =
        unsafe { LoadLibraryExW(library.as_ptr(), null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
    if library.is_null() {
        return Err(last_miss());
    }
    // SAFETY: the library is loaded and the name ends with 0.
    let call = unsafe { GetProcAddress(library, c"DnsGetCacheDataTable".as_ptr().cast()) };
    match call {
        // SAFETY: the function takes a place for the list's beginning and returns a number.
        Some(call) => {
            Ok(unsafe { std::mem::transmute::<unsafe extern "system" fn() -> isize, Table>(call) })
        }
        None => Err(Miss::Unknown(Reason::Unsupported)),
    }
}

/// Without the service that keeps the cache there is no answer, which is not an empty cache.
#[allow(unsafe_code)]
fn ask(table: Table, first: &mut *mut Entry) -> Answer<()> {
    // SAFETY: `first` is written only.
    if unsafe { table(first) } == 0 && first.is_null() {
        return Err(Miss::Unknown(Reason::failed("no answer")));
    }
    Ok(())
}

/// The name of an entry and the next one; both are given back to the system.
#[allow(unsafe_code)]
fn take(entry: *mut Entry) -> (String, *mut Entry) {
    // SAFETY: the system made this entry and its name for us; each is given back once, after the last
    // look at it.
    unsafe {
        let (name, next) = ((*entry).name, (*entry).next);
        let text = long(name);
        DnsFree(name.cast_mut().cast(), DnsFreeFlat);
        DnsFree(entry.cast(), DnsFreeFlat);
        (text, next)
    }
}
