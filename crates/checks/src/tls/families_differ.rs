use tightship_model::site::tls::{Reach, Tls};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::grade::grade;
use super::look::{Seen, seen};
use crate::http::hsts_of;

pub(super) static CHECK: Check = Check {
    id: "tls/families-differ",
    title: "Visitors over IPv6 get another site than those over IPv4, or none",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B2.2"],
    django_ids: &[],
    references: &[Reference::Rfc(6555, "1")],
    doc: include_str!("families_differ.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let others = deployment.site.iter().flat_map(|site| &site.tls_elsewhere);
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    let mut same = Vec::new();
    for other in others {
        match compare(seen, other, deployment) {
            Compared::Same(letter) => same.push(format!("{} gets {letter} too", place(other))),
            Compared::Differs(message) => findings.push(finding(seen, other, message)),
            Compared::NotKnown(reason) => doubts.push(format!("{}: {reason}", place(other))),
        }
    }
    if !findings.is_empty() {
        Outcome::Fail(findings)
    } else if !doubts.is_empty() {
        Outcome::Unknown {
            reason: doubts.join("; "),
            remedy: "look at the site from where both IPv4 and IPv6 work".to_owned(),
            trail: Trail::default(),
        }
    } else if same.is_empty() {
        Outcome::NotApplicable("the name has addresses of one family only".to_owned())
    } else {
        seen.passes(same.join("; "), "answers over both families")
    }
}

enum Compared {
    Same(&'static str),
    Differs(String),
    NotKnown(String),
}

fn compare(seen: Seen<'_>, other: &Tls, deployment: &Deployment) -> Compared {
    match &other.reach {
        Reach::Speaks => {}
        // Whether a packet gets lost here or there is not known; a refusal comes from there.
        Reach::Unreachable { reason } if reason.contains("refused") => {
            return Compared::Differs(
                "wait until their browser gives up on it, or see nothing: the \
                                      address refuses the connection"
                    .to_owned(),
            );
        }
        Reach::NotTls { reason } => {
            return Compared::Differs(format!("see an error instead of the site: {reason}"));
        }
        Reach::Unreachable { reason } | Reach::Throttled { reason } => {
            return Compared::NotKnown(reason.clone());
        }
        Reach::Unasked => return Compared::NotKnown("it was not asked".to_owned()),
    }
    let hsts = hsts_of(deployment);
    let letters = (
        grade(seen.tls, hsts, deployment.now),
        grade(other, hsts, deployment.now),
    );
    match letters {
        (Ok(one), Ok(two)) if one.letter == two.letter => Compared::Same(one.letter.name()),
        (Ok(one), Ok(two)) => {
            let why = two.reasons.first().or(one.reasons.first());
            let why = why.map_or_else(String::new, |reason| {
                format!(" ({}: {})", reason.clause, reason.seen)
            });
            Compared::Differs(format!(
                "get a site graded {} where others get {}{why}",
                two.letter.name(),
                one.letter.name()
            ))
        }
        (Err(reason), _) | (_, Err(reason)) => Compared::NotKnown(reason),
    }
}

fn place(tls: &Tls) -> String {
    match tls.target.address.contains(':') {
        true => format!("[{}]:{}", tls.target.address, tls.target.port),
        false => format!("{}:{}", tls.target.address, tls.target.port),
    }
}

fn finding(seen: Seen<'_>, other: &Tls, what: String) -> Finding {
    let family = match other.target.address.contains(':') {
        true => "IPv6",
        false => "IPv4",
    };
    seen.finding(
        &format!("family:{family}"),
        format!("visitors over {family} {what}"),
        &format!("was looked at beside {}", place(other)),
        "Have the server listen there too (nginx: `listen [::]:443 ssl;` beside `listen 443 ssl;`, in \
         the same server), or take the address out of the DNS.",
    )
}
