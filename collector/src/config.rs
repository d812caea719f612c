//! Settings: `daicho.toml` in the data folder. Comes in: the file, if there is one; goes out: every
//! setting with its default. An unknown key is an error that names it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use daicho_report::Time;
use serde::Deserialize;

use crate::as_of;
use crate::data_folder::{DataFolder, small_file};
use crate::refusal::Refused;

/// The commented sample, with every key at its default.
pub const SAMPLE: &str = include_str!("config/sample.toml");

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The hospital.
    pub site: Site,
    /// Where agents come in.
    pub agents: Agents,
    /// The page.
    pub web: Web,
}

/// The hospital.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// Its name; empty: not entered.
    pub name: String,
    /// Its time zone (IANA).
    pub time_zone: String,
}

impl Site {
    /// The site as the ledger knows it, with the offset that its zone had at a moment.
    #[must_use]
    pub fn at(&self, as_of: Time) -> daicho_ledger::Site {
        daicho_ledger::Site {
            name: self.name.clone(),
            utc_offset_s: as_of::offset_seconds(as_of, &self.time_zone),
            time_zone: self.time_zone.clone(),
            simulated: false,
        }
    }
}

/// Where agents come in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agents {
    /// Address and port.
    pub listen: SocketAddr,
    /// Names and addresses of this server, as agents are given them.
    pub names: Vec<String>,
    /// Seconds between an agent's reports.
    pub next_report_s: u32,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Address and port; this machine only.
    pub listen: SocketAddr,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: String::new(),
            time_zone: "Asia/Tokyo".to_owned(),
        }
    }
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9443)),
            names: Vec::new(),
            next_report_s: crate::site::NEXT_REPORT_S,
        }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9080)),
        }
    }
}

impl Config {
    /// The settings of a data folder.
    pub fn load(folder: &DataFolder) -> Result<Self, Refused> {
        let path = folder.config_path();
        let bytes = match small_file(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(Refused::new(
                    "CFG-001",
                    format!("{} ({error})", path.display()),
                ));
            }
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| Refused::new("CFG-001", format!("{} (UTF-8)", path.display())))?;
        Self::parse(&text)
    }

    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        // The mark of a Windows editor.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                before.matches('\n').count() + 1
            });
            let line = line.map(|line| format!("{line}: ")).unwrap_or_default();
            Refused::new("CFG-002", format!("{line}{}", error.message()))
        })?;
        if jiff::tz::TimeZone::get(&config.site.time_zone).is_err() {
            return Err(Refused::new(
                "CFG-003",
                format!("site.time_zone = {}", config.site.time_zone),
            ));
        }
        if !(60..=86_400).contains(&config.agents.next_report_s) {
            let value = config.agents.next_report_s;
            return Err(Refused::new(
                "CFG-003",
                format!("agents.next_report_s = {value} (60–86400)"),
            ));
        }
        if let Some(name) = config.agents.names.iter().find(|name| !is_name(name)) {
            return Err(Refused::new("CFG-003", format!("agents.names: {name}")));
        }
        Ok(config)
    }
}

/// A host name or an address, without a port.
fn is_name(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok() || rustls_pki_types::DnsName::try_from(name).is_ok()
}

#[cfg(test)]
mod tests;
