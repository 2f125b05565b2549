use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::content::{Content, Part, parts};
use super::context::{Context, places};
use super::header::added;
use super::judgement::{finding, judge};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/header-injection",
    title: "A client writes headers of its own into a response or a request",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#var_uri"),
        Reference::Cwe(113),
    ],
    doc: include_str!("header_injection.md"),
    run,
};

/// Where a line break ends a header.
const SINKS: [&str; 12] = [
    "add_header",
    "add_trailer",
    "more_set_headers",
    "proxy_set_header",
    "grpc_set_header",
    "return",
    "rewrite",
    "proxy_pass",
    "grpc_pass",
    "proxy_redirect",
    "proxy_cookie_path",
    "auth_request_set",
];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no text with variables is sent",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            for (context, directive) in places(configuration, &SINKS) {
                let Some(sink) = Sink::of(directive) else {
                    continue;
                };
                match sink.broken_by(&variables, &context, directive) {
                    Some(name) => judgement.fails(injected(&context, directive, &sink, name)),
                    None => judgement.holds("no line break gets into a header", directive),
                }
            }
        },
    )
}

/// A text that becomes a part of a message's head.
struct Sink<'a> {
    texts: Vec<&'a str>,
    /// A response, whose clients take a lone carriage return for the end of a line too.
    is_response: bool,
    /// Numbered groups are escaped: in the target of a redirecting `rewrite`.
    escapes_groups: bool,
}

impl<'a> Sink<'a> {
    fn of(directive: &'a Directive) -> Option<Self> {
        let argument = |index| directive.argument(index);
        let plain = |texts, is_response| Self {
            texts,
            is_response,
            escapes_groups: false,
        };
        Some(match directive.name.text.as_str() {
            "add_header" | "add_trailer" | "more_set_headers" => {
                plain(added(directive).map(|header| header.value).collect(), true)
            }
            "proxy_set_header" | "grpc_set_header" => {
                plain(added(directive).map(|header| header.value).collect(), false)
            }
            "return" => plain(vec![redirect_target(directive)?], true),
            "rewrite" if redirects(directive) => Self {
                escapes_groups: true,
                ..plain(vec![argument(1)?], true)
            },
            "proxy_pass" | "grpc_pass" => plain(vec![argument(0)?], false),
            _ => return None,
        })
    }

    /// The variable that brings a line break of the client's choice.
    fn broken_by<'v>(
        &self,
        variables: &Variables<'v>,
        context: &Context<'v>,
        directive: &Directive,
    ) -> Option<&'a str> {
        self.texts
            .iter()
            .flat_map(|text| parts(text))
            .find_map(|part| match part {
                Part::Variable(name) if self.escapes_groups && name.parse::<usize>().is_ok() => {
                    None
                }
                Part::Variable(name) => {
                    let content = variables.part(part, context, directive);
                    self.breaks(&content).then_some(name)
                }
                Part::Literal(_) => None,
            })
    }

    fn breaks(&self, content: &Content) -> bool {
        let ends = content.may_hold(b'\n') || (self.is_response && content.may_hold(b'\r'));
        content.from_client && ends
    }
}

/// The Location that a `return` sends.
pub(super) fn redirect_target(directive: &Directive) -> Option<&str> {
    let first = directive.argument(0)?;
    match directive.argument(1) {
        None if first.starts_with("http") || first.starts_with('$') => Some(first),
        Some(target) if matches!(first, "301" | "302" | "303" | "307" | "308") => Some(target),
        _ => None,
    }
}

/// Whether a `rewrite` answers with a redirect. nginx looks at the scheme's letters as written.
pub(super) fn redirects(rewrite: &Directive) -> bool {
    const SCHEMES: [&str; 3] = ["http://", "https://", "$scheme"];
    let target = rewrite.argument(1).unwrap_or_default();
    SCHEMES.iter().any(|scheme| target.starts_with(scheme))
        || matches!(rewrite.argument(2), Some("redirect" | "permanent"))
}

fn injected(context: &Context<'_>, directive: &Directive, sink: &Sink<'_>, name: &str) -> Finding {
    let gain = if sink.is_response {
        "a link with %0d%0a in its path makes nginx send headers that the attacker wrote: cookies, \
         or a page of his"
    } else {
        "a path with %0a in it puts headers of the attacker's choice into the request that the \
         upstream trusts"
    };
    finding(
        context,
        directive,
        format!("{gain} (${name} holds the path with its escapes resolved)"),
        "Use $request_uri, or a group that takes no line breaks, such as [^\\r\\n]*.",
    )
}
