//! The Compose file set: a base, a file over it, one that both may include or extend, and `.env`.
//! A byte that no UTF-8 holds parts them.
#![no_main]

use libfuzzer_sys::fuzz_target;

const FILES: [&str; 4] = [
    "docker-compose.yml",
    "docker-compose.prod.yml",
    "base.yml",
    ".env",
];

fuzz_target!(|bytes: &[u8]| {
    let parts = bytes
        .split(|byte| *byte == 0xff)
        .chain(std::iter::repeat(&[][..]));
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip(parts).collect();
    tightship_fuzz::judge_with_all(&files);
});
