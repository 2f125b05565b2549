use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::cookie_names::{CSRF, Cookie, SESSION, absent, is_unprefixed};
use crate::setting::{Demand, answers, is_not_true, judge, shown, together};

pub(super) static CHECK: Check = Check {
    id: "django/cookie-unprefixed",
    title: "A neighbour may put its own session cookie over the site's",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["X25"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes",
        ),
        Reference::Django("ref/settings/#session-cookie-name"),
        Reference::Cwe(565),
    ],
    doc: include_str!("cookie_unprefixed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    together([&SESSION, &CSRF].map(|cookie| of(deployment, cookie)))
}

fn of(deployment: &Deployment, cookie: &Cookie) -> Outcome {
    if let Some(outcome) = absent(deployment, cookie) {
        return outcome;
    }
    let Cookie { name, secure, .. } = cookie;
    if answers(deployment, secure, &is_not_true) == Some(true) {
        return Outcome::NotApplicable(format!("{secure} is not True, which a prefix needs"));
    }
    let has_domain = |value: &Value| value.truthy();
    let prefix = match answers(deployment, cookie.domain, &has_domain) {
        Some(false) => "__Host-",
        _ => "__Secure-",
    };
    let gain = match *name == SESSION.name {
        true => "logs visitors into an account of its own",
        false => "forges forms",
    };
    judge(
        deployment,
        &Demand {
            setting: name,
            refuses: &is_unprefixed,
            message: &|value| {
                format!(
                    "{name} is {}: whoever holds a subdomain sets this cookie too and {gain}, as its \
                     name has no prefix that browsers refuse then",
                    shown(value)
                )
            },
            advice: &format!(
                "Put {prefix} before the name; everybody is logged out once, and scripts that read \
                 the token need the new name."
            ),
            django_id: None,
            mend: None,
        },
    )
}
