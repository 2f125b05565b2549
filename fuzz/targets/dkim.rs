//! A key of DKIM.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_text("s1._domainkey.shop.example", bytes));
