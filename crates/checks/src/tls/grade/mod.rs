//! The grade that SSL Labs would give, after its Server Rating Guide, version 2009r of 2025-05-16.
//!
//! Two things are read off what was seen where SSL Labs tries them out: which suite a client gets
//! ([`clients`]), and the group that ECDHE uses, for which the weakest one counts. A chain that leads
//! to a root with certificates that were not sent is incomplete (B), as SSL Labs has it, which fetches them;
//! where they are not known here either, it is not trusted (T), and the reason says what would tell.

mod clauses;
mod clients;
mod scores;

use tightship_model::site::tls::{
    Auth, Chain, Grade, Letter, OcspStatus, Probe, Proof, Reach, Reason, SignatureHash, Suite,
    Support, Tls, Trust, Version, Weakness,
};

use super::look::days;

pub(super) use clauses::PAGE_UNSEEN;

const GUIDE: &str = "SSL Labs Server Rating Guide 2009r";

/// The header Strict-Transport-Security of the page, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hsts {
    Unseen,
    Absent,
    /// There, and not to be understood.
    Invalid,
    /// Its `max-age` in seconds.
    For(u64),
}

/// Grades a server. `now` in seconds since 1970-01-01 UTC.
///
/// # Errors
///
/// What was not seen, where no grade can be given for it.
pub fn grade(tls: &Tls, hsts: Hsts, now: i64) -> Result<Grade, String> {
    complete(tls)?;
    let scores = scores::scores(tls);
    let mut reasons = clauses::reasons(tls, hsts);
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.at_best));
    let capped = reasons
        .iter()
        .map(|reason| reason.at_best)
        .fold(scores.letter(), Letter::max);
    let (letter, if_trusted) = match distrust(tls, now) {
        Some(reason) => {
            let letter = reason.at_best;
            reasons.insert(0, reason);
            (letter, Some(capped))
        }
        None => (capped, None),
    };
    Ok(Grade {
        guide: GUIDE.to_owned(),
        letter,
        if_trusted,
        scores: scores.rounded(),
        reasons,
        untried: untried(tls),
    })
}

/// A grade stands on everything: what is missing might be the worst of it.
fn complete(tls: &Tls) -> Result<(), String> {
    match &tls.reach {
        Reach::Speaks => {}
        Reach::Unasked => return Err("the server was not asked".to_owned()),
        Reach::Unreachable { reason } => return Err(format!("no connection: {reason}")),
        Reach::NotTls { reason } => return Err(format!("it is no TLS server: {reason}")),
        Reach::Throttled { reason } => {
            return Err(format!("the server stopped answering: {reason}"));
        }
    }
    for protocol in &tls.protocols {
        if let Support::Unknown { reason } = &protocol.support {
            return Err(format!("{}: {reason}", protocol.version.name()));
        }
    }
    for chain in &tls.chains {
        if let Trust::Unverified { reason } = &chain.trust {
            return Err(format!("the chain could not be verified: {reason}"));
        }
    }
    if tls.accepted().next().is_none() {
        return Err("no suite of the table is accepted".to_owned());
    }
    // With SSL 2 the grade is F whatever the certificate, which that version sends in its own way.
    let certified = |(version, suite): (Version, &Suite)| {
        version != Version::Ssl2 && !matches!(suite.auth, Auth::Anonymous | Auth::Shared)
    };
    if tls.chains.is_empty() && tls.accepted().any(certified) {
        return Err("no certificate was seen".to_owned());
    }
    Ok(())
}

/// What lowers a grade where it is there, and was not tried or not told.
fn untried(tls: &Tls) -> Vec<String> {
    let mut untried = Vec::new();
    let is_old = |version: &Version| (Version::Ssl3..=Version::Tls12).contains(version);
    if !tls.versions().any(|version| is_old(&version)) {
        // All of these are faults of older versions.
        return untried;
    }
    if tls.weaknesses.is_empty() {
        untried.push("the known faults of libraries (tried with --probe tls-faults)".to_owned());
    }
    let unknown = |weakness: &Weakness| matches!(weakness.probe, Probe::Unknown { .. });
    let names: Vec<_> = tls
        .weaknesses
        .iter()
        .filter(|weakness| unknown(weakness))
        .map(|weakness| weakness.kind.name())
        .collect();
    if !names.is_empty() {
        untried.push(format!("{} (no clear answer)", names.join(", ")));
    }
    if tls.extensions.compression.is_none() {
        untried.push("compression (no answer)".to_owned());
    }
    untried
}

/// The special grades: M for a wrong name, T for a certificate that is not trusted.
fn distrust(tls: &Tls, now: i64) -> Option<Reason> {
    let chain = |found: fn(&Chain) -> Option<String>| tls.chains.iter().find_map(found);
    let wrong_name = chain(|chain| {
        let own = chain.certificates.first()?;
        (chain.name_matches == Some(false)).then(|| format!("it is for {}", names(&own.names)))
    });
    if let Some(seen) = wrong_name {
        return Some(Reason {
            at_best: Letter::M,
            clause: "M: the certificate is for another name".to_owned(),
            seen,
        });
    }
    let untrusted = tls.chains.iter().find_map(|chain| {
        untrusted(chain).or_else(|| revoked(chain)).or_else(|| {
            let own = chain.certificates.first()?;
            if now > own.not_after {
                Some(format!("it expired {} ago", days(now - own.not_after)))
            } else if now < own.not_before {
                Some(format!("it begins in {}", days(own.not_before - now)))
            } else {
                None
            }
        })
    })?;
    Some(Reason {
        at_best: Letter::T,
        clause: "T: the certificate is not trusted".to_owned(),
        seen: untrusted,
    })
}

fn untrusted(chain: &Chain) -> Option<String> {
    let old = chain
        .certificates
        .iter()
        // Nobody verifies the signature of a root.
        .find(|one| one.signature == SignatureHash::Sha1 && one.subject != one.issuer);
    if let Some(old) = old {
        return Some(format!("{} is signed with SHA-1", old.subject));
    }
    match &chain.trust {
        // Said beforehand: there is no grade then.
        Trust::Trusted | Trust::Incomplete { .. } | Trust::Unverified { .. } => None,
        Trust::SelfSigned => Some("it is signed by itself".to_owned()),
        Trust::UnknownIssuer {
            issuer,
            url: Some(url),
        } => Some(format!(
            "no root is known for {issuer}; SSL Labs looks for it at {url} and says B where it finds a \
             way to a root there (--probe issuers asks too)"
        )),
        Trust::UnknownIssuer { issuer, .. } => Some(format!("no root is known for {issuer}")),
        Trust::Broken { reason } => Some(format!("its chain is refused: {reason}")),
    }
}

/// By the stapled answer: nobody else is asked.
fn revoked(chain: &Chain) -> Option<String> {
    let staple = chain.staple.as_ref()?;
    let is_forged = matches!(staple.proof, Proof::Wrong { .. });
    (matches!(staple.says, OcspStatus::Revoked { .. }) && !is_forged)
        .then(|| "the authority has revoked it".to_owned())
}

fn names(names: &[String]) -> String {
    match names {
        [] => "no name".to_owned(),
        [first] => first.clone(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    }
}
