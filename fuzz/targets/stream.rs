//! Gives libFuzzer the target `stream`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mofa_fuzz::stream(data));
