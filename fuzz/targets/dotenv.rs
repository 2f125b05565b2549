//! The environment file that Compose names, in the Compose dialect.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_with(".env", bytes));
