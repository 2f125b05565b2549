//! A content security policy of a live site.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_field("Content-Security-Policy", bytes));
