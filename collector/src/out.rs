//! Files that staff take away. Comes in: bytes and a path; goes out: the whole file or no change
//! (written beside it, synced, renamed). It never follows a half-written name.

use std::io::Write;
use std::path::{Path, PathBuf};

/// What a file's ending asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Excel workbook.
    Xlsx,
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
    /// Scalable vector graphics.
    Svg,
    /// A page that prints.
    Html,
    /// Portable document.
    Pdf,
    /// Picture of pixels.
    Png,
    /// Presentation.
    Pptx,
    /// draw.io.
    Drawio,
    /// GraphML.
    Graphml,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mmd,
    /// TOML: hand-kept entries.
    Toml,
    /// Evidence bundle.
    Zip,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// The ending is not one that the command can write.
    #[error("write `{path}`: the ending must be one of {endings}")]
    Form {
        /// What was asked for.
        path: PathBuf,
        /// What the command can write.
        endings: String,
    },
    /// The file system refused.
    #[error("write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Svg => "svg",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Pptx => "pptx",
            Self::Drawio => "drawio",
            Self::Graphml => "graphml",
            Self::Dot => "dot",
            Self::Mmd => "mmd",
            Self::Toml => "toml",
            Self::Zip => "zip",
        }
    }

    /// The form that the path's ending asks for, if it is among `allowed`.
    pub fn of(path: &Path, allowed: &[Self]) -> Result<Self, OutError> {
        let ending = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        let ending = ending.to_ascii_lowercase();
        let found = allowed.iter().find(|form| form.ending() == ending);
        found.copied().ok_or_else(|| OutError::Form {
            path: path.to_owned(),
            endings: allowed
                .iter()
                .map(|it| format!(".{}", it.ending()))
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

/// Writes the whole file or leaves what was there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), OutError> {
    let failed = |source| OutError::Write {
        path: path.to_owned(),
        source,
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, path));
    if written.is_err() {
        // What could not be finished is taken away; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
    }
    written.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ending_says_the_form_and_others_are_named() {
        let of = |name: &str| Form::of(Path::new(name), &[Form::Xlsx, Form::Csv]);
        assert_eq!(of("a.XLSX").unwrap(), Form::Xlsx);
        let error = of("a.pdf").unwrap_err().to_string();
        assert!(
            error.contains(".xlsx, .csv") && error.contains("a.pdf"),
            "{error}"
        );
        assert!(of("xlsx").is_err());
    }

    #[test]
    fn unwritable_place_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("daicho-out-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("taken.csv/x")).unwrap();
        assert!(write(&folder.join("taken.csv"), b"x").is_err());
        let names: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|it| it.unwrap().file_name())
            .collect();
        assert_eq!(names, ["taken.csv"]);
        write(&folder.join("new.csv"), b"x").unwrap();
        assert_eq!(std::fs::read(folder.join("new.csv")).unwrap(), b"x");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
