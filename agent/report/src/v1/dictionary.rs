//! What both sides know before a report begins: the text of a report that changed nothing, without
//! its values. A report is compressed against it (zstd, as raw content, RFC 8878 §5), so that what
//! is the same in every report does not travel. Frames made without it are read as well. It belongs
//! to the version of the wire: its bytes never change.

/// The bytes.
pub const DICTIONARY: &[u8] = include_bytes!("dictionary.json");

#[cfg(test)]
mod tests {
    use super::DICTIONARY;
    use crate::Hash;

    #[test]
    fn what_agents_in_the_field_compress_against_does_not_change() {
        let wanted = "a36cc8b3a53338c07c107407dc47ad682787ab1498aa42289d4248ca097cda56";
        assert_eq!(Hash::of(DICTIONARY).to_string(), wanted);
    }
}
