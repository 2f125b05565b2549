use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Handler;

use super::judgement::{With, finding};
use super::site::{judge_sites, place, public_leaves};

pub(super) static CHECK: Check = Check {
    id: "nginx/body-unlimited",
    title: "A request may be as large as a client likes",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.8"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        ),
        Reference::Cwe(770),
    ],
    doc: include_str!("body_unlimited.md"),
    run,
};

/// Larger than any form or photo: 1 GB.
const HUGE: u64 = 1 << 30;

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(deployment, "nothing takes a body", |http, judgement| {
        for leaf in http.servers().flat_map(public_leaves) {
            let Handler::Upstream(pass) = leaf.handler else {
                continue;
            };
            let Some(size) = leaf.scope.one("client_max_body_size") else {
                judgement.holds("a request has at most 1 MB, nginx's default", pass);
                continue;
            };
            let bytes = size.argument(0).and_then(bytes);
            let context = place(http, &leaf);
            match bytes {
                Some(0) => judgement.fails(finding(
                    &context,
                    size,
                    "one client fills the disk, or keeps every worker busy: 0 takes requests of \
                     any size",
                    "Write the size of the largest upload that you expect, such as 10m.",
                )),
                Some(bytes) if bytes >= HUGE => judgement.fails(
                    finding(
                        &context,
                        size,
                        format!(
                            "a few clients fill the disk: each request may have {} MB",
                            bytes >> 20
                        ),
                        "Write the size of the largest upload that you expect, where it is \
                         expected.",
                    )
                    .with_severity(Severity::Low),
                ),
                Some(bytes) => {
                    judgement.holds(format!("a request has at most {} KB", bytes >> 10), size);
                }
                None => judgement.unseen(
                    "the largest request is not known",
                    "write client_max_body_size as a number",
                    Some(size.heading_span()),
                ),
            }
        }
    })
}

/// A size as nginx reads it: `10m`, `1g`, `512k`, bytes.
fn bytes(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'm' | b'M' => (&text[..text.len() - 1], 20),
        b'g' | b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << unit)
}
