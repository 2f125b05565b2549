use tightship_model::{Check, Deployment, Need, Outcome, Reference, Settings, Severity};
use tightship_predict::django;

use super::front::{judge_fronts, path_of};
use super::{between, label, place};

pub(crate) static CHECK: Check = Check {
    id: "cross/plain-http-answered",
    title: "Pages of Django are served in clear beside HTTPS",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.3", "A8.3", "B1.5", "B2.7", "B17.5"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/security/#ssl-https"),
        Reference::Cwe(319),
    ],
    doc: include_str!("plain_http_answered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let Some(cookie) = settings.get("SESSION_COOKIE_SECURE") else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    judge_fronts(
        deployment,
        "no name is served both with TLS and without",
        |edges, fronts, tally| {
            let has_tls = |host: &str| {
                fronts
                    .iter()
                    .any(|front| front.is_tls && front.host == host)
            };
            for front in fronts
                .iter()
                .filter(|front| !front.is_tls && has_tls(&front.host))
            {
                for way in front.ways_to_django(deployment) {
                    let Some(path) = path_of(&way) else {
                        continue;
                    };
                    let Some(visit) = front.visit(deployment, edges, &path) else {
                        continue;
                    };
                    let pass = way.pass.heading_span();
                    let Some(asked) = &visit.hops[0].django else {
                        continue;
                    };
                    match &asked.answer.outcome {
                        django::Outcome::Redirect { location, .. }
                            if location.starts_with("https://") =>
                        {
                            tally
                                .holds(format!("Django redirects {} to HTTPS", front.origin), pass);
                            continue;
                        }
                        django::Outcome::Redirect { .. } | django::Outcome::HostRefused { .. } => {
                            continue;
                        }
                        // The routes are not known, and whether they redirect does not matter then.
                        django::Outcome::Unknown(unknown)
                            if django_redirects(settings) != Some(false) =>
                        {
                            tally.unseen(unknown.reason.clone(), pass);
                            continue;
                        }
                        _ => {}
                    }
                    let loss = match cookie.value.value.truthy() {
                        Some(true) => {
                            "nobody stays logged in there, as the session cookie is kept for \
                                   HTTPS, and passwords that are typed there go over the wire in clear"
                        }
                        _ => "passwords and session cookies of visitors go over the wire in clear",
                    };
                    tally.fails(between(
                    format!("{} {}", place(&way), front.origin),
                    format!(
                        "{loss}: {} answers in clear what it also serves with TLS, and neither nginx \
                         nor Django redirects",
                        front.origin
                    ),
                    label(pass, "hands requests without TLS to Django"),
                    &cookie.value.trail,
                    "Redirect in the server of port 80: `return 301 https://$host$request_uri;`, \
                     with a location of its own for /.well-known/acme-challenge/.",
                ));
                }
            }
            for front in fronts
                .iter()
                .filter(|front| !front.is_tls && has_tls(&front.host))
            {
                if front.ways_to_django(deployment).is_empty() {
                    tally.holds(
                        format!("{} does not reach Django", front.origin),
                        front.span,
                    );
                }
            }
        },
    )
}

fn django_redirects(settings: &Settings) -> Option<bool> {
    settings.get("SECURE_SSL_REDIRECT")?.value.value.truthy()
}
