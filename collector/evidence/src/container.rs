//! The container: a ZIP without compression, in one form only. Comes in: files by name; goes out: bytes
//! that every program for ZIP opens, the same for the same files. What is read must be exactly what
//! would be written: no other order, time, remark or byte between the files.
//!
//! APPNOTE.TXT 6.3: local headers, central directory, end record; names in UTF-8 (bit 11), method 0
//! (stored), date 1980-01-01. Compression is left out because another version of it gives other bytes.

use std::collections::BTreeMap;

/// Files of a bundle.
pub const FILES_MAX: usize = 4_096;
/// Bytes of a bundle.
pub const BYTES_MAX: usize = 1 << 30;
/// Bytes of a name.
const NAME_MAX: usize = 200;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// Version needed to open it, 2.0.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// 1980-01-01, the first day that a ZIP knows.
const DATE: u16 = 0x21;
const LOCAL_BYTES: usize = 30;

/// Why bytes are no container, or files make none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    /// It does not begin like a bundle.
    #[error("find a bundle")]
    Other,
    /// It ends too early, or what stands there is not what a bundle has there.
    #[error("read the container at byte {0}")]
    Broken(usize),
    /// A name that no bundle has.
    #[error("accept the name `{0}`")]
    Name(String),
    /// Too many files, or too large.
    #[error("accept more than {FILES_MAX} files or {BYTES_MAX} bytes")]
    Size,
}

/// Whether it is a name of a bundle: below its folder, and the same on every system.
fn is_name(name: &str) -> bool {
    let part = |it: &str| {
        let plain = |c: char| !c.is_control() && !"\\:*?\"<>|".contains(c);
        !it.is_empty() && !it.starts_with('.') && !it.ends_with(['.', ' ']) && it.chars().all(plain)
    };
    name.len() <= NAME_MAX && name.split('/').all(part)
}

/// Puts the files together.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ContainerError> {
    let bytes: usize = files
        .iter()
        .map(|(name, it)| 128 + 2 * name.len() + it.len())
        .sum();
    if files.len() > FILES_MAX || bytes > BYTES_MAX {
        return Err(ContainerError::Size);
    }
    let mut out = Vec::with_capacity(bytes);
    let mut central = Vec::new();
    for (name, content) in files {
        if !is_name(name) {
            return Err(ContainerError::Name(name.clone()));
        }
        let at = number(out.len())?;
        let head = head(name, content)?;
        out.extend(LOCAL);
        out.extend(&head);
        out.extend([0; 2]);
        out.extend(name.as_bytes());
        out.extend(content);
        central.extend(CENTRAL);
        central.extend(VERSION.to_le_bytes());
        central.extend(&head);
        // No extra field, no remark, first disk, no attributes.
        central.extend([0; 2 + 2 + 2 + 2 + 4]);
        central.extend(at.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let (start, length) = (number(out.len())?, number(central.len())?);
    let count = u16::try_from(files.len()).map_err(|_| ContainerError::Size)?;
    out.extend(central);
    out.extend(END);
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}

/// What local and central headers share: version to the length of the name.
fn head(name: &str, content: &[u8]) -> Result<Vec<u8>, ContainerError> {
    let size = number(content.len())?;
    let length = u16::try_from(name.len()).map_err(|_| ContainerError::Size)?;
    let mut head = Vec::with_capacity(LOCAL_BYTES);
    head.extend(VERSION.to_le_bytes());
    head.extend(FLAGS.to_le_bytes());
    head.extend([0; 4]);
    head.extend(DATE.to_le_bytes());
    head.extend(crc32fast::hash(content).to_le_bytes());
    head.extend(size.to_le_bytes());
    head.extend(size.to_le_bytes());
    head.extend(length.to_le_bytes());
    Ok(head)
}

fn number(length: usize) -> Result<u32, ContainerError> {
    u32::try_from(length).map_err(|_| ContainerError::Size)
}

/// The files of a container, one after the other; whether everything else is as it would be written is
/// for [`is_canonical`], so that a touched file can be named first.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, &[u8]>, ContainerError> {
    if bytes.len() > BYTES_MAX {
        return Err(ContainerError::Size);
    }
    if !bytes.starts_with(&LOCAL) {
        return Err(ContainerError::Other);
    }
    let (mut files, mut at) = (BTreeMap::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|it| it.starts_with(&LOCAL)) {
        let broken = || ContainerError::Broken(at);
        let two = |from: usize| Some(u16::from_le_bytes(*rest.get(from..)?.first_chunk()?));
        let four = |from: usize| Some(u32::from_le_bytes(*rest.get(from..)?.first_chunk()?));
        let size = usize::try_from(four(22).ok_or_else(broken)?).map_err(|_| broken())?;
        let name_length = usize::from(two(26).ok_or_else(broken)?);
        let content_at = LOCAL_BYTES.checked_add(name_length).ok_or_else(broken)?;
        let end = content_at.checked_add(size).ok_or_else(broken)?;
        let name = rest.get(LOCAL_BYTES..content_at).ok_or_else(broken)?;
        let content = rest.get(content_at..end).ok_or_else(broken)?;
        let name = std::str::from_utf8(name).map_err(|_| broken())?;
        if !is_name(name) {
            return Err(ContainerError::Name(name.chars().take(NAME_MAX).collect()));
        }
        if files.insert(name.to_owned(), content).is_some() {
            return Err(ContainerError::Name(name.to_owned()));
        }
        if files.len() > FILES_MAX {
            return Err(ContainerError::Size);
        }
        at = at.checked_add(end).ok_or_else(broken)?;
    }
    Ok(files)
}

/// Whether the container is, byte by byte, the one that these files make.
#[must_use]
pub fn is_canonical(bytes: &[u8], files: &BTreeMap<String, &[u8]>) -> bool {
    let files = files.iter().map(|(name, it)| (name.clone(), it.to_vec()));
    write(&files.collect()).is_ok_and(|written| written == bytes)
}
