//! Texts of the machine that become fields. Comes in: text from a file or a firmware; goes out: one
//! line of bounded length without control characters, or nothing; its words are never changed.

/// The longest text of a field, in characters.
const CHARACTERS_MAX: usize = 256;

/// One line of text, or nothing where nothing can be read.
pub(super) fn line(text: &str) -> Option<String> {
    let first = text.trim().lines().next().unwrap_or_default();
    let shown = first
        .chars()
        .filter(|c| !c.is_control() && *c != '\u{fffd}');
    let line: String = shown.take(CHARACTERS_MAX).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_field_is_one_bounded_line() {
        assert_eq!(line("  a b \n c").as_deref(), Some("a b"));
        assert_eq!(line("a\0\u{1b}[31mb").as_deref(), Some("a[31mb"));
        assert_eq!(line(" \n "), None);
        assert_eq!(line(&"x".repeat(9_000)).map(|it| it.len()), Some(256));
    }
}
