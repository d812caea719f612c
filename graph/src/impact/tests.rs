mod cut;
mod incident;
mod narrow;
mod order;
mod overlay;
mod speed;
mod step;
