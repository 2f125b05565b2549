use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::header::added;
use super::hsts_missing::HSTS;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/hsts-short",
    title: "nginx's Strict Transport Security is shorter than the policy asks",
    severity: Severity::Medium,
    needs: &[Need::Nginx, Need::Thresholds],
    items: &["A2.4", "B1.8", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "6.1"),
        Reference::Url("https://hstspreload.org/"),
    ],
    doc: include_str!("hsts_short.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let least = deployment.policy.hsts_seconds;
    let otherwise = "nginx adds no Strict-Transport-Security";
    judge(deployment, otherwise, |configuration, judgement| {
        for (context, directive) in places(configuration, &["add_header", "more_set_headers"]) {
            for header in added(directive).filter(|header| header.is(HSTS)) {
                if header.value.contains('$') {
                    judgement.unseen(
                        "how long Strict-Transport-Security lasts is not known: a variable decides",
                        "write the number of seconds",
                        Some(directive.heading_span()),
                    );
                    continue;
                }
                match seconds(header.value) {
                    Some(seconds) if seconds >= least => {
                        judgement.holds(format!("HSTS lasts {seconds} s"), directive);
                    }
                    Some(seconds) => judgement.fails(finding(
                        &context,
                        directive,
                        format!(
                            "HSTS lasts {seconds} s and the policy asks for {least} s: a visitor \
                             who stays away longer comes back over plain HTTP"
                        ),
                        "Raise max-age once every name has worked over HTTPS for a while.",
                    )),
                    None => judgement.fails(finding(
                        &context,
                        directive,
                        "browsers drop the header: it has no valid max-age",
                        "Write `max-age=31536000`.",
                    )),
                }
            }
        }
    })
}

/// The `max-age` of a policy; the first one counts.
fn seconds(value: &str) -> Option<u64> {
    let part = value
        .split(';')
        .map(str::trim)
        .find(|part| part.to_ascii_lowercase().starts_with("max-age"))?;
    let (_, number) = part.split_once('=')?;
    number.trim().trim_matches('"').parse().ok()
}
