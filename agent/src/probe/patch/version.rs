//! Order of Debian's versions (deb-version(7)); good for kernel releases as well.

use std::cmp::Ordering;

/// Which of two versions is later.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (epoch, one) = epoch(one);
    let (other_epoch, other) = self::epoch(other);
    let (upstream, revision) = one.rsplit_once('-').unwrap_or((one, ""));
    let (other_upstream, other_revision) = other.rsplit_once('-').unwrap_or((other, ""));
    epoch
        .cmp(&other_epoch)
        .then_with(|| part(upstream, other_upstream))
        .then_with(|| part(revision, other_revision))
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

/// Turns of letters and digits: letters before other signs, `~` before the end, digits as numbers.
fn part(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while !one.is_empty() || !other.is_empty() {
        let (word, rest) = split(one, |b| !b.is_ascii_digit());
        let (other_word, other_rest) = split(other, |b| !b.is_ascii_digit());
        let order = words(word, other_word);
        if order.is_ne() {
            return order;
        }
        let (digits, rest) = split(rest, u8::is_ascii_digit);
        let (other_digits, other_rest) = split(other_rest, u8::is_ascii_digit);
        let order = numbers(digits, other_digits);
        if order.is_ne() {
            return order;
        }
        (one, other) = (rest, other_rest);
    }
    Ordering::Equal
}

fn split(text: &[u8], belongs: fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !belongs(b)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

fn words(one: &[u8], other: &[u8]) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let longest = one.len().max(other.len());
    let ranks = (0..longest).map(|at| rank(one.get(at)).cmp(&rank(other.get(at))));
    ranks
        .into_iter()
        .find(|it| it.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn numbers(one: &[u8], other: &[u8]) -> Ordering {
    fn bare(digits: &[u8]) -> &[u8] {
        let zeros = digits
            .iter()
            .position(|b| *b != b'0')
            .unwrap_or(digits.len());
        digits.get(zeros..).unwrap_or_default()
    }
    let (one, other) = (bare(one), bare(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_stand_in_the_order_of_the_manual() {
        let ordered = [
            "1.0~~", "1.0~~a", "1.0~", "1.0", "1.0-1", "1.0-1+b1", "1.0-1.1", "1.0a", "1.0+1",
            "1.0.1", "1.9", "1.10", "2:0.1",
        ];
        for (at, one) in ordered.iter().enumerate() {
            for (at_other, other) in ordered.iter().enumerate() {
                assert_eq!(compare(one, other), at.cmp(&at_other), "{one} {other}");
            }
        }
        assert_eq!(compare("0:1.0", "1.00"), Ordering::Equal);
        assert!(compare("6.1.0-9-amd64", "6.1.0-18-amd64").is_lt());
        assert!(compare("5.14.0-70.el9.x86_64", "5.14.0-162.el9.x86_64").is_lt());
    }

    proptest! {
        #[test]
        fn the_order_is_one_whatever_the_texts(a in "[0-9a-z.~+:-]{0,12}", b in "[0-9a-z.~+:-]{0,12}", c in "[0-9a-z.~+:-]{0,12}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
