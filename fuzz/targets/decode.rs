//! Gives libFuzzer the target `decode`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mofa_fuzz::decode(data));
