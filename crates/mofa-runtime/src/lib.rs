//! Runs agents, and owns every security trait, the pipeline and its decisions.

pub mod security;
