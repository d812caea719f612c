use clap::CommandFactory;

use super::*;

#[test]
fn command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn names_of_the_contract_are_there() {
    let command = Cli::command();
    let there: Vec<&str> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    for name in [
        "report",
        "record",
        "replay",
        "enroll",
        "send",
        "run",
        "sense",
        "status",
        "completions",
    ] {
        assert!(there.contains(&name), "{name}");
    }
}

#[test]
fn every_command_says_in_both_languages_what_it_does() {
    for command in Cli::command().get_subcommands() {
        let about = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        let (ja, en) = about.split_once(" / ").unwrap_or_default();
        assert!(
            !ja.is_ascii() && en.is_ascii() && !en.is_empty(),
            "{}",
            command.get_name()
        );
    }
}

#[test]
fn token_is_not_in_the_debug_text() {
    let line = [
        "daicho-agent",
        "enroll",
        "--server",
        "https://x",
        "--token",
        "daicho1.secret",
    ];
    let cli = Cli::try_parse_from(line).unwrap();
    assert!(!format!("{cli:?}").contains("secret"));
}

#[test]
fn one_source_of_the_token_is_needed_and_not_two() {
    let base = ["daicho-agent", "enroll", "--server", "https://x"];
    assert!(Cli::try_parse_from(base).is_err());
    let both = base.iter().chain(&["--token", "t", "--token-file", "f"]);
    assert!(Cli::try_parse_from(both).is_err());
    let stdin = base.iter().chain(&["--token", "-", "--state", "d"]);
    assert!(Cli::try_parse_from(stdin).is_ok());
}

#[test]
fn quickstart_may_start_the_agent_as_agreed() {
    let run = ["daicho-agent", "run", "--state", "d", "--first-now"];
    assert!(Cli::try_parse_from(run).is_ok());
}

#[test]
fn address_of_the_enrolment_may_be_overridden() {
    for command in ["run", "send"] {
        let line = [
            "daicho-agent",
            command,
            "--state",
            "d",
            "--server",
            "https://127.0.0.1:1",
        ];
        assert!(Cli::try_parse_from(line).is_ok(), "{command}");
    }
}
