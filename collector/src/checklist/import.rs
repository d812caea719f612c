//! A form from the ministry's own workbook. Comes in: its sheets and the forms that are known; goes out: a
//! form whose items are its rows, each tied to the rule of the known item whose words it has. What is tied
//! by likeness is for a person to look at; what is like nothing is for a person alone to answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use daicho_ledger::checklist::{By, Form, Item, Sheet};

use super::official::{Page, plain};

/// What the new form is called, and where it came from.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// Stable name.
    pub id: &'a str,
    /// Title.
    pub title: &'a str,
    /// The fiscal year that it is for.
    pub fiscal_year: Option<u16>,
    /// The name of the file.
    pub file: &'a str,
    /// The day on which it was read.
    pub today: &'a str,
}

/// A form that was read.
#[derive(Debug)]
pub struct Read {
    /// The form.
    pub form: Form,
    /// Numbers of items that were tied to a rule by likeness.
    pub tied: usize,
    /// Sheets that were read, with the rows of each.
    pub pages: Vec<(String, Sheet, usize)>,
    /// Names of sheets in which nothing is asked.
    pub skipped: Vec<String>,
}

/// Longest label that is kept.
const LABEL_MAX: usize = 400;

/// Reads a form. `None`: no sheet asks anything.
#[must_use]
pub fn read(pages: &[Page], known: &[Cow<'static, Form>], about: &About<'_>) -> Option<Read> {
    let mut items: Vec<Item> = Vec::new();
    let (mut read, mut skipped, mut tied) = (Vec::new(), Vec::new(), 0);
    for page in pages {
        let spots = page.spots();
        let sheet = page.sheet().unwrap_or(Sheet::Hospital);
        if spots.is_empty() {
            skipped.push(page.name.clone());
            continue;
        }
        read.push((page.name.clone(), sheet, spots.len()));
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        for spot in &spots {
            let label: String = page.label(spot).chars().take(LABEL_MAX).collect();
            *labels.entry(plain(&label)).or_default() += 1;
        }
        for spot in &spots {
            let label: String = page.label(spot).chars().take(LABEL_MAX).collect();
            let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
            let twice = labels.get(&plain(&label)).is_some_and(|it| *it > 1);
            let under = if twice { page.above(spot.row) } else { None };
            let same = items.iter_mut().find(|it| {
                it.ja == label
                    && it.under == under.iter().cloned().collect::<Vec<_>>()
                    && !it.sheets.contains(&sheet)
            });
            if let Some(same) = same {
                same.sheets.push(sheet);
                continue;
            }
            let like = like(&label, under.as_deref(), known);
            tied += usize::from(like.is_some());
            items.push(item(items.len() + 1, (label, under), sheet, like));
        }
    }
    if items.is_empty() {
        return None;
    }
    let form = Form {
        id: about.id.to_owned(),
        ja: about.title.to_owned(),
        en: String::new(),
        fiscal_year: about.fiscal_year,
        source: format!("様式のファイル {}", about.file),
        checked: about.today.to_owned(),
        note: "様式から取り込み。規則との対応は文言の近さによる。内容を確かめること".to_owned(),
        items,
    };
    Some(Read {
        form,
        tied,
        pages: read,
        skipped,
    })
}

/// The known item whose words a label has; of several the one with the most.
fn like<'a>(label: &str, under: Option<&str>, known: &'a [Cow<'static, Form>]) -> Option<&'a Item> {
    let label = plain(label);
    let all = known.iter().flat_map(|it| &it.items);
    let fits = all.filter(|it| !it.words.is_empty());
    let fits = fits.filter(|it| it.words.iter().all(|word| label.contains(&plain(word))));
    let score = |it: &&Item| {
        let heading = under.map(plain).unwrap_or_default();
        let here = it.under.iter().any(|head| heading.contains(&plain(head)));
        let words: usize = it.words.iter().map(|word| word.chars().count()).sum();
        (here, it.under.is_empty(), words)
    };
    // The first of equals: the newest form.
    fits.rev().max_by_key(score)
}

fn item(
    number: usize,
    (label, under): (String, Option<String>),
    sheet: Sheet,
    like: Option<&Item>,
) -> Item {
    let words: String = plain(&label).chars().take(120).collect();
    Item {
        id: format!("{number:03}"),
        no: numbered(&label).unwrap_or_else(|| number.to_string()),
        group: under.clone().unwrap_or_default(),
        ja: label,
        en: String::new(),
        scope: like.map(|it| it.scope.clone()).unwrap_or_default(),
        sheets: vec![sheet],
        by: like.map_or(By::Manual, |it| it.by),
        rule: like.map_or_else(|| "none".to_owned(), |it| it.rule.clone()),
        attest_ja: like.map(|it| it.attest_ja.clone()).unwrap_or_default(),
        attest_en: like.map(|it| it.attest_en.clone()).unwrap_or_default(),
        words: vec![words],
        under: under.into_iter().collect(),
    }
}

/// The ministry's number in a row: `2-①`, `1-1`, `(3)`.
fn numbered(label: &str) -> Option<String> {
    let is = |word: &&str| {
        let inner = word.trim_matches(['(', ')', '（', '）']);
        let mut chars = inner.chars();
        let first = chars
            .next()
            .is_some_and(|c| c.is_ascii_digit() || ('①'..='⑳').contains(&c));
        let fits =
            |c: char| c.is_ascii_digit() || ('①'..='⑳').contains(&c) || "-－()（）".contains(c);
        first && inner.chars().count() <= 8 && chars.all(fits)
    };
    label.split_whitespace().find(is).map(str::to_owned)
}

/// The form as a file, with what to look at in front.
#[must_use]
pub fn file(read: &Read) -> String {
    let mut out = String::from(
        "# 様式から取り込んだチェックリスト。項目ごとに rule（データで確かめる規則）、by（auto・partly・manual）、\n\
         # scope（server・terminal・network）を確かめ、違うものを直してください。規則のない項目は rule = \"none\"、by = \"manual\"。\n\n",
    );
    // A form always has a TOML form: its tables have texts for keys.
    out.push_str(&toml::to_string(&read.form).unwrap_or_default());
    out
}
