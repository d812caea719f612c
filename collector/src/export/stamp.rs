//! From which moment an export is. Comes in: the ledger; goes out: a line that stands in the export, by
//! which a later import knows what the person saw. It holds no name and no secret.

use daicho_ledger::hand::Hand;
use daicho_ledger::{Lang, Ledger, text};
use daicho_report::{Hash, Time};

const BEGINNING: &str = "daicho-export/1 ";
/// Characters of the hash that are written.
const SHORT: usize = 16;

/// From which moment a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The ledger's moment.
    pub as_of: Time,
    /// Beginning of the hash of what people had written by then.
    pub hand: String,
}

impl Stamp {
    /// Of a ledger.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        Self {
            as_of: ledger.as_of,
            hand: hash(&ledger.hand),
        }
    }

    /// Reads a line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix(BEGINNING)?;
        let mut parts = rest.split_whitespace();
        Some(Self {
            as_of: Time::parse(parts.next()?).ok()?,
            hand: parts.next()?.to_owned(),
        })
    }
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{BEGINNING}{} {}", self.as_of, self.hand)
    }
}

/// The stamp with the period of the data and how much is covered, for each row of a CSV.
#[must_use]
pub fn line(ledger: &Ledger, lang: Lang) -> String {
    let offset = ledger.site.utc_offset_s;
    let period = match ledger.period {
        Some((first, last)) => format!(
            "{} ～ {}",
            text::moment(first, offset),
            text::moment(last, offset)
        ),
        None => lang.pick("受信なし", "nothing received").to_owned(),
    };
    let it = &ledger.coverage;
    let coverage = match lang {
        Lang::Ja => format!(
            "データの期間（受信） {period}、エージェントあり {} 台、観測のみ {} 台、確認したIPアドレス {} 個",
            it.with_agent, it.seen_only, it.addresses
        ),
        Lang::En => format!(
            "data received {period}, {} with agent, {} only seen, {} addresses seen",
            it.with_agent, it.seen_only, it.addresses
        ),
    };
    let simulated = match ledger.site.simulated {
        true => lang.pick(
            "、模擬データ（実在の病院ではありません）",
            ", simulated data",
        ),
        false => "",
    };
    format!("{} {coverage}{simulated}", Stamp::of(ledger))
}

/// Beginning of the hash of what people wrote.
#[must_use]
pub fn hash(hand: &Hand) -> String {
    // Entries always have a JSON form: their keys are texts.
    let bytes = serde_json::to_vec(hand).unwrap_or_default();
    let hash = Hash::of(&bytes).to_string();
    let digits = hash.rsplit(':').next().unwrap_or_default();
    digits.chars().take(SHORT).collect()
}

/// What the cover is called.
#[must_use]
pub fn cover(lang: Lang) -> &'static str {
    lang.pick("表紙", "Cover")
}

/// The heading in a CSV, and the name on the cover.
#[must_use]
pub fn heading(lang: Lang) -> &'static str {
    lang.pick("書き出しの控え（変更不可）", "mark of the export (keep)")
}

/// Whether a heading is the one of the mark.
#[must_use]
pub fn is_heading(text: &str) -> bool {
    [Lang::Ja, Lang::En]
        .iter()
        .any(|it| heading(*it) == text.trim())
}
