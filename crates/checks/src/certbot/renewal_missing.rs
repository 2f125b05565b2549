use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Place, Reference, Severity};

use super::seen::{Seer, certbot};
use super::{evidence, finding, served, unknown};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/renewal-missing",
    title: "Nothing renews the certificate",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.4", "B2.8", "B4.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#automated-renewals",
        ),
        Reference::Url("https://letsencrypt.org/docs/faq/"),
    ],
    doc: include_str!("renewal_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let served = served(deployment);
    let Some(first) = served.first() else {
        return Outcome::NotApplicable("nginx reads no certificate of certbot's".to_owned());
    };
    if let Some(renewer) = deployment.certbot.renewers.first() {
        return Outcome::Pass(vec![evidence(
            "certbot renew is run again and again",
            renewer.span,
        )]);
    }
    let span = first.directive.heading_span();
    let not_seen = |reason: &str| {
        unknown(
            reason,
            "keep the timer or crontab that renews in the project, or run certbot in a loop in \
             Compose",
            Some(span),
        )
    };
    let Some((Seer::Service(name), Some(starts))) = certbot(deployment) else {
        return not_seen("nothing of the project runs certbot: a timer of the host may");
    };
    let kept = Seer::Service(name)
        .locate(deployment, "/etc/letsencrypt")
        .place;
    if matches!(kept, Place::Host(_) | Place::Unknown(_)) {
        return not_seen("the certificates lie on the host, whose own timer may renew them");
    }
    let tells = |text: &str| {
        let renews = text.lines().filter(|line| line.contains("renew"));
        renews
            .filter(|line| !line.contains("force-renew"))
            .any(|line| line.contains("certbot") || line.contains("cron"))
    };
    if let Some((_, source)) = deployment.sources.iter().find(|(_, it)| tells(it.raw())) {
        return not_seen(&format!(
            "{} speaks of renewing, and nothing of the project does so again and again",
            source.path
        ));
    }
    let mut finding = finding(
        format!("service:{name} renewal"),
        format!(
            "every visitor meets a warning 90 days after the last run by hand: {name} gets a \
             certificate once, and nothing in the project runs certbot renew"
        ),
        vec![
            label(starts, "runs certbot once"),
            label(span, "nginx reads its certificate"),
        ],
        "Let the service run `certbot renew` in a loop with `sleep 12h`, or add a timer.",
    );
    // A crontab that is kept on the host alone is not seen.
    finding.confidence = Confidence::Medium;
    Outcome::Fail(vec![finding])
}
