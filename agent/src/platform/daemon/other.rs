//! Systems whose services are files of the package: nothing is done here.

use std::path::Path;

use super::{Act, ServiceError, Standing};
use crate::platform::stop::Stop;

pub(super) fn act(_: Act, _: &Path) -> Result<Standing, ServiceError> {
    Err(ServiceError::Unsupported)
}

pub(super) fn run(_: fn(Stop) -> u32) -> Result<(), ServiceError> {
    Err(ServiceError::Unsupported)
}

/// What the unit writes to stderr is in the journal.
pub(super) fn event(_: bool, _: &str) {}

/// The unit bounds the agent.
pub(super) fn step_back() {}
