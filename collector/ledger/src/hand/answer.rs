//! What people attest: answers to items of checklists, and records in the registers that a hospital
//! keeps（訓練、ログ点検、復旧試験…）. Comes in and goes out: values. It judges nothing: whether data
//! contradict an answer is the checklist's matter.

use daicho_report::Hash;
use serde::{Deserialize, Serialize};

use crate::text::Lang;

/// What a person says of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// はい.
    Yes,
    /// いいえ.
    No,
    /// 該当なし.
    NotApplicable,
}

impl Said {
    /// As people write it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Yes => ("はい", "yes"),
            Self::No => ("いいえ", "no"),
            Self::NotApplicable => ("該当なし", "not applicable"),
        };
        lang.pick(ja, en)
    }
}

/// A file that was handed in; its bytes stand in the store under their hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptFile {
    /// What it was called.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their hash.
    pub digest: Hash,
}

/// An answer to one item; the entry's key is that of [`crate::checklist::answer_key`]. Empty text: not
/// entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Yes or no.
    pub says: Said,
    /// The day on which it was looked at（確認日・初回確認）.
    pub on: String,
    /// Who looked; who typed it in is the entry's own word.
    pub name: String,
    /// By when it is to be done, where the answer is no（目標日）.
    #[serde(default)]
    pub target: Option<String>,
    /// When it was done（完了日）.
    #[serde(default)]
    pub done: Option<String>,
    /// Version of the document that proves it.
    #[serde(default)]
    pub version: String,
    /// Who approved that document.
    #[serde(default)]
    pub approver: String,
    /// Note（備考）.
    #[serde(default)]
    pub note: String,
    /// The document itself.
    #[serde(default)]
    pub file: Option<KeptFile>,
}

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// 訓練.
    Training,
    /// FW・VPNログ点検.
    LogReview,
    /// 復旧試験.
    RestoreTest,
    /// 脆弱性情報の確認.
    Vulnerabilities,
    /// 連絡体制図の確認.
    ContactChart,
    /// MDS/SDSの受領.
    Disclosure,
    /// 台帳の棚卸.
    Stocktaking,
}

impl Register {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 7] = [
        Self::Training,
        Self::LogReview,
        Self::RestoreTest,
        Self::Vulnerabilities,
        Self::ContactChart,
        Self::Disclosure,
        Self::Stocktaking,
    ];

    /// Its name in commands, files and keys.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::LogReview => "log_review",
            Self::RestoreTest => "restore_test",
            Self::Vulnerabilities => "vulnerabilities",
            Self::ContactChart => "contact_chart",
            Self::Disclosure => "disclosure",
            Self::Stocktaking => "stocktaking",
        }
    }

    /// The register of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// As people call it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Training => ("訓練", "drill"),
            Self::LogReview => ("FW・VPNログ点検", "review of firewall and VPN logs"),
            Self::RestoreTest => ("復旧試験", "test of restoring"),
            Self::Vulnerabilities => ("脆弱性情報の確認", "news of vulnerabilities"),
            Self::ContactChart => ("連絡体制図の確認", "contact chart checked"),
            Self::Disclosure => ("MDS/SDSの受領", "disclosure sheet received"),
            Self::Stocktaking => ("台帳の棚卸", "stocktaking"),
        };
        lang.pick(ja, en)
    }
}

/// One record of a register; the entry's key is `REGISTER/DAY/NUMBER`. Empty text: not entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Which register.
    pub register: Register,
    /// The day on which it was done.
    pub on: String,
    /// Who did it.
    pub name: String,
    /// Key of the vendor that it is about.
    #[serde(default)]
    pub vendor: Option<String>,
    /// What came of it.
    #[serde(default)]
    pub result: String,
    /// When it is due again.
    #[serde(default)]
    pub next: Option<String>,
    /// Note.
    #[serde(default)]
    pub note: String,
    /// The document.
    #[serde(default)]
    pub file: Option<KeptFile>,
}

/// One line of a case log（事案記録）: what was done, by whom, when. The entry's key is `CASE/NUMBER`, and
/// such an entry is never replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseNote {
    /// The case that it belongs to.
    pub case: String,
    /// When it was done, as the person says (RFC 3339); when it was written down is the entry's own word.
    pub done_at: String,
    /// Who did it.
    pub name: String,
    /// What was done or found.
    pub what: String,
    /// About which asset or connection point, if about one.
    #[serde(default)]
    pub about: String,
    /// What was saved.
    #[serde(default)]
    pub file: Option<KeptFile>,
}
