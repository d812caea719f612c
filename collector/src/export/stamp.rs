//! From which moment an export is, and how much it covers. Comes in: the ledger; goes out: a line that
//! stands in the export, by which a later import knows what the person saw, and words for people. It
//! holds no secret.

use daicho_ledger::hand::Hand;
use daicho_ledger::{Lang, Ledger, Row, State, text};
use daicho_report::{Hash, Time};

use super::{Basis, List};

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

/// The period of the data, in words.
#[must_use]
pub fn period(ledger: &Ledger, lang: Lang) -> String {
    let time = |at| text::moment(at, ledger.site.utc_offset_s);
    match ledger.period {
        Some((first, last)) => format!("{} ～ {}", time(first), time(last)),
        None => lang.pick("受信なし", "nothing received").to_owned(),
    }
}

/// How much of the network is covered, in words.
#[must_use]
pub fn coverage(ledger: &Ledger, lang: Lang) -> String {
    let it = &ledger.coverage;
    match lang {
        Lang::Ja => format!(
            "エージェントあり {} 台、観測のみ {} 台、確認したIPアドレス {} 個",
            it.with_agent, it.seen_only, it.addresses
        ),
        Lang::En => format!(
            "{} with agent, {} only seen, {} addresses seen",
            it.with_agent, it.seen_only, it.addresses
        ),
    }
}

/// How much of one segment is covered: its addresses, words for them, and how sure its zone is.
pub struct Covered {
    /// Address ranges.
    pub ranges: String,
    /// Zone and counts.
    pub words: String,
    /// The state of the zone's cell.
    pub state: State,
}

/// The same segment by segment.
#[must_use]
pub fn segments(basis: Basis<'_>, lang: Lang) -> Vec<Covered> {
    let all = daicho_graph::list::columns(List::Segments);
    let one = |row: &Row| {
        let place = |key: &str| all.iter().position(|it| it.key == key);
        let cell = |key| place(key).and_then(|at| row.cells.get(at));
        let text = |key| cell(key).map_or("", |it| it.text.as_str());
        let (zone, agents) = (text("zone"), text("with_agent"));
        let (seen, addresses) = (text("seen"), text("seen_addresses"));
        let words = match lang {
            Lang::Ja => format!(
                "{zone}：エージェントあり {agents} 台、エージェントなし {seen} 台、確認したIPアドレス {addresses} 個"
            ),
            Lang::En => {
                format!("{zone}: {agents} with agent, {seen} without, {addresses} addresses seen")
            }
        };
        Covered {
            ranges: text("ranges").to_owned(),
            words,
            state: cell("zone").map_or(State::Value, |it| it.state),
        }
    };
    let rows = daicho_graph::list::rows(basis, List::Segments, lang);
    rows.iter().map(one).collect()
}

/// What every workbook says of its data: period, coverage, coverage by segment.
#[must_use]
pub fn facts(basis: Basis<'_>, lang: Lang) -> Vec<(String, String)> {
    const SEGMENTS: usize = 40;
    let ledger = basis.ledger;
    let segments = segments(basis, lang);
    let lines = segments.iter().take(SEGMENTS);
    let mut lines: Vec<String> = lines
        .map(|it| format!("{}　{}", it.ranges.replace('\n', "、"), it.words))
        .collect();
    match (segments.len().saturating_sub(SEGMENTS), lang) {
        (0, _) => {}
        (left, Lang::Ja) => lines.push(format!("ほか {left} 件は台帳の「系・セグメント」")),
        (left, Lang::En) => lines.push(format!("{left} more in the ledger's zones and segments")),
    }
    if lines.is_empty() {
        let none = lang.pick("セグメントの観測なし", "no segment seen");
        lines.push(none.to_owned());
    }
    let word = |ja: &str, en: &str| lang.pick(ja, en).to_owned();
    vec![
        (
            word("データの期間（受信）", "data received"),
            period(ledger, lang),
        ),
        (word("取得範囲", "coverage"), coverage(ledger, lang)),
        (
            word("取得範囲（セグメント別）", "coverage by segment"),
            lines.join("\n"),
        ),
    ]
}

/// The stamp with the period of the data and how much is covered, for each row of a CSV.
#[must_use]
pub fn line(ledger: &Ledger, lang: Lang) -> String {
    let simulated = match ledger.site.simulated {
        true => lang.pick(
            "、模擬データ（実在の病院ではありません）",
            ", simulated data",
        ),
        false => "",
    };
    format!(
        "{} {} {}{}{}{simulated}",
        Stamp::of(ledger),
        lang.pick("データの期間（受信）", "data received"),
        period(ledger, lang),
        lang.pick("、", ", "),
        coverage(ledger, lang),
    )
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
