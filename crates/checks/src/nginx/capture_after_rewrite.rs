use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::{Context, places};
use super::header_injection::redirects;
use super::judgement::{With, finding, judge};
use super::release::{Fixed, unless_fixed};
use super::variables::condition;

pub(super) static CHECK: Check = Check {
    id: "nginx/capture-after-rewrite",
    title: "A group that is read after a rewrite with a query overflows nginx's memory",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/security_advisories.html"),
        Reference::Cwe(787),
    ],
    doc: include_str!("capture_after_rewrite.md"),
    run,
};

/// CVE-2026-42945.
const FIXED: Fixed = Fixed {
    stable: (1, 30, 1),
    mainline: (1, 31, 0),
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is rewritten",
        |configuration, judgement| {
            for (context, rewrite) in places(configuration, &["rewrite"]) {
                let Some(reader) = reader_after(&context, rewrite) else {
                    judgement.holds("no group is read after a rewrite with a query", rewrite);
                    continue;
                };
                let found = finding(
                &context,
                rewrite,
                "the `?` makes nginx escape groups from here on, also where it made room for the \
                 raw ones: a crafted path overwrites the worker's memory (CVE-2026-42945)",
                "Update nginx to 1.30.1 or 1.31.0; until then read a named group instead.",
            )
            .beside(reader, "reads a group after it");
                unless_fixed(configuration, FIXED, found, rewrite, judgement);
            }
        },
    )
}

/// The `set` or `if` that reads a numbered group after a rewrite with a query that goes on.
fn reader_after<'a>(context: &Context<'a>, rewrite: &Directive) -> Option<&'a Directive> {
    let target = rewrite.argument(1)?;
    let ends = redirects(rewrite) || matches!(rewrite.argument(2), Some("last" | "break"));
    if ends || !target.contains('?') {
        return None;
    }
    let mut from = rewrite;
    for level in context.levels() {
        let behind = level
            .directives()
            .iter()
            .skip_while(|one| !std::ptr::eq(*one, from))
            .skip(1);
        match first_reader(behind) {
            Flow::Reads(reader) => return Some(reader),
            Flow::Ends => return None,
            Flow::GoesOn => {}
        }
        // What stands behind an `if` runs after its inside.
        match level.block() {
            Some(block) if block.is("if") => from = block,
            _ => break,
        }
    }
    None
}

enum Flow<'a> {
    Reads(&'a Directive),
    Ends,
    GoesOn,
}

fn first_reader<'a>(directives: impl Iterator<Item = &'a Directive>) -> Flow<'a> {
    for directive in directives {
        match directive.name.text.as_str() {
            "return" | "break" => return Flow::Ends,
            "set" if has_group(directive.argument(1)) => return Flow::Reads(directive),
            "if" => {
                if condition_reads(directive) {
                    return Flow::Reads(directive);
                }
                if let Flow::Reads(reader) = first_reader(directive.directives().iter()) {
                    return Flow::Reads(reader);
                }
            }
            _ => {}
        }
    }
    Flow::GoesOn
}

/// Whether a condition compares with a text that holds a group, or looks for such a file.
fn condition_reads(directive: &Directive) -> bool {
    const FILES: [&str; 4] = ["-f", "-d", "-e", "-x"];
    match condition(directive) {
        Some(condition) => {
            matches!(condition.operator, "=" | "!=")
                && has_group(Some(condition.right))
                && !has_group(Some(condition.left))
        }
        None => directive.argument(0).is_some_and(|first| {
            FILES.contains(&first.trim_start_matches('(').trim_start_matches('!'))
                && has_group(directive.argument(1))
        }),
    }
}

fn has_group(text: Option<&str>) -> bool {
    text.into_iter().flat_map(parts).any(|part| match part {
        Part::Variable(name) => name.parse::<usize>().is_ok_and(|number| number > 0),
        Part::Literal(_) => false,
    })
}
