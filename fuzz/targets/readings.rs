//! Gives libFuzzer the target `readings`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mofa_fuzz::readings(data));
