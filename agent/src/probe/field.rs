//! Texts of the machine that become fields. Comes in: text from a file or a firmware; goes out: one
//! line of bounded length without control characters, or nothing; its words are never changed.

/// The longest text of a field, in characters.
const CHARACTERS_MAX: usize = 256;
/// What stands for a text that is none of the system's own.
const OTHER: &str = "(other)";

/// One line of text, or nothing where nothing can be read.
pub(super) fn line(text: &str) -> Option<String> {
    let first = text.trim().lines().next().unwrap_or_default();
    let shown = first
        .chars()
        .filter(|c| !c.is_control() && *c != '\u{fffd}');
    let line: String = shown.take(CHARACTERS_MAX).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// The name of a host or an address, as a setting writes it. Where something else stands in its place
/// (a path, a comment, an account with its password), that alone is told.
pub(super) fn host(text: &str) -> Option<String> {
    let is_host =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%');
    shown(text, is_host)
}

/// The short name of a program. A script may be called by what it shows: of a name that no program
/// has, it is told that there is one.
pub(super) fn program(name: &str) -> Option<String> {
    shown(name, |c| c.is_ascii())
}

/// The name of a unit without its ending. Of an instance it may hold a path, a label or the address
/// of a peer (`systemd-fsck@dev-disk-by\x2dlabel-…`): then the template alone is named.
pub(super) fn unit(name: &str) -> Option<String> {
    let name = line(name)?;
    let Some((template, instance)) = name.split_once('@') else {
        return Some(name);
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_path = ["dev-", "home-", "media-", "mnt-", "run-", "srv-"]
        .iter()
        .any(|start| instance.starts_with(start));
    Some(if instance.chars().all(plain) && !is_path {
        name
    } else {
        format!("{template}@{OTHER}")
    })
}

fn shown(text: &str, is_known: impl Fn(char) -> bool) -> Option<String> {
    let text = line(text)?;
    Some(if text.chars().all(is_known) {
        text
    } else {
        OTHER.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{OTHER, host, line, program, unit};

    #[test]
    fn what_is_no_name_of_a_host_or_program_does_not_leave() {
        assert_eq!(host("[2001:db8::1]").as_deref(), Some("[2001:db8::1]"));
        assert_eq!(host("nas/patients").as_deref(), Some(OTHER));
        assert_eq!(host("taro:x@nas").as_deref(), Some(OTHER));
        assert_eq!(host(" "), None);
        assert_eq!(program("GPU Process").as_deref(), Some("GPU Process"));
        assert_eq!(program("山田太郎.sh").as_deref(), Some(OTHER));
    }

    #[test]
    fn instance_that_may_be_a_path_label_or_peer_is_named_by_its_template() {
        for plain in ["cups", "getty@tty1", "postgresql@15-main", "clamd@"] {
            assert_eq!(unit(plain).as_deref(), Some(plain));
        }
        for (name, shown) in [
            ("sshd@7-192.0.2.1:22-192.0.2.9:50001", "sshd@(other)"),
            (
                r"systemd-fsck@dev-disk-by\x2dlabel-yamada",
                "systemd-fsck@(other)",
            ),
            ("clean@srv-yamada", "clean@(other)"),
            ("viewer@山田", "viewer@(other)"),
        ] {
            assert_eq!(unit(name).as_deref(), Some(shown));
        }
    }

    #[test]
    fn a_field_is_one_bounded_line() {
        assert_eq!(line("  a b \n c").as_deref(), Some("a b"));
        assert_eq!(line("a\0\u{1b}[31mb").as_deref(), Some("a[31mb"));
        assert_eq!(line(" \n "), None);
        assert_eq!(line(&"x".repeat(9_000)).map(|it| it.len()), Some(256));
    }
}
