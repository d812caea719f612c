//! One cell of a list. Comes in: a fact; goes out: a text that is never blank, with its state. It
//! never shows "none" for a question that was not answered.

use daicho_report::{Fact, Reason, Time};
use serde::{Deserialize, Serialize};

use crate::text::{self, Lang};

/// What kind of text a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A value of the newest report; "none" is one.
    Value,
    /// A value of an older report, because the newest reading failed（前回値）.
    Stale,
    /// No value, and why（未確認）.
    Unknown,
    /// Kept by hand and not entered yet（未入力）.
    HandEmpty,
    /// There is nothing to ask for this row（―）.
    NotApplicable,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What is shown; never blank. Several values stand on lines of their own.
    pub text: String,
    /// What kind of text.
    pub state: State,
    /// Why there is no (newest) value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Where it was read; empty when it was not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// When it was read, by the clock of the machine that read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// What the cell sorts by, where that is not its text ([`Cell::sort_key`]).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl Cell {
    /// A value from outside: one line, nothing hidden.
    #[must_use]
    pub fn value(text: &str, lang: Lang) -> Self {
        let shown = text::visible(text);
        let blank = shown.trim().is_empty();
        let shown = if blank {
            lang.pick("（空欄の値）", "(blank value)").to_owned()
        } else {
            shown
        };
        Self::own(shown)
    }

    /// A text of our own making, whose parts from outside went through [`text::visible`].
    #[must_use]
    pub fn own(text: impl Into<String>) -> Self {
        Self {
            key: String::new(),
            text: text.into(),
            state: State::Value,
            reason: None,
            source: String::new(),
            at: None,
        }
    }

    /// What the cell sorts by.
    #[must_use]
    pub fn sort_key(&self) -> &str {
        match self.key.is_empty() {
            true => &self.text,
            false => &self.key,
        }
    }

    /// Several values, one a line; "none" when the list was read and is empty.
    #[must_use]
    pub fn lines(values: impl IntoIterator<Item = String>, lang: Lang) -> Self {
        let lines: Vec<String> = values.into_iter().collect();
        if lines.is_empty() {
            return Self::none(lang);
        }
        Self::own(lines.join("\n"))
    }

    /// It was asked, and there is none.
    #[must_use]
    pub fn none(lang: Lang) -> Self {
        Self::own(lang.pick("なし", "none"))
    }

    /// A whole number; sorts as one.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self {
            key: format!("{number:020}"),
            ..Self::own(number.to_string())
        }
    }

    /// A moment at the site.
    #[must_use]
    pub fn moment(at: Time, utc_offset_s: i32) -> Self {
        Self::own(text::moment(at, utc_offset_s))
    }

    /// No value, and why.
    #[must_use]
    pub fn unknown(reason: &Reason, source: &str, at: Option<Time>, lang: Lang) -> Self {
        let word = lang.pick("未確認", "unknown");
        Self {
            state: State::Unknown,
            reason: Some(reason.clone()),
            source: source.to_owned(),
            at,
            ..Self::own(lang.remark(word, &text::reason(reason, lang)))
        }
    }

    /// Kept by hand, not entered yet.
    #[must_use]
    pub fn by_hand(lang: Lang) -> Self {
        Self {
            state: State::HandEmpty,
            ..Self::own(lang.pick("未確認（未入力）", "unknown (not entered)"))
        }
    }

    /// Nothing to ask.
    #[must_use]
    pub fn not_applicable() -> Self {
        Self {
            state: State::NotApplicable,
            ..Self::own("―")
        }
    }

    /// With where and when it was read.
    #[must_use]
    pub fn from(self, source: &str, at: Time) -> Self {
        Self {
            source: source.to_owned(),
            at: Some(at),
            ..self
        }
    }

    /// A fact's cell. `stale`: the value is an older one, and this is why the newest reading failed.
    pub fn fact<T>(
        fact: &Fact<T>,
        stale: Option<&Reason>,
        site: (i32, Lang),
        show: impl FnOnce(&T) -> Self,
    ) -> Self {
        let (offset, lang) = site;
        let (source, at) = (fact.source(), fact.at());
        match fact {
            Fact::Unknown { reason, .. } => Self::unknown(reason, source, Some(at), lang),
            Fact::Known { value, .. } => match stale {
                None => show(value).from(source, at),
                Some(reason) => show(value).from(source, at).older(reason, offset, lang),
            },
        }
    }

    fn older(self, reason: &Reason, offset: i32, lang: Lang) -> Self {
        let when = self
            .at
            .map(|at| text::moment(at, offset))
            .unwrap_or_default();
        let why = text::reason(reason, lang);
        let remark = match lang {
            Lang::Ja => format!("前回値 {when}。今回は{why}"),
            Lang::En => format!("older value of {when}; now {why}"),
        };
        Self {
            text: lang.remark(&self.text, &remark),
            state: State::Stale,
            reason: Some(reason.clone()),
            ..self
        }
    }
}
