use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{RawMachine, RawSession, RawValue};

const HOSPITAL: &str = "S-1-5-21-7-8-9";

fn member(sid: &str, name: Option<&str>) -> RawMember {
    RawMember {
        sid: sid.to_owned(),
        name: name.map(str::to_owned),
    }
}

fn account(name: &str, rid: u32, flags: u32) -> RawAccount {
    RawAccount {
        name: name.to_owned(),
        rid,
        flags,
    }
}

fn token(sid: &str, elevation: u32, groups: &[&str]) -> RawToken {
    RawToken {
        sid: sid.to_owned(),
        elevation,
        groups: groups.iter().map(|it| ((*it).to_owned(), 7)).collect(),
    }
}

fn session(domain: &str, user: &str, token: Answer<RawToken>) -> RawSession {
    RawSession {
        id: 1,
        station: "Console".to_owned(),
        state: 0,
        user: user.to_owned(),
        domain: domain.to_owned(),
        token,
    }
}

/// A machine called KARTE-01 in a workgroup: 院内管理 is the renamed built-in account.
fn machine() -> Bundle {
    Bundle::new("windows")
        .with(
            "machine",
            "",
            &RawMachine {
                host_name: Some("KARTE-01".to_owned()),
                ..RawMachine::default()
            },
        )
        .with("join", "", &join(2, "WORKGROUP"))
        .with("sessions", "", &Vec::<RawSession>::new())
        .with(
            "local_accounts",
            "",
            &[
                account("院内管理", 500, 0x201),
                account("Guest", 501, 0x203),
                account("nurse", 1001, 0x201),
                account("se", 1002, 0x201),
            ],
        )
        .with(
            "group_members",
            ADMINISTRATORS,
            &[
                member("S-1-5-21-1-2-3-1002", Some("se")),
                member("S-1-5-21-1-2-3-500", Some("院内管理")),
            ],
        )
        .with_nothing_else()
}

fn join(status: u32, name: &str) -> RawJoin {
    RawJoin {
        status,
        name: name.to_owned(),
        role: Some(0),
        domain: None,
    }
}

/// The same in a domain whose administrators and one group are members.
fn in_domain() -> Bundle {
    machine().with("join", "", &join(DOMAIN, "HOSP")).with(
        "group_members",
        ADMINISTRATORS,
        &[
            member("S-1-5-21-1-2-3-500", Some("院内管理")),
            member(&format!("{HOSPITAL}-512"), None),
            member(&format!("{HOSPITAL}-1108"), None),
            member("S-1-5-21-4-4-4-1199", None),
        ],
    )
}

fn read_of(bundle: Bundle) -> Accounts {
    read(&Source::from_bundle(bundle))
}

fn only(accounts: &Accounts) -> LogIn {
    let log_ins = accounts.log_ins.value().unwrap();
    assert_eq!(log_ins.len(), 1, "{log_ins:?}");
    log_ins[0].clone()
}

fn logged_in(bundle: Bundle, domain: &str, user: &str, token: Answer<RawToken>) -> LogIn {
    only(&read_of(bundle.with(
        "sessions",
        "",
        &[session(domain, user, token)],
    )))
}

#[test]
fn administrator_whose_rights_uac_holds_back_is_one() {
    let token = token("S-1-5-21-1-2-3-1002", 3, &[ADMINISTRATORS]);
    let found = logged_in(machine(), "KARTE-01", "se", Ok(token));
    assert_eq!(
        found.verdict,
        LogInVerdict::AdministratorBy(GROUP.to_owned())
    );
    assert_eq!(found.elevation, Some(Elevation::Limited));
    assert_eq!(
        (found.account.as_str(), found.how.as_str()),
        ("se", "session")
    );
}

#[test]
fn undivided_token_with_the_group_is_an_administrator_as_where_uac_is_off() {
    let token = token("S-1-5-21-1-2-3-1002", 1, &[ADMINISTRATORS]);
    let found = logged_in(machine(), "KARTE-01", "se", Ok(token));
    assert_eq!(
        found.verdict,
        LogInVerdict::AdministratorBy(GROUP.to_owned())
    );
    assert_eq!(found.elevation, Some(Elevation::Undivided));
}

