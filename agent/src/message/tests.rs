use super::*;

#[derive(Debug, thiserror::Error)]
#[error("open `x`")]
struct Outer(#[source] std::io::Error);

impl Told for Outer {
    fn code(&self) -> &'static str {
        "AGT-019"
    }
    fn detail(&self, _lang: Lang) -> String {
        "a\u{202e}b".to_owned()
    }
}

#[test]
fn every_message_has_both_languages() {
    let entries: BTreeMap<String, Entry> =
        toml::from_str(include_str!("../messages.toml")).unwrap();
    assert!(entries.len() > 30);
    for (code, entry) in entries {
        assert!(!entry.ja.is_empty() && !entry.en.is_empty(), "{code}");
        assert_eq!(
            entry.ja.matches("{}").count(),
            entry.en.matches("{}").count(),
            "{code}"
        );
    }
}

#[test]
fn failure_prints_code_next_step_and_chain_in_one_place() {
    let failure = Failure::from(Outer(std::io::Error::other("disk full")));
    assert_eq!(
        failure.text(Lang::En),
        "error AGT-019: `a〈U+202E〉b` in the state folder cannot be read or written. Check free \
         space and rights (run as root).\n  cause: failed to open `x`: disk full"
    );
    assert!(
        failure
            .text(Lang::Ja)
            .starts_with("エラー AGT-019: 状態フォルダの `a〈U+202E〉b` ")
    );
}

#[test]
fn hidden_characters_are_shown_and_length_is_bounded() {
    assert_eq!(
        visible("a\u{200b}\n\u{1b}[2J"),
        "a〈U+200B〉〈U+000A〉〈U+001B〉[2J"
    );
    assert!(visible(&"x".repeat(10_000)).chars().count() <= 2_001);
}
