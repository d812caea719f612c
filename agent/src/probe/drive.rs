//! Where Windows keeps what: its own folder, programs, their common data. Comes in: the registry; goes
//! out: paths; where a place is not set, Windows itself uses the one that is given here.

use daicho_report::Reason;

use super::registry::text;
use crate::platform::Source;

const CURRENT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const FOLDERS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
const COMMON: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders";

/// `C:\Windows`.
pub(super) fn system(source: &Source) -> Result<String, Reason> {
    folder(source, CURRENT, "SystemRoot", r"C:\Windows")
}

/// `C:\`.
pub(super) fn root(source: &Source) -> Result<String, Reason> {
    let system = system(source)?;
    Ok(system.get(..3).unwrap_or(r"C:\").to_owned())
}

/// Folders of programs; of 32-bit ones first where they have their own.
pub(super) fn programs(source: &Source) -> Result<Vec<String>, Reason> {
    let own = folder(source, FOLDERS, "ProgramFilesDir", r"C:\Program Files")?;
    let of_32 = text(source, &[FOLDERS], "ProgramFilesDir (x86)")?;
    let of_32 = of_32.filter(|it| !it.eq_ignore_ascii_case(&own));
    Ok(of_32.into_iter().chain([own]).collect())
}

/// `C:\ProgramData`.
pub(super) fn data(source: &Source) -> Result<String, Reason> {
    folder(source, COMMON, "Common AppData", r"C:\ProgramData")
}

fn folder(source: &Source, key: &str, name: &str, usual: &str) -> Result<String, Reason> {
    let set = text(source, &[key], name)?;
    // `%SystemDrive%\…` would have to be put together from the environment.
    let set = set.filter(|it| it.get(1..3) == Some(r":\"));
    Ok(set.unwrap_or_else(|| usual.to_owned()))
}
