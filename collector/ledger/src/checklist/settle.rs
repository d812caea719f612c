//! From proof and a person's word to what is printed. Comes in: a form, a sheet, the census; goes out: a
//! line for each item. はい is printed only where the data prove it or a person attested it and nothing
//! contradicts it.

use daicho_report::Time;

use super::answer_key;
use super::census::Census;
use super::days;
use super::form::{By, Form, Item, Sheet};
use super::rule::{self, Ask};
use crate::hand::Entry;
use crate::hand::answer::{Answer, Said};

/// Something by name, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// What it is called; nothing in it is hidden.
    pub name: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// What the data say of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// What supports it.
    pub supports: Vec<Named>,
    /// What contradicts it.
    pub contradicts: Vec<Named>,
    /// What could not be asked, or is for people to say.
    pub open: Vec<Named>,
    /// Receipt of the oldest and of the newest report used.
    pub data: Option<(Time, Time)>,
}

/// What stands in the column of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Final {
    /// はい: the data prove it.
    Proved,
    /// いいえ: the data contradict it, and nobody has answered.
    Refuted,
    /// What a person attested.
    Attested(Said),
    /// A person said はい, and the data contradict it: nothing is written.
    Contradicted,
    /// Not answered.
    Open,
}

impl Final {
    /// What may be written into the ministry's form.
    #[must_use]
    pub fn written(self) -> Option<Said> {
        match self {
            Self::Proved => Some(Said::Yes),
            Self::Refuted => Some(Said::No),
            Self::Attested(said) => Some(said),
            Self::Contradicted | Self::Open => None,
        }
    }
}

/// One item, answered as far as can be.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// The item.
    pub item: &'a Item,
    /// What the data say.
    pub proof: Proof,
    /// What a person attested.
    pub answer: Option<(&'a Entry, &'a Answer)>,
    /// What stands in the column of the answer.
    pub verdict: Final,
}

/// A sheet of a form, answered as far as can be.
#[derive(Debug, Clone)]
pub struct Filled<'a> {
    /// The form.
    pub form: &'a Form,
    /// Which sheet of it.
    pub sheet: Sheet,
    /// Key and name of the vendor whose sheet it is.
    pub vendor: Option<(String, String)>,
    /// The day of the question, at the site.
    pub today: String,
    /// The fiscal year of that day, where it is later than the form's.
    pub outdated: Option<u16>,
    /// Its items.
    pub lines: Vec<Line<'a>>,
}

impl Filled<'_> {
    /// Whether every item is answered, none is contradicted, and the form is this year's.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outdated.is_none() && self.lines.iter().all(|it| it.verdict.written().is_some())
    }
}

/// Answers a sheet.
#[must_use]
pub fn fill<'a>(
    form: &'a Form,
    sheet: Sheet,
    census: &'a Census<'a>,
    vendor: Option<&str>,
) -> Filled<'a> {
    let ledger = census.ledger;
    let today = crate::text::day(ledger.as_of, ledger.site.utc_offset_s);
    let own = vendor.map(|vendor| census.of_vendor(vendor));
    let counted = own.as_ref().unwrap_or(census);
    let agents = counted.agents();
    let lines = form.on(sheet).map(|item| {
        let ask = Ask {
            census: counted,
            item,
            sheet,
            vendor,
            form: &form.id,
            today: today.clone(),
            agents: &agents,
        };
        let proof = rule::ask(&ask);
        let key = answer_key(&form.id, sheet, vendor, &item.id);
        let answer = ledger.hand.answer(&key);
        let verdict = settle(item, &proof, answer.map(|it| it.1));
        Line {
            item,
            proof,
            answer,
            verdict,
        }
    });
    let lines = lines.collect();
    let year = days::fiscal_year(&today);
    let outdated = year.filter(|year| form.fiscal_year.is_some_and(|own| *year > own));
    let name = |key: &str| {
        census
            .vendors
            .get(key)
            .cloned()
            .unwrap_or_else(|| key.to_owned())
    };
    Filled {
        form,
        sheet,
        vendor: vendor.map(|key| (key.to_owned(), name(key))),
        today,
        outdated,
        lines,
    }
}

fn settle(item: &Item, proof: &Proof, answer: Option<&Answer>) -> Final {
    let contradicted = !proof.contradicts.is_empty();
    match answer {
        Some(answer) if answer.says == Said::Yes && contradicted => Final::Contradicted,
        Some(answer) => Final::Attested(answer.says),
        None if contradicted && item.by != By::Manual => Final::Refuted,
        None if item.by == By::Auto && proof.open.is_empty() && !proof.supports.is_empty() => {
            Final::Proved
        }
        None => Final::Open,
    }
}
