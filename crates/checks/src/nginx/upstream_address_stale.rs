use tightship_model::nginx::{Configuration, Directive};
use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::context::{Context, places};
use super::judgement::{Judgement, With, finding, judge};
use super::target::{Target, has_variables, host, is_address, is_public, upstreams};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/upstream-address-stale",
    title: "nginx keeps sending requests to an address that has changed hands",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver"),
    ],
    doc: include_str!("upstream_address_stale.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is handed on by name",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            let blocks = upstreams(configuration);
            for (context, pass) in places(configuration, &["proxy_pass"]) {
                let Some(text) = pass.argument(0) else {
                    continue;
                };
                let target = Target::of(text);
                let Some(name) = host_name(&variables, &context, pass, &target) else {
                    continue;
                };
                if let Some(block) = blocks.get(name.as_str()) {
                    in_upstream(&context, pass, block, judgement);
                } else if is_address(&name) {
                    judgement.holds("upstreams are given by their addresses", pass);
                } else if has_variables(text) {
                    resolved_later(configuration, &context, pass, &name, judgement);
                } else if is_public(&name) {
                    judgement.fails(stale(&context, pass, &name));
                } else {
                    judgement.holds("upstreams are names of the own network", pass);
                }
            }
        },
    )
}

/// The host of a target, without variables; `None` where it is not known or a socket.
fn host_name<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    pass: &'a Directive,
    target: &Target<'_>,
) -> Option<String> {
    let authority = target.authority;
    if !has_variables(authority) {
        return target.host().map(str::to_owned);
    }
    // `http://web$request_uri`: the host ends where the path begins.
    let (head, _) = authority.split_once('$')?;
    let spelled = variables.spelled(authority, context, pass);
    if spelled.iter().all(|(name, _)| name.is_none()) {
        let literals = spelled
            .iter()
            .filter_map(|(_, content)| content.texts.as_ref()?.first());
        let text: String = literals.map(String::as_str).collect();
        return Target::of(&text).host().map(str::to_owned);
    }
    let first = spelled.iter().find(|(name, _)| name.is_some())?;
    if !head.is_empty() {
        let begins_path = first.1.always.holds(b'/');
        return begins_path.then(|| host(head)).flatten().map(str::to_owned);
    }
    let texts = first.1.texts.as_ref()?;
    let [text] = texts.as_slice() else {
        return None;
    };
    Target::of(text).host().map(str::to_owned)
}

/// A target with variables is looked up for each request, which takes a resolver.
fn resolved_later(
    configuration: &Configuration,
    context: &Context<'_>,
    pass: &Directive,
    name: &str,
    judgement: &mut Judgement,
) {
    let is_known_otherwise = configuration.find("proxy_pass").iter().any(|(_, other)| {
        let text = other.argument(0).unwrap_or_default();
        !has_variables(text) && Target::of(text).host() == Some(name)
    });
    if context.value("resolver").is_some() || is_known_otherwise {
        judgement.holds("names of upstreams are looked up anew", pass);
    } else if context.has_gap() {
        judgement.hidden(context, "the resolver");
    } else {
        judgement.fails(
            finding(
                context,
                pass,
                format!(
                    "visitors get 502: a target with variables is looked up for each request, and \
                     no resolver says where {name} is to be looked up"
                ),
                "Set `resolver` to the name server of the own network, 127.0.0.11 in Docker.",
            )
            .with_confidence(Confidence::Medium),
        );
    }
}

fn in_upstream(
    context: &Context<'_>,
    pass: &Directive,
    block: &Directive,
    judgement: &mut Judgement,
) {
    for server in block.children("server") {
        let resolves = server.texts().any(|text| text == "resolve");
        let name = server.argument(0).and_then(host).unwrap_or_default();
        if resolves && context.value("resolver").is_none() && block.child("resolver").is_none() {
            judgement.fails(
                finding(
                    context,
                    server,
                    format!("nginx does not start: {name} is to be looked up anew, and no resolver is set"),
                    "Set `resolver` in http or in the upstream.",
                )
                .beside(pass, "hands requests on to it"),
            );
        } else if !resolves && is_public(name) {
            judgement.fails(stale(context, server, name).beside(pass, "hands requests on to it"));
        } else {
            judgement.holds("addresses of upstreams are kept up to date", server);
        }
    }
}

fn stale(context: &Context<'_>, directive: &Directive, name: &str) -> tightship_model::Finding {
    finding(
        context,
        directive,
        format!(
            "nginx looks {name} up once, when it starts: after its address has changed, requests \
             with their cookies go to whoever has the old one"
        ),
        "Add `resolve` to the server of an upstream with a zone (nginx 1.27.3), and set resolver.",
    )
}
