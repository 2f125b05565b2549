//! fail2ban's jails.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tightship_fuzz::judge_with("deploy/jail.local", bytes));
