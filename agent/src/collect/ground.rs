//! What several probes look into, read once in a collection by whichever comes first.

use std::sync::{Arc, OnceLock};

use daicho_report::{Hardware, Interfaces, SoftwareList, Time};

use crate::platform::Source;
use crate::probe;
use crate::probe::unit::Units;

/// The source, and what was read of it so far.
pub(super) struct Ground {
    pub(super) source: Arc<Source>,
    pub(super) at: Time,
    hardware: OnceLock<Hardware>,
    interfaces: OnceLock<Interfaces>,
    software: OnceLock<SoftwareList>,
    units: OnceLock<Units>,
}

impl Ground {
    pub(super) fn new(source: Arc<Source>, at: Time) -> Self {
        Self {
            source,
            at,
            hardware: OnceLock::new(),
            interfaces: OnceLock::new(),
            software: OnceLock::new(),
            units: OnceLock::new(),
        }
    }

    pub(super) fn hardware(&self) -> &Hardware {
        let read = || probe::hardware::read(&self.source);
        self.hardware.get_or_init(read)
    }

    pub(super) fn interfaces(&self) -> &Interfaces {
        let read = || probe::interface::read(&self.source);
        self.interfaces.get_or_init(read)
    }

    pub(super) fn software(&self) -> &SoftwareList {
        let read = || probe::software::read(&self.source);
        self.software.get_or_init(read)
    }

    pub(super) fn units(&self) -> &Units {
        let read = || Units::read(&self.source);
        self.units.get_or_init(read)
    }
}
