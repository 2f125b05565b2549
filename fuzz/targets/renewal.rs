//! certbot's renewal configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_with("certbot/renewal/shop.example.conf", bytes));
