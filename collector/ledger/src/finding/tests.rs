//! Every rule has its words.

use super::rule::RULES;
use super::*;

#[test]
fn every_rule_has_texts_in_both_languages_and_no_text_is_left_over() {
    let texts: BTreeMap<String, Texts> =
        toml::from_str(include_str!("findings.toml")).expect("the file is read");
    let names: Vec<&str> = texts.keys().map(String::as_str).collect();
    assert_eq!(names, RULES);
    for (rule, text) in &texts {
        for it in [&text.ja, &text.en, &text.next_ja, &text.next_en] {
            assert!(!it.trim().is_empty(), "{rule}");
        }
        assert!(
            text.ja.ends_with('。') && text.next_ja.ends_with('。'),
            "{rule}"
        );
    }
}
