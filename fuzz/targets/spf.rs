//! A record of SPF.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_text("shop.example", bytes));
