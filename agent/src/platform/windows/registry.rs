//! The registry, one value or the names below one key at a time: what is not asked by its name is
//! never read. Keys are opened for reading only. `HKLM\…` and `HKU\…` are those of the system's own
//! width, `HKLM32\…` and `HKU32\…` what 32-bit programs see.

use std::ptr::{null, null_mut};

use daicho_report::Reason;
use windows_sys::Win32::Foundation::{ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_READ, KEY_WOW64_32KEY, KEY_WOW64_64KEY, RegCloseKey,
    RegEnumKeyExW, RegEnumValueW, RegOpenKeyExW, RegQueryValueExW,
};

use super::{Answer, Miss, RawAccess, RawValue, miss, wide};

/// Descriptors of shares, by their names.
const SHARES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares\Security";
/// A larger value is none that an agent needs.
const VALUE_BYTES_MAX: u32 = 256 << 10;
/// Keys or values of one key.
const KEYS_MAX: u32 = 20_000;
/// A name has at most 255 characters (registry element size limits).
const NAME_UNITS: usize = 256;
/// The name of a value has at most 16,383.
const VALUE_NAME_UNITS: usize = 16_384;
/// A value that grows while it is read is asked for again so many times.
const TRIES: usize = 4;

/// An open key, closed at the end.
struct Key(HKEY);

impl Drop for Key {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the key was opened by us and is closed once; the result changes nothing.
        let _ = unsafe { RegCloseKey(self.0) };
    }
}

impl Key {
    #[allow(unsafe_code)]
    fn open(path: &str) -> Answer<Self> {
        let (root, below) = path.split_once('\\').unwrap_or((path, ""));
        let (root, view) = match root {
            "HKLM" => (HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY),
            "HKLM32" => (HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY),
            "HKU" => (HKEY_USERS, KEY_WOW64_64KEY),
            "HKU32" => (HKEY_USERS, KEY_WOW64_32KEY),
            _ => return Err(Miss::Unknown(Reason::failed("no such root"))),
        };
        let below = wide(below);
        let mut key = null_mut();
        // SAFETY: `below` ends with 0 and lives through the call; `key` is written on success only.
        let code = unsafe { RegOpenKeyExW(root, below.as_ptr(), 0, KEY_READ | view, &raw mut key) };
        if code == ERROR_SUCCESS {
            Ok(Self(key))
        } else {
            Err(miss(code))
        }
    }
}

/// One value.
pub(in crate::platform) fn value(path: &str, name: &str) -> Answer<RawValue> {
    value_of(&Key::open(path)?, name)
}

/// Whom a share is granted to: the descriptor that the server keeps for it.
pub(in crate::platform) fn share_access(name: &str) -> Answer<RawAccess> {
    let bytes = value(SHARES, name)?.bytes();
    let access = bytes.and_then(|it| RawAccess::parse(&it));
    access.ok_or(Miss::Unknown(Reason::failed("parse")))
}

/// Several values of one key, which is opened once.
pub(in crate::platform) fn values<const N: usize>(
    path: &str,
    names: [&str; N],
) -> [Answer<RawValue>; N] {
    match Key::open(path) {
        Ok(key) => names.map(|name| value_of(&key, name)),
        Err(miss) => names.map(|_| Err(miss.clone())),
    }
}

fn value_of(key: &Key, name: &str) -> Answer<RawValue> {
    let name = wide(name);
    let mut buffer = vec![0_u8; 512];
    for _ in 0..TRIES {
        match read(key, &name, &mut buffer) {
            Ok((kind, length)) => {
                let bytes = buffer.get(..length).unwrap_or(&buffer);
                return Ok(RawValue::decode(kind, bytes));
            }
            Err((ERROR_MORE_DATA, _, length)) if length <= VALUE_BYTES_MAX => {
                buffer.resize(usize::try_from(length).unwrap_or(0).max(512), 0);
            }
            Err((ERROR_MORE_DATA, kind, length)) => return Ok(RawValue::Odd { kind, length }),
            Err((code, _, _)) => return Err(miss(code)),
        }
    }
    Err(Miss::Unknown(Reason::failed("changes while it is read")))
}

