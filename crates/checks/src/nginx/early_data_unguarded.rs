use tightship_model::nginx::{Configuration, Directive, variables};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Http, Socket};

use super::judgement::{Judgement, With, finding};
use super::site::{judge_sites, place_of, public_sockets};

pub(super) static CHECK: Check = Check {
    id: "nginx/early-data-unguarded",
    title: "nginx passes on what anybody on the way can send again",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8470, "3"),
        Reference::Rfc(8446, "8"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_early_data"),
        Reference::Cwe(294),
    ],
    doc: include_str!("early_data_unguarded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(
        deployment,
        "no server takes early data",
        |http, judgement| {
            for socket in public_sockets(http).filter(|socket| socket.ssl) {
                look(http, socket, judgement);
            }
        },
    )
}

/// The default server of a socket decides for all: early data comes before the name is known.
fn look(http: &Http<'_>, socket: &Socket, judgement: &mut Judgement) {
    let Some(server) = http.server(socket.default) else {
        return;
    };
    if server.scope.flag("ssl_early_data") != Some(true) {
        return;
    }
    let has_none = |protocols: &Directive| protocols.texts().all(|name| name != "TLSv1.3");
    let (Some(directive), false) = (
        server.scope.one("ssl_early_data"),
        server.scope.one("ssl_protocols").is_some_and(has_none),
    ) else {
        return;
    };
    let mut servers = socket
        .servers
        .iter()
        .filter_map(|number| http.server(*number));
    let passes_on = servers.any(|server| {
        let leaves = server.leaves();
        leaves
            .iter()
            .any(|leaf| matches!(leaf.handler, Handler::Upstream(_)))
    });
    if !passes_on {
        judgement.holds("what may come again only reads files", directive);
        return;
    }
    match guard(http.configuration) {
        Guard::Refuses(by) => judgement.holds("early data is answered by nginx with 425", by),
        Guard::Tells(by) => judgement.unseen(
            "the application is told what came early, and whether it answers 425 where that would \
             change something is not read from here",
            "send a request that changes something as early data, and see that the answer is 425",
            Some(by.heading_span()),
        ),
        Guard::None => judgement.fails(
            finding(
                &place_of(http, server),
                directive,
                "whoever records a visitor's first bytes has the server carry them out again, with the \
                 visitor's cookies: nothing here tells early data apart"
                    .to_owned(),
                "Leave `ssl_early_data` off, or pass `proxy_set_header Early-Data $ssl_early_data;` to \
                 an application that answers 425 (Too Early) to what changes something; Django does \
                 not by itself.",
            )
            .with_severity(Severity::Medium),
        ),
    }
}

/// What is done about early data.
enum Guard<'a> {
    /// nginx itself sends the client back.
    Refuses(&'a Directive),
    /// Something learns of it.
    Tells(&'a Directive),
    None,
}

/// Read generously: wherever the variable stands, somebody has thought of it.
fn guard(configuration: &Configuration) -> Guard<'_> {
    /// RFC 8470, 5.2: Too Early.
    const TOO_EARLY: &str = "425";
    let mut tells = None;
    let mut refuses = None;
    configuration.walk(&mut |_, directive| {
        let mut names = directive.texts().flat_map(variables);
        if names.any(|name| name == "ssl_early_data") {
            tells.get_or_insert(directive);
        }
        if directive.is("return") && directive.argument(0) == Some(TOO_EARLY) {
            refuses.get_or_insert(directive);
        }
    });
    match (tells, refuses) {
        (Some(_), Some(refuses)) => Guard::Refuses(refuses),
        (Some(tells), None) => Guard::Tells(tells),
        _ => Guard::None,
    }
}
