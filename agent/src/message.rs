//! What a person reads: Japanese first, English on request, each failure with a code and the next
//! step. Comes in: codes and details; goes out: text that is safe to print. It never prints secrets.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// The language of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 日本語.
    #[default]
    Ja,
    /// English.
    En,
}

/// How a command ends (DESIGN §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Wrong usage, or wrong settings.
    Usage,
    /// Answered, but incomplete or unknown.
    Incomplete,
    /// Refused what came in.
    Refused,
    /// Something is wrong that a person must look at.
    Alarm,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Refused => 4,
            Self::Alarm => 5,
        }
    }
}

/// An error that a person is told with a code of `messages.toml`.
pub trait Told: Error + Send + Sync + 'static {
    /// The code of the message.
    fn code(&self) -> &'static str;

    /// How the program ends.
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    /// What stands for `{}` in the message.
    fn detail(&self, _lang: Lang) -> String {
        String::new()
    }
}

/// A command that did not do what was asked: the code, how to end, and the chain of causes.
#[derive(Debug)]
pub struct Failure(Box<dyn Told>);

impl<E: Told> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl Failure {
    /// How the program ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.0.exit()
    }

    /// The code of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The message with its next step, and the chain of causes in one line below.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let (error, cause) = match lang {
            Lang::Ja => ("エラー", "原因"),
            Lang::En => ("error", "cause"),
        };
        let detail = visible(&self.0.detail(lang));
        let message = text(self.0.code(), lang).replace("{}", &detail);
        let chain = visible(&chain(self.0.as_ref()));
        format!("{error} {}: {message}\n  {cause}: {chain}", self.0.code())
    }
}

/// `failed to a: b: c`, from the error and everything below it.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut out = format!("failed to {error}");
    let mut below = error.source();
    // A chain is short; the bound only keeps a broken `source` from looping.
    for _ in 0..16 {
        let Some(error) = below else { break };
        out.push_str(": ");
        out.push_str(&error.to_string());
        below = error.source();
    }
    out
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    ja: String,
    en: String,
}

fn entries() -> &'static BTreeMap<String, Entry> {
    static ENTRIES: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    // The file is part of the program and a test reads it; an unreadable one leaves codes alone.
    ENTRIES.get_or_init(|| toml::from_str(include_str!("messages.toml")).unwrap_or_default())
}

/// The message of a code; an unknown code is shown as it is.
#[must_use]
pub fn text(code: &str, lang: Lang) -> String {
    match (entries().get(code), lang) {
        (Some(entry), Lang::Ja) => entry.ja.clone(),
        (Some(entry), Lang::En) => entry.en.clone(),
        (None, _) => code.to_owned(),
    }
}

/// The message of a code with `{}` replaced by a text that is made safe to print.
#[must_use]
pub fn fill(code: &str, lang: Lang, detail: &str) -> String {
    text(code, lang).replace("{}", &visible(detail))
}

/// The same text, bounded, with control, bidirectional and zero-width characters made visible.
#[must_use]
pub fn visible(text: &str) -> String {
    const CHARS_MAX: usize = 2_000;
    let mut out = String::with_capacity(text.len().min(CHARS_MAX));
    for (count, c) in text.chars().enumerate() {
        if count == CHARS_MAX {
            out.push('…');
            break;
        }
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{061c}' | '\u{00ad}' | '\u{180e}');
        if hidden {
            out.push_str(&format!("〈U+{:04X}〉", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}
