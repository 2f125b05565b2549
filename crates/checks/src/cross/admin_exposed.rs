use tightship_model::{Check, Deployment, Need, Outcome, Reference, Route, Severity, Trail, View};

use super::front::Tally;
use super::login_unlimited::{limiter, paths};
use super::stranger::reached;
use super::{between, edges_to_django, label};

pub(crate) static CHECK: Check = Check {
    id: "cross/admin-exposed",
    title: "One password is all that stands before the administrators' pages",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A13.1", "B7.5"],
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
    let asks_more = asks_for_more(deployment);
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
        if let Some(sign) = asks_more {
            let text = format!("{path} may ask for a second factor: the code names {sign}");
            tally.holds(text, route.span);
            continue;
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

/// The sign in the code that the admin's own login is not all.
fn asks_for_more(deployment: &Deployment) -> Option<&'static str> {
    const SIGNS: [&str; 7] = [
        "OTPAdmin",
        "AdminSiteOTPRequired",
        "secure_admin_login",
        "admin.site.login =",
        "admin.site.__class__",
        "mozilla_django_oidc",
        "djangosaml2",
    ];
    let mut sources = deployment.sources.iter();
    sources.find_map(|(_, source)| {
        let is_python = source.path.ends_with(".py");
        let text = source.raw();
        SIGNS
            .into_iter()
            .find(|sign| is_python && text.contains(sign))
    })
}
