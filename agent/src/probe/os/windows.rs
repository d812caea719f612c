//! Windows: name, edition and channel, build with its level of updates. Comes in: the registry and
//! `RtlGetVersion`; goes out: the body of section `os`; the marketing name follows the build, because
//! Windows 11 still calls itself Windows 10 in its own registry.

use daicho_report::{Os, OsFamily, Reading, Reason, Time};

use super::{EARLIEST, architecture};
use crate::platform::{Answer, Miss, RawValue, RawVersion, Source};
use crate::probe::field::line;

#[cfg(test)]
mod tests;

const KEY: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const VERSION: &str = "RtlGetVersion";
/// Workstation; others are domain controllers and servers (`wProductType`).
const WORKSTATION: u8 = 1;
/// The first build of Windows 11.
const ELEVEN: u32 = 22_000;
/// The first build that counts its updates in `UBR`: Windows 10.
const COUNTED: u32 = 10_240;

pub(super) fn read(source: &Source) -> Os {
    let version = source.windows_version();
    let machine = source.machine();
    Os {
        family: Reading::known(OsFamily::Windows, source.name()),
        id: version_reading(&version, |it| {
            if it.product == WORKSTATION {
                "windows"
            } else {
                "windows_server"
            }
            .to_owned()
        }),
        name: name(source, &version),
        edition: edition(source, &version),
        version: full_version(source, &version),
        kernel: version_reading(&version, number),
        architecture: architecture(&machine),
        installed_at: installed_at(source),
    }
}

fn version_reading<T>(
    version: &Answer<RawVersion>,
    value: impl FnOnce(&RawVersion) -> T,
) -> Reading<T> {
    match version {
        Ok(version) => Reading::known(value(version), VERSION),
        Err(miss) => Reading::unknown(miss.clone().reason(), VERSION),
    }
}

fn number(version: &RawVersion) -> String {
    format!("{}.{}.{}", version.major, version.minor, version.build)
}

fn place(name: &str) -> String {
    format!("{KEY}\\{name}")
}

/// A text of the key; one of a wrong type or without anything readable is no text.
fn text(source: &Source, name: &str) -> Result<String, Reason> {
    let value: RawValue = source.registry(KEY, name).map_err(Miss::reason)?;
    let text = value.text().and_then(line);
    text.ok_or(Reason::failed("parse"))
}

fn name(source: &Source, version: &Answer<RawVersion>) -> Reading<String> {
    let name = text(source, "ProductName");
    let is_eleven = version
        .as_ref()
        .is_ok_and(|it| it.product == WORKSTATION && it.build >= ELEVEN);
    if let (Ok(name), true) = (&name, is_eleven)
        && let Some(rest) = name.strip_prefix("Windows 10")
    {
        let place = format!("{}, {VERSION}", place("ProductName"));
        return Reading::known(format!("Windows 11{rest}"), place);
    }
    Reading::from_result(name, place("ProductName"))
}

/// The edition; of those that are served for ten years the release too, as support depends on it.
fn edition(source: &Source, version: &Answer<RawVersion>) -> Reading<Option<String>> {
    let build = version.as_ref().map_or(0, |it| it.build);
    let edition = text(source, "EditionID").map(|id| Some(shown(&id, build)));
    Reading::from_result(edition, place("EditionID"))
}

fn shown(id: &str, build: u32) -> String {
    let (plain, long) = match id {
        "EnterpriseS" | "EnterpriseSEval" => ("Enterprise", true),
        "EnterpriseSN" | "EnterpriseSNEval" => ("Enterprise N", true),
        "IoTEnterpriseS" | "IoTEnterpriseSEval" => ("IoT Enterprise", true),
        "IoTEnterprise" => ("IoT Enterprise", false),
        "Professional" => ("Pro", false),
        "ProfessionalWorkstation" => ("Pro for Workstations", false),
        "Core" => ("Home", false),
        other => (other, false),
    };
    match (long, build) {
        (false, _) => plain.to_owned(),
        (true, 10_240) => format!("{plain} LTSB 2015"),
        (true, 14_393) => format!("{plain} LTSB 2016"),
        (true, 17_763) => format!("{plain} LTSC 2019"),
        (true, 19_044) => format!("{plain} LTSC 2021"),
        (true, 26_100) => format!("{plain} LTSC 2024"),
        (true, _) => format!("{plain} LTSC"),
    }
}

/// Version with the level of updates; without that level only where Windows does not count it.
fn full_version(source: &Source, version: &Answer<RawVersion>) -> Reading<String> {
    let version = match version {
        Ok(version) => version,
        Err(miss) => return Reading::unknown(miss.clone().reason(), VERSION),
    };
    if version.build < COUNTED {
        return Reading::known(number(version), VERSION);
    }
    let level = source.registry(KEY, "UBR").ok().and_then(|it| it.number());
    match level {
        Some(level) => Reading::known(
            format!("{}.{level}", number(version)),
            format!("{VERSION}, {}", place("UBR")),
        ),
        None => Reading::known(number(version), VERSION),
    }
}

/// When this installation began; upgrades to a new release begin one too.
fn installed_at(source: &Source) -> Reading<Time> {
    let value = source.registry(KEY, "InstallDate").map_err(Miss::reason);
    let time = value.and_then(|value| {
        let seconds = value.number().and_then(|it| i64::try_from(it).ok());
        let seconds = seconds.ok_or(Reason::failed("parse"))?;
        if seconds < EARLIEST {
            return Err(Reason::failed("no trace"));
        }
        Ok(Time::from_seconds(seconds))
    });
    Reading::from_result(time, place("InstallDate"))
}
