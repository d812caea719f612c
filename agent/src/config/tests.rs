use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("agent.toml"))
}

#[test]
fn sample_is_read_as_it_is_and_with_every_key_in_force() {
    assert_eq!(parse(SAMPLE).unwrap(), Config::default());
    let lines = SAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(key) if !key.starts_with(' ') => key,
        _ => line,
    });
    let all = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(all.matches(" = ").count(), 5);
    let config = parse(&all).unwrap();
    assert_eq!(config.lang, Some(Lang::Ja));
    assert_eq!(config.log, Some(LogLevel::Info));
    assert_eq!(config.interval_s, Some(3_600));
    assert_eq!(config.spool, SpoolLimit::default());
}

#[test]
fn unknown_key_is_named() {
    let error = parse("intervall_s = 5").unwrap_err();
    assert!(crate::message::chain(&error).contains("intervall_s"));
    let error = parse("[spool]\nmax = 1").unwrap_err();
    assert!(crate::message::chain(&error).contains("max"));
    assert_eq!(error.exit(), Exit::Usage);
}

#[test]
fn value_outside_its_range_is_refused() {
    for text in [
        "interval_s = 59",
        "interval_s = 86401",
        "[spool]\nmax_reports = 0",
    ] {
        assert!(
            matches!(parse(text), Err(ConfigError::Range { .. })),
            "{text}"
        );
    }
}

#[test]
fn log_level_that_there_is_not_is_refused() {
    let error = parse("log = \"loud\"").unwrap_err();
    assert!(crate::message::chain(&error).contains("loud"));
}
