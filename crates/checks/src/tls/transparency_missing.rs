use std::collections::BTreeSet;

use tightship_model::site::tls::{Chain, Proof, SeenCertificate, Timestamp, Way};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use super::look::{Seen, seen_certificate};

pub(super) static CHECK: Check = Check {
    id: "tls/transparency-missing",
    title: "The certificate lacks proof that it is in public logs",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B16.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6962, "3"),
        Reference::Url("https://googlechrome.github.io/CertificateTransparency/ct_policy.html"),
    ],
    doc: include_str!("transparency_missing.md"),
    run,
};

/// Chrome's policy: two logs in a certificate of up to 180 days, three in a longer one, or two beside it in
/// the handshake or in a stapled answer; of at least two operators.
const SHORT: i64 = 180 * 86_400;

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let public: Vec<_> = seen.own().filter(|(chain, _)| chain.is_public).collect();
    if public.is_empty() {
        return Outcome::NotApplicable(
            "no authority of Mozilla's programme vouches for the certificate, and only theirs are \
             logged"
                .to_owned(),
        );
    }
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    for (chain, own) in public {
        let is_long = own.not_after - own.not_before > SHORT;
        let inside = Counted::of(chain, true, if is_long { 3 } else { 2 });
        let beside = Counted::of(chain, false, 2);
        let possible = inside.possible + beside.possible;
        if possible < inside.wanted && beside.possible < beside.wanted {
            findings.push(finding(seen, (chain, own), possible, inside.wanted));
        } else if !inside.does() && !beside.does() {
            doubts.push(format!(
                "of {} timestamps of {} {} in it and {} beside it could be verified, and browsers want {} \
                 or {}, of two operators of logs",
                chain.timestamps.len(),
                own.subject,
                inside.proven,
                beside.proven,
                inside.wanted,
                beside.wanted
            ));
        }
    }
    if !findings.is_empty() {
        Outcome::Fail(findings)
    } else if doubts.is_empty() {
        seen.passes(
            "the certificate is in public logs",
            "sends timestamps that its logs signed",
        )
    } else {
        Outcome::Unknown {
            reason: doubts.join("; "),
            remedy:
                "look the certificate up at https://crt.sh, or update tightship, whose list of \
                     logs ages"
                    .to_owned(),
            trail: Trail::default(),
        }
    }
}

fn finding(
    seen: Seen<'_>,
    (chain, own): (&Chain, &SeenCertificate),
    possible: usize,
    wanted: usize,
) -> tightship_model::Finding {
    seen.finding(
        "transparency",
        format!(
            "Chrome and Safari show a warning instead of the site: {} brings {possible} good timestamps of \
             public logs, and they want {wanted}",
            own.subject
        ),
        &format!("sends {} timestamps in all", chain.timestamps.len()),
        "Renew the certificate: authorities put the timestamps in unless they are told not to.",
    )
}

/// Timestamps that come in one way, by log, since a second one of the same log adds nothing.
struct Counted {
    wanted: usize,
    proven: usize,
    /// Proven, or not to be verified here.
    possible: usize,
    /// Operators of the logs of those that are proven.
    operators: usize,
}

impl Counted {
    fn of(chain: &Chain, is_inside: bool, wanted: usize) -> Self {
        let all = chain.timestamps.iter();
        let all: Vec<_> = all
            .filter(|one| (one.way == Way::Certificate) == is_inside)
            .collect();
        let logs = |wanted: fn(&Timestamp) -> bool| {
            let wanted = all.iter().filter(|one| wanted(one));
            wanted.map(|one| &one.log).collect::<BTreeSet<_>>().len()
        };
        let proven = all.iter().filter(|one| one.proof == Proof::Good);
        let operators: BTreeSet<_> = proven.filter_map(|one| one.operator.as_ref()).collect();
        Self {
            wanted,
            proven: logs(|one| one.proof == Proof::Good),
            possible: logs(|one| !matches!(one.proof, Proof::Wrong { .. })),
            operators: operators.len(),
        }
    }

    /// Whether they are enough.
    fn does(&self) -> bool {
        self.proven >= self.wanted && self.operators >= 2
    }
}
