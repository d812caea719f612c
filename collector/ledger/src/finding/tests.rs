//! Every rule has its words.

use super::*;

#[test]
fn every_rule_has_texts_in_both_languages_and_no_text_is_left_over() {
    let Rules(texts) = Rules::read(include_str!("findings.toml")).expect("the file is read");
    let names: Vec<&str> = texts.keys().map(String::as_str).collect();
    let mut rules: Vec<&str> = [rule::RULES, upkeep::RULES, setting::RULES, kept::RULES].concat();
    rules.sort_unstable();
    assert_eq!(names, rules);
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

/// A machine about which only these sections are known.
fn found(sections: &[(&str, serde_json::Value)]) -> Vec<&'static str> {
    found_with(sections, &[])
}

/// The same, with what people keep for it.
fn found_with(sections: &[(&str, serde_json::Value)], kept: &[(&str, &str)]) -> Vec<&'static str> {
    let at = "2026-11-25T00:00:00Z";
    let sections: Vec<serde_json::Value> = sections
        .iter()
        .map(|(kind, body)| {
            serde_json::json!({
                "kind": kind, "source": "linux", "at": at, "received_at": at, "body": body, "kept": []
            })
        })
        .collect();
    let mut input: serde_json::Value =
        serde_json::from_str(include_str!("../ledger/fixture.json")).unwrap();
    let mut agent = input["agents"][0].clone();
    agent["sections"] = serde_json::Value::Array(sections);
    agent["flows"] = serde_json::json!([]);
    agent["neighbours"] = serde_json::json!([]);
    input["agents"] = serde_json::json!([agent]);
    let mut input: crate::Input = serde_json::from_value(input).unwrap();
    let value = |text: &str| crate::hand::HandValue {
        text: text.to_owned(),
        by: "架空花子".to_owned(),
        at: input.as_of,
    };
    let values = kept
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(text)));
    let fields = crate::hand::HandFields {
        values: values.collect(),
    };
    input.hand = crate::Hand::new(vec![crate::hand::Entry {
        key: input.agents[0].agent.as_str().to_owned(),
        by: "架空花子".to_owned(),
        at: input.as_of,
        body: crate::hand::EntryBody::Fields(fields),
    }]);
    let ledger = crate::build(&input);
    findings(&ledger).into_iter().map(|it| it.rule).collect()
}

#[test]
fn exception_on_record_takes_the_place_of_the_finding_until_its_day_of_review() {
    let ended = [os("9.13")];
    let reason = ("exception_reason", "事業者が未対応");
    let measure = ("exception_measure", "外部と遮断");
    let of = |kept: &[(&str, &str)]| found_with(&ended, kept);
    assert!(of(&[reason]).contains(&"EOL-001"));
    let ahead = of(&[reason, measure, ("exception_review", "2099-03-31")]);
    assert!(ahead.contains(&"EOL-003") && !ahead.contains(&"EOL-001"));
    assert!(of(&[reason, measure, ("exception_review", "2020-03-31")]).contains(&"EOL-004"));
    assert!(of(&[reason, measure]).contains(&"EOL-004"));
}

#[test]
fn lost_asset_disposed_asset_that_reports_and_ended_contract_are_found() {
    let of = |kept: &[(&str, &str)]| found_with(&[], kept);
    assert!(of(&[("status", "lost")]).contains(&"AST-001"));
    assert!(of(&[("status", "disposed")]).contains(&"AST-002"));
    assert!(
        !of(&[("status", "in_use")])
            .iter()
            .any(|it| it.starts_with("AST"))
    );
    assert!(of(&[("contract_end", "2020-03-31")]).contains(&"CTR-001"));
    assert!(!of(&[("contract_end", "2099-03-31")]).contains(&"CTR-001"));
}

#[test]
fn version_of_a_product_without_support_is_found() {
    let product = |version: &str| {
        serde_json::json!({
            "products": known(serde_json::json!([{
                "name": "Symantec Endpoint Protection", "kind": "antivirus", "verdict": "running",
                "version": known(version.into()), "definitions_at": known("2026-11-24T00:00:00Z".into()),
                "witnesses": []
            }]))
        })
    };
    assert!(found(&[("antivirus", product("14.2.5587.2100"))]).contains(&"ANV-004"));
    assert!(!found(&[("antivirus", product("14.3.1169.0100"))]).contains(&"ANV-004"));
}

fn known(value: serde_json::Value) -> serde_json::Value {
    serde_json::json!({ "known": { "value": value, "source": "test" } })
}

fn os(version: &str) -> (&'static str, serde_json::Value) {
    let body =
        serde_json::json!({ "id": known("debian".into()), "version": known(version.into()) });
    ("os", body)
}

#[test]
fn support_that_has_ended_is_found_and_a_release_that_nobody_knows_is_not() {
    assert!(found(&[os("9.13")]).contains(&"EOL-001"));
    assert!(!found(&[os("13")]).contains(&"EOL-001"));
    let unknown = found(&[os("99")]);
    assert!(!unknown.iter().any(|it| it.starts_with("EOL")));
}

