use tightship_model::{
    Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, holds_true, pass, setting_value};
use crate::proxy;

pub(super) static CHECK: Check = Check {
    id: "allauth/address-of-proxy",
    title: "allauth takes the proxy's address for the visitor's",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.allauth.org/en/latest/common/rate_limits.html"),
        Reference::Cwe(645),
    ],
    doc: include_str!("address_of_proxy.md"),
    run,
};

/// The version that stopped believing X-Forwarded-For by default.
const DISTRUSTS_SINCE: (u32, u32, u32) = (65, 14, 2);

fn run(deployment: &Deployment) -> Outcome {
    let Some(front) = proxy::front(deployment) else {
        return Outcome::NotApplicable("nothing says that a proxy stands in front".to_owned());
    };
    let social_only = super::option(deployment, "SOCIALACCOUNT_ONLY", Value::Bool(false));
    if holds_true(&social_only, &Value::truthy) == Some(true) {
        return Outcome::NotApplicable("nobody logs in with a password here".to_owned());
    }
    let release = super::release(deployment);
    if release.is_some_and(|release| release < DISTRUSTS_SINCE) {
        return Outcome::NotApplicable(
            "this version of allauth reads X-Forwarded-For by itself".to_owned(),
        );
    }
    let limits = super::option(deployment, "ACCOUNT_RATE_LIMITS", Value::None);
    if holds_true(&limits, &|value| Some(*value == Value::Bool(false))) == Some(true) {
        return Outcome::NotApplicable("allauth's limits are off".to_owned());
    }
    for (name, default) in [
        ("ALLAUTH_TRUSTED_PROXY_COUNT", Value::Int(0)),
        ("ALLAUTH_TRUSTED_CLIENT_IP_HEADER", Value::None),
    ] {
        let value = super::option(deployment, name, default);
        match holds_true(&value, &Value::truthy) {
            Some(true) => {
                return pass(
                    format!("{name} says where the address stands"),
                    &value.trail,
                );
            }
            Some(false) => {}
            None => return unseen(&format!("{name} is not known")),
        }
    }
    if setting_value(deployment, "ACCOUNT_ADAPTER").is_some() {
        return unseen("the project's own adapter may name the visitor's address");
    }
    if let Some(reason) = proxy::may_set_address(deployment) {
        return unseen(&reason);
    }
    let mut finding = finding(
        "ALLAUTH_TRUSTED_PROXY_COUNT",
        &front.trail,
        format!(
            "ten failed logins in a minute, by anyone, stop every visitor from logging in: {}, \
             and allauth counts by the proxy's address",
            front.sentence
        ),
        "Set ALLAUTH_TRUSTED_PROXY_COUNT to the number of proxies, 1 for nginx alone.",
    );
    finding.confidence = match release {
        Some(_) => Confidence::Medium,
        None => Confidence::Low,
    };
    Outcome::Fail(vec![finding])
}

fn unseen(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.to_owned(),
        remedy: "fail ten logins in a minute and try another from elsewhere".to_owned(),
        trail: Trail::default(),
    }
}
