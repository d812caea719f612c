//! A refusal: what comes in is a code of the manual with the thing it is about; goes out a text in
//! two languages with the next step, and an HTTP status. It never carries internals or secrets.

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use daicho_ledger::text::visible;
use daicho_report::Refusal;
use serde::Deserialize;

/// Why something from outside, or a command, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refused {
    /// Code in `messages.toml` (`ING-003`).
    pub code: &'static str,
    /// The thing it is about, for the text's `{}`; escaped and bounded when it is shown.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    status: u16,
    ja: String,
    en: String,
}

fn entries() -> &'static BTreeMap<String, Entry> {
    static ENTRIES: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    // The file is part of the program and a test reads it; an unreadable one leaves codes alone.
    ENTRIES.get_or_init(|| toml::from_str(include_str!("messages.toml")).unwrap_or_default())
}

impl Refused {
    /// With the thing it is about.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        entries().get(self.code).map_or(500, |entry| entry.status)
    }

    /// The body of the answer: both languages, each naming the next step.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let detail: String = visible(&self.detail).chars().take(200).collect();
        let fill = |text: &str| text.replace("{}", &detail);
        let (ja, en) = entries().get(self.code).map_or_else(
            || (detail.clone(), detail.clone()),
            |entry| (fill(&entry.ja), fill(&entry.en)),
        );
        Refusal {
            code: self.code.to_owned(),
            ja,
            en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_both_languages_and_a_status() {
        let entries: BTreeMap<String, Entry> =
            toml::from_str(include_str!("messages.toml")).unwrap();
        assert!(!entries.is_empty());
        for (code, entry) in entries {
            assert!(!entry.ja.is_empty() && !entry.en.is_empty(), "{code}");
            assert!((400..600).contains(&entry.status), "{code}");
        }
    }

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(visible("a\u{202e}b\n"), "a〈U+202E〉b〈U+000A〉");
    }
}
