use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::{evidence, finding, served, unknown};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/renewal-rare",
    title: "Renewal is tried too rarely",
    severity: Severity::Medium,
    needs: &[],
    items: &["A8.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#automated-renewals",
        ),
        Reference::Url("https://letsencrypt.org/2025/12/02/from-90-to-45"),
    ],
    doc: include_str!("renewal_rare.md"),
    run,
};

const DAY: u64 = 86_400;

/// certbot renews what has less than a third of its life left: 30 of 90 days. Asked less often, it
/// can find 30 days and an hour left the first time and none the second.
const RAREST: u64 = 30 * DAY;

/// The time before the end in which certbot renews: the shortest that a renewal configuration asks
/// for (`renew_before_expiry = 10 days`).
fn rarest(deployment: &Deployment) -> u64 {
    let lineages = deployment.certbot.lineages.iter();
    let asked = lineages.filter_map(|lineage| {
        let text = &lineage.renew_before_expiry.as_ref()?.value;
        let (number, unit) = text.trim().split_once(' ')?;
        let scale = match unit.trim() {
            "day" | "days" => DAY,
            "week" | "weeks" => 7 * DAY,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(scale)
    });
    asked.min().unwrap_or(RAREST)
}

fn run(deployment: &Deployment) -> Outcome {
    let renewers = &deployment.certbot.renewers;
    let Some(first) = renewers.first() else {
        return Outcome::NotApplicable("nothing of the project renews certificates".to_owned());
    };
    let Some(shortest) = renewers.iter().filter_map(|renewer| renewer.every).min() else {
        return unknown(
            "how often certbot renew is run is not told",
            "look at the timer",
            Some(first.span),
        );
    };
    let often = renewers
        .iter()
        .find(|renewer| renewer.every == Some(shortest));
    let span = often.map_or(first.span, |renewer| renewer.span);
    let rarest = rarest(deployment);
    if shortest < rarest || renewers.iter().any(|renewer| renewer.every.is_none()) {
        return Outcome::Pass(vec![evidence("certbot renew is run often enough", span)]);
    }
    let mut labels = vec![label(span, "tries to renew")];
    labels.extend(served(deployment).first().map(|one| {
        label(
            one.directive.heading_span(),
            "the certificate that is served",
        )
    }));
    Outcome::Fail(vec![finding(
        "certbot:renewal".to_owned(),
        format!(
            "the certificate expires after one try that fails, or none at all: renewal is tried \
             every {} days, and certbot renews in the last {} days only",
            shortest / DAY,
            rarest / DAY
        ),
        labels,
        "Try twice a day; certbot does nothing while there is nothing to do.",
    )])
}
