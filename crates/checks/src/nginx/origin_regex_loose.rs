use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::{Context, places};
use super::header::added;
use super::judgement::{Judgement, With, finding, judge, label};
use super::origin::{Loose, Sent, loose};
use super::pattern::Pattern;
use super::variables::{Variables, condition, entries};

pub(super) static CHECK: Check = Check {
    id: "nginx/origin-regex-loose",
    title: "Origins and referers of strangers pass as one's own",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["B3.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS"),
        Reference::Cwe(625),
        Reference::Cwe(942),
    ],
    doc: include_str!("origin_regex_loose.md"),
    run,
};

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ADVICE: &str = "Write the whole of it: ^https://([a-z0-9-]+\\.)?example\\.com$ for an origin, \
                      ^https://example\\.com/ for a referer, each dot escaped.";

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no origin and no referer is judged",
        |configuration, judgement| {
            for (context, block) in places(configuration, &["if"]) {
                in_if(&context, block, judgement);
            }
            let variables = Variables::of(configuration);
            for (context, directive) in places(configuration, &["add_header", "more_set_headers"]) {
                for header in added(directive).filter(|header| header.is(ALLOW_ORIGIN)) {
                    allowed(&variables, &context, directive, header.value, judgement);
                }
            }
        },
    )
}

fn in_if(context: &Context<'_>, block: &Directive, judgement: &mut Judgement) {
    let Some(condition) = condition(block) else {
        return;
    };
    let variable = condition.left.trim_start_matches('$').to_ascii_lowercase();
    let is_negative = condition.operator.starts_with('!');
    let ignores_case = match condition.operator.trim_start_matches('!') {
        "~" => false,
        "~*" => true,
        _ => return,
    };
    if variable == "http_referrer" {
        judgement.fails(finding(
            context,
            block,
            "no browser sends Referrer, the header is called Referer: the condition looks at an \
             empty text, or at whatever an attacker writes there",
            "Write $http_referer.",
        ));
        return;
    }
    let Some(sent) = sent(&variable) else { return };
    if !is_negative && refuses(block) {
        judgement.holds("what a list of bad referers catches is refused", block);
        return;
    }
    match Pattern::parse(condition.right, ignores_case) {
        Some(pattern) => told(context, block, &variable, loose(&pattern, sent), judgement),
        None => judgement.unseen(
            format!(
                "what {} lets in is not known: the pattern is too intricate",
                block.heading()
            ),
            "try it with a stranger's origin",
            Some(block.heading_span()),
        ),
    }
}

fn sent(variable: &str) -> Option<Sent> {
    match variable {
        "http_origin" => Some(Sent::Origin),
        "http_referer" => Some(Sent::Referer),
        _ => None,
    }
}

/// Whether a block turns away what comes into it.
fn refuses(block: &Directive) -> bool {
    block.children("return").any(|answer| {
        answer
            .argument(0)
            .and_then(|code| code.parse::<u16>().ok())
            .is_some_and(|code| code >= 400)
    })
}

fn told(
    context: &Context<'_>,
    place: &Directive,
    variable: &str,
    fault: Option<Loose>,
    judgement: &mut Judgement,
) {
    let name = if variable == "http_origin" {
        "Origin"
    } else {
        "Referer"
    };
    let (message, severity) = match fault {
        None => {
            judgement.holds("the patterns let in what they name", place);
            return;
        }
        Some(Loose::Stranger(text)) => (
            format!("a stranger's page passes as one's own: the pattern matches {text} as {name}"),
            if variable == "http_origin" {
                Severity::High
            } else {
                Severity::Medium
            },
        ),
        Some(Loose::Dot(host)) => (
            format!("the bare dot matches any character: {host} passes as one's own too"),
            Severity::Low,
        ),
        Some(Loose::Start) => (
            format!(
                "the pattern does not begin with the scheme: whatever stands before it in {name} \
                 passes too"
            ),
            Severity::Low,
        ),
        Some(Loose::Nothing) => (
            format!("no browser sends a {name} that the pattern matches: the condition is dead"),
            Severity::Low,
        ),
    };
    judgement.fails(finding(context, place, message, ADVICE).with_severity(severity));
}

/// The value of Access-Control-Allow-Origin: any origin, or those that a map lets through.
fn allowed<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    directive: &'a Directive,
    value: &str,
    judgement: &mut Judgement,
) {
    if let Some(echo) = echoes(variables, context, value, 8) {
        judgement.fails(echoed(context, directive, echo));
        return;
    }
    for part in parts(value) {
        let Part::Variable(name) = part else { continue };
        for (place, map) in variables.sources(name, context) {
            let subject = map.argument(0).unwrap_or_default().trim_start_matches('$');
            let subject = subject.to_ascii_lowercase();
            let Some(sent) = sent(&subject).filter(|_| map.is("map")) else {
                continue;
            };
            for key in entries(map).filter(|key| key.name.text.starts_with('~')) {
                let Some(pattern) = Pattern::of_word(&key.name.text) else {
                    continue;
                };
                if key.argument(0) != Some("") {
                    told(&place, key, &subject, loose(&pattern, sent), judgement);
                }
            }
        }
    }
    judgement.holds("not every origin is allowed", directive);
}

/// The place that hands the client's Origin back without having looked at it; the outer `None`
/// where nothing does, the inner one where it is the header itself.
fn echoes<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    value: &str,
    depth: usize,
) -> Option<Option<&'a Directive>> {
    for part in parts(value) {
        let Part::Variable(name) = part else { continue };
        if name.eq_ignore_ascii_case("http_origin") {
            return Some(None);
        }
        for (place, source) in variables.sources(name, context) {
            let value = if source.is("map") {
                source
                    .child("default")
                    .and_then(|default| default.argument(0))
            } else if source.is("set") && !place.is("if") {
                source.argument(1)
            } else {
                None
            };
            let found = value
                .filter(|_| depth > 0)
                .and_then(|value| echoes(variables, &place, value, depth - 1));
            if let Some(inner) = found {
                return Some(Some(inner.unwrap_or(source)));
            }
        }
    }
    None
}

fn echoed(context: &Context<'_>, directive: &Directive, by: Option<&Directive>) -> Finding {
    let with_credentials = context.held("add_header").into_iter().find(|one| {
        one.argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case("access-control-allow-credentials"))
    });
    let mut found = match with_credentials {
        Some(credentials) => finding(
            context,
            directive,
            "any site reads answers meant for a logged-in visitor: whatever Origin comes is sent \
             back as allowed, with credentials",
            "Allow the origins that are yours by a map, with an empty default.",
        )
        .beside(credentials, "lets the cookies along"),
        None => finding(
            context,
            directive,
            "any site reads these answers: whatever Origin comes is sent back as allowed",
            "Allow the origins that are yours by a map, with an empty default.",
        )
        .with_severity(Severity::Medium),
    };
    if let Some(by) = by {
        found.labels.push(label(by, "takes the Origin as it comes"));
    }
    found
}