/// Type and length of a value; or the error with type and length as far as they are known.
#[allow(unsafe_code)]
fn read(key: &Key, name: &[u16], buffer: &mut [u8]) -> Result<(u32, usize), (u32, u32, u32)> {
    let mut kind = 0;
    let mut length = u32::try_from(buffer.len()).unwrap_or(0);
    // SAFETY: `name` ends with 0; `buffer` has `length` bytes, of which the call writes no more.
    let code = unsafe {
        RegQueryValueExW(
            key.0,
            name.as_ptr(),
            null(),
            &raw mut kind,
            buffer.as_mut_ptr(),
            &raw mut length,
        )
    };
    if code == ERROR_SUCCESS {
        Ok((kind, usize::try_from(length).unwrap_or(0)))
    } else {
        Err((code, kind, length))
    }
}

/// Whether a value is there and not empty; what it holds is not read.
#[allow(unsafe_code)]
pub(in crate::platform) fn has(path: &str, name: &str) -> Answer<bool> {
    let key = Key::open(path)?;
    let name = wide(name);
    let mut length = 0;
    // SAFETY: `name` ends with 0; without a buffer only the length is written.
    let code = unsafe {
        RegQueryValueExW(
            key.0,
            name.as_ptr(),
            null(),
            null_mut(),
            null_mut(),
            &raw mut length,
        )
    };
    match code {
        // A string that holds its end and nothing else is empty.
        ERROR_SUCCESS => Ok(length > 2),
        code => Err(miss(code)),
    }
}

/// Names of the keys below a key, sorted.
pub(in crate::platform) fn keys(path: &str) -> Answer<Vec<String>> {
    list(path, NAME_UNITS, key_name)
}

/// Names of the values of a key, sorted.
pub(in crate::platform) fn names(path: &str) -> Answer<Vec<String>> {
    list(path, VALUE_NAME_UNITS, value_name)
}

/// Writes the name at a place of a key into the buffer; the system's code.
type NameAt = fn(&Key, u32, &mut [u16]) -> u32;

#[allow(unsafe_code)]
fn key_name(key: &Key, at: u32, name: &mut [u16]) -> u32 {
    let mut length = u32::try_from(name.len()).unwrap_or(0);
    // SAFETY: `name` has `length` units, of which the call writes no more; the rest is not asked.
    unsafe {
        RegEnumKeyExW(
            key.0,
            at,
            name.as_mut_ptr(),
            &raw mut length,
            null(),
            null_mut(),
            null_mut(),
            null_mut(),
        )
    }
}

#[allow(unsafe_code)]
fn value_name(key: &Key, at: u32, name: &mut [u16]) -> u32 {
    let mut length = u32::try_from(name.len()).unwrap_or(0);
    // SAFETY: `name` has `length` units, of which the call writes no more; the rest is not asked.
    unsafe {
        RegEnumValueW(
            key.0,
            at,
            name.as_mut_ptr(),
            &raw mut length,
            null(),
            null_mut(),
            null_mut(),
            null_mut(),
        )
    }
}

fn list(path: &str, units: usize, name_at: NameAt) -> Answer<Vec<String>> {
    let key = Key::open(path)?;
    let mut name = vec![0_u16; units];
    let mut names = Vec::new();
    for at in 0..=KEYS_MAX {
        match name_at(&key, at, &mut name) {
            ERROR_SUCCESS => names.push(super::text(&name)),
            ERROR_NO_MORE_ITEMS => {
                names.sort();
                return Ok(names);
            }
            code => return Err(miss(code)),
        }
    }
    Err(Miss::Unknown(Reason::failed("too many entries")))
}
