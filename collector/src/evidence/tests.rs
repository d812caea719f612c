use daicho_evidence::manifest::FILES;
use daicho_evidence::{Expected, Verdict, container, verify};
use daicho_ledger::Site;
use daicho_report::Time;

use super::*;
use crate::site::tests::{Fixture, START, fixture, flows, os};

const ASK: Ask<'static> = Ask {
    by: "山田",
    approver: "",
    lang: Lang::Ja,
};

fn forms() -> Vec<std::borrow::Cow<'static, daicho_ledger::checklist::Form>> {
    crate::checklist::forms(std::path::Path::new("no such folder")).unwrap()
}

fn sources<'a>(
    picture: &'a Picture,
    forms: &'a content::Forms,
    census: &'a daicho_ledger::checklist::Census<'a>,
) -> Sources<'a> {
    Sources {
        picture,
        since: None,
        forms,
        census,
        font: None,
    }
}

fn made(it: &Fixture, picture: &Picture, ask: Ask<'_>) -> Result<Made, EvidenceError> {
    let forms = forms();
    let census = crate::checklist::census(picture.basis());
    let sources = sources(picture, &forms, &census);
    let lists = content::lists(sources, ask.lang).unwrap();
    inside(&it.site, sources, ask, &lists)
}

fn picture(it: &Fixture) -> Picture {
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian"), flows(true, &[443], &[])]);
    let site = Site {
        name: "架空病院".to_owned(),
        time_zone: "Asia/Tokyo".to_owned(),
        utc_offset_s: 32_400,
        simulated: false,
    };
    let knowledge = daicho_graph::Knowledge::shipped();
    let at = Time::from_seconds(START);
    Picture::at(it.site.store.as_ref(), site, at, &knowledge).unwrap()
}

#[test]
fn bundle_of_the_site_is_whole_its_export_is_in_the_log_and_a_touched_file_is_named() {
    let it = fixture();
    let picture = picture(&it);
    let made = self::made(&it, &picture, ASK).unwrap();
    let expected = Expected {
        key: Some(it.site.log_key.public()),
        root: Some(made.root),
    };
    let outcome = verify(&made.bytes, &expected).unwrap();
    assert_eq!(outcome.verdict, Verdict::Whole, "{:?}", outcome.problems);
    let names: Vec<String> = outcome
        .manifest
        .unwrap()
        .files
        .into_iter()
        .map(|it| it.name)
        .collect();
    for name in [
        "README.txt",
        "ledger.xlsx",
        "ledger.json",
        "diagram.svg",
        "lists/remote.csv",
    ] {
        assert!(
            names.contains(&format!("{FILES}{name}")),
            "{name}: {names:?}"
        );
    }
    let text = b"Debian";
    let at = made
        .bytes
        .windows(text.len())
        .position(|it| it == text)
        .unwrap();
    let mut touched = made.bytes.clone();
    touched[at] = b'd';
    let outcome = verify(&touched, &expected).unwrap();
    assert_eq!(outcome.verdict, Verdict::Changed);
    assert!(
        outcome.problems[0].file.starts_with(FILES) || outcome.problems[1].file.starts_with(FILES)
    );
    it.assert_sound();
}

#[test]
fn bundle_to_be_shown_holds_no_address_and_names_its_original() {
    let it = fixture();
    let picture = picture(&it);
    let original = made(&it, &picture, ASK).unwrap().root;
    let forms = forms();
    let census = crate::checklist::census(picture.basis());
    let sources = sources(&picture, &forms, &census);
    let lists = content::lists(sources, Lang::Ja).unwrap();
    let made = present(&it.site, sources, ASK, (&lists, original)).unwrap();
    let outcome = verify(&made.bytes, &Expected::default()).unwrap();
    assert_eq!(outcome.verdict, Verdict::WholeUnknownIssuer);
    let manifest = outcome.manifest.unwrap();
    assert_eq!(
        (manifest.form, manifest.original),
        (Form::Present, Some(original))
    );
    assert!(
        manifest.masked.iter().any(|(_, count)| *count > 0),
        "{:?}",
        manifest.masked
    );
    for (name, bytes) in container::read(&made.bytes).unwrap() {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("10.0.0."), "{name}");
    }
    it.assert_sound();
}

#[test]
fn nobody_exports_without_a_name() {
    let it = fixture();
    let picture = picture(&it);
    let nobody = Ask { by: " ", ..ASK };
    assert!(
        matches!(made(&it, &picture, nobody), Err(EvidenceError::Refused(it)) if it.code == "SIT-006")
    );
}
