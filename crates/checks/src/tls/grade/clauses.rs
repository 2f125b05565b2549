//! The clauses of the guide that cap a grade. A later change of the guide takes the place of an
//! earlier one; each names the version that brought its present form.

use tightship_model::site::tls::{
    Auth, KeyKind, Letter, Mode, Probe, Reason, SignatureHash, Suite, Tls, Trust, Version,
    WeaknessKind,
};

use super::Hsts;
use super::clients::REFERENCE;
use super::scores::strength;

/// 180 days: section "Changes", 2009e and later, for A+.
const HSTS_LONG: u64 = 15_552_000;

/// Why nothing is known of HSTS.
pub(in crate::tls) const PAGE_UNSEEN: &str = "the page was not seen";

/// Everything that keeps the grade from A+.
pub(super) fn reasons(tls: &Tls, hsts: Hsts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    protocols(tls, &mut reasons);
    ciphers(tls, &mut reasons);
    negotiated(tls, &mut reasons);
    keys(tls, &mut reasons);
    features(tls, &mut reasons);
    weaknesses(tls, &mut reasons);
    strict_transport(hsts, &mut reasons);
    reasons
}

fn add(
    reasons: &mut Vec<Reason>,
    at_best: Letter,
    clause: &'static str,
    seen: Option<impl Into<String>>,
) {
    reasons.extend(seen.map(|seen| Reason {
        at_best,
        clause: clause.to_owned(),
        seen: seen.into(),
    }));
}

fn protocols(tls: &Tls, reasons: &mut Vec<Reason>) {
    let speaks = |version: Version| tls.speaks(version).then(|| version.name());
    let best = tls.versions().next_back();
    add(reasons, Letter::F, "2009c: SSL 2.0", speaks(Version::Ssl2));
    add(
        reasons,
        Letter::F,
        "2009i: nothing better than SSL 3.0",
        best.filter(|best| *best <= Version::Ssl3)
            .map(Version::name),
    );
    let blocks = tls
        .accepted()
        .any(|(version, suite)| version == Version::Ssl3 && suite.mode == Mode::Cbc);
    if blocks {
        let seen = speaks(Version::Ssl3).map(|name| format!("{name} with CBC"));
        add(reasons, Letter::C, "2009h: POODLE", seen);
    } else {
        add(reasons, Letter::B, "2009h: SSL 3.0", speaks(Version::Ssl3));
    }
    add(
        reasons,
        Letter::C,
        "2009j: no TLS 1.2",
        best.filter(|best| *best < Version::Tls12)
            .map(|best| format!("{} is the newest", best.name())),
    );
    let old: Vec<_> = [Version::Tls10, Version::Tls11]
        .into_iter()
        .filter_map(speaks)
        .collect();
    add(
        reasons,
        Letter::B,
        "2009q: TLS 1.0 or 1.1",
        (!old.is_empty()).then(|| old.join(" and ")),
    );
    add(
        reasons,
        Letter::AMinus,
        "2009r: no TLS 1.3",
        (!tls.speaks(Version::Tls13)).then_some("TLS 1.3 is refused"),
    );
}

fn ciphers(tls: &Tls, reasons: &mut Vec<Reason>) {
    let first = |found: fn(&Suite) -> bool| {
        let mut suites = tls.accepted().filter(|(_, suite)| found(suite));
        let (version, suite) = suites.next()?;
        let others = suites.count();
        Some(match others {
            0 => format!("{} in {}", suite.name, version.name()),
            _ => format!("{} in {} and {others} more", suite.name, version.name()),
        })
    };
    add(
        reasons,
        Letter::F,
        "2009c: anonymous suites",
        first(|suite| suite.auth == Auth::Anonymous),
    );
    add(
        reasons,
        Letter::F,
        "2009c: suites that do not encrypt",
        first(|suite| suite.bits == 0),
    );
    add(
        reasons,
        Letter::F,
        "2009i: export suites (FREAK, Logjam)",
        first(|suite| suite.export),
    );
    add(
        reasons,
        Letter::F,
        "2009i: ciphers below 112 bits",
        first(|suite| (1..112).contains(&suite.bits) && !suite.export),
    );
    let rc4 = first(|suite| suite.cipher == "RC4" && suite.bits >= 112);
    if tls.accepted().all(|(_, suite)| suite.cipher == "RC4") {
        add(reasons, Letter::F, "2009k: nothing but RC4", rc4);
    } else {
        add(reasons, Letter::B, "2009i: RC4", rc4);
    }
}

/// What the reference clients get.
fn negotiated(tls: &Tls, reasons: &mut Vec<Reason>) {
    let got: Vec<_> = REFERENCE
        .iter()
        .filter_map(|client| Some((client.name, client.gets(tls)?)))
        .collect();
    let with = |found: fn(&Suite) -> bool| {
        got.iter()
            .find(|(_, (version, suite))| *version >= Version::Tls11 && found(suite))
            .map(|(client, (version, suite))| {
                format!("{client} get {} in {}", suite.name, version.name())
            })
    };
    add(
        reasons,
        Letter::C,
        "2009j: RC4 with TLS 1.1 and newer",
        with(|suite| suite.cipher == "RC4"),
    );
    add(
        reasons,
        Letter::C,
        "2009n: blocks of 64 bits with TLS 1.1 and newer (SWEET32)",
        with(Suite::has_small_blocks),
    );
    if got.is_empty() {
        return;
    }
    let lacking = |found: fn(&Suite) -> bool| {
        let clients: Vec<_> = got
            .iter()
            .filter(|(_, (_, suite))| !found(suite))
            .map(|(client, _)| *client)
            .collect();
        (clients.len() == got.len(), clients.join(", "))
    };
    let (all, clients) = lacking(Suite::has_forward_secrecy);
    if all {
        add(
            reasons,
            Letter::B,
            "2009p: no forward secrecy",
            Some(clients),
        );
    } else if !clients.is_empty() {
        add(
            reasons,
            Letter::AMinus,
            "2009p: forward secrecy with some clients only",
            Some(format!("not with {clients}")),
        );
    }
    if let (true, clients) = lacking(|suite| suite.mode == Mode::Aead) {
        add(
            reasons,
            Letter::B,
            "2009p: no authenticated encryption (AEAD)",
            Some(clients),
        );
    }
}

