use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::access::{is_internal, rules};
use super::context::{Context, places};
use super::header_injection::redirects;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/return-bypasses-access",
    title: "A return answers before allow and deny are asked",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A13.1", "B7.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/dev/development_guide.html#http_phases"),
        Reference::Cwe(696),
    ],
    doc: include_str!("return_bypasses_access.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no return stands beside allow and deny",
        |configuration, judgement| {
            for (context, directive) in places(configuration, &["return", "rewrite"]) {
                let rules = rules(&context);
                let Some(deny) = rules.iter().find(|rule| rule.is("deny")) else {
                    continue;
                };
                if !tells_something(&context, directive) || is_guarded_before(&context) {
                    judgement.holds("what is denied is not answered before", directive);
                    continue;
                }
                judgement.fails(
                finding(
                    &context,
                    directive,
                    format!(
                        "everyone gets this answer, the denied too: {} runs before the addresses \
                         are checked",
                        directive.name.text
                    ),
                    "Answer from a file, from the application, or from a named location behind \
                     try_files: these run after the check.",
                )
                .beside(deny, "is asked too late"),
            );
            }
        },
    )
}

/// Whether the answer is more than a bare refusal.
fn tells_something(context: &Context<'_>, directive: &Directive) -> bool {
    if directive.is("rewrite") {
        return redirects(directive);
    }
    let code = directive.argument(0).unwrap_or_default();
    let Ok(status) = code.parse::<u16>() else {
        return true;
    };
    let has_text = directive.argument(1).is_some_and(|text| !text.is_empty());
    let has_page = context.held("error_page").iter().any(|page| {
        let count = page.arguments.len().saturating_sub(1);
        page.texts().take(count).any(|text| text == code)
    });
    status != 444 && (status < 400 || has_text || has_page)
}

/// Whether nginx comes here only from a place where the rules were asked already: an internal
/// location without rules of its own.
fn is_guarded_before(context: &Context<'_>) -> bool {
    let location = context.around("location");
    let has_own = location
        .as_ref()
        .is_some_and(|location| location.has("allow") || location.has("deny"));
    is_internal(context) && !has_own
}
