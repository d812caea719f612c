//! Days as people count them. Comes in: moments of the site and days as they are kept
//! (`2026-11-20`); goes out: distances and fiscal years. It asks no clock.

use daicho_report::Time;

/// Days from one kept day to another; negative when the second lies before. `None`: no days.
#[must_use]
pub fn between(from: &str, to: &str) -> Option<i64> {
    let of = |day: &str| Time::parse(&format!("{day}T00:00:00Z")).ok();
    let (from, to) = (of(from)?, of(to)?);
    Some((to.seconds() - from.seconds()) / 86_400)
}

/// The fiscal year in which a day lies; it begins in April.
pub(super) fn fiscal_year(day: &str) -> Option<u16> {
    let year: u16 = day.get(..4)?.parse().ok()?;
    let month: u16 = day.get(5..7)?.parse().ok()?;
    Some(if month < 4 {
        year.saturating_sub(1)
    } else {
        year
    })
}

/// 令和7年度, or FY2025.
pub(super) fn fiscal_title(year: u16, lang: crate::text::Lang) -> String {
    match lang {
        crate::text::Lang::En => format!("FY{year}"),
        crate::text::Lang::Ja => match year {
            2019 => "令和元年度".to_owned(),
            2020.. => format!("令和{}年度", year - 2018),
            _ => format!("{year}年度"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fiscal_year_begins_in_april() {
        assert_eq!(fiscal_year("2026-03-31"), Some(2025));
        assert_eq!(fiscal_year("2026-04-01"), Some(2026));
        assert_eq!(fiscal_year("soon"), None);
    }

    #[test]
    fn distance_counts_whole_days_over_leap_years() {
        assert_eq!(between("2024-02-28", "2024-03-01"), Some(2));
        assert_eq!(between("2026-11-20", "2026-11-19"), Some(-1));
        assert_eq!(between("2026-02-30", "2026-11-19"), None);
    }
}
