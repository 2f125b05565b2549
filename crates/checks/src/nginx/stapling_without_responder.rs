use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::judgement::{With, finding, judge};
use super::stapling::{lets_encrypt, stapling};

pub(super) static CHECK: Check = Check {
    id: "nginx/stapling-without-responder",
    title: "nginx staples answers that Let's Encrypt no longer gives",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.6"],
    django_ids: &[],
    references: &[
        Reference::Url("https://letsencrypt.org/2024/12/05/ending-ocsp"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling"),
    ],
    doc: include_str!("stapling_without_responder.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no server staples",
        |configuration, judgement| {
            for (server, switch) in stapling(configuration) {
                match lets_encrypt(&server) {
                    Some(certificate) => judgement.fails(
                        finding(
                            &server,
                            switch,
                            format!(
                                "{} promises an OCSP answer and has none: certificates of Let's \
                             Encrypt have named no responder since May 2025, and nginx warns at \
                             each start",
                                server.name()
                            ),
                            "Remove ssl_stapling; browsers learn of revoked certificates by lists.",
                        )
                        .beside(certificate, "a lineage of certbot"),
                    ),
                    None => judgement.holds("the certificate is not one of Let's Encrypt", switch),
                }
            }
        },
    )
}
