use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Http, Leaf, Scope, Server};

use super::header_injection::redirect_target;
use super::judgement::{Judgement, With, finding};
use super::nosniff_missing::is_challenge;
use super::site::{answering_leaves, judge_sites, place, public_servers};
use crate::cross::plain_http_answered;
use crate::told::{leave_out, places_held_by, places_of};

pub(super) static CHECK: Check = Check {
    id: "nginx/http-not-redirected",
    title: "nginx answers over plain HTTP instead of leading to HTTPS",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.3", "B2.7", "B17.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "7.2"),
        Reference::Url("https://nginx.org/en/docs/http/configuring_https_servers.html"),
        Reference::Cwe(319),
    ],
    doc: include_str!("http_not_redirected.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_sites(
        deployment,
        "nothing is answered over plain HTTP",
        |http, judgement| {
            let has_tls = http.sockets().iter().any(|socket| socket.ssl);
            for server in public_servers(http, false) {
                if server.scope.flag("ssl") != Some(true) {
                    look(deployment, http, server, has_tls, judgement);
                }
            }
        },
    );
    let mut told = places_of(deployment, &plain_http_answered::CHECK);
    told.extend(places_held_by(deployment, &plain_http_answered::CHECK));
    leave_out(outcome, &told, &plain_http_answered::CHECK)
}

fn look(
    deployment: &Deployment,
    http: &Http<'_>,
    server: Server<'_, '_>,
    has_tls: bool,
    judgement: &mut Judgement,
) {
    if server
        .directive()
        .is_some_and(|block| is_stock(deployment, block))
    {
        return;
    }
    let may_lead_away = http.has("rewrite") || http.has("if");
    let leaves = answering_leaves(server);
    // Where a server hands its pages on in clear, that its files go the same way is no second fault.
    let hands_on = |leaf: &Leaf<'_, '_>| {
        matches!(leaf.handler, Handler::Upstream(_))
            && !is_challenge(leaf.scope)
            && !(may_lead_away && leads_away(leaf))
    };
    let is_told = leaves.iter().any(hands_on);
    for leaf in leaves {
        let context = place(http, &leaf);
        let (what, severity) = match leaf.handler {
            Handler::Upstream(_) => (
                "pages, forms and cookies of the application",
                Severity::High,
            ),
            Handler::Files(_) if is_told => continue,
            Handler::Files(Some(_)) => ("files", Severity::Medium),
            Handler::Return(answer) => {
                judgement.holds("what comes over plain HTTP is led away or refused", answer);
                continue;
            }
            Handler::Module(_) | Handler::Files(None) => continue,
        };
        let Some(block) = leaf.scope.block() else {
            continue;
        };
        if is_challenge(leaf.scope) || may_lead_away && leads_away(&leaf) {
            judgement.holds(
                "only challenges of ACME are answered over plain HTTP",
                block,
            );
            continue;
        }
        let mut around = leaf.scope.chain().filter(|_| may_lead_away);
        if let Some(condition) = around.find_map(by_variable) {
            judgement.unseen(
                format_args!(
                    "whether {context} is reached over plain HTTP is not known: {} leads to HTTPS",
                    condition.heading()
                ),
                "ask it over plain HTTP with --url",
                Some(condition.heading_span()),
            );
            continue;
        }
        if !has_tls {
            judgement.unseen(
                format_args!(
                    "whether {context} is reached over plain HTTP is not known: nothing here speaks \
                     TLS, and what may stand in front is not seen"
                ),
                "add the configuration of what ends TLS",
                Some(block.name.span),
            );
            continue;
        }
        let found = finding(
            &context,
            block,
            format!(
                "{what} go over the line in clear: whoever shares the network reads and changes \
                 them ({})",
                context.name()
            ),
            "Answer every request on port 80 with `return 301 https://$host$request_uri;`, but for \
             /.well-known/acme-challenge/.",
        )
        .with_severity(severity);
        judgement.fails(match leaf.handler {
            Handler::Upstream(pass) => found.beside(pass, "hands the request on"),
            _ => found,
        });
    }
}

/// Whether a server is the one that nginx's image brings: it has nothing but a page of welcome.
fn is_stock(deployment: &Deployment, block: &Directive) -> bool {
    let source = &deployment.sources[block.span.source];
    source.path.ends_with("(of nginx itself)")
}

/// Whether a redirect to HTTPS comes first, by a `rewrite` or a condition.
fn leads_away(leaf: &Leaf<'_, '_>) -> bool {
    leaf.scope.chain().any(|scope| {
        let rewrites = scope.declared("rewrite").iter();
        let by_rewrite = rewrites.clone().any(|rewrite| {
            rewrite
                .argument(0)
                .is_some_and(|text| text.starts_with('^'))
                && rewrite
                    .argument(1)
                    .is_some_and(|text| text.starts_with("https://"))
        });
        by_rewrite || by_condition(scope)
    })
}

/// A condition on a variable that is made elsewhere, by `map` or `geo`, and leads to HTTPS.
fn by_variable<'a>(scope: Scope<'_, 'a>) -> Option<&'a Directive> {
    let leads = |answer: &Directive| {
        redirect_target(answer).is_some_and(|target| target.starts_with("https://"))
    };
    let mut conditions = scope.declared("if").iter();
    conditions
        .find(|block| block.children("return").any(leads))
        .copied()
}

/// `if ($scheme = http) { return 301 https://...; }`
fn by_condition(scope: Scope<'_, '_>) -> bool {
    const SIGNS: [&str; 4] = [
        "$scheme",
        "$https",
        "$server_port",
        "$http_x_forwarded_proto",
    ];
    let asks = |block: &Directive| {
        let condition = block.heading().to_ascii_lowercase();
        SIGNS.iter().any(|sign| condition.contains(sign))
    };
    scope.declared("if").iter().any(|block| {
        let leads = |answer: &Directive| {
            redirect_target(answer).is_some_and(|target| target.starts_with("https://"))
        };
        asks(block) && block.children("return").any(leads)
    })
}
