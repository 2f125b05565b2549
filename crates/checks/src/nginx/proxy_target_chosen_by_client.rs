use tightship_model::nginx::Directive;
use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::access::is_internal;
use super::bytes::Bytes;
use super::content::Content;
use super::context::{Context, places};
use super::judgement::{With, finding, judge};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/proxy-target-chosen-by-client",
    title: "A client chooses the server that nginx asks",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass"),
        Reference::Cwe(918),
    ],
    doc: include_str!("proxy_target_chosen_by_client.md"),
    run,
};

const PASSES: [&str; 5] = [
    "proxy_pass",
    "fastcgi_pass",
    "grpc_pass",
    "scgi_pass",
    "uwsgi_pass",
];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is handed on",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            for (context, pass) in places(configuration, &PASSES) {
                if is_internal(&context) {
                    judgement.holds(
                        "only nginx itself comes to where the target is chosen",
                        pass,
                    );
                    continue;
                }
                match chosen(&variables, &context, pass) {
                    Some((name, content)) => {
                        let found = finding(
                            &context,
                            pass,
                            format!(
                                "${name} comes from the request: a visitor makes nginx ask any server \
                             that it can reach, the database's network and the cloud's metadata \
                             among them"
                            ),
                            "Name the server, or choose it with a map that lists what is allowed.",
                        );
                        // What nginx has matched with its names may be one of these only.
                        let is_host = content.is_made_of("host");
                        judgement.fails(if is_host {
                            found.with_confidence(Confidence::Medium)
                        } else {
                            found
                        });
                    }
                    None => judgement.holds("every target is fixed", pass),
                }
            }
        },
    )
}

/// The variable by which a client writes a part of the scheme, the host or the port.
fn chosen<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    pass: &'a Directive,
) -> Option<(String, Content)> {
    let text = pass.argument(0).filter(|text| text.contains('$'))?;
    let mut in_scheme = pass.is("proxy_pass");
    for (name, content) in variables.spelled(text, context, pass) {
        if let Some(name) = name
            && content.from_client
            && (in_scheme || !begins_path(&content))
        {
            return Some((name, content));
        }
        let texts = content.texts.as_deref().unwrap_or_default();
        if in_scheme {
            in_scheme = !texts.iter().any(|text| text.contains("://")) && !texts.is_empty();
        }
        let ends_host = |text: &String| {
            let rest = text
                .split_once("://")
                .map_or(text.as_str(), |(_, rest)| rest);
            rest.contains(['/', '?'])
        };
        let is_over = if texts.is_empty() {
            begins_path(&content) || content.always.holds(b'/')
        } else {
            texts.iter().all(ends_host)
        };
        if is_over && !in_scheme {
            return None;
        }
    }
    None
}

/// Whether a text ends the host before anything of it can be a part of it.
fn begins_path(content: &Content) -> bool {
    !content.may_be_empty && content.first.is_within(Bytes::of("/?"))
}
