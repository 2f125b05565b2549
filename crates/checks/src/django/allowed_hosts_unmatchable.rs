use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::partly::is_known;
use crate::setting::{ItemDemand, judge_items, setting};

pub(super) static CHECK: Check = Check {
    id: "django/allowed-hosts-unmatchable",
    title: "An entry of ALLOWED_HOSTS matches no host",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.3", "B1.3"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#allowed-hosts")],
    doc: include_str!("allowed_hosts_unmatchable.md"),
    run,
};

const NAME: &str = "ALLOWED_HOSTS";

fn run(deployment: &Deployment) -> Outcome {
    // `"".split(",")` while nobody sets the variable: every visitor is refused, so that the first visit
    // shows it, and nobody gets in.
    let is_sure = setting(deployment, NAME).is_some_and(|setting| is_known(&setting.value.value));
    judge_items(
        deployment,
        &ItemDemand {
            setting: NAME,
            refuses: &|host| fault(host).is_some() && (is_sure || !host.is_empty()),
            message: &|host| {
                format!(
                    "the entry {host:?} {}: no visitor is let in by it, and the next repair is \
                     often \"*\"",
                    fault(host).unwrap_or_default()
                )
            },
            advice: "Write bare host names, with a leading dot for all subdomains.",
        },
    )
}

/// Why Django's `validate_host` can never accept a host by this entry (django/http/request.py).
fn fault(host: &str) -> Option<&'static str> {
    let has_port = || {
        let name = host.rsplit_once(']').map_or(host, |(_, after)| after);
        name.contains(':') && !host.starts_with('[') || name.starts_with(':')
    };
    if host.is_empty() {
        Some("is empty")
    } else if host.contains("://") {
        Some("holds a scheme")
    } else if host.contains('/') {
        Some("holds a path")
    } else if host != host.trim() {
        Some("has blanks around it")
    } else if host != "*" && host.contains('*') {
        Some("holds a star, which only counts alone")
    } else if has_port() {
        Some("holds a port, which Django strips from the host before it compares")
    } else {
        None
    }
}
