use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::django;

use super::front::judge_pages;
use super::{between, label, place};
use crate::django::{ALLOWED_HOSTS_EMPTY, ALLOWED_HOSTS_LOCAL};
use crate::told::findings_of;

pub(super) static CHECK: Check = Check {
    id: "cross/server-name-refused",
    title: "nginx serves a name that Django refuses",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A1.3", "A10.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#allowed-hosts"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        ),
    ],
    doc: include_str!("server_name_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    // Where the list itself serves nobody, no name of nginx is at fault.
    let told = [&ALLOWED_HOSTS_EMPTY, &ALLOWED_HOSTS_LOCAL];
    let tells = |check: &&&Check| !findings_of(deployment, check).is_empty();
    if let Some(check) = told.iter().find(tells) {
        return Outcome::NotApplicable(format!("{} tells that no name is served", check.id));
    }
    judge_pages(
        deployment,
        "no page of Django is served under a name",
        |front, way, asked, tally| {
            let pass = way.pass.heading_span();
            match (&asked.answer.host, &asked.answer.outcome) {
                (Err(unknown), _) => tally.unseen(unknown.reason.clone(), pass),
                (_, django::Outcome::HostRefused { host, trail }) => {
                    let is_own = host.eq_ignore_ascii_case(&front.host);
                    let seen = match is_own {
                        true => "which ALLOWED_HOSTS does not hold".to_owned(),
                        false => format!(
                            "as nginx tells it the host {host:?}, which ALLOWED_HOSTS does not hold"
                        ),
                    };
                    let mut finding = between(
                        format!("{} {}", place(way), front.origin),
                        format!(
                            "every visitor of {} gets 400 from Django, {seen}",
                            front.origin
                        ),
                        label(front.span, "nginx serves this name"),
                        trail,
                        "Pass the host on (`proxy_set_header Host $host;`) and list each name that \
                         visitors use in ALLOWED_HOSTS, or redirect it in nginx.",
                    );
                    finding
                        .labels
                        .push(label(pass, "hands its requests to Django"));
                    tally.fails(finding);
                }
                (Ok(_), _) => tally.holds(format!("Django answers {}", front.origin), pass),
            }
        },
    )
}
