use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};
use tightship_predict::ways::Way;

use super::forwarded_headers::{Sent, TrustedHeader, sent};
use super::front::{Tally, judge_ways};
use super::{between, label, place};

pub(super) static CHECK: Check = Check {
    id: "cross/proto-header-misnamed",
    title: "nginx tells Django of HTTPS under another name or in another word",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3", "B1.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/#secure-proxy-ssl-header")],
    doc: include_str!("proto_header_misnamed.md"),
    run,
};

/// Headers by which proxies tell of HTTPS.
const NAMES: [&str; 6] = [
    "x-forwarded-proto",
    "x-forwarded-protocol",
    "x-forwarded-ssl",
    "x-forwarded-scheme",
    "x-scheme",
    "x-url-scheme",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(trusted) = deployment.settings.as_ref().and_then(TrustedHeader::of) else {
        return Outcome::NotApplicable("SECURE_PROXY_SSL_HEADER is not set".to_owned());
    };
    judge_ways(
        deployment,
        "no nginx that ends TLS tells Django of it in a header",
        |_, way, tally| {
            if !way.leaf.server.has_tls() {
                return;
            }
            match sent(way, &trusted.name) {
                Sent::Set(directive) => in_another_word(&trusted, way, directive, tally),
                Sent::PassedOn(_) => {
                    let other = NAMES.iter().find_map(|name| match sent(way, name) {
                        Sent::Set(directive) => Some((*name, directive)),
                        _ => None,
                    });
                    if let Some((name, directive)) = other {
                        tally.fails_there(under_another_name(&trusted, way, name, directive));
                    }
                }
                Sent::Unknown => {}
            }
        },
    )
}

fn in_another_word(
    trusted: &TrustedHeader,
    way: &Way<'_, '_>,
    directive: &Directive,
    tally: &mut Tally,
) {
    let Some(value) = directive.arguments.get(1) else {
        return;
    };
    let told = match value.text.as_str() {
        "$scheme" => "https",
        _ if value.has_variables() => return,
        text => text,
    };
    if !value.is_known {
        return;
    }
    let span = directive.heading_span();
    if told == trusted.secure {
        return tally.holds_there(
            format!("nginx tells Django {}: {told}", trusted.name),
            Trail::at(span, "sets the header"),
        );
    }
    tally.fails_there(between(
        place(way),
        format!(
            "no request ever counts as HTTPS: nginx sends {}: {told}, and Django waits for {:?}. \
             Redirects to HTTPS go round in circles, or forms fail and links begin with http://",
            trusted.name, trusted.secure
        ),
        label(span, format!("sends {told}")),
        &trusted.setting.trail,
        "Let both say the same: `proxy_set_header X-Forwarded-Proto $scheme;` and \
         (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
    ));
}

fn under_another_name(
    trusted: &TrustedHeader,
    way: &Way<'_, '_>,
    name: &str,
    directive: &Directive,
) -> Finding {
    between(
        place(way),
        format!(
            "no request of an honest visitor counts as HTTPS, and one with {}: {} does, whoever \
             sends it: nginx tells of HTTPS in {name}, and Django reads {}",
            trusted.name, trusted.secure, trusted.name
        ),
        label(
            directive.heading_span(),
            "sets a header that Django does not read",
        ),
        &trusted.setting.trail,
        "Let both use one name: `proxy_set_header X-Forwarded-Proto $scheme;` and \
         (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
    )
}
