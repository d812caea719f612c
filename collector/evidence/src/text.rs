//! What people read of a check, in two languages. Comes in: the result; goes out: text and the exit
//! code; names from the bundle are shown with what is hidden in them made visible.

use daicho_report::ReportKeyPublic;

use crate::container::ContainerError;
use crate::manifest::printable;
use crate::verify::{Fault, Outcome, Verdict};

/// A public key as it is written into a file: JSON text, as in `signature.json`.
#[must_use]
pub fn key(text: &str) -> Option<ReportKeyPublic> {
    serde_json::from_str(text.trim()).ok()
}

/// The key as the text of a file.
#[must_use]
pub fn key_file(key: &ReportKeyPublic) -> String {
    // A key always has a JSON form.
    let mut text = serde_json::to_string(key).unwrap_or_default();
    text.push('\n');
    text
}

fn shown(name: &str) -> String {
    let plain = |c: char| {
        if c.is_control() || is_hidden(c) {
            '\u{fffd}'
        } else {
            c
        }
    };
    name.chars().map(plain).collect()
}

/// Marks that turn or hide text.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn fault(what: Fault) -> &'static str {
    match what {
        Fault::Changed => "変えられています / changed",
        Fault::Missing => "ありません / missing",
        Fault::Added => "後から加えられています / added",
        Fault::Unreadable => "読めません（変えられています） / unreadable (changed)",
        Fault::Container => "ファイルの入れ物（ZIP）が変えられています / the container was changed",
        Fault::Signature => "署名が合いません / the signature does not fit",
        Fault::Proof => "記録の証明が合いません / the proof of the log does not fit",
        Fault::OtherKey => "別の鍵で署名されています / signed by another key",
        Fault::OtherRoot => "根のハッシュが紙のものと違います / the root is not that on paper",
    }
}

/// The text and the exit code of a check.
#[must_use]
pub fn told(result: &Result<Outcome, ContainerError>) -> (String, u8) {
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(ContainerError::Other | ContainerError::Size) => {
            let text = "証跡のファイルではありません。 / This is no evidence bundle.";
            return (text.to_owned(), 4);
        }
        Err(error) => {
            return (
                format!(
                    "改ざんあり：読めません（{}） / Changed: it cannot be read",
                    shown(&error.to_string())
                ),
                5,
            );
        }
    };
    let mut lines = Vec::new();
    if let Some(manifest) = &outcome.manifest {
        let simulated = if manifest.simulated {
            "模擬データ（実在の病院ではありません） / simulated data　"
        } else {
            ""
        };
        lines.push(format!(
            "{simulated}{}　時点 / as of {}　作成 / made {} {}",
            shown(&manifest.hospital),
            manifest.as_of,
            manifest.made_at,
            shown(&manifest.by)
        ));
        lines.push(format!("ファイル / files: {}", manifest.files.len()));
    }
    lines.push(format!("根のハッシュ / root: {}", printable(&outcome.root)));
    for problem in &outcome.problems {
        let name = if problem.file.is_empty() {
            "全体 / the whole"
        } else {
            &problem.file
        };
        lines.push(format!("× {}: {}", shown(name), fault(problem.what)));
    }
    let (verdict, code) = match outcome.verdict {
        Verdict::Whole => (
            "改ざんなし（発行者を確認しました） / whole, and the issuer is known",
            0,
        ),
        Verdict::WholeUnknownIssuer => (
            "改ざんなし（発行者は未確認。--key か --root を付けると確認できます） / whole; the issuer is not known (give --key or --root)",
            3,
        ),
        Verdict::Changed => ("改ざんあり / changed", 5),
    };
    lines.push(verdict.to_owned());
    (lines.join("\n"), code)
}
