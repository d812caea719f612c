mod cut;
mod incident;
mod order;
mod overlay;
mod speed;
mod step;
