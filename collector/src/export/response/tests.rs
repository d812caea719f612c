use super::outward::until;
use super::{Lately, Occasion, Rules};
use daicho_report::Time;

#[test]
fn every_shipped_rule_has_a_source_and_no_telephone_number() {
    let rules = Rules::shipped();
    assert!(rules.rule.len() > 3 && !rules.version.is_empty());
    for rule in &rules.rule {
        assert!(!rule.source.trim().is_empty() && !rule.due.trim().is_empty());
        let text = format!("{} {} {}", rule.to, rule.what, rule.due);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        assert!(digits < 9, "looks like a telephone number: {text}");
    }
}

#[test]
fn due_times_run_from_the_detection_and_are_blank_without_one() {
    let rules = Rules::parse(
        "version = \"1\"\n[[rule]]\nto = \"甲\"\nwhat = \"乙\"\ndue = \"3日\"\nhours = 72\nsource = \"丙\"\n",
    )
    .unwrap();
    let mut occasion = Occasion {
        detected: None,
        rules: rules.clone(),
        hash: String::new(),
        changes: Lately::default(),
        a3: false,
    };
    assert_eq!(until(&rules.rule[0], &occasion, 32_400), "");
    occasion.detected = Some(Time::parse("2026-11-20T00:00:00Z").unwrap());
    assert_eq!(
        until(&rules.rule[0], &occasion, 32_400),
        "2026-11-23 09:00 まで"
    );
    let wrong = Rules::parse("version = \"1\"\n[[rule]]\nwho = \"甲\"\n");
    assert!(wrong.unwrap_err().to_string().contains("who"));
}
