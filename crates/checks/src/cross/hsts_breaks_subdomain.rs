use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::front::judge_fronts;
use super::hsts::{nginx_adds, of_django, of_files};
use super::{between, label};
use crate::setting::answers;

pub(super) static CHECK: Check = Check {
    id: "cross/hsts-breaks-subdomain",
    title: "A subdomain without TLS lies under a policy that forbids it",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.4"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "8.2"),
        Reference::Django("ref/settings/#secure-hsts-include-subdomains"),
    ],
    doc: include_str!("hsts_breaks_subdomain.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let by_django = answers(deployment, "SECURE_HSTS_INCLUDE_SUBDOMAINS", &Value::truthy);
    let includes = |text: &str| text.to_ascii_lowercase().contains("includesubdomains");
    if by_django == Some(false) && !nginx_adds(deployment, includes) {
        return Outcome::NotApplicable("no policy includes subdomains".to_owned());
    }
    judge_fronts(
        deployment,
        "no policy includes subdomains",
        |edges, fronts, tally| {
            let has_tls = |host: &str| {
                let mut of_host = fronts.iter().filter(|front| front.host == host);
                of_host.any(|front| front.is_tls)
            };
            for front in fronts.iter().filter(|front| front.is_tls) {
                let django = of_django(front, deployment, edges);
                let mut sent: Vec<_> = django.into_iter().chain(of_files(front)).collect();
                sent.retain(|(sent, _)| sent.policy.with_subdomains && sent.policy.seconds > 0);
                let Some((sent, place)) = sent.into_iter().next() else {
                    continue;
                };
                let below = format!(".{}", front.host);
                let is_below = |host: &str| host.ends_with(&below);
                let mut under = fronts.iter().filter(|other| is_below(&other.host));
                let in_clear = under.find(|other| !has_tls(&other.host));
                let Some(other) = in_clear else {
                    tally.holds(format!("names below {} have TLS", front.host), place);
                    continue;
                };
                let mut finding = between(
                    format!("nginx:{}", other.host),
                    format!(
                        "whoever has been to {} cannot open {} any more: HSTS includes subdomains, \
                         so browsers ask that name over TLS only, which nginx does not speak there",
                        front.origin, other.origin
                    ),
                    label(other.span, "is served in clear only"),
                    &sent.trail,
                    "Serve the name with TLS, or leave includeSubDomains out until every name has \
                     it.",
                );
                let text = format!("sent here: {}", sent.text);
                finding.labels.push(label(place, text));
                tally.fails(finding);
            }
        },
    )
}
