use tightship_model::{Check, Deployment, Outcome, Reference, Repeated, Severity};

use super::{evidence, finding, unknown};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/renewal-forced",
    title: "New certificates are asked for until none is given",
    severity: Severity::Medium,
    needs: &[],
    items: &["A8.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers",
        ),
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#renewing-certificates",
        ),
    ],
    doc: include_str!("renewal_forced.md"),
    run,
};

const HOUR: u64 = 3600;

/// Let's Encrypt gives five certificates for the same names in seven days, and one more each 34 hours
/// (its page on rate limits, June 2025). Whoever asks less often than that is never refused.
const ALLOWED: u64 = 34 * HOUR;

fn run(deployment: &Deployment) -> Outcome {
    let renewers = &deployment.certbot.renewers;
    let Some(first) = renewers.first() else {
        return Outcome::NotApplicable("nothing of the project renews certificates".to_owned());
    };
    let mut forced = renewers.iter().filter(|renewer| forces(&renewer.command));
    let Some(one) = forced.clone().next() else {
        return Outcome::Pass(vec![evidence(
            "a certificate is renewed when it is due",
            first.span,
        )]);
    };
    if let Some((renewer, every)) = forced.find_map(too_often) {
        return Outcome::Fail(vec![finding(
            "certbot:force-renewal".to_owned(),
            format!(
                "on the day that the key has leaked there is no new certificate to be had: one is \
                 asked for every {} h however young the old one is, and Let's Encrypt refuses after \
                 the fifth for the same names in seven days",
                every / HOUR
            ),
            vec![label(renewer.span, "renews by force")],
            "Leave --force-renewal out: certbot renews when it is due, and may be asked twice a day.",
        )]);
    }
    match one.every {
        Some(_) => Outcome::Pass(vec![evidence(
            "renewal is forced, less often than the authority allows",
            one.span,
        )]),
        None => unknown(
            "how often renewal is forced is not told",
            "look at the timer",
            Some(one.span),
        ),
    }
}

fn too_often(renewer: &Repeated) -> Option<(&Repeated, u64)> {
    let every = renewer.every.filter(|every| *every < ALLOWED)?;
    Some((renewer, every))
}

/// Whether a command takes a new certificate from an authority that browsers trust whatever the age of
/// the old one. certbot(1) names both options; argparse takes the shortened one too.
fn forces(text: &str) -> bool {
    let has = |options: &[&str]| options.iter().any(|option| text.contains(option));
    has(&["--force-renew", "--renew-by-default"])
        && !has(&["--dry-run", "--staging", "--test-cert"])
}
