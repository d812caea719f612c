//! Where text goes: stdout for answers, stderr for messages, files for `--out`. Comes in: text;
//! goes out: the same. A reader that went away (`| head`) is no failure.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use daicho_agent::message::{Exit, Failure, Lang, Told};
use daicho_agent::platform;
use daicho_agent::state::write_atomically;

/// A text could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write to `{to}`")]
pub(crate) struct OutError {
    to: PathBuf,
    #[source]
    source: io::Error,
}

impl Told for OutError {
    fn code(&self) -> &'static str {
        "AGT-027"
    }
    fn detail(&self, _lang: Lang) -> String {
        self.to.display().to_string()
    }
}

/// Prints in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    /// The language.
    pub(crate) lang: Lang,
}

impl Out {
    /// An answer on stdout, with a line end.
    pub(crate) fn print(&self, text: &str) -> Result<Exit, Failure> {
        let mut stdout = io::stdout().lock();
        let result = stdout
            .write_all(text.as_bytes())
            .and_then(|()| {
                if text.ends_with('\n') {
                    Ok(())
                } else {
                    stdout.write_all(b"\n")
                }
            })
            .and_then(|()| stdout.flush());
        match result {
            Err(error) if !platform::is_closed_pipe(&error) => Err(OutError {
                to: "stdout".into(),
                source: error,
            }
            .into()),
            _ => Ok(Exit::Done),
        }
    }

    /// A message of `messages.toml` on stderr.
    pub(crate) fn say(&self, code: &str, detail: &str) {
        complain(&daicho_agent::message::fill(code, self.lang, detail));
    }

    /// A file, whole or not at all.
    pub(crate) fn write(&self, path: &Path, text: &str) -> Result<(), Failure> {
        // A device or pipe is written to; it is never replaced by a file.
        let is_file = std::fs::metadata(path).map_or(true, |it| it.is_file());
        let written = if is_file {
            write_atomically(path, text.as_bytes())
        } else {
            std::fs::write(path, text)
        };
        written.map_err(|source| {
            Failure::from(OutError {
                to: path.to_owned(),
                source,
            })
        })
    }
}

/// A line on stderr; nobody is left to be told when that fails.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
