use tightship_model::{
    Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Traced, Value,
};

use super::forwarded_headers::{Sent, sent};
use super::front::Tally;
use super::stranger::reached;
use super::{between, edges_to_django, label, ways_to_django};
use crate::package::{setting_value, strings};

pub(super) static CHECK: Check = Check {
    id: "cross/cdn-header-forgeable",
    title: "Whoever goes round the CDN writes the address that limits go by",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A3.3", "A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://developers.cloudflare.com/fundamentals/reference/http-headers/"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_realip_module.html"),
        Reference::Cwe(348),
    ],
    doc: include_str!("cdn_header_forgeable.md"),
    run,
};

/// Headers that CDNs write the visitor's address into, as Django's META and as HTTP name them.
const HEADERS: [(&str, &str); 5] = [
    ("HTTP_CF_CONNECTING_IP", "CF-Connecting-IP"),
    ("HTTP_TRUE_CLIENT_IP", "True-Client-IP"),
    ("HTTP_FASTLY_CLIENT_IP", "Fastly-Client-IP"),
    ("HTTP_X_AZURE_CLIENTIP", "X-Azure-ClientIP"),
    ("HTTP_FLY_CLIENT_IP", "Fly-Client-IP"),
];

/// Settings that name the header to read.
const READERS: [&str; 6] = [
    "AXES_IPWARE_META_PRECEDENCE_ORDER",
    "AXES_META_PRECEDENCE_ORDER",
    "IPWARE_META_PRECEDENCE_ORDER",
    "RATELIMIT_IP_META_KEY",
    "ALLAUTH_TRUSTED_CLIENT_IP_HEADER",
    "DEFENDER_REVERSE_PROXY_HEADER",
];

fn run(deployment: &Deployment) -> Outcome {
    let readers = READERS.iter().filter_map(|name| {
        let value = setting_value(deployment, name)?;
        Some((*name, header(&value)?, value))
    });
    let Some((setting, header, value)) = readers.into_iter().next() else {
        return Outcome::NotApplicable("no setting names a header of a CDN".to_owned());
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut tally = Tally::default();
    for edge in &edges {
        let open: Vec<_> = reached(edge, deployment, "/")
            .into_iter()
            .map(|(_, span)| span)
            .collect();
        for way in ways_to_django(edge, deployment) {
            let pass = way.pass.heading_span();
            let asks_for_certificate = way.leaf.scope.value("ssl_verify_client") == Some("on");
            let is_open = open.iter().any(|span| span.start == pass.start);
            match sent(&way, header) {
                _ if asks_for_certificate => {
                    tally.holds("nginx talks to the CDN alone, by its certificate", pass);
                }
                Sent::Unknown => tally.unseen("what nginx hands on here is not known", pass),
                Sent::Set(directive) => {
                    tally.holds(format!("nginx writes {header}"), directive.heading_span());
                }
                Sent::PassedOn(_) if !is_open => {}
                Sent::PassedOn(_) => {
                    let mut finding = between(
                        format!("settings:{setting}"),
                        format!(
                            "whoever finds the server's own address is never locked out and locks \
                             out others: {setting} believes {header}, and nginx hands on what any \
                             client writes there"
                        ),
                        label(pass, "takes every client, not the CDN alone"),
                        &value.trail,
                        "Let nginx answer the CDN's networks only (allow and deny, or \
                         ssl_verify_client), or take the address with set_real_ip_from and \
                         real_ip_header and hand on $remote_addr.",
                    );
                    // A firewall may let the CDN in alone.
                    finding.confidence = Confidence::Medium;
                    return Outcome::Fail(vec![finding]);
                }
            }
        }
    }
    tally.outcome("nginx lets no stranger through to Django")
}

/// The first header that the setting names, where it is a CDN's.
fn header(value: &Traced<Value>) -> Option<&'static str> {
    let first = match value.value.as_str() {
        Some(text) => text,
        None => *strings(&value.value)?.first()?,
    };
    let mut headers = HEADERS.into_iter();
    headers
        .find(|(meta, name)| *meta == first || name.eq_ignore_ascii_case(first))
        .map(|(_, name)| name)
}
