//! A workbook before anything in it is parsed. Comes in: the bytes of a file; goes out: nothing, or what
//! makes it unsafe to open. It unpacks every part once to count its true size, and keeps none of it.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Largest file.
pub const FILE_MAX: u64 = 64 << 20;
/// Most parts of a workbook.
const PARTS_MAX: usize = 2_000;
/// Most bytes of one part, unpacked.
const PART_MAX: u64 = 384 << 20;
/// Most bytes of all parts, unpacked.
const ALL_MAX: u64 = 512 << 20;

/// Refuses what is no plain workbook.
pub fn workbook(bytes: &[u8]) -> Result<(), String> {
    within(bytes, PART_MAX, ALL_MAX)
}

pub(super) fn within(bytes: &[u8], part_max: u64, all_max: u64) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
        "Excelブック（.xlsx）ではないか、パスワードで保護されています / no .xlsx, or locked by a password"
            .to_owned()
    })?;
    if archive.len() > PARTS_MAX {
        return Err(format!("部品が多すぎます / {} parts", archive.len()));
    }
    let mut all = 0;
    for number in 0..archive.len() {
        let part = archive
            .by_index(number)
            .map_err(|error| format!("部品を開けません / part {number}: {error}"))?;
        let name = part
            .name()
            .map_err(|error| format!("部品の名前が不正です / part {number}: {error}"))?
            .into_owned();
        named(&name)?;
        let counted = std::io::copy(&mut part.take(part_max + 1), &mut std::io::sink());
        let size = counted.map_err(|error| format!("`{name}`: {error}"))?;
        all += size;
        if size > part_max || all > all_max {
            return Err(format!(
                "展開すると大きすぎます / `{name}` is too large when unpacked"
            ));
        }
    }
    Ok(())
}

fn named(name: &str) -> Result<(), String> {
    let climbs = name.split(['/', '\\']).any(|part| part == "..");
    if climbs || name.starts_with(['/', '\\']) || name.contains(':') {
        return Err(format!(
            "部品の名前が不正です / a part is called `{name}`, which leads out of the file"
        ));
    }
    let lower = name.to_ascii_lowercase();
    if lower.ends_with("vbaproject.bin") || lower.contains("/macrosheets/") {
        return Err(
            "マクロを含むブックです。マクロなし（.xlsx）で保存し直してください / it has macros; save it as a plain .xlsx"
                .to_owned(),
        );
    }
    Ok(())
}
