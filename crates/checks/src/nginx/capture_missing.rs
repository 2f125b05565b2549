use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::{Context, contexts, holds_keys};
use super::judgement::{Judgement, finding, judge};
use super::pattern::Pattern;
use super::variables::{condition, entries, words};

pub(super) static CHECK: Check = Check {
    id: "nginx/capture-missing",
    title: "A text refers to a group that no pattern has",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B4.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#rewrite"),
        Reference::Cwe(185),
    ],
    doc: include_str!("capture_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no group is referred to",
        |configuration, judgement| {
            for context in contexts(configuration) {
                if !context.is_http() {
                    continue;
                }
                match context.block() {
                    Some(table) if table.is("map") => in_map(&context, table, judgement),
                    Some(block) if holds_keys(block) || block.is("types") => {}
                    _ => in_block(&context, judgement),
                }
            }
        },
    )
}

/// The value of a key that is a pattern can only refer to groups of that pattern.
fn in_map(context: &Context<'_>, table: &Directive, judgement: &mut Judgement) {
    for key in entries(table).filter(|key| key.name.text.starts_with('~')) {
        let groups = Pattern::of_word(&key.name.text).map(|pattern| pattern.groups);
        let highest = key.texts().filter_map(highest_reference).max();
        answer(context, key, highest, groups, judgement);
    }
}

fn in_block(context: &Context<'_>, judgement: &mut Judgement) {
    for directive in context.directives() {
        let highest = texts(directive).filter_map(highest_reference).max();
        if highest.is_some() {
            answer(
                context,
                directive,
                highest,
                groups(context, directive),
                judgement,
            );
        }
    }
}

fn answer(
    context: &Context<'_>,
    directive: &Directive,
    highest: Option<usize>,
    groups: Option<usize>,
    judgement: &mut Judgement,
) {
    let (Some(highest), Some(groups)) = (highest, groups) else {
        return;
    };
    if highest <= groups {
        judgement.holds("every group that is referred to exists", directive);
        return;
    }
    let has = match groups {
        0 => "no pattern that runs before it captures anything".to_owned(),
        1 => "the pattern has one group".to_owned(),
        count => format!("the pattern has {count} groups"),
    };
    judgement.fails(finding(
        context,
        directive,
        format!(
            "${highest} is always empty, for {has}: requests go somewhere else than is written"
        ),
        "Put the group into the pattern, or refer to one that is there.",
    ));
}

/// The parameters in which nginx replaces variables.
fn texts(directive: &Directive) -> impl Iterator<Item = &str> {
    const NONE: [&str; 5] = ["if", "location", "server_name", "log_format", "include"];
    let skipped = match directive.name.text.as_str() {
        "rewrite" => 1,
        name if NONE.contains(&name) || directive.block.is_some() => usize::MAX,
        _ => 0,
    };
    directive.texts().skip(skipped)
}

fn highest_reference(text: &str) -> Option<usize> {
    if !text.contains('$') {
        return None;
    }
    parts(text)
        .into_iter()
        .filter_map(|part| match part {
            Part::Variable(name) => name.parse().ok().filter(|number| *number > 0),
            Part::Literal(_) => None,
        })
        .max()
}

/// The most groups that a pattern has which may have run before a directive. `None` where one of
/// them is not understood.
fn groups(context: &Context<'_>, directive: &Directive) -> Option<usize> {
    if directive.is("rewrite") {
        return counted(directive);
    }
    if let Some(block) = context.block().filter(|block| is_matching_if(block))
        && !context.has("rewrite")
    {
        return counted(block);
    }
    // Internal redirects lead from any location to any other, each with the groups of its own.
    let whole = context
        .around("server")
        .or_else(|| context.levels().last())?;
    let mut most = 0;
    for around in whole.levels() {
        for directive in around.directives() {
            most = most.max(counted_map(directive)?);
        }
    }
    for directive in below(whole.directives()) {
        most = most.max(counted(directive)?).max(counted_map(directive)?);
    }
    Some(most)
}

/// Every directive of a block, at any depth.
fn below(directives: &[Directive]) -> Vec<&Directive> {
    let mut found = Vec::new();
    for directive in directives {
        found.push(directive);
        directive.walk(&mut |_, inner| found.push(inner));
    }
    found
}

/// The groups of a directive's own patterns.
fn counted(directive: &Directive) -> Option<usize> {
    if directive.is("if") && !is_matching_if(directive) {
        return Some(0);
    }
    let mut most = 0;
    for (text, ignores_case) in words(directive) {
        most = most.max(Pattern::parse(text, ignores_case)?.groups);
    }
    Some(most)
}

fn counted_map(directive: &Directive) -> Option<usize> {
    if !directive.is("map") {
        return Some(0);
    }
    let mut most = 0;
    for key in entries(directive).filter(|key| key.name.text.starts_with('~')) {
        most = most.max(Pattern::of_word(&key.name.text)?.groups);
    }
    Some(most)
}

/// An `if` whose inside runs when its pattern has matched, and so has its groups.
fn is_matching_if(directive: &Directive) -> bool {
    let operator = condition(directive).map(|condition| condition.operator);
    directive.is("if") && matches!(operator, Some("~" | "~*"))
}
