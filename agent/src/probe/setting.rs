//! Files of settings. Comes in: files and folders of parts that are read after it; goes out:
//! their lines without comments; what a setting means is the probe's matter.

use daicho_report::Reason;

use crate::platform::{Miss, Source};

const PARTS_MAX: usize = 64;
const LINES_MAX: usize = 10_000;

/// Lines of files and of their parts, in the order in which they count. No file at all: no line.
pub(super) fn lines(
    source: &Source,
    files: &[&str],
    folders: &[&str],
    ending: &str,
) -> Result<Vec<String>, Reason> {
    let mut found = Vec::new();
    for file in files {
        found.extend(of_file(source, file)?.unwrap_or_default());
    }
    for folder in folders {
        match source.folder(folder) {
            Ok(names) => {
                let parts = names.iter().filter(|name| name.ends_with(ending));
                for name in parts.take(PARTS_MAX) {
                    let part = of_file(source, &format!("{folder}/{name}"))?;
                    found.extend(part.unwrap_or_default());
                }
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(found)
}

/// Lines of one file without comments and empty ones; `None`: it is not there.
pub(super) fn of_file(source: &Source, path: &str) -> Result<Option<Vec<String>>, Reason> {
    match source.text(path) {
        Ok(text) => Ok(Some(of_text(&text))),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

fn of_text(text: &str) -> Vec<String> {
    let lines = text.lines().take(LINES_MAX).map(str::trim);
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    said.map(str::to_owned).collect()
}

/// Name and value of `name=value` or `name value`; the name in lower-case letters.
pub(super) fn pair(line: &str) -> Option<(String, &str)> {
    let end = line.find(|c: char| c == '=' || c.is_whitespace())?;
    let (name, rest) = line.split_at_checked(end)?;
    let value = rest.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
    Some((name.to_ascii_lowercase(), value.trim().trim_matches('"')))
}

/// The last value of a name in lines of pairs.
pub(super) fn last<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    let pairs = lines.iter().rev().filter_map(|line| pair(line));
    pairs
        .into_iter()
        .find(|(it, _)| it == name)
        .map(|(_, value)| value)
}

/// Whether a word of a setting says yes.
pub(super) fn is_yes(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "yes" | "true" | "1" | "on"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::replay::Bundle;

    #[test]
    fn parts_count_after_the_file_and_comments_never() {
        let bundle = Bundle::new("linux")
            .with_text("/etc/a.conf", "# Port 1\nPort 22\n\n;x\n")
            .with_folder("/etc/a.conf.d", &["1.conf", "README"])
            .with_text("/etc/a.conf.d/1.conf", " Port=2222\n");
        let source = Source::from_bundle(bundle);
        let found = lines(&source, &["/etc/a.conf"], &["/etc/a.conf.d"], ".conf").unwrap();
        assert_eq!(found, ["Port 22", "Port=2222"]);
        assert_eq!(last(&found, "port"), Some("2222"));
    }

    #[test]
    fn a_part_that_may_not_be_read_leaves_the_setting_unknown() {
        let bundle = Bundle::new("linux")
            .with_text("/etc/a.conf", "Port 22\n")
            .with_miss("folder", "/etc/a.conf.d", Miss::Unknown(Reason::Denied));
        let source = Source::from_bundle(bundle);
        let found = lines(&source, &["/etc/a.conf"], &["/etc/a.conf.d"], ".conf");
        assert_eq!(found, Err(Reason::Denied));
    }
}
