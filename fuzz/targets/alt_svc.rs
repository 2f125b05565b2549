//! Where a site says that it is served too.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_promise(bytes));
