//! What the DNS says of a site, as a whole.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| tightship_fuzz::judge_names(text));
