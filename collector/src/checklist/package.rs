//! A workbook as a package of parts. Comes in: its bytes; goes out: which part each sheet is, and a copy in
//! which some parts have other texts. Every other part is copied as it is, without being unpacked.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use quick_xml::events::Event;
use zip::{ZipArchive, ZipWriter};

use super::part::{self, Place};

/// Parts of the sheets by their names.
pub(super) fn parts(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let book = text(&mut archive, "xl/workbook.xml")?;
    let links = text(&mut archive, "xl/_rels/workbook.xml.rels")?;
    let links: BTreeMap<String, String> = tags(&links, "Relationship", "Id", "Target")?;
    let sheets = tags(&book, "sheet", "name", "r:id")?;
    let part = |id: &String| {
        let target = links.get(id)?;
        Some(match target.strip_prefix('/') {
            Some(whole) => whole.to_owned(),
            None => format!("xl/{target}"),
        })
    };
    let parts = sheets
        .into_iter()
        .filter_map(|(name, id)| Some((name, part(&id)?)));
    Ok(parts.collect())
}

fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, String> {
    let wrong = |error: String| format!("`{name}`: {error}");
    let mut part = archive
        .by_name(name)
        .map_err(|error| wrong(error.to_string()))?;
    let mut text = String::new();
    part.read_to_string(&mut text)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(text)
}

/// Two attributes of every tag of a name.
fn tags(xml: &str, tag: &str, key: &str, value: &str) -> Result<BTreeMap<String, String>, String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut out = BTreeMap::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == tag => {
                let get = |name: &str| part::attribute(&start, name);
                if let (Some(key), Some(value)) = (get(key), get(value)) {
                    out.insert(key, value);
                }
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}

/// A copy in which these parts have these texts; every other part is the same bytes.
pub(super) fn copied(
    bytes: &[u8],
    texts: &BTreeMap<String, BTreeMap<Place, String>>,
) -> Result<Vec<u8>, String> {
    let wrong = |error: zip::result::ZipError| error.to_string();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).map_err(wrong)?;
        let name = entry.name().map_err(wrong)?.into_owned();
        let Some(texts) = texts.get(&name).filter(|it| !it.is_empty()) else {
            out.raw_copy_file(entry).map_err(wrong)?;
            continue;
        };
        let mut xml = Vec::new();
        entry
            .read_to_end(&mut xml)
            .map_err(|error| error.to_string())?;
        let options = entry.options();
        let changed = part::with_texts(&xml, texts).map_err(|error| error.to_string())?;
        out.start_file(name, options).map_err(wrong)?;
        out.write_all(&changed).map_err(|error| error.to_string())?;
    }
    Ok(out.finish().map_err(wrong)?.into_inner())
}
