use tightship_model::nginx::{Directive, Word};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Http, Leaf, Scope, Server};

use super::judgement::{Judgement, With, finding};
use super::nosniff_missing::is_challenge;
use super::site::{answering_leaves, is_behind_another, judge_sites, place_of, public_servers};
use crate::setting::has_middleware;

pub(super) static CHECK: Check = Check {
    id: "nginx/text-uncompressed",
    title: "Pages, CSS and JavaScript are sent at their full size",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A5.4", "B6.7"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_gzip_module.html"),
        Reference::Django("ref/middleware/#module-django.middleware.gzip"),
    ],
    doc: include_str!("text_uncompressed.md"),
    run,
};

/// What compresses what nginx sends on, and what sends files that were compressed before.
const COMPRESSING: [&str; 6] = [
    "gzip",
    "gzip_static",
    "brotli",
    "brotli_static",
    "zstd",
    "zstd_static",
];
/// Types of which sites have most, beside text/html, the only one that `gzip on` takes by itself.
const COMMON_TYPES: [&str; 6] = [
    "*",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/json",
];
const GZIP_MIDDLEWARE: &str = "django.middleware.gzip.GZipMiddleware";

fn run(deployment: &Deployment) -> Outcome {
    let by_django = has_middleware(deployment, GZIP_MIDDLEWARE) == Some(true);
    judge_sites(
        deployment,
        "nginx answers with no pages and no files",
        |http, judgement| {
            let mut servers = public_servers(http, true);
            if servers.is_empty() {
                servers = public_servers(http, false);
            }
            for server in servers {
                look(deployment, http, server, by_django, judgement);
            }
        },
    )
}

fn look(
    deployment: &Deployment,
    http: &Http<'_>,
    server: Server<'_, '_>,
    by_django: bool,
    judgement: &mut Judgement,
) {
    let sends_text = |leaf: &Leaf<'_, '_>| match leaf.handler {
        Handler::Upstream(_) => !by_django,
        Handler::Files(Some(_)) => !is_challenge(leaf.scope) && !is_of_uploads(leaf.scope),
        _ => false,
    };
    let mut leaves = answering_leaves(server);
    leaves.retain(sends_text);
    let context = place_of(http, server);
    let Some(first) = leaves.first() else {
        return;
    };
    let on = leaves
        .iter()
        .find_map(|leaf| Some((leaf.scope, compressing(leaf.scope)?)));
    if let Some((scope, by)) = on {
        if takes_html_alone(scope, by) {
            judgement.fails(finding(
                &context,
                by,
                "only HTML is compressed: CSS, JavaScript and JSON go out at their full size, as \
                 gzip_types names none of them",
                "Add `gzip_types text/css text/javascript application/javascript application/json \
                 image/svg+xml;` beside it.",
            ));
        } else {
            judgement.holds("text is compressed", by);
        }
        return;
    }
    if context.has_gap() {
        judgement.hidden(&context, "whether text is compressed");
        return;
    }
    // Who takes a proxy's word for the visitor's address has one in front, which may compress; so has
    // a container that publishes no port.
    let trusted = server.scope.one("set_real_ip_from");
    if trusted.is_some() || is_behind_another(deployment, http) {
        judgement.unseen(
            "nginx compresses nothing, and what stands in front of it may",
            "ask the site: curl --compressed -I",
            trusted.or(first.scope.block()).map(Directive::heading_span),
        );
        return;
    }
    let off = COMPRESSING.iter().find_map(|name| server.scope.one(name));
    let http_block = server.scope.around().and_then(Scope::block);
    let (Some(block), Some(leaf)) = (off.or(http_block), first.scope.block()) else {
        return;
    };
    judgement.fails(
        finding(
            &context,
            block,
            "pages, CSS and JavaScript go out at their full size: gzip is off, which is nginx's \
             default",
            "Add `gzip on;` and `gzip_types` to http; leave out pages that repeat what a visitor \
             sends beside a secret of their own (BREACH).",
        )
        .beside(leaf, "answers with text"),
    );
}

/// Whether a place serves what users upload, by its path: pictures and archives are compressed as they
/// are; or a single file such as `/robots.txt`, whose size is nothing.
fn is_of_uploads(scope: Scope<'_, '_>) -> bool {
    let location = scope.location().and_then(Scope::matcher);
    location.is_some_and(|matcher| {
        let path = matcher.text().to_ascii_lowercase();
        path.contains("media") || path.contains("upload") || path.ends_with(".txt")
    })
}

/// The directive that compresses in a scope.
fn compressing<'a>(scope: Scope<'_, 'a>) -> Option<&'a Directive> {
    COMPRESSING.iter().find_map(|name| {
        let directive = scope.one(name)?;
        (directive.argument(0) != Some("off")).then_some(directive)
    })
}

/// Whether gzip is what compresses, and takes HTML alone.
fn takes_html_alone(scope: Scope<'_, '_>, by: &Directive) -> bool {
    let types = scope.effective("gzip_types");
    let mut words = types.directives.iter().flat_map(|one| &one.arguments);
    let is_common = |word: &Word| !word.is_known || COMMON_TYPES.contains(&word.text.as_str());
    by.is("gzip") && !words.any(is_common)
}
