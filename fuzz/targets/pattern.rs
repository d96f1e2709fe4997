//! Gives libFuzzer the target `pattern`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mofa_fuzz::pattern(data));
