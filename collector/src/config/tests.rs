use super::*;

fn refused(text: &str) -> (&'static str, String) {
    let refused = Config::parse(text).unwrap_err();
    (refused.code, refused.detail)
}

#[test]
fn sample_holds_the_defaults_and_nothing_unknown() {
    let sample = include_str!("sample.toml");
    assert_eq!(Config::parse(sample).unwrap(), Config::default());
    assert_eq!(Config::parse("").unwrap(), Config::default());
}

#[test]
fn unknown_key_is_named_with_its_line() {
    let (code, detail) = refused("[site]\nname = \"x\"\n\n[agents]\nlisten_at = 1\n");
    assert_eq!(code, "CFG-002");
    assert!(
        detail.starts_with("5: ") && detail.contains("listen_at"),
        "{detail}"
    );
    let (code, detail) = refused("[sites]\n");
    assert_eq!(code, "CFG-002");
    assert!(
        detail.starts_with("1: ") && detail.contains("sites"),
        "{detail}"
    );
}

#[test]
fn wrong_values_are_refused() {
    for (text, named) in [
        ("[site]\ntime_zone = \"Asia/Nowhere\"", "time_zone"),
        ("[agents]\nnext_report_s = 59", "next_report_s"),
        ("[agents]\nnext_report_s = 86401", "next_report_s"),
        ("[agents]\nnames = [\"a b\"]", "names"),
        ("[agents]\nnames = [\"host:9443\"]", "names"),
    ] {
        let (code, detail) = refused(text);
        assert_eq!(code, "CFG-003", "{text}");
        assert!(detail.contains(named), "{detail}");
    }
    for text in [
        "[web]\nlisten = \"localhost\"",
        "[agents]\nlisten = 9443",
        "[site",
    ] {
        assert_eq!(refused(text).0, "CFG-002", "{text}");
    }
}

#[test]
fn mark_of_windows_editor_is_no_mistake() {
    let config = Config::parse("\u{feff}[site]\nname = \"市民病院\"\n").unwrap();
    assert_eq!(config.site.name, "市民病院");
}
