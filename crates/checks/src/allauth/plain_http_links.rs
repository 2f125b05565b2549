use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity};

use crate::package::setting_value;
use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "allauth/plain-http-links",
    title: "Links in allauth's mails are told to go without TLS",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &["A3.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/account/configuration.html"),
        Reference::Cwe(319),
    ],
    doc: include_str!("plain_http_links.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(protocol) = setting_value(deployment, "ACCOUNT_DEFAULT_HTTP_PROTOCOL") else {
        return Outcome::NotApplicable(
            "ACCOUNT_DEFAULT_HTTP_PROTOCOL is not set: links take the scheme of the request"
                .to_owned(),
        );
    };
    judge_value(
        deployment,
        &protocol,
        &Demand {
            setting: "ACCOUNT_DEFAULT_HTTP_PROTOCOL",
            refuses: &|value| Some(!value.as_str()?.eq_ignore_ascii_case("https")),
            message: &|_| {
                "whoever listens in a user's network takes over a password reset: links in mails \
                 begin with http:// where the request did, or where there was none"
                    .to_owned()
            },
            advice: "Set ACCOUNT_DEFAULT_HTTP_PROTOCOL = \"https\".",
            django_id: None,
            mend: Some((Safety::Safe, "\"https\"")),
        },
    )
}
