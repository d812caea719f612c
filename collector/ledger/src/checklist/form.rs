//! Forms as data files. Comes in: the text of a file (TOML); goes out: the form, or what is wrong and in
//! which line. Labels are ours: the official wording stands in the ministry's own workbook alone.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::rule;
use crate::text::Lang;

/// For whom a form is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// 医療機関確認用.
    Hospital,
    /// 薬局確認用.
    Pharmacy,
    /// 事業者確認用: one for each vendor.
    Vendor,
    /// BCP 確認表.
    Bcp,
    /// 契約における役割分担等に関する確認表: one for each vendor.
    Contract,
}

impl Sheet {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Hospital,
        Self::Pharmacy,
        Self::Vendor,
        Self::Bcp,
        Self::Contract,
    ];

    /// Its name in commands, files and keys.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::Pharmacy => "pharmacy",
            Self::Vendor => "vendor",
            Self::Bcp => "bcp",
            Self::Contract => "contract",
        }
    }

    /// The sheet of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// As the ministry calls it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Hospital => ("医療機関確認用", "for hospitals"),
            Self::Pharmacy => ("薬局確認用", "for pharmacies"),
            Self::Vendor => ("事業者確認用", "for a vendor"),
            Self::Bcp => ("BCP確認表", "BCP table"),
            Self::Contract => ("契約の確認表", "roles in a contract"),
        };
        lang.pick(ja, en)
    }

    /// Whether each vendor has one of its own.
    #[must_use]
    pub fn is_per_vendor(self) -> bool {
        matches!(self, Self::Vendor | Self::Contract)
    }
}

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// サーバ.
    Server,
    /// 端末PC.
    Terminal,
    /// ネットワーク機器.
    Network,
}

impl Scope {
    /// As people call it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Server => ("サーバ", "servers"),
            Self::Terminal => ("端末PC", "terminals"),
            Self::Network => ("ネットワーク機器", "network devices"),
        };
        lang.pick(ja, en)
    }
}

/// How far data can answer an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// 自動: the data prove it.
    Auto,
    /// 一部: the data prove a part; a person attests the rest.
    Partly,
    /// 手動: a person alone.
    Manual,
}

impl By {
    /// As people call it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Auto => ("自動", "by data"),
            Self::Partly => ("一部", "partly by data"),
            Self::Manual => ("手動", "by a person"),
        };
        lang.pick(ja, en)
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable name within the form; ASCII.
    pub id: String,
    /// The ministry's number.
    pub no: String,
    /// The part of the form in which it stands.
    pub group: String,
    /// What it asks, in our own words.
    pub ja: String,
    /// The same in English.
    #[serde(default)]
    pub en: String,
    /// Which devices it is about; none: the organisation.
    #[serde(default)]
    pub scope: Vec<Scope>,
    /// On which sheets it stands.
    pub sheets: Vec<Sheet>,
    /// How far data can answer it.
    pub by: By,
    /// The rule by which they do.
    pub rule: String,
    /// What a person must still attest.
    #[serde(default)]
    pub attest_ja: String,
    /// The same in English.
    #[serde(default)]
    pub attest_en: String,
    /// Words by which its row is found in the ministry's workbook: all of them stand there.
    #[serde(default)]
    pub words: Vec<String>,
    /// Words of the heading above that row, where several rows have the same words.
    #[serde(default)]
    pub under: Vec<String>,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Stable name; ASCII.
    pub id: String,
    /// What it is called.
    pub ja: String,
    /// The same in English.
    #[serde(default)]
    pub en: String,
    /// The fiscal year that it is for; `None`: it is of no year.
    #[serde(default)]
    pub fiscal_year: Option<u16>,
    /// Where it was read.
    pub source: String,
    /// When it was read.
    pub checked: String,
    /// What of it could not be read.
    #[serde(default)]
    pub note: String,
    /// Its items, in their order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// Why a form cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {what}")]
