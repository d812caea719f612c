pub(crate) mod collector;
