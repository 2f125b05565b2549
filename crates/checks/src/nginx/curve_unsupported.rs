use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};
use super::release::has_openssl_35;

pub(super) static CHECK: Check = Check {
    id: "nginx/curve-unsupported",
    title: "nginx does not start with the curves that it is given",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B4.4", "B6.2", "X27"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ecdh_curve"),
        Reference::Url("https://docs.openssl.org/3.5/man3/SSL_CTX_set1_curves/"),
    ],
    doc: include_str!("curve_unsupported.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no curves are named",
        |configuration, judgement| {
            for (context, curves) in places(configuration, &["ssl_ecdh_curve"]) {
                let names: Vec<_> = curves.argument(0).unwrap_or_default().split(':').collect();
                let draft = names.iter().find(|name| is_draft(name));
                let new = names.iter().find(|name| is_hybrid(name));
                match (draft, new) {
                (Some(name), _) => judgement.fails(finding(
                    &context,
                    curves,
                    format!(
                        "no OpenSSL knows {name}, a draft that X25519MLKEM768 replaced: nginx \
                         refuses to start, and at a reload goes on with the old configuration"
                    ),
                    "Write X25519MLKEM768 where OpenSSL is 3.5 or newer, else leave it out.",
                )),
                (None, Some(name)) => match has_openssl_35(deployment, configuration) {
                    Some(true) => judgement.holds("OpenSSL 3.5 knows every curve", curves),
                    Some(false) => judgement.fails(finding(
                        &context,
                        curves,
                        format!(
                            "the OpenSSL of the image is older than 3.5 and refuses the whole list \
                             for {name}: nginx does not start"
                        ),
                        "Take an image with OpenSSL 3.5 (Alpine 3.22, Debian 13), or leave it out.",
                    )),
                    None => judgement.unseen(
                        format!(
                            "whether nginx starts with {name} is not known: OpenSSL before 3.5 \
                             refuses the whole list for it"
                        ),
                        "see `nginx -V` for the OpenSSL that it runs with",
                        Some(curves.heading_span()),
                    ),
                },
                (None, None) => judgement.holds("every curve is known to OpenSSL 1.1.1", curves),
            }
            }
        },
    )
}

fn is_draft(name: &str) -> bool {
    !name.starts_with('?') && name.to_ascii_lowercase().contains("kyber")
}

/// The hybrids of OpenSSL 3.5, the first release with ML-KEM.
fn is_hybrid(name: &str) -> bool {
    !name.starts_with('?') && name.to_ascii_lowercase().contains("mlkem")
}
