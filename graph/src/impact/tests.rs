mod cut;
mod incident;
mod overlay;
mod speed;
mod step;
