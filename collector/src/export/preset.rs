//! Which columns of a list are written, in which order. Comes in: the text of a preset; goes out: the
//! preset, or the line that is wrong. It renames nothing and hides no row; a list that it does not name
//! keeps all its columns.

use std::collections::BTreeMap;

use daicho_ledger::Column;
use serde::Deserialize;
use toml::Spanned;

use super::List;

/// Largest file.
pub const BYTES_MAX: u64 = 256 << 10;

const SHIPPED: [(&str, &str); 2] = [
    ("ministry", include_str!("columns/ministry.toml")),
    ("pharmacy", include_str!("columns/pharmacy.toml")),
];

/// A preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its short name.
    pub name: String,
    /// What it is called.
    pub ja: String,
    /// In English.
    pub en: String,
    /// Where it comes from.
    pub source: String,
    /// Of which day.
    pub date: String,
    lists: BTreeMap<List, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    ja: String,
    #[serde(default)]
    en: String,
    source: String,
    date: String,
    lists: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

/// Names of the shipped ones.
#[must_use]
pub fn names() -> [&'static str; 2] {
    SHIPPED.map(|(name, _)| name)
}

/// The shipped one of that name.
#[must_use]
pub fn shipped(name: &str) -> Option<Result<Preset, String>> {
    let text = SHIPPED.iter().find(|(it, _)| *it == name)?.1;
    Some(parse(text))
}

/// Reads a preset; the error begins with the line.
pub fn parse(text: &str) -> Result<Preset, String> {
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{}: {}", line(at), error.message())
    })?;
    let mut lists = BTreeMap::new();
    for (name, wanted) in file.lists {
        let at = line(name.span().start);
        let list = List::of(name.get_ref());
        let list = list.ok_or_else(|| format!("{at}: no list `{}`", name.get_ref()))?;
        let known = daicho_graph::list::columns(list);
        let mut keys: Vec<String> = Vec::new();
        for key in wanted {
            let at = line(key.span().start);
            let key = key.into_inner();
            if !known.iter().any(|it| it.key == key) {
                return Err(format!("{at}: no column `{key}` in `{}`", list.key()));
            }
            if keys.contains(&key) {
                return Err(format!("{at}: column `{key}` twice"));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(format!("{at}: `{}` has no columns", list.key()));
        }
        // Without it what people write could not be taken in again.
        if known.iter().any(|it| it.key == "row_key") && !keys.iter().any(|it| it == "row_key") {
            keys.push("row_key".to_owned());
        }
        lists.insert(list, keys);
    }
    Ok(Preset {
        name: file.name,
        ja: file.ja,
        en: file.en,
        source: file.source,
        date: file.date,
        lists,
    })
}

/// The columns that a preset wants of a list; `None`: all of them.
#[must_use]
pub fn wanted(preset: Option<&Preset>, list: List) -> Option<Vec<&str>> {
    let keys = preset.and_then(|it| it.lists.get(&list))?;
    Some(keys.iter().map(String::as_str).collect())
}

/// The columns of a list, as the preset wants them.
#[must_use]
pub fn columns(preset: Option<&Preset>, list: List) -> Vec<Column> {
    let all = daicho_graph::list::columns(list);
    let Some(keys) = preset.and_then(|it| it.lists.get(&list)) else {
        return all;
    };
    let of = |key: &String| all.iter().find(|it| it.key == key.as_str()).copied();
    keys.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_preset_is_read_and_has_source_and_date() {
        for name in names() {
            let preset = shipped(name).unwrap().unwrap();
            assert_eq!(preset.name, name);
            assert!(!preset.source.is_empty() && preset.date.len() == 10);
        }
    }

    #[test]
    fn mistake_in_a_preset_is_named_with_its_line() {
        let text =
            "name=\"x\"\nsource=\"x\"\ndate=\"x\"\n[lists]\ndevices=[\n\"label\",\n\"nothing\"]\n";
        assert_eq!(
            parse(text).unwrap_err(),
            "7: no column `nothing` in `devices`"
        );
        assert!(parse("name=1").unwrap_err().starts_with("1: "));
        let twice = text.replace("nothing", "label");
        assert!(parse(&twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn preset_of_the_pharmacy_writes_six_columns_and_the_row_key() {
        let preset = shipped("pharmacy").unwrap().unwrap();
        assert_eq!(columns(Some(&preset), List::Devices).len(), 7);
        let all = columns(Some(&preset), List::Software);
        assert_eq!(all, daicho_graph::list::columns(List::Software));
    }
}
