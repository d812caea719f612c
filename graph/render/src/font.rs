//! A font and the letters it lacks. Comes in: the bytes of a TrueType or OpenType file or collection;
//! goes out: which glyph stands where in a line of text. A letter that the font lacks is drawn as 〓
//! and counted, never left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use daicho_graph::text::{half_ems, visible};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::OutlineGlyphCollection;
use skrifa::raw::{FileRef, TableProvider};
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};

/// Families with half-width letters of half an em first: the layout counts on those widths.
const PREFERRED: &[&str] = &[
    "BIZ UDGothic",
    "BIZ UDゴシック",
    "MS Gothic",
    "ＭＳ ゴシック",
    "Noto Sans Mono CJK JP",
    "Noto Sans CJK JP",
    "Yu Gothic",
    "Meiryo",
];
/// Most fonts of one collection.
const FACES: u32 = 64;
/// Stands for a letter that the font lacks, as in print.
const GETA: char = '〓';
/// Words without which no diagram can be read.
const SAMPLE: &str = "病院構成図オンライン資格確認ABC019";

/// Why a file is no font for a diagram.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// No TrueType or OpenType font.
    #[error("read the font: no TrueType or OpenType font")]
    Unreadable,
    /// Its maker forbids embedding.
    #[error("embed the font `{0}`: its licence bits forbid it")]
    Forbidden(String),
    /// It has no Japanese letters.
    #[error("use the font `{0}`: it has no Japanese letters")]
    NotJapanese(String),
}

/// Letters that a font lacks, and how often each was wanted.
pub type Missing = BTreeMap<char, usize>;

/// A font.
#[derive(Clone)]
pub struct Font {
    data: Arc<Vec<u8>>,
    index: u32,
    name: String,
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Font({:?}, {})", self.name, self.index)
    }
}

impl Font {
    /// Reads a font; of a collection the one that suits a diagram best.
    pub fn read(bytes: Vec<u8>) -> Result<Self, FontError> {
        let count = match FileRef::new(&bytes).map_err(|_| FontError::Unreadable)? {
            FileRef::Font(_) => 1,
            FileRef::Collection(all) => all.len().min(FACES),
        };
        let faces = (0..count).filter_map(|n| Some((n, FontRef::from_index(&bytes, n).ok()?)));
        let rank = |name: &str| {
            let known = PREFERRED.iter().position(|it| *it == name);
            known.unwrap_or(PREFERRED.len() + usize::from(!name.contains("JP")))
        };
        let named = faces.map(|(n, face)| (n, family(&face)));
        let best = named.min_by_key(|(n, name)| (rank(name), *n));
        let (index, name) = best.ok_or(FontError::Unreadable)?;
        let font = Self {
            data: Arc::new(bytes),
            index,
            name,
        };
        font.check()?;
        Ok(font)
    }

    fn check(&self) -> Result<(), FontError> {
        let face = self.face().ok_or(FontError::Unreadable)?;
        let restricted = |bits: u16| bits & 0xf == 2;
        if face.os2().is_ok_and(|it| restricted(it.fs_type())) {
            return Err(FontError::Forbidden(self.name.clone()));
        }
        let letters = face.charmap();
        if SAMPLE.chars().any(|c| letters.map(c).is_none()) {
            return Err(FontError::NotJapanese(self.name.clone()));
        }
        Ok(())
    }

    /// Its family.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn data(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.data)
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    fn face(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.data, self.index).ok()
    }

    /// What lines are set with.
    pub(crate) fn setter(&self) -> Option<Setter<'_>> {
        let face = self.face()?;
        Some(Setter {
            letters: face.charmap(),
            metrics: face.glyph_metrics(Size::new(1.0), LocationRef::default()),
            outlines: face.outline_glyphs(),
            missing: Missing::new(),
        })
    }
}

fn family(face: &FontRef<'_>) -> String {
    let names = face.localized_strings(StringId::FAMILY_NAME);
    let name = names.english_or_first();
    let name = name.map(|it| it.chars().take(80).collect::<String>());
    visible(&name.unwrap_or_default())
}

/// A glyph in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// Its number in the font.
    pub(crate) id: u32,
    /// First byte of its letter in the text.
    pub(crate) start: usize,
    /// Byte after its letter.
    pub(crate) end: usize,
    /// Left end, in ems.
    pub(crate) x: f32,
    /// Room until the next, in ems.
    pub(crate) advance: f32,
}

/// A line of text, set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Set {
    /// What it says: visible, safe.
    pub(crate) text: String,
    /// Its glyphs.
    pub(crate) glyphs: Vec<Placed>,
    /// How much narrower than the font's own the line is to be, so that it keeps to its box.
    pub(crate) narrow: f32,
}

/// Sets lines and remembers what the font lacks.
pub(crate) struct Setter<'a> {
    letters: Charmap<'a>,
    metrics: GlyphMetrics<'a>,
    pub(crate) outlines: OutlineGlyphCollection<'a>,
    pub(crate) missing: Missing,
}

impl Setter<'_> {
    /// Sets a line.
    pub(crate) fn set(&mut self, text: &str) -> Set {
        let text = visible(text);
        let (mut x, mut wanted) = (0.0_f32, 0);
        let mut glyphs = Vec::with_capacity(text.len());
        for (start, c) in text.char_indices() {
            let glyph = self.letters.map(c).unwrap_or_else(|| {
                *self.missing.entry(c).or_default() += 1;
                self.letters.map(GETA).unwrap_or_default()
            });
            wanted += half_ems(c);
            let own = self.metrics.advance_width(glyph).unwrap_or(1.0);
            let (at, advance) = if half_ems(c) == 0 {
                // A mark stands over the letter before it.
                ((x - own).max(0.0), 0.0)
            } else {
                (x, own)
            };
            glyphs.push(Placed {
                id: glyph.to_u32(),
                start,
                end: start + c.len_utf8(),
                x: at,
                advance,
            });
            x += advance;
        }
        // At most some thousand half-ems: exact.
        let wanted = wanted as f32 / 2.0;
        let narrow = if x > wanted && x > 0.0 {
            wanted / x
        } else {
            1.0
        };
        Set {
            text,
            glyphs,
            narrow: narrow.max(0.2),
        }
    }
}
