//! A certificate that lies in the repository.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_with("certs/fullchain.pem", bytes));
