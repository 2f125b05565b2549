use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Leaf, Matcher};

use super::front::judge_pages;
use super::{between, label};
use crate::nginx::headers_dropped;
use crate::told::{leave_out, places_of};

pub(crate) static CHECK: Check = Check {
    id: "cross/headers-only-from-django",
    title: "Files that nginx serves lack a header that Django's pages have",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.4", "B6.3", "X6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/middleware/#x-content-type-options-nosniff"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
        Reference::Cwe(693),
    ],
    doc: include_str!("headers_only_from_django.md"),
    run,
};

const NAMES: [&str; 2] = ["X-Content-Type-Options", "Strict-Transport-Security"];

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_pages(
        deployment,
        "no page of Django is served over TLS by this nginx",
        |front, _, asked, tally| {
            if !front.is_tls {
                return;
            }
            let from_django: Vec<_> = asked
                .answer
                .headers
                .iter()
                .filter(|header| NAMES.contains(&header.name) && header.value.is_ok())
                .collect();
            for leaf in front.server.leaves() {
                let Handler::Files(Some(folder)) = leaf.handler else {
                    continue;
                };
                if !serves_visitors(&leaf) {
                    continue;
                }
                let added = leaf.scope.effective("add_header");
                if added.gap.is_some() || !leaf.scope.effective("more_set_headers").is_default() {
                    tally.unseen(
                        "which headers nginx adds there is not known",
                        folder.heading_span(),
                    );
                    continue;
                }
                let lacks = |name: &str| {
                    let mut names = added.arguments(0);
                    !names.any(|word| word.text.eq_ignore_ascii_case(name))
                };
                let Some(block) = leaf.scope.block() else {
                    continue;
                };
                let lacking: Vec<_> = from_django
                    .iter()
                    .filter(|header| lacks(header.name))
                    .collect();
                let Some(first) = lacking.first() else {
                    tally.holds(
                        format!("{} has them too", leaf.scope.heading()),
                        folder.heading_span(),
                    );
                    continue;
                };
                let names: Vec<_> = lacking.iter().map(|header| header.name).collect();
                let loss = match names.contains(&NAMES[0]) {
                    true => {
                        "browsers guess the type of files there, so that an upload that looks \
                             like a page runs as one"
                    }
                    false => "whoever opens a file there first is not told to stay with HTTPS",
                };
                let mut finding = between(
                    format!("nginx:{} {}", front.host, leaf.scope.heading()),
                    format!(
                        "{loss}: {} serves its files without {}, which Django sends with its own \
                         pages only",
                        leaf.scope.heading(),
                        names.join(" and "),
                    ),
                    label(block.heading_span(), "nginx serves these files itself"),
                    &first.trail,
                    "Add the headers in this block too, with `add_header ... always;`.",
                );
                finding.labels.extend(
                    (added.dropped.iter())
                        .filter(|one| one.argument(0).is_some_and(|name| is_one_of(&names, name)))
                        .map(|one| label(one.heading_span(), "does not reach this place")),
                );
                finding.severity = (!names.contains(&NAMES[0])).then_some(Severity::Low);
                tally.fails(finding);
            }
        },
    );
    let told = places_of(deployment, &headers_dropped::CHECK);
    leave_out(outcome, &told, &headers_dropped::CHECK)
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// Whether visitors open it in a browser: neither an error page nor the proof for a certificate.
fn serves_visitors(leaf: &Leaf<'_, '_>) -> bool {
    let is_internal = !leaf.scope.effective("internal").directives.is_empty();
    let matcher = leaf
        .scope
        .location()
        .and_then(|location| location.matcher());
    let is_proof = matcher.is_some_and(|matcher| matcher.text().contains("/.well-known/"));
    let is_named = matches!(matcher, Some(Matcher::Named(_)));
    !is_internal && !is_proof && !is_named
}
