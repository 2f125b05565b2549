//! The whole way: 48 servers as they run, from the handshake to the grade.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tightship_checks::tls::grade::{Hsts, grade};
use tightship_model::site::tls::Grade;
use tightship_model::site::tls::Letter::{self, AMinus, APlus, B, F};
use tightship_observe::site::{ConnectTo, Options, Target, observe};
use tightship_testbed::tls::{Keys, NAME, each};

use crate::table::{ANONYMOUS, DH_2048, KEY_2048, NO_12, NO_13, NO_AEAD, NO_FS, NULL, OLD, TRUST};

/// A server, its letter with HSTS as it should be and if its certificate, which it has signed itself, were
/// trusted, and the clauses from which that follows. What a name of suites holds is OpenSSL's.
type Row = (&'static str, Option<Letter>, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("s_server, defaults", Some(APlus), &[]),
    ("s_server, 1.2 alone", Some(AMinus), &[NO_13]),
    ("s_server, 1.3 alone", Some(APlus), &[]),
    // ALL holds ADH, for which OpenSSL takes 1024 bits; TLS 1.0 has no AEAD.
    (
        "s_server, 1.0 alone",
        Some(F),
        &[ANONYMOUS, NO_12, OLD, NO_AEAD, DH_2048, NO_13],
    ),
    (
        "s_server, 1.1 alone",
        Some(F),
        &[ANONYMOUS, NO_12, OLD, NO_AEAD, DH_2048, NO_13],
    ),
    // COMPLEMENTOFALL is NULL.
    (
        "s_server, everything",
        Some(F),
        &[ANONYMOUS, NULL, OLD, DH_2048],
    ),
    (
        "s_server, everything, the server chooses",
        Some(F),
        &[ANONYMOUS, NULL, OLD, DH_2048],
    ),
    ("s_server, the client chooses", Some(AMinus), &[NO_13]),
    (
        "s_server, anonymous",
        Some(F),
        &[ANONYMOUS, NULL, DH_2048, NO_13],
    ),
    // NULL holds AECDH; no reference client offers any of these.
    (
        "s_server, no encryption",
        Some(F),
        &[ANONYMOUS, NULL, NO_13],
    ),
    ("s_server, one suite", Some(AMinus), &[NO_13]),
    // kRSA holds NULL; 100 · 0.3 + 90 · 0.3 + (0 + 100) / 2 · 0.4 = 77.
    (
        "s_server, no forward secrecy",
        Some(F),
        &[NULL, NO_FS, NO_13],
    ),
    // TLS 1.3 gives AEAD to some.
    ("s_server, CBC alone", Some(B), &[OLD]),
    // They hold ADH.
    (
        "s_server, Camellia and ARIA",
        Some(F),
        &[ANONYMOUS, DH_2048, NO_13],
    ),
    // No reference client offers it.
    ("s_server, CCM", Some(AMinus), &[NO_13]),
    ("s_server, ChaCha alone", Some(APlus), &[]),
    ("s_server, ChaCha for those who like it", Some(APlus), &[]),
    ("s_server, all five of TLS 1.3", Some(APlus), &[]),
    ("s_server, P-256", Some(APlus), &[]),
    ("s_server, P-384", Some(APlus), &[]),
    ("s_server, P-521", Some(APlus), &[]),
    ("s_server, Ed25519", Some(APlus), &[]),
    ("s_server, two certificates", Some(APlus), &[]),
    // kECDHE holds AECDH.
    (
        "s_server, two certificates, old suites",
        Some(F),
        &[ANONYMOUS, OLD],
    ),
    // AES+SHA1 holds ADH; the key has 1024 bits.
    (
        "s_server, short RSA",
        Some(F),
        &[ANONYMOUS, OLD, KEY_2048, DH_2048],
    ),
    ("s_server, X25519 alone", Some(APlus), &[]),
    ("s_server, X448 and P-521", Some(APlus), &[]),
    // No client of ours takes these groups, so that nobody saw a certificate.
    ("s_server, ffdhe", None, &[]),
    // ECDHE holds NULL.
    ("s_server, old curves", Some(F), &[NULL, NO_13]),
    // The level 0 lets TLS 1.0 in too.
    ("s_server, DH 1024", Some(B), &[OLD, DH_2048]),
    ("s_server, DH 2048", Some(AMinus), &[NO_13]),
    ("s_server, ffdhe3072", Some(AMinus), &[NO_13]),
    ("s_server, one signature", Some(AMinus), &[NO_13]),
    (
        "s_server, old signatures",
        Some(F),
        &[ANONYMOUS, DH_2048, NO_13],
    ),
    ("s_server, no tickets", Some(AMinus), &[NO_13]),
    // AES128-SHA alone.
    (
        "s_server, no encrypt-then-mac",
        Some(B),
        &[NO_FS, NO_AEAD, NO_13],
    ),
    (
        "s_server, encrypt-then-mac",
        Some(B),
        &[NO_FS, NO_AEAD, NO_13],
    ),
    ("s_server, ALPN", Some(APlus), &[]),
    ("s_server, ALPN in 1.3", Some(APlus), &[]),
    ("s_server, client certificates", Some(AMinus), &[NO_13]),
    ("s_server, a cookie in 1.3", Some(APlus), &[]),
    ("nginx, defaults", Some(AMinus), &[NO_13]),
    ("nginx, Mozilla's intermediate", Some(APlus), &[]),
    // AES256-SHA comes first, and every client offers it.
    (
        "nginx, the server chooses",
        Some(B),
        &[NO_FS, NO_AEAD, NO_13],
    ),
    ("nginx, modern", Some(APlus), &[]),
    // AES holds ADH; the primes have 2048 bits.
    ("nginx, old", Some(F), &[ANONYMOUS, OLD, NO_13]),
    ("nginx, two certificates", Some(AMinus), &[NO_13]),
    ("nginx, client certificates", Some(AMinus), &[NO_13]),
];

