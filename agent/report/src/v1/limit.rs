//! Limits on what comes from outside, checked on the bytes before any parser sees them.

/// Bounds of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Bytes in all.
    pub bytes: usize,
    /// Arrays and objects inside each other.
    pub depth: usize,
    /// Bytes of one string, as written.
    pub string: usize,
    /// Values in all (counted by separators).
    pub values: usize,
}

impl Limit {
    /// A report, decompressed.
    pub const REPORT: Self = Self {
        bytes: 16 << 20,
        depth: 24,
        string: 64 << 10,
        values: 1 << 20,
    };
    /// The envelope of a report.
    pub const ENVELOPE: Self = Self {
        bytes: 64 << 10,
        depth: 6,
        string: 512,
        values: 1 << 12,
    };
    /// An enrolment request, heartbeat or goodbye.
    pub const SMALL: Self = Self {
        bytes: 8 << 10,
        depth: 4,
        string: 6 << 10,
        values: 64,
    };
    /// A report on the wire, compressed.
    pub const COMPRESSED_BYTES: usize = 4 << 20;
}

/// Which bound was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Too many bytes.
    #[error("accept more than {0} bytes")]
    Bytes(usize),
    /// Nested too deeply.
    #[error("accept more than {0} levels")]
    Depth(usize),
    /// A string is too long.
    #[error("accept a text of more than {0} bytes")]
    String(usize),
    /// Too many values.
    #[error("accept more than {0} values")]
    Values(usize),
}

/// Checks the bounds in one pass, without allocating. It does not check that the text is JSON.
pub fn check_json(bytes: &[u8], limit: &Limit) -> Result<(), LimitError> {
    if bytes.len() > limit.bytes {
        return Err(LimitError::Bytes(limit.bytes));
    }
    let (mut depth, mut values) = (0_usize, 1_usize);
    let mut string: Option<usize> = None;
    let mut escaped = false;
    for byte in bytes {
        if let Some(length) = string.as_mut() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    string = None;
                    continue;
                }
                _ => {}
            }
            *length += 1;
            if *length > limit.string {
                return Err(LimitError::String(limit.string));
            }
            continue;
        }
        match byte {
            b'"' => string = Some(0),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > limit.depth {
            return Err(LimitError::Depth(limit.depth));
        }
        if values > limit.values {
            return Err(LimitError::Values(limit.values));
        }
    }
    Ok(())
}
