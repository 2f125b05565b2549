//! The answer of a live site as it comes on the wire: head and body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_answer(bytes));