#[test]
fn renamed_built_in_account_is_known_by_its_number() {
    let token = token("S-1-5-21-1-2-3-500", 1, &[ADMINISTRATORS]);
    let found = logged_in(machine(), "karte-01", "院内管理", Ok(token));
    assert_eq!(found.verdict, LogInVerdict::Administrator);
    let all = read_of(machine()).accounts;
    let all = all.value().unwrap();
    let built_in = all.iter().find(|it| it.number == Some(500)).unwrap();
    assert!(
        built_in
            .administrator
            .contains(&AdministratorGrant::BuiltIn)
    );
    // The guest is switched off and no administrator.
    assert!(all.iter().all(|it| it.number != Some(501)), "{all:?}");
}

#[test]
fn whoever_is_no_member_is_no_administrator() {
    let token = token("S-1-5-21-1-2-3-1001", 1, &["S-1-5-32-545"]);
    let found = logged_in(machine(), "KARTE-01", "nurse", Ok(token));
    assert_eq!(found.verdict, LogInVerdict::NotAdministrator);
}

#[test]
fn nested_group_of_the_domain_is_named_by_the_member_that_the_token_holds() {
    let groups = [ADMINISTRATORS, "S-1-5-21-7-8-9-1108", "S-1-5-21-7-8-9-513"];
    let token_of_se = token("S-1-5-21-7-8-9-2001", 3, &groups);
    let found = logged_in(in_domain(), "HOSP", "se", Ok(token_of_se));
    let by = LogInVerdict::AdministratorBy("S-1-5-21-7-8-9-1108".to_owned());
    assert_eq!((found.account.as_str(), found.verdict), (r"HOSP\se", by));
    let groups = [ADMINISTRATORS, "S-1-5-21-7-8-9-512"];
    let token_of_admin = token("S-1-5-21-7-8-9-2002", 2, &groups);
    let found = logged_in(in_domain(), "HOSP", "da", Ok(token_of_admin));
    let by = "Domain Admins (S-1-5-21-7-8-9-512)".to_owned();
    assert_eq!(found.verdict, LogInVerdict::AdministratorBy(by));
    assert_eq!(found.elevation, Some(Elevation::Full));
}

#[test]
fn without_the_token_somebody_of_the_domain_is_unclear_and_a_local_account_is_not() {
    let denied = || Err(Miss::Unknown(Reason::Denied));
    let found = logged_in(in_domain(), "HOSP", "nurse", denied());
    assert!(
        matches!(found.verdict, LogInVerdict::Unclear(_)),
        "{found:?}"
    );
    let found = logged_in(machine(), "KARTE-01", "se", denied());
    assert_eq!(
        found.verdict,
        LogInVerdict::AdministratorBy(GROUP.to_owned())
    );
    let found = logged_in(machine(), "KARTE-01", "NURSE", denied());
    assert_eq!(found.verdict, LogInVerdict::NotAdministrator);
    assert_eq!(found.elevation, None);
}

#[test]
fn everybody_as_a_member_makes_everybody_an_administrator() {
    let open = machine().with(
        "group_members",
        ADMINISTRATORS,
        &[
            member("S-1-5-21-1-2-3-500", Some("院内管理")),
            member("S-1-5-11", Some("Authenticated Users")),
        ],
    );
    let found = logged_in(open, "HOSP", "x", Err(Miss::Unknown(Reason::Denied)));
    let by = "Authenticated Users".to_owned();
    assert_eq!(found.verdict, LogInVerdict::AdministratorBy(by));
}

#[test]
fn orphaned_members_and_groups_of_the_domain_are_listed_by_their_sid() {
    let all = read_of(in_domain());
    let names: Vec<&str> = all
        .accounts
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert!(names.contains(&"S-1-5-21-4-4-4-1199"), "{names:?}");
    assert!(
        names.contains(&"Domain Admins (S-1-5-21-7-8-9-512)"),
        "{names:?}"
    );
    assert_eq!(all.grants.value(), Some(&()));
    assert_eq!(all.directory.reason(), Some(&Reason::Unsupported));
}

fn text(value: &str) -> RawValue {
    RawValue::Text(value.to_owned())
}

fn set(bundle: Bundle, key: &str, name: &str, value: &str) -> Bundle {
    bundle.with("registry", &format!("{key}\\{name}"), &text(value))
}

#[test]
fn log_in_without_a_password_is_told_with_its_rights() {
    let machine = set(machine(), WINLOGON, "AutoAdminLogon", "1");
    let machine = set(machine, WINLOGON, "DefaultUserName", "se");
    let found = only(&read_of(machine));
    assert_eq!((found.account.as_str(), found.how.as_str()), ("se", "auto"));
    assert_eq!(
        found.verdict,
        LogInVerdict::AdministratorBy(GROUP.to_owned())
    );
}

