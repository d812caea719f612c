mod bed;
mod hand;
mod hostile;
mod point;
mod system;
