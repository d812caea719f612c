use super::*;

fn fits(pattern: &str, text: &str) -> bool {
    Glob::new(pattern).unwrap().fits_any_case(text)
}

#[test]
fn a_star_stands_for_any_text_and_case_does_not_matter() {
    assert!(fits("OQS_exec_*", "oqs_EXEC_start"));
    assert!(fits("*\\OQS\\*", "C:\\OQS\\Face"));
    assert!(fits("a*b*c", "a1b2c") && fits("a*b*c", "abc"));
    assert!(!fits("a*b*c", "acb") && !fits("ab*ba", "aba"));
    assert!(!fits("OQS", "OQS2") && fits("OQS", "oqs"));
    assert!(fits("*電子カルテ*", "電子カルテ端末"));
}

#[test]
fn a_pattern_that_says_nothing_or_too_much_is_none() {
    for text in ["", " ", "*", "* *", "a*b*c*d*e*f", "a\u{0}b"] {
        assert!(Glob::new(text).is_none(), "{text:?}");
    }
}

#[test]
fn what_lies_below_a_domain_is_within_it_and_what_ends_like_it_is_not() {
    assert!(is_within("hweb.oqs.onshikaku.org", "onshikaku.org"));
    assert!(is_within("rece", "rece") && is_within("a.rece", "rece"));
    assert!(!is_within("notonshikaku.org", "onshikaku.org"));
    assert_eq!(plain_domain("*.Example.JP."), "example.jp");
}

#[test]
fn networks_have_clear_host_bits() {
    assert!(network("10.0.0.0/8").is_some() && network("2001:db8::1").is_some());
    assert!(network("10.0.0.1/8").is_none() && network("10.0.0.0/33").is_none());
    let net = network("192.168.8.0/23").unwrap();
    assert!(holds(&net, "192.168.9.1".parse().unwrap()));
    assert!(!holds(&net, "192.168.10.1".parse().unwrap()));
    assert!(!holds(&net, "::ffff:192.168.9.1".parse().unwrap()));
}

#[test]
fn shared_and_local_addresses_are_not_public() {
    let public = |text: &str| is_public(text.parse().unwrap());
    assert!(public("203.0.113.1") && public("2001:db8::1"));
    for text in [
        "10.1.2.3",
        "100.64.0.1",
        "169.254.1.1",
        "fe80::1",
        "fd00::1",
        "224.0.0.1",
        "::1",
    ] {
        assert!(!public(text), "{text}");
    }
}
