use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{ItemDemand, judge_items};

pub(super) static CHECK: Check = Check {
    id: "django/trusted-origin-insecure",
    title: "A trusted origin is served over plain HTTP",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B1.4", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#csrf-trusted-origins"),
        Reference::Cwe(352),
        Reference::Cwe(319),
    ],
    doc: include_str!("trusted_origin_insecure.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_items(
        deployment,
        &ItemDemand {
            setting: "CSRF_TRUSTED_ORIGINS",
            refuses: &|origin| origin.starts_with("http://"),
            message: &|origin| match is_local(origin) {
                true => format!(
                    "CSRF_TRUSTED_ORIGINS trusts {origin:?}: {LOCAL} sends forms to this site in \
                     the visitor's name"
                ),
                false => format!(
                    "CSRF_TRUSTED_ORIGINS trusts {origin:?}: whoever sits on the way changes that \
                     page and sends forms to this site in the visitor's name"
                ),
            },
            advice: "Trust https:// origins only, and none of a developer's machine.",
        },
    );
    match outcome {
        Outcome::Fail(mut findings) => {
            for finding in &mut findings {
                if finding.message.contains(LOCAL) {
                    finding.severity = Some(Severity::Low);
                }
            }
            Outcome::Fail(findings)
        }
        other => other,
    }
}

const LOCAL: &str = "any program that listens on the visitor's own machine";

/// Whether nobody is on the way: the origin is the visitor's own machine.
fn is_local(origin: &str) -> bool {
    let host = origin.trim_start_matches("http://");
    let host = host.split([':', '/']).next().unwrap_or(host);
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0") || host.ends_with(".localhost")
}
