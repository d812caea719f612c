//! Section `printer`: printers that this machine prints on, and where they are on the network. No job,
//! document or owner of one is read, and the name that somebody gave it stays: a room or a person may
//! stand in it.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// How a printer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterConnection {
    /// By a cable of this machine (USB, parallel, serial).
    Local,
    /// Over the network, directly.
    Network,
    /// Through another machine, which shares it.
    Server,
    /// Otherwise, or in a way that this version does not know.
    #[serde(other)]
    Other,
}

/// A printer; several with the same model at the same place are one. What only writes files or sends
/// faxes is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Printer {
    /// Its driver, which names the model; `null`: the machine that shares it has that.
    pub driver: Option<String>,
    /// How it is reached.
    pub connection: PrinterConnection,
    /// Protocol (`raw`, `lpr`, `ipp`, `wsd`, `smb`).
    pub protocol: Option<String>,
    /// Name or address of the printer, or of the machine that shares it; `null`: not written down.
    pub host: Option<String>,
    /// Its port, where it is set.
    pub port: Option<u16>,
    /// Whether this machine shares it.
    pub shared: bool,
}

/// Printers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Printers {
    /// Printers, sorted; empty: there is none.
    pub printers: Reading<Vec<Printer>>,
}

impl SectionBody for Printers {
    const KIND: &'static str = "printer";
}
