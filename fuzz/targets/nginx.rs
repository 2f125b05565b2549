//! A file of nginx that the service's own file includes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_with("nginx/conf.d/site.conf", bytes));
