use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use super::SECURITY_MIDDLEWARE;
use crate::proxy::unless_nginx;
use crate::setting::{Demand, is_not_true, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/https-redirect-off",
    title: "Django does not redirect to HTTPS",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Middleware(SECURITY_MIDDLEWARE)],
    items: &["A2.3", "B1.5"],
    django_ids: &["security.W008"],
    references: &[
        Reference::Django("ref/settings/#secure-ssl-redirect"),
        Reference::Cwe(319),
    ],
    doc: include_str!("https_redirect_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = of_django(deployment);
    unless_nginx(
        outcome,
        deployment,
        "nginx/http-not-redirected",
        |name, words| {
            matches!(name, "return" | "rewrite")
                && words.iter().any(|word| word.starts_with("https://"))
        },
    )
}

fn of_django(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "SECURE_SSL_REDIRECT",
            refuses: &is_not_true,
            message: &|value| {
                format!(
                    "SECURE_SSL_REDIRECT is {}: unless the server in front redirects, whoever sits \
                     on the way reads passwords and cookies of plain HTTP visits",
                    shown(value)
                )
            },
            advice: "Set SECURE_SSL_REDIRECT to True, and SECURE_PROXY_SSL_HEADER where a proxy ends TLS.",
            django_id: Some("security.W008"),
            mend: Some((Safety::Unsafe, "True")),
        },
    )
}
