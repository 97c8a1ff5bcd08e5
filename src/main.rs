//! Hands the arguments to the library and turns its answer into the process's exit.

fn main() {}
