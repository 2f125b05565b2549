use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::front::judge_pages;
use super::{between, label, place};

pub(super) static CHECK: Check = Check {
    id: "cross/host-lost",
    title: "Django is not told the host that visitors use",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A10.3", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        ),
        Reference::Django("ref/request-response/#django.http.HttpRequest.get_host"),
    ],
    doc: include_str!("host_lost.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_pages(
        deployment,
        "no page of Django is served under a name",
        |front, way, asked, tally| {
            let pass = way.pass.heading_span();
            let seen = match &asked.answer.host {
                Ok(Some(host)) => host,
                // Refused: every page fails, which is said elsewhere.
                Ok(None) => return,
                Err(unknown) => return tally.unseen(unknown.reason.clone(), pass),
            };
            let name = seen.split(':').next().unwrap_or(seen).to_ascii_lowercase();
            let is_served = front.edge.http.servers().any(|server| {
                let names = server.names().iter();
                names
                    .filter(|name| name.word.is_some())
                    .any(|known| known.form.fits(&name) != Some(false))
            });
            if name == front.host || is_served {
                tally.holds(format!("Django sees the host {name}"), pass);
                return;
            }
            let settings = deployment.settings.as_ref();
            let hosts = settings.and_then(|settings| settings.get("ALLOWED_HOSTS"));
            tally.fails(between(
                format!("{} {seen}", place(way)),
                format!(
                    "links in password mails and redirects of {} lead to {seen:?}, which no visitor \
                     can open: nginx tells Django this host, and ALLOWED_HOSTS lets it pass",
                    front.origin
                ),
                label(pass, format!("hands requests on with the host {seen}")),
                &hosts.map(|hosts| hosts.value.trail.clone()).unwrap_or_default(),
                "Set `proxy_set_header Host $host;` where requests are handed on, and take the \
                 name of the container out of ALLOWED_HOSTS.",
            ));
        },
    );
    match outcome {
        // The names of one server share the place.
        Outcome::Fail(mut findings) => {
            findings.dedup_by(|later, first| later.subject == first.subject);
            Outcome::Fail(findings)
        }
        other => other,
    }
}