fn keys(tls: &Tls, reasons: &mut Vec<Reason>) {
    for own in tls
        .chains
        .iter()
        .filter_map(|chain| chain.certificates.first())
    {
        let short = |limit: u32| {
            strength(&own.key)
                .filter(|bits| *bits < limit)
                .map(|bits| format!("the key of {} is worth {bits} bits of RSA", own.subject))
        };
        if short(1024).is_some() {
            add(
                reasons,
                Letter::F,
                "2009e: a key below 1024 bits",
                short(1024),
            );
        } else {
            add(
                reasons,
                Letter::B,
                "2009e: a key below 2048 bits",
                short(2048),
            );
        }
        let exponent = matches!(
            own.key,
            KeyKind::Rsa {
                exponent: Some(1),
                ..
            }
        );
        add(
            reasons,
            Letter::F,
            "2009c: an RSA exponent of 1",
            exponent.then(|| own.subject.clone()),
        );
    }
    let incomplete = tls.chains.iter().find_map(|chain| match &chain.trust {
        Trust::Incomplete { missing } => missing.first(),
        _ => None,
    });
    add(
        reasons,
        Letter::B,
        "2009i: an incomplete chain",
        incomplete.map(|missing| format!("{} is not sent", missing.subject)),
    );
    let broken = tls
        .chains
        .iter()
        .flat_map(|chain| &chain.certificates)
        .find(|one| {
            matches!(one.signature, SignatureHash::Md2 | SignatureHash::Md5)
                && one.subject != one.issuer
        });
    add(
        reasons,
        Letter::F,
        "2009e: a signature with MD2 or MD5",
        broken.map(|one| one.subject.clone()),
    );
    let Some(weakest) = tls.dh.iter().min_by_key(|parameters| parameters.bits) else {
        return;
    };
    let seen = match &weakest.published {
        Some(name) => format!("{} bits, {name}", weakest.bits),
        None => format!("{} bits", weakest.bits),
    };
    match weakest.bits {
        ..1024 => add(
            reasons,
            Letter::F,
            "2009i: Diffie-Hellman below 1024 bits",
            Some(seen),
        ),
        1024..2048 => {
            add(
                reasons,
                Letter::B,
                "2009j: Diffie-Hellman below 2048 bits",
                Some(seen),
            );
        }
        _ => {}
    }
}

fn features(tls: &Tls, reasons: &mut Vec<Reason>) {
    add(
        reasons,
        Letter::C,
        "2009j: TLS compression (CRIME)",
        (tls.extensions.compression == Some(true)).then_some("DEFLATE is accepted"),
    );
    let is_untied = tls.extensions.renegotiation_info == Some(false);
    if is_untied && tls.sessions.renegotiation == Some(true) {
        add(
            reasons,
            Letter::F,
            "2009c: insecure renegotiation",
            Some("a client may begin a further handshake that is not tied to the first"),
        );
    } else {
        add(
            reasons,
            Letter::AMinus,
            "2009e: no secure renegotiation",
            is_untied.then_some("the extension renegotiation_info is not answered"),
        );
    }
}

fn weaknesses(tls: &Tls, reasons: &mut Vec<Reason>) {
    for weakness in &tls.weaknesses {
        let Probe::Vulnerable { seen } = &weakness.probe else {
            continue;
        };
        let clause = match weakness.kind {
            WeaknessKind::Heartbleed => "2009f: Heartbleed",
            WeaknessKind::CcsInjection => "2009f: CVE-2014-0224 (early ChangeCipherSpec)",
            WeaknessKind::Ticketbleed => "2009o: Ticketbleed",
            WeaknessKind::Robot => "2009p: ROBOT",
            WeaknessKind::PoodleTls => "2009h: POODLE over TLS",
            WeaknessKind::AesNiPadding => "2009m: CVE-2016-2107",
            WeaknessKind::PaddingOracle => {
                "2009q: a padding oracle (GOLDENDOODLE, Zombie POODLE, Sleeping POODLE)"
            }
            WeaknessKind::ZeroLength => "2009q: CVE-2019-1559",
        };
        add(reasons, Letter::F, clause, Some(seen.as_str()));
    }
}

fn strict_transport(hsts: Hsts, reasons: &mut Vec<Reason>) {
    const BONUS: &str = "2009e: A+ asks for HSTS of 180 days";
    const BROKEN: &str = "2009r: HSTS that is invalid, off or too short";
    match hsts {
        Hsts::For(HSTS_LONG..) => {}
        Hsts::For(0) => add(reasons, Letter::AMinus, BROKEN, Some("max-age is 0")),
        Hsts::For(seconds) => add(
            reasons,
            Letter::AMinus,
            BROKEN,
            Some(format!(
                "max-age is {seconds} s, which is {} days",
                seconds / 86_400
            )),
        ),
        Hsts::Invalid => {
            add(
                reasons,
                Letter::AMinus,
                BROKEN,
                Some("the header is not understood"),
            );
        }
        Hsts::Absent => add(reasons, Letter::A, BONUS, Some("the header is not sent")),
        Hsts::Unseen => add(reasons, Letter::A, BONUS, Some(PAGE_UNSEEN)),
    }
}
