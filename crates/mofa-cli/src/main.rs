//! The binary `mofa`.
fn main() {}
