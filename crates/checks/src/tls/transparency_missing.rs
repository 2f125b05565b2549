use tightship_model::site::tls::{Chain, Proof, SeenCertificate, Timestamp, Version};
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

/// Chrome's policy: two logs for a certificate of up to 180 days, three for a longer one, of at least
/// two operators.
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
        let counted = Counted::of(chain);
        let wanted = if own.not_after - own.not_before > SHORT {
            3
        } else {
            2
        };
        if counted.possible < wanted && seen.tls.speaks(Version::Tls12) {
            findings.push(finding(seen, own, &counted, wanted));
        } else if counted.proven < wanted || counted.operators < 2 {
            doubts.push(format!(
                "{} of {} timestamps of {} could be verified, by {} operators of logs",
                counted.proven,
                chain.timestamps.len(),
                own.subject,
                counted.operators
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
    own: &SeenCertificate,
    counted: &Counted,
    wanted: usize,
) -> tightship_model::Finding {
    seen.finding(
        "transparency",
        format!(
            "Chrome and Safari show a warning instead of the site: {} brings {} good timestamps of \
             public logs, and they want {wanted}",
            own.subject, counted.possible
        ),
        &format!("sends {} timestamps in all", counted.all),
        "Renew the certificate: authorities put the timestamps in unless they are told not to.",
    )
}

/// Timestamps by log, since a second one of the same log adds nothing.
struct Counted {
    all: usize,
    proven: usize,
    /// Proven, or not to be verified here.
    possible: usize,
    /// Operators of the logs of those that are proven.
    operators: usize,
}

impl Counted {
    fn of(chain: &Chain) -> Self {
        let logs = |wanted: fn(&Timestamp) -> bool| {
            let mut logs: Vec<_> = chain
                .timestamps
                .iter()
                .filter(|one| wanted(one))
                .map(|one| one.log.as_str())
                .collect();
            logs.sort_unstable();
            logs.dedup();
            logs.len()
        };
        let mut operators: Vec<_> = chain
            .timestamps
            .iter()
            .filter(|one| one.proof == Proof::Good)
            .filter_map(|one| one.operator.as_deref())
            .collect();
        operators.sort_unstable();
        operators.dedup();
        Self {
            all: chain.timestamps.len(),
            proven: logs(|one| one.proof == Proof::Good),
            possible: logs(|one| !matches!(one.proof, Proof::Wrong { .. })),
            operators: operators.len(),
        }
    }
}
