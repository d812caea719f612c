//! A row of an SQLite table. Comes in: its bytes, perhaps not all of them; goes out: values by the
//! number of their column. It never believes a length that the bytes do not bear out.

/// A row: the kinds of its values, and the values one after the other.
pub(super) struct Row<'a> {
    kinds: &'a [u8],
    values: &'a [u8],
}

impl<'a> Row<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (len, rest) = varint(bytes)?;
        let kinds_at = bytes.len() - rest.len();
        let values_at = usize::try_from(len).ok()?;
        Some(Self {
            kinds: bytes.get(kinds_at..values_at)?,
            values: bytes.get(values_at..)?,
        })
    }

    /// A value that is there as a whole.
    pub(super) fn value(&self, column: usize) -> Option<&'a [u8]> {
        let (at, len) = self.place(column)?;
        let (at, len) = (usize::try_from(at).ok()?, usize::try_from(len).ok()?);
        self.values.get(at..at.checked_add(len)?)
    }

    /// A value of which the end may be missing, with its whole length.
    pub(super) fn start_of(&self, column: usize) -> Option<(&'a [u8], u64)> {
        let (at, len) = self.place(column)?;
        let value = self.values.get(usize::try_from(at).ok()?..)?;
        let end = usize::try_from(len).ok()?;
        Some((value.get(..end).unwrap_or(value), len))
    }

    /// Offset and length of a column's value.
    fn place(&self, column: usize) -> Option<(u64, u64)> {
        let (mut kinds, mut at) = (self.kinds, 0_u64);
        for _ in 0..column {
            let (kind, rest) = varint(kinds)?;
            at = at.checked_add(bytes_of(kind)?)?;
            kinds = rest;
        }
        let (kind, _) = varint(kinds)?;
        Some((at, bytes_of(kind)?))
    }
}

/// The bytes of a value of a kind (file format, "Record Format").
fn bytes_of(kind: u64) -> Option<u64> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => Some((kind - 12) / 2),
    }
}

/// A value as the number of a page.
pub(super) fn page_number(value: &[u8]) -> Option<u32> {
    let is_short = value.len() <= 8;
    let number = value
        .iter()
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    u32::try_from(number).ok().filter(|it| is_short && *it > 0)
}

/// A number of one to nine bytes, and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), bytes.get(9..)?));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}
