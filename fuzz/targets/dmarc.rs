//! A record of DMARC.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_text("_dmarc.shop.example", bytes));
