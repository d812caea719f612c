mod cut;
pub(crate) mod incident;
mod narrow;
mod order;
mod overlay;
mod quick;
mod speed;
mod step;
