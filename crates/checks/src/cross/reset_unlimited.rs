use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Reference, Route, Severity, Trail, View,
};

use super::login_unlimited::{self, paths, throttles};
use super::stranger::judge_limits;
use crate::told::{leave_out, places_of};

pub(super) static CHECK: Check = Check {
    id: "cross/reset-unlimited",
    title: "Password mails that neither nginx nor Django limits",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A14.3", "B6.4"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/default/#django.contrib.auth.views.PasswordResetView"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Cwe(799),
    ],
    doc: include_str!("reset_unlimited.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let throttles = throttles(deployment);
    let resets = match paths(deployment, |route| reset(route, throttles)) {
        Ok(resets) => resets,
        Err(outcome) => return outcome,
    };
    if resets.is_empty() {
        return Outcome::NotApplicable(
            "no route is one of the password resets that are known by name".to_owned(),
        );
    }
    if deployment.packages.get("django-ratelimit").is_some() {
        return Outcome::Pass(vec![Evidence {
            text: "django-ratelimit is there to count requests".to_owned(),
            trail: Trail::default(),
        }]);
    }
    let outcome = judge_limits(
        deployment,
        &resets,
        "a password reset",
        &|path, place| {
            format!(
                "anybody has the site send its customers password mails by the thousand, until the \
                 mail provider shuts it out: nginx passes each request for {path} on in {place}, \
                 and nothing in Django counts them"
            )
        },
        "Set limit_req in a location for the password reset; django-axes counts logins only.",
    );
    // A limit in that place mends both.
    let told = places_of(deployment, &login_unlimited::CHECK);
    leave_out(outcome, &told, &login_unlimited::CHECK)
}

/// The path of the reset that a route leads to: Django 6.1, dj-rest-auth 7. allauth has limits of
/// its own.
fn reset(route: &Route, throttles: bool) -> Option<String> {
    let path = format!("/{}", route.path()?);
    match &route.view {
        View::Package(name) if name == "django.contrib.auth.urls" => {
            Some(format!("{path}password_reset/"))
        }
        View::Package(name) if name == "dj_rest_auth.urls" && !throttles => {
            Some(format!("{path}password/reset/"))
        }
        View::Callable(name) if name == "django.contrib.auth.views.PasswordResetView" => Some(path),
        View::Callable(name) if name == "dj_rest_auth.views.PasswordResetView" && !throttles => {
            Some(path)
        }
        _ => None,
    }
}
