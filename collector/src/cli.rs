mod as_of;