#[test]
fn updates_restart_and_an_old_index_are_found() {
    let update = |security: bool| serde_json::json!([{ "name": "openssl", "installed": "1", "available": "2", "security": security }]);
    let body = serde_json::json!({
        "index_at": known("2026-09-01T00:00:00Z".into()),
        "reboot": known(serde_json::json!({ "needed": true, "reasons": ["kernel 6.1"] })),
    });
    let pending = serde_json::json!({ "pending": known(update(true)) });
    let rules = found(&[("patch", body), ("update", pending)]);
    for rule in ["PAT-001", "PAT-002", "PAT-003"] {
        assert!(rules.contains(&rule), "{rules:?}");
    }
    let body = serde_json::json!({
        "index_at": known("2026-11-24T00:00:00Z".into()),
        "reboot": known(serde_json::json!({ "needed": false, "reasons": [] })),
    });
    let pending = serde_json::json!({ "pending": known(update(false)) });
    let rules = found(&[("patch", body), ("update", pending)]);
    assert!(!rules.iter().any(|it| it.starts_with("PAT")), "{rules:?}");
}

#[test]
fn what_leads_in_is_found() {
    let tool = |state: &str| {
        known(
            serde_json::json!([{ "name": "AnyDesk", "version": null, "state": state, "witnesses": [] }]),
        )
    };
    let vpn = known(serde_json::json!([{
        "grade": "certain", "product": null, "interface": "wg0", "up": true, "witnesses": []
    }]));
    let ssh = known(serde_json::json!({
        "root_log_in": "yes", "password_log_in": true, "ports": [22]
    }));
    let services =
        known(serde_json::json!([{ "name": "ssh", "start": "automatic", "running": true }]));
    let share = known(serde_json::json!([{
        "protocol": "smb", "name": "scan", "writable": true, "open": true
    }]));
    let rules = found(&[
        (
            "remote_tool",
            serde_json::json!({ "tools": tool("running") }),
        ),
        ("vpn", serde_json::json!({ "vpns": vpn })),
        ("policy", serde_json::json!({ "ssh": ssh })),
        ("service", serde_json::json!({ "services": services })),
        ("storage", serde_json::json!({ "shares": share })),
        (
            "firewall",
            serde_json::json!({ "verdict": known("inactive".into()) }),
        ),
    ]);
    for rule in ["RMT-001", "VPN-001", "SSH-001", "SHR-001", "FWL-001"] {
        assert!(rules.contains(&rule), "{rules:?}");
    }
    let rules = found(&[(
        "remote_tool",
        serde_json::json!({ "tools": tool("installed") }),
    )]);
    assert!(!rules.contains(&"RMT-001"));
}

#[test]
fn a_share_that_itself_lets_everybody_write_is_found_and_one_that_lets_them_read_is_not() {
    let rules = |to: &str, right: &str| {
        let share = known(serde_json::json!([{
            "protocol": "smb", "name": "scan", "writable": true, "open": null,
            "granted": [{ "to": to, "right": right }]
        }]));
        found(&[("storage", serde_json::json!({ "shares": share }))])
    };
    assert!(rules("everyone", "change").contains(&"SHR-002"));
    assert!(!rules("everyone", "full").contains(&"SHR-001"));
    for (to, right) in [("everyone", "read"), ("authenticated_users", "full")] {
        assert!(!rules(to, right).contains(&"SHR-002"), "{to} {right}");
    }
}

#[test]
fn what_could_not_be_asked_is_no_finding_of_upkeep() {
    let rules = found(&[]);
    assert!(
        rules
            .iter()
            .all(|it| !upkeep::RULES.contains(it) && !setting::RULES.contains(it)),
        "{rules:?}"
    );
}

#[test]
fn settings_of_windows_that_let_too_much_in_are_found_and_others_are_not() {
    let policy = |lua: bool, nla: bool, smb1: bool| {
        serde_json::json!({
            "uac": known(serde_json::json!({
                "enabled": lua, "prompt": 5, "of_built_in": false, "full_over_network": false,
            })),
            "remote_desktop": known(serde_json::json!({
                "enabled": true, "authenticates_first": nla, "port": 3389,
            })),
            "smb1": known(smb1.into()),
        })
    };
    let log_in = |verdict: serde_json::Value| {
        serde_json::json!({
            "log_ins": known(serde_json::json!([
                { "account": "xray", "how": "auto", "verdict": verdict, "elevation": "undivided" },
            ])),
        })
    };
    let by = serde_json::json!({ "administrator_by": "Administrators" });
    let rules = found(&[
        ("policy", policy(false, false, true)),
        ("account", log_in(by)),
    ]);
    for rule in super::setting::RULES {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
    let plain = log_in("not_administrator".into());
    let rules = found(&[("policy", policy(true, true, false)), ("account", plain)]);
    for rule in super::setting::RULES {
        assert!(!rules.contains(rule), "{rule}: {rules:?}");
    }
}

#[test]
fn stopped_product_is_to_be_confirmed_where_another_may_run_unseen() {
    let unknown = serde_json::json!({ "unknown": { "reason": "denied", "source": "test" } });
    let product = serde_json::json!({
        "name": "ESET", "kind": "antivirus", "verdict": "not_running", "witnesses": [],
        "version": unknown, "definitions_at": unknown,
    });
    let body =
        serde_json::json!({ "products": known(serde_json::json!([product])), "verdict": unknown });
    assert!(found(&[("antivirus", body)]).contains(&"ANV-003"));
    let nothing = serde_json::json!({ "products": unknown, "verdict": unknown });
    assert!(
        !found(&[("antivirus", nothing)])
            .iter()
            .any(|it| it.starts_with("ANV"))
    );
}
