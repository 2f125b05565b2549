use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Matcher;

use super::content::{Part, parts};
use super::context::{Context, places};
use super::judgement::{With, finding, judge, label};
use super::target::{Target, has_variables};
use super::variables::{Variables, takes_raw_path};

pub(super) static CHECK: Check = Check {
    id: "nginx/path-altered",
    title: "The upstream gets another path than the one that nginx has judged",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass"),
        Reference::Cwe(22),
        Reference::Cwe(172),
    ],
    doc: include_str!("path_altered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is handed on",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            for (context, pass) in places(configuration, &["proxy_pass"]) {
                if !context.is_http() {
                    continue;
                }
                let fault = decoded(&variables, &context, pass)
                    .or_else(|| escaped_twice(&variables, &context, pass))
                    .or_else(|| slashes_differ(&context, pass));
                match fault {
                    Some(finding) => judgement.fails(finding),
                    None => judgement.holds("paths are handed on as they were judged", pass),
                }
            }
        },
    )
}

/// A variable with the decoded path is sent as it is: `%3F` becomes the `?` of a query.
fn decoded<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    pass: &'a Directive,
) -> Option<Finding> {
    let text = pass.argument(0)?;
    let name = parts(text).into_iter().find_map(|part| match part {
        Part::Variable(name) => {
            let content = variables.part(part, context, pass);
            content.is_decoded.then_some(name)
        }
        Part::Literal(_) => None,
    })?;
    Some(finding(
        context,
        pass,
        format!(
            "/a%3Fb reaches the upstream as /a?b: ${name} is the path with its escapes resolved, \
             so that what nginx forbids by path is asked for in another spelling"
        ),
        "Leave the path out of proxy_pass, or hand on $request_uri.",
    ))
}

/// `rewrite ^ $request_uri` puts the raw path in place; without a variable in the target nginx
/// escapes it once more.
fn escaped_twice<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    pass: &'a Directive,
) -> Option<Finding> {
    let target = Target::of(pass.argument(0)?);
    let rewrite = raw_rewrite(context)?;
    if has_path(variables, context, pass, &target) {
        return None;
    }
    Some(
        finding(
            context,
            pass,
            "/%2F reaches the upstream as /%252F: the raw path that rewrite has put in is escaped \
             once more",
            "Put the path into proxy_pass as well: `http://upstream$1` after the rewrite that \
             captures it.",
        )
        .with_severity(Severity::Low)
        .beside(rewrite, "puts the raw path in place"),
    )
}

/// The `rewrite` of this place, or of an `if` in it, that puts the raw path in place.
fn raw_rewrite<'a>(context: &Context<'a>) -> Option<&'a Directive> {
    let own = context.own("rewrite").find(|one| takes_raw_path(one));
    own.or_else(|| {
        context
            .inner()
            .filter(|inner| inner.is("if"))
            .find_map(|inner| inner.own("rewrite").find(|one| takes_raw_path(one)))
    })
}

/// Whether variables of the target bring a path of their own.
fn has_path<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    pass: &'a Directive,
    target: &Target<'_>,
) -> bool {
    if target.uri.is_some_and(has_variables) {
        return true;
    }
    variables
        .spelled(target.authority, context, pass)
        .iter()
        .any(|(_, content)| content.may_hold(b'/'))
        && has_variables(target.authority)
}

/// The prefix is cut off and the target's path put in its place, letter for letter.
fn slashes_differ(context: &Context<'_>, pass: &Directive) -> Option<Finding> {
    let target = Target::of(pass.argument(0)?);
    let uri = target
        .uri
        .filter(|uri| uri.starts_with('/') && !has_variables(uri))?;
    let Some(Matcher::Prefix { path, .. }) = context.matcher() else {
        return None;
    };
    if has_variables(target.authority) || !context.is("location") {
        return None;
    }
    let (message, severity) = match (path.ends_with('/'), uri.ends_with('/')) {
        (false, true) => (
            format!(
                "{path}../x reaches the upstream as {uri}../x, above the folder that was meant, \
                 and {path}x as {uri}x"
            ),
            Severity::Medium,
        ),
        (true, false) => (
            format!("{path}x reaches the upstream as {uri}x"),
            Severity::Low,
        ),
        _ => return None,
    };
    let advice = "End both the location and the path in proxy_pass with a slash, or neither.";
    let mut found = finding(context, pass, message, advice).with_severity(severity);
    if let Some(location) = context.block() {
        found.labels.push(label(location, "is cut off"));
    }
    Some(found)
}
