use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::places;
use super::judgement::{finding, judge};
use super::release::{Fixed, unless_fixed};
use super::variables::patterns;

pub(super) static CHECK: Check = Check {
    id: "nginx/captures-overlap",
    title: "A rewrite with groups inside groups overflows nginx's memory",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/security_advisories.html"),
        Reference::Cwe(787),
    ],
    doc: include_str!("captures_overlap.md"),
    run,
};

/// CVE-2026-9256.
const FIXED: Fixed = Fixed {
    stable: (1, 30, 2),
    mainline: (1, 31, 1),
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is rewritten",
        |configuration, judgement| {
            for (context, rewrite) in places(configuration, &["rewrite"]) {
                if !overflows(rewrite) {
                    judgement.holds("no rewrite escapes groups that overlap", rewrite);
                    continue;
                }
                let found = finding(
                    &context,
                    rewrite,
                    "nginx makes room for the raw groups and writes them escaped, one inside the \
                 other twice: a crafted path overwrites the worker's memory (CVE-2026-9256)",
                    "Update nginx to 1.30.2 or 1.31.1; until then name the groups and write ${name} \
                 instead of $1 and $2.",
                );
                unless_fixed(configuration, FIXED, found, rewrite, judgement);
            }
        },
    )
}

/// Whether two groups of which one holds the other are escaped into one text, and nothing makes
/// nginx measure that text part by part (a variable, or a group that is used twice).
fn overflows(rewrite: &Directive) -> bool {
    let target = rewrite.argument(1).unwrap_or_default();
    let target = target.strip_suffix('?').unwrap_or(target);
    let redirects = ["http://", "https://"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
        || matches!(rewrite.argument(2), Some("redirect" | "permanent"));
    let mut seen = Vec::new();
    let mut escaped = Vec::new();
    let mut in_query = false;
    for part in parts(target) {
        match part {
            Part::Literal(text) => in_query |= text.contains('?'),
            Part::Variable(name) => {
                let Ok(number) = name.parse::<usize>() else {
                    return false;
                };
                if seen.contains(&number) {
                    return false;
                }
                seen.push(number);
                if redirects || in_query {
                    escaped.push(number);
                }
            }
        }
    }
    let patterns = patterns(rewrite);
    let Some(pattern) = patterns.first() else {
        return false;
    };
    escaped.iter().any(|outer| {
        escaped
            .iter()
            .any(|inner| inner != outer && pattern.tree.nests(*outer, *inner))
    })
}
