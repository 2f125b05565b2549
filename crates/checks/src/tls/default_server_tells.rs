use tightship_model::site::tls::Nameless;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};
use tightship_predict::nginx::http_blocks;

use super::look::seen;
use crate::domains::is_one_site;

pub(super) static CHECK: Check = Check {
    id: "tls/default-server-tells",
    title: "Whoever asks the address for no name is told of another site",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.1"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6066, "3"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_reject_handshake",
        ),
        Reference::Cwe(200),
    ],
    doc: include_str!("default_server_tells.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let Some(asked) = &seen.tls.target.server_name else {
        return Outcome::NotApplicable("the site was asked for by its address".to_owned());
    };
    let shown = match &seen.tls.nameless {
        Some(Nameless::Shown(shown)) => shown,
        Some(Nameless::Refused) => {
            return seen.passes(
                "who names no site is refused",
                "ends handshakes that name nobody",
            );
        }
        None => {
            return Outcome::Unknown {
                reason: "what a client gets that names nobody was not seen".to_owned(),
                remedy: "ask with `openssl s_client -noservername`".to_owned(),
                trail: Trail::default(),
            };
        }
    };
    let strangers: Vec<&str> = shown
        .names
        .iter()
        .map(String::as_str)
        .filter(|name| !is_one_site(name.trim_start_matches("*."), asked))
        .collect();
    if seen.own().any(|(_, own)| own.sha256 == shown.sha256) || strangers.is_empty() {
        return seen.passes(
            "who names no site is told of no other one",
            "shows clients that name nobody a certificate of this site, or of none",
        );
    }
    // A hoster's own name is no secret; that of another site on this server is one.
    let hosted = strangers.iter().find(|name| is_served(deployment, name));
    match hosted {
        Some(name) => {
            let finding: Finding = seen.finding(
                "nameless",
                format!("whoever scans addresses reads that {name} is served here, beside {asked}"),
                &format!(
                    "shows clients that name nobody the certificate of {}",
                    shown.subject
                ),
                "Give the socket a default server of its own: `listen 443 ssl default_server; \
                 ssl_reject_handshake on;`.",
            );
            Outcome::Fail(vec![Finding {
                labels: seen.label("ssl_certificate", "is what they are shown"),
                ..finding
            }])
        }
        None => Outcome::Unknown {
            reason: format!(
                "clients that name nobody are shown a certificate for {}, and whether that is the \
                 host's own name or another site is not known",
                strangers[0]
            ),
            remedy: "refuse them with ssl_reject_handshake, or look with the project at hand"
                .to_owned(),
            trail: Trail::default(),
        },
    }
}

/// Whether the project's nginx serves a site of this name.
fn is_served(deployment: &Deployment, name: &str) -> bool {
    http_blocks(&deployment.nginx).any(|http| {
        http.servers().any(|server| {
            let mut names = server.names().iter();
            names.any(|own| own.form.fits(name) == Some(true))
        })
    })
}