pub struct FormError {
    /// The line, from 1; 0: the whole file.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

/// Most items of a form.
const ITEMS_MAX: usize = 300;
/// Longest text of a form.
const TEXT_MAX: usize = 600;

impl Form {
    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, FormError> {
        let line_at = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        };
        let form: Self = toml::from_str(text).map_err(|error| FormError {
            line: error.span().map_or(0, |span| line_at(span.start)),
            what: error.message().to_owned(),
        })?;
        form.check().map_err(|(id, what)| {
            let place = id.and_then(|id| text.find(&format!("id = \"{id}\"")));
            FormError {
                line: place.map_or(0, line_at),
                what,
            }
        })?;
        Ok(form)
    }

    /// What is wrong with it, and with which item.
    fn check(&self) -> Result<(), (Option<&str>, String)> {
        let whole = |what: &str| Err((None, what.to_owned()));
        if !is_name(&self.id) {
            return whole("id: want 1 to 40 of a-z A-Z 0-9 - _ .");
        }
        if self.items.is_empty() || self.items.len() > ITEMS_MAX {
            return whole("want 1 to 300 items");
        }
        if [&self.ja, &self.source, &self.checked, &self.note]
            .iter()
            .any(|it| !fits(it))
        {
            return whole("a text is longer than 600 characters, or has control characters");
        }
        let mut ids = BTreeSet::new();
        for item in &self.items {
            let refuse = |what: String| Err((Some(item.id.as_str()), what));
            if !is_name(&item.id) {
                return refuse(format!(
                    "id `{}`: want 1 to 40 of a-z A-Z 0-9 - _ .",
                    item.id
                ));
            }
            if !ids.insert(&item.id) {
                return refuse(format!("id `{}` stands twice", item.id));
            }
            let known: Vec<&str> = rule::rule_names().collect();
            if !known.contains(&item.rule.as_str()) {
                return refuse(format!(
                    "rule `{}` is not known; want one of {}",
                    item.rule,
                    known.join(", ")
                ));
            }
            if item.sheets.is_empty() || item.ja.trim().is_empty() {
                return refuse(format!(
                    "item `{}`: ja and sheets must not be empty",
                    item.id
                ));
            }
            let texts = [
                &item.no,
                &item.group,
                &item.ja,
                &item.en,
                &item.attest_ja,
                &item.attest_en,
            ];
            let words = item.words.iter().chain(&item.under);
            if texts.into_iter().chain(words).any(|it| !fits(it)) {
                return refuse(format!("item `{}`: a text is too long", item.id));
            }
        }
        Ok(())
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.ja,
        }
    }

    /// Its sheets, in their order.
    #[must_use]
    pub fn sheets(&self) -> Vec<Sheet> {
        let on = |sheet: &Sheet| self.items.iter().any(|it| it.sheets.contains(sheet));
        Sheet::ALL.into_iter().filter(on).collect()
    }

    /// Items of a sheet, in their order.
    pub fn on(&self, sheet: Sheet) -> impl Iterator<Item = &Item> {
        self.items
            .iter()
            .filter(move |it| it.sheets.contains(&sheet))
    }

    /// An item by its name or the ministry's number, where that is one item alone.
    #[must_use]
    pub fn item(&self, named: &str) -> Option<&Item> {
        let by_id = self.items.iter().find(|it| it.id == named);
        let mut by_no = self.items.iter().filter(|it| it.no == named);
        by_id.or_else(|| by_no.next().filter(|_| by_no.next().is_none()))
    }
}

impl Item {
    /// What it asks.
    #[must_use]
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            _ => &self.ja,
        }
    }

    /// What a person must still attest.
    #[must_use]
    pub fn attest(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.attest_en.is_empty() => &self.attest_en,
            _ => &self.attest_ja,
        }
    }
}

fn is_name(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !id.is_empty() && id.len() <= 40 && id.chars().all(fits)
}

fn fits(text: &str) -> bool {
    text.chars().count() <= TEXT_MAX && !text.chars().any(|c| c.is_control() && c != '\n')
}

const FILES: [&str; 5] = [
    include_str!("data/r7.toml"),
    include_str!("data/r6.toml"),
    include_str!("data/r5.toml"),
    include_str!("data/bcp.toml"),
    include_str!("data/contract.toml"),
];

/// The files are part of the program and a test reads them.
static SHIPPED: LazyLock<Vec<Form>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|text| Form::read(text).ok())
        .collect()
});

/// The forms that come with this version, the newest list first.
#[must_use]
pub fn shipped() -> &'static [Form] {
    &SHIPPED
}
