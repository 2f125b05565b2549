use tightship_model::{
    Check, Deployment, Need, Outcome, Reference, Route, Severity, Span, Trail, View,
};

use super::front::Tally;
use super::login_unlimited::{limiter, paths};
use super::stranger::reached;
use super::{between, edges_to_django, label};
use crate::setting::{has_app, lists};

pub(crate) static CHECK: Check = Check {
    id: "cross/admin-exposed",
    title: "One password is all that stands before the administrators' pages",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A13.1", "B7.5", "X12"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_access_module.html"),
        Reference::Url("https://django-otp-official.readthedocs.io/en/stable/auth.html"),
        Reference::Cwe(308),
    ],
    doc: include_str!("admin_exposed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let admins = match paths(deployment, admin) {
        Ok(admins) => admins,
        Err(outcome) => return outcome,
    };
    if admins.is_empty() {
        return Outcome::NotApplicable("no route leads to Django's admin".to_owned());
    }
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let more = more(deployment);
    let mut tally = Tally::default();
    for (route, path) in &admins {
        let login = format!("{path}login/");
        let places: Vec<_> = edges
            .iter()
            .flat_map(|edge| reached(edge, deployment, &login))
            .collect();
        let Some((scope, pass)) = places.first() else {
            tally.holds(
                format!("nginx lets no stranger through to {path}"),
                route.span,
            );
            continue;
        };
        match &more {
            More::Asks(name, span) => {
                tally.holds(
                    format!("{name} asks for a second factor before {path}"),
                    *span,
                );
                continue;
            }
            More::May(why) => {
                tally.unseen_but(
                    "open the admin as a stranger and look whether a password is enough",
                    format!("whether {path} asks for more than a password is not known: {why}"),
                    Trail::at(route.span, "the administrators' pages"),
                );
                continue;
            }
            More::Nothing => {}
        }
        let mut finding = between(
            format!("route:{path}"),
            format!(
                "one administrator's password that leaks or is guessed, and a stranger has the \
                 whole data: {path} takes every address ({}) and no second factor",
                scope.heading()
            ),
            label(*pass, "hands on whoever asks"),
            &Trail::at(route.span, format!("the administrators' pages at {path}")),
            "Give it a location with `allow` for the team's addresses and `deny all`, or with \
             auth_basic; or ask for a second factor (django-otp's OTPAdminSite, allauth.mfa).",
        );
        // Passwords are at least not tried without end.
        finding.severity = limiter(deployment).is_some().then_some(Severity::Low);
        tally.fails(finding);
    }
    tally.outcome("no route leads to Django's admin")
}

fn admin(route: &Route) -> Option<String> {
    (route.view == View::Admin).then(|| route.path().map(|path| format!("/{path}")))?
}

/// What stands beside the password of the admin's own login.
enum More {
    /// This asks for a second factor, or takes no password at all.
    Asks(String, Span),
    /// This may.
    May(String),
    Nothing,
}

/// Read from django-otp 1.6, django-two-factor-auth 1.17 and allauth 65.
fn more(deployment: &Deployment) -> More {
    const ENFORCE: [&str; 5] = [
        "OTPAdminSite",
        "OTPAdminAuthenticationForm",
        "AdminSiteOTPRequired",
        "AdminSiteOTPRequiredMixin",
        "AdminSiteOTP",
    ];
    let used = &deployment.facts.second_factors;
    if let Some((name, span)) = used
        .iter()
        .find(|(name, _)| ENFORCE.contains(&name.as_str()))
    {
        return More::Asks(name.clone(), *span);
    }
    // A middleware that sends those without a second factor away; django-otp's own only looks.
    let sends_away = |class: &str| {
        const OWN: [&str; 2] = [
            "django_otp.middleware.OTPMiddleware",
            "axes.middleware.AxesMiddleware",
        ];
        let last = class.rsplit('.').next().unwrap_or(class).to_lowercase();
        !OWN.contains(&class)
            && ["2fa", "mfa", "otp", "twofactor"]
                .iter()
                .any(|word| last.contains(word))
    };
    if lists(deployment, "MIDDLEWARE", &sends_away) != Some(false) {
        return More::May("a middleware may ask for a second factor".to_owned());
    }
    // Another login than the admin's own: allauth's asks for what its accounts have set up.
    let another = used.first().map(|(name, _)| name);
    if let Some(name) = another
        && has_app(deployment, "allauth.mfa") != Some(false)
    {
        return More::May(format!("the code replaces the admin's login ({name})"));
    }
    const SINGLE_SIGN_ON: [&str; 4] = [
        "mozilla_django_oidc",
        "djangosaml2",
        "django_auth_adfs",
        "social_core",
    ];
    let is_single = |class: &str| {
        SINGLE_SIGN_ON
            .iter()
            .any(|package| class.starts_with(package))
    };
    let takes_password = |class: &str| !is_single(class);
    match lists(deployment, "AUTHENTICATION_BACKENDS", &is_single) {
        Some(true)
            if lists(deployment, "AUTHENTICATION_BACKENDS", &takes_password) == Some(false) =>
        {
            More::May("all who log in come by single sign-on".to_owned())
        }
        Some(_) => More::Nothing,
        None => More::May("which backends log in is not known".to_owned()),
    }
}
