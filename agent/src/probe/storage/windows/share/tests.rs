use super::*;
use crate::platform::replay::Bundle;

const GROUP: &str = "S-1-5-21-1-2-3-1105";
const FULL: u32 = 0x001f_01ff;
const CHANGE: u32 = 0x0013_01bf;
const READ: u32 = 0x0012_00a9;

fn entry(kind: u8, mask: u32, sid: &str) -> RawGrant {
    RawGrant {
        kind,
        flags: 0,
        mask,
        sid: sid.to_owned(),
    }
}

fn of(entries: &[RawGrant]) -> Option<Vec<(ShareParty, ShareRight)>> {
    let all = granted(&RawAccess::Listed(entries.to_vec()))?;
    Some(all.into_iter().map(|it| (it.to, it.right)).collect())
}

#[test]
fn each_circle_has_the_most_that_it_is_granted() {
    use ShareParty as P;
    use ShareRight as R;
    let found = of(&[
        entry(ALLOWS, READ, EVERYONE),
        entry(ALLOWS, CHANGE, GROUP),
        entry(ALLOWS, READ, "S-1-5-21-1-2-3-1106"),
        entry(ALLOWS, 0x1000_0000, "S-1-5-32-544"),
        entry(ALLOWS, CHANGE, "S-1-5-21-1-2-3-513"),
    ]);
    let expected = vec![
        (P::Everyone, R::Read),
        (P::DomainUsers, R::Change),
        (P::Administrators, R::Full),
        (P::Other, R::Change),
    ];
    assert_eq!(found, Some(expected));
    assert_eq!(of(&[]), Some(Vec::new()));
    let unlisted = granted(&RawAccess::Unlisted).unwrap();
    assert_eq!((unlisted[0].to, unlisted[0].right), (P::Everyone, R::Full));
}

#[test]
fn what_is_denied_first_is_not_granted_and_later_it_is() {
    use ShareRight as R;
    let deny = entry(DENIES, 0x6, EVERYONE);
    let allow = entry(ALLOWS, CHANGE, GROUP);
    let right = |all: &[RawGrant]| of(all).unwrap()[0].1;
    assert_eq!(right(&[deny.clone(), allow.clone()]), R::Read);
    assert_eq!(right(&[allow, deny]), R::Change);
}

#[test]
fn an_entry_for_what_lies_below_counts_not_and_one_of_another_kind_makes_it_unclear() {
    let mut below = entry(ALLOWS, FULL, EVERYONE);
    below.flags = BELOW_ALONE;
    assert_eq!(of(&[below]), Some(Vec::new()));
    assert_eq!(
        of(&[entry(9, FULL, ""), entry(ALLOWS, READ, EVERYONE)]),
        None
    );
}

#[test]
fn only_what_the_share_itself_keeps_out_is_certain() {
    let share = |entries: &[RawGrant]| {
        let bundle = Bundle::new("windows")
            .with("registry_names", SHARES, &["画像"])
            .with("share_access", "画像", &RawAccess::Listed(entries.to_vec()))
            .with_nothing_else();
        let found = shares(&Source::from_bundle(bundle));
        let share = found.value().unwrap()[0].clone();
        (share.writable, share.open)
    };
    // The folder may keep everyone out.
    assert_eq!(share(&[entry(ALLOWS, FULL, EVERYONE)]), (Some(true), None));
    assert_eq!(
        share(&[entry(ALLOWS, READ, GROUP)]),
        (Some(false), Some(false))
    );
    let unread = Bundle::new("windows")
        .with("registry_names", SHARES, &["画像"])
        .with_miss("share_access", "画像", Miss::Unknown(Reason::Denied));
    let found = shares(&Source::from_bundle(unread));
    let share = &found.value().unwrap()[0];
    assert_eq!(
        (share.writable, share.open, &share.granted),
        (None, None, &None)
    );
}
