mod cut;
mod incident;
mod step;