#[test]
fn nobody_logged_on_leaves_who_was_last() {
    let machine = set(
        machine(),
        LOGON_UI,
        "LastLoggedOnSAMUser",
        r"KARTE-01\nurse",
    );
    let found = only(&read_of(machine));
    assert_eq!(
        (found.account.as_str(), found.how.as_str()),
        ("nurse", "last")
    );
    let domain = set(in_domain(), LOGON_UI, "LastLoggedOnSAMUser", r"HOSP\yamada");
    let found = only(&read_of(domain));
    assert!(
        matches!(found.verdict, LogInVerdict::Unclear(_)),
        "{found:?}"
    );
}

#[test]
fn whoever_is_here_now_is_not_told_as_the_last_one_too() {
    let machine = set(machine(), LOGON_UI, "LastLoggedOnSAMUser", r".\nurse");
    let token = token("S-1-5-21-1-2-3-1001", 1, &[]);
    let found = logged_in(machine, "KARTE-01", "nurse", Ok(token));
    assert_eq!(found.how, "session");
}

#[test]
fn accounts_of_a_controller_are_kept_back_and_nothing_is_called_none() {
    let kept_back = Miss::Unknown(Reason::Withheld);
    let all = read_of(in_domain().with_miss("local_accounts", "", kept_back));
    assert_eq!(all.accounts.reason(), Some(&Reason::Withheld));
    assert_eq!(all.grants.value(), Some(&()));
}

#[test]
fn refused_and_empty_answers_are_unknown() {
    let all = read_of(Bundle::new("windows"));
    assert!(all.accounts.reason().is_some());
    assert!(all.log_ins.reason().is_some());
    assert!(all.grants.reason().is_some());
    assert!(all.directory.reason().is_some());
    let empty = machine().with("group_members", ADMINISTRATORS, &Vec::<RawMember>::new());
    let all = read_of(set(empty, LOGON_UI, "LastLoggedOnSAMUser", r".\nurse"));
    assert_eq!(all.grants.reason(), Some(&Reason::failed("empty")));
    assert!(matches!(only(&all).verdict, LogInVerdict::Unclear(_)));
}

#[test]
fn values_of_a_wrong_kind_are_no_names() {
    let odd = RawValue::Odd { kind: 9, length: 3 };
    let of = |name: &str| format!("{LOGON_UI}\\{name}");
    let machine = machine()
        .with("registry", &of("LastLoggedOnSAMUser"), &odd)
        .with("registry", &of("LastLoggedOnUser"), &text("\u{fffd}\0"));
    let all = read_of(set(machine, WINLOGON, "AutoAdminLogon", "0"));
    assert_eq!(all.log_ins.value(), Some(&Vec::new()));
}

#[test]
fn member_without_a_name_that_may_be_the_account_leaves_it_unclear() {
    let unnamed = machine().with(
        "group_members",
        ADMINISTRATORS,
        &[
            member("S-1-5-21-1-2-3-500", None),
            member("S-1-5-21-1-2-3-1001", None),
        ],
    );
    let denied = Err(Miss::Unknown(Reason::Denied));
    let found = logged_in(unnamed, "KARTE-01", "nurse", denied);
    assert!(
        matches!(found.verdict, LogInVerdict::Unclear(_)),
        "{found:?}"
    );
}

#[test]
fn group_that_only_denies_on_an_undivided_token_is_unclear() {
    let mut token = token("S-1-5-21-1-2-3-1001", 1, &[]);
    token.groups = vec![(ADMINISTRATORS.to_owned(), 0x10)];
    let found = logged_in(machine(), "KARTE-01", "nurse", Ok(token));
    assert!(
        matches!(found.verdict, LogInVerdict::Unclear(_)),
        "{found:?}"
    );
}

#[test]
fn place_that_did_not_answer_is_told_beside_what_others_said() {
    let machine = machine().with_miss("sessions", "", Miss::Unknown(Reason::Denied));
    let all = read_of(set(machine, LOGON_UI, "LastLoggedOnSAMUser", r".\nurse"));
    assert_eq!(only(&all).how, "last");
    assert!(
        all.log_ins.source().contains("not every place"),
        "{}",
        all.log_ins.source()
    );
}
