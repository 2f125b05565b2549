use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::domains::is_public_suffix;

use crate::domains::SHARED_DOMAINS;
use crate::setting::{ItemDemand, judge_items};

pub(super) static CHECK: Check = Check {
    id: "django/trusted-origin-broad",
    title: "A trusted origin includes sites of strangers",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B1.4"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#csrf-trusted-origins"),
        Reference::Url("https://publicsuffix.org/"),
        Reference::Cwe(352),
    ],
    doc: include_str!("trusted_origin_broad.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_items(
        deployment,
        &ItemDemand {
            setting: "CSRF_TRUSTED_ORIGINS",
            refuses: &admits_strangers,
            message: &|origin| {
                format!(
                    "CSRF_TRUSTED_ORIGINS trusts {origin:?}: anyone can have a site there and send \
                     forms from it in the name of your visitors"
                )
            },
            advice: "Name the hosts that are yours.",
        },
    )
}

/// Whether anyone can get a host that a wildcard origin matches.
fn admits_strangers(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = host.split([':', '/']).next().unwrap_or(host);
    let Some(domain) = host.strip_prefix('*') else {
        return false;
    };
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    !domain.contains('.') || is_public_suffix(&domain) || SHARED_DOMAINS.contains(&domain.as_str())
}
