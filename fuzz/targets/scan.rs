//! Gives libFuzzer the target `scan`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mofa_fuzz::scan(data));
