use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Matcher;

use super::bytes::Bytes;
use super::content::{Part, parts};
use super::context::{Context, places};
use super::judgement::{With, finding, judge, label};
use super::pattern::{Node, Pattern};

pub(super) static CHECK: Check = Check {
    id: "nginx/alias-traversal",
    title: "An alias hands out files beside its folder",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#alias"),
        Reference::Cwe(22),
    ],
    doc: include_str!("alias_traversal.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is served through alias",
        |configuration, judgement| {
            for (context, alias) in places(configuration, &["alias"]) {
                let fault = match context.matcher() {
                    Some(Matcher::Prefix { path, .. }) => beside_prefix(&context, alias, &path),
                    Some(Matcher::Regex { pattern, caseless }) => {
                        Pattern::parse(&pattern, caseless)
                            .and_then(|pattern| beside_pattern(&context, alias, &pattern))
                    }
                    _ => None,
                };
                match fault {
                    Some(finding) => judgement.fails(finding),
                    None => judgement.holds("no alias leads out of its folder", alias),
                }
            }
        },
    )
}

/// `location /files` takes `/files../` too, which the alias turns into the folder above.
fn beside_prefix(context: &Context<'_>, alias: &Directive, prefix: &str) -> Option<Finding> {
    let folder = alias.argument(0)?;
    if prefix.ends_with('/') || is_file(folder, prefix) {
        return None;
    }
    let (severity, gain) = if folder.ends_with('/') {
        (
            Severity::High,
            format!("{prefix}../secret reads {folder}../secret, the folder above"),
        )
    } else {
        (
            Severity::Medium,
            format!("{prefix}-old/secret reads {folder}-old/secret, a folder beside it"),
        )
    };
    // Only the application leads there, by X-Accel-Redirect.
    if context.own("internal").next().is_some() {
        let message = format!("where the application names a path from a request, {gain}");
        return Some(told(context, alias, message).with_severity(Severity::Low));
    }
    Some(told(context, alias, gain).with_severity(severity))
}

/// Whether an alias is one file, as `location /robots.txt` has it: no folder of that name is beside it.
fn is_file(path: &str, prefix: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let stem = name(path);
    let has_ending = stem.trim_start_matches('.').contains('.');
    has_ending && !path.contains('$') && name(prefix) == stem
}

/// A group that may begin with a dot, put right behind a folder, leads above it.
fn beside_pattern(context: &Context<'_>, alias: &Directive, pattern: &Pattern) -> Option<Finding> {
    let text = alias.argument(0)?;
    let mut before = String::new();
    for part in parts(text) {
        match part {
            Part::Literal(literal) => before.push_str(literal),
            Part::Variable(name) => {
                let number = name.parse().ok().or_else(|| pattern.number(name))?;
                let group = pattern.group(number)?;
                let severity = climbs(group, pattern.before(number)?, &before)?;
                let gain = format!(
                    "${name} takes `..` right behind {before}: a request reads files outside of \
                     that folder"
                );
                return Some(told(context, alias, gain).with_severity(severity));
            }
        }
    }
    None
}

/// Whether a group can make a path segment `..` of its own where nginx saw none, or go on with the
/// name of the folder.
fn climbs(group: &Node, before: Bytes, folder: &str) -> Option<Severity> {
    let takes_dots = group.first().holds(b'.') && group.bytes().holds(b'/');
    let takes_more = group.texts().is_none() && !group.first().is_within(Bytes::of("/"));
    let follows_slash = before.is_within(Bytes::of("/")) && !before.is_empty();
    if folder.ends_with('/') {
        // Behind a slash of the request nginx has resolved `..` already.
        return (takes_dots && !follows_slash).then_some(Severity::High);
    }
    takes_more.then_some(Severity::Medium)
}

fn told(context: &Context<'_>, alias: &Directive, message: String) -> Finding {
    let mut finding = finding(
        context,
        alias,
        message,
        "End both the location and the alias with a slash.",
    );
    if let Some(location) = context.block() {
        finding
            .labels
            .push(label(location, "takes paths that go on without a slash"));
    }
    finding
}
