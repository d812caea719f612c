//! `--as-of`: a moment as a person writes it. RFC 3339 is that moment; a date alone is the end of
//! that day in the site's time zone. It never asks the clock.

use daicho_report::Time;

/// What was written is neither RFC 3339 nor a date, or the time zone is unknown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AsOfError {
    /// Neither form.
    #[error(
        "read `{0}` as a moment (want 2026-11-22T09:00:00+09:00, or 2026-11-22 for the end of that day)"
    )]
    Form(String),
    /// Not in the time zone database.
    #[error("find the time zone `{0}`")]
    Zone(String),
}

/// Reads a moment; `zone` is the site's, for example `Asia/Tokyo`.
pub fn parse(text: &str, zone: &str) -> Result<Time, AsOfError> {
    if let Ok(time) = Time::parse(text) {
        return Ok(time);
    }
    let form = || AsOfError::Form(text.chars().take(40).collect());
    let date: jiff::civil::Date = text.parse().map_err(|_| form())?;
    let zone = jiff::tz::TimeZone::get(zone).map_err(|_| AsOfError::Zone(zone.to_owned()))?;
    let next_day = date
        .tomorrow()
        .and_then(|day| day.to_zoned_datetime(zone))
        .map_err(|_| form())?;
    Ok(Time::from_seconds(next_day.timestamp().as_second() - 1))
}

/// The offset from UTC that the zone had at a moment, in seconds; 0 for an unknown zone.
#[must_use]
pub fn offset_seconds(at: Time, zone: &str) -> i32 {
    let stamp = jiff::Timestamp::from_second(at.seconds());
    match (stamp, jiff::tz::TimeZone::get(zone)) {
        (Ok(stamp), Ok(zone)) => zone.to_offset(stamp).seconds(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(
            parse(text, "Asia/Tokyo").map(|time| time.to_string()),
            Ok(expected.to_owned())
        );
    }

    #[test]
    fn rfc_3339_is_that_moment() {
        check("2026-11-22T09:00:00+09:00", "2026-11-22T00:00:00Z");
        check("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z");
    }

    #[test]
    fn date_is_the_end_of_that_day_where_the_site_is() {
        check("2026-11-22", "2026-11-22T14:59:59Z");
        check("2024-02-29", "2024-02-29T14:59:59Z");
    }

    #[test]
    fn anything_else_is_refused_and_named() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "令和8年",
            "2026/11/22",
            "20261122T99",
        ] {
            assert!(
                matches!(parse(text, "Asia/Tokyo"), Err(AsOfError::Form(_))),
                "{text}"
            );
        }
        assert_eq!(
            parse("2026-11-22", "Mars"),
            Err(AsOfError::Zone("Mars".to_owned()))
        );
    }

    #[test]
    fn offset_follows_the_zone() {
        assert_eq!(offset_seconds(Time::EPOCH, "Asia/Tokyo"), 9 * 3600);
        assert_eq!(offset_seconds(Time::EPOCH, "Mars"), 0);
    }
}
