mod bed;
mod hand;
mod hostile;
mod point;
mod shipped;
mod system;
