//! Writing a diagram: the options of its forms, its files, and a word about letters that the font
//! lacks. It never leaves a letter out without saying so.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use daicho_graph::Geometry;
use daicho_render::font::Missing;
use daicho_render::paper::Paper;
use daicho_render::{About, Font, Pdf};

use super::Outcome;
use super::say::{Lang, say, say_error};
use crate::drawing::{self, DrawingError, Drawn, Finish};
use crate::picture::{Picture, Wanted};
use crate::refusal::visible;
use crate::{fonts, out};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SvgFor {
    /// 画面・ブラウザ / screens
    Screen,
    /// Word・Excel・PowerPoint に挿入して図形に変換 / to insert into Office and turn into shapes
    Office,
}

/// Options of PDF, PNG and SVG.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Drawing {
    /// PDF・PNG に使うフォント（TTF・OTF・TTC） / the font of PDF and PNG
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    /// PNG の幅（ピクセル） / width of the PNG in pixels
    #[arg(long, value_name = "N", default_value_t = drawing::WIDTH,
        value_parser = clap::value_parser!(u32).range(64..=16_384))]
    width: u32,
    /// SVG の使いみち / what the SVG is for
    #[arg(long, value_enum, default_value = "screen")]
    svg: SvgFor,
}

/// The font of the diagrams. One that a person named must be there; where there is none, it is said, and
/// what holds a diagram goes without it.
pub(super) fn font(named: Option<&Path>, lang: Lang) -> anyhow::Result<Option<Font>> {
    match fonts::find(named) {
        Ok(font) => Ok(Some(font)),
        Err(refused) if named.is_some() => Err(refused.into()),
        Err(refused) => {
            let refusal = refused.refusal();
            say_error(lang.pick(&refusal.ja, &refusal.en));
            Ok(None)
        }
    }
}

/// The diagram as pictures for a workbook; none without a font.
pub(super) fn for_workbook(
    picture: &Picture,
    named: Option<&Path>,
    lang: Lang,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let Some(font) = font(named, lang)? else {
        return Ok(Vec::new());
    };
    let wanted = Wanted {
        lang: lang.into(),
        ..Wanted::default()
    };
    let drawn = drawing::for_workbook(picture, &font, &wanted);
    let Drawn { files, missing } = drawn.context("draw the diagram")?;
    if !missing.is_empty() {
        say_error(&lacking(&missing, lang));
    }
    Ok(files)
}

/// A document of words as PDF.
pub(super) fn paper(
    picture: &Picture,
    paper: &Paper,
    named: Option<&Path>,
    lang: Lang,
) -> anyhow::Result<Vec<u8>> {
    let font = fonts::find(named)?;
    let about = About {
        title: paper.title.clone(),
        author: String::new(),
        lang: lang.into(),
        created_at: Some(picture.ledger.as_of),
        data_hash: picture.data_hash().to_string(),
    };
    let Pdf { bytes, missing } = daicho_render::paper_pdf(paper, &font, &about)?;
    if !missing.is_empty() {
        say_error(&lacking(&missing, lang));
    }
    Ok(bytes)
}

/// Draws and writes. Letters that the font lacks make it incomplete.
pub(super) fn write(
    geometry: &Geometry,
    about: &About,
    path: &Path,
    drawing: &Drawing,
    lang: Lang,
) -> anyhow::Result<Outcome> {
    let form = out::Form::of(path, drawing::FORMS)?;
    let font = || fonts::find(drawing.font.as_deref());
    let finish = Finish {
        width: drawing.width,
        office: drawing.svg == SvgFor::Office,
    };
    let drawn = drawing::draw(geometry, about, form, font, finish);
    let Drawn { files, missing } = match drawn {
        // The refusal itself, so that it is told with its next step.
        Err(DrawingError::Font(refused)) => return Err(refused.into()),
        other => other.context("draw the diagram")?,
    };
    for (n, bytes) in files.iter().enumerate() {
        let path = numbered(path, n);
        out::write(&path, bytes)?;
        let word = lang.pick("書き出しました", "written");
        say(&format!("{word}: {}", path.display()))?;
    }
    let head = lang.pick("注意：守れない配置の指定：", "note: a pin cannot be kept: ");
    for it in &geometry.unmet {
        say_error(&format!("{head}{}", visible(&it.text(lang.into()))));
    }
    if missing.is_empty() {
        return Ok(Outcome::Done);
    }
    say_error(&lacking(&missing, lang));
    Ok(Outcome::Incomplete)
}

/// `F.png`, `F-2.png`, …
fn numbered(path: &Path, n: usize) -> PathBuf {
    if n == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{}.{ending}", n + 1))
}

fn lacking(missing: &Missing, lang: Lang) -> String {
    const SHOWN: usize = 20;
    let count: usize = missing.values().sum();
    let letters: Vec<String> = missing
        .keys()
        .take(SHOWN)
        .map(|c| format!("{c} (U+{:04X})", u32::from(*c)))
        .collect();
    let more = if missing.len() > SHOWN { " …" } else { "" };
    let letters = letters.join(", ");
    match lang {
        Lang::Ja => format!(
            "注意：フォントにない文字が {} 種 {count} か所あり、〓 で示しました：{letters}{more}。--font で別のフォントを指定してください。",
            missing.len()
        ),
        Lang::En => format!(
            "note: the font lacks {} letters at {count} places, drawn as 〓: {letters}{more}; name another font with --font",
            missing.len()
        ),
    }
}
