#![no_main]

use libfuzzer_sys::fuzz_target;
use tightship_observe::site::tls::raw;

fuzz_target!(|bytes: &[u8]| raw::answer(bytes));