#[test]
fn every_server_has_the_grade_that_follows_from_its_clauses() {
    let found = each(&Keys::make(), |_, address| graded(address));
    assert_eq!(found.len(), ROWS.len());
    let mut wrong = Vec::new();
    for (one, grade) in found {
        let title = one.title();
        let row = ROWS.iter().find(|(name, ..)| *name == title);
        let (_, letter, clauses) = row.unwrap_or_else(|| panic!("{title} is in no row"));
        let is_as_expected = match (&grade, letter) {
            (Err(reason), None) => reason.contains("no certificate"),
            (Ok(grade), Some(letter)) => is(grade, *letter, clauses),
            _ => false,
        };
        if !is_as_expected {
            wrong.push(format!("{title}: {grade:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a grade is T, or the letter itself where there is no certificate to trust, for these reasons.
fn is(grade: &Grade, letter: Letter, clauses: &[&str]) -> bool {
    let reasons = grade.reasons.iter().map(|reason| reason.clause.as_str());
    let mut reasons: Vec<_> = reasons.filter(|clause| *clause != TRUST).collect();
    let mut clauses = clauses.to_vec();
    reasons.sort_unstable();
    clauses.sort_unstable();
    let letters = match grade.if_trusted {
        Some(_) => (Letter::T, Some(letter)),
        None => (letter, None),
    };
    let is_anonymous = clauses.contains(&ANONYMOUS);
    reasons == clauses
        && (grade.letter, grade.if_trusted) == letters
        && (grade.if_trusted.is_some() || is_anonymous)
}

/// The grade of a server, with HSTS as it should be.
fn graded(address: SocketAddr) -> Result<Grade, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0));
    let way = format!("{NAME}:443:{address}");
    let options = Options {
        rate: 10_000.0,
        max_requests: 1,
        timeout: Duration::from_secs(60),
        connect_to: vec![ConnectTo::parse(&way).expect("of that form")],
        now,
        ..Options::new(Target::parse(&format!("https://{NAME}/")).expect("an address"))
    };
    let site = observe(&options).expect("a runtime");
    grade(
        &site.tls.expect("TLS was asked for"),
        Hsts::For(31_536_000),
        now,
    )
}
