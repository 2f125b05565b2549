use tightship_model::{Check, Deployment, Need, Reference, Severity};
use tightship_predict::django::{Outcome, Scheme};
use tightship_predict::visit::{End, Visit};

use super::front::{Front, Tally, judge_fronts};
use super::{between, label};

pub(super) static CHECK: Check = Check {
    id: "cross/redirect-loop",
    title: "An address redirects to itself for ever",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.3", "A10.3", "B1.5", "B17.5"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#prepend-www"),
        Reference::Django("ref/settings/#secure-ssl-redirect"),
        Reference::Rfc(9110, "15.4"),
    ],
    doc: include_str!("redirect_loop.md"),
    run,
};

fn run(deployment: &Deployment) -> tightship_model::Outcome {
    judge_fronts(
        deployment,
        "no port leads to nginx",
        |edges, fronts, tally| {
            for front in fronts {
                let Some(visit) = front.visit(deployment, edges, "/") else {
                    continue;
                };
                match &visit.end {
                    End::Loop(back) if !is_untold(&visit) => {
                        fails(deployment, front, &visit, back, tally)
                    }
                    // Django does not see that the visitor uses HTTPS: another check says so.
                    End::Loop(_) => {}
                    End::Answered | End::Leaves(_) => {
                        tally.holds(format!("{} ends somewhere", front.origin), front.span);
                    }
                    End::NotKnown(reason) => tally.unseen(reason.clone(), front.span),
                }
            }
        },
    )
}

fn fails(
    deployment: &Deployment,
    front: &Front<'_, '_>,
    visit: &Visit<'_, '_>,
    back: &str,
    tally: &mut Tally,
) {
    let mut way: Vec<_> = visit.hops.iter().map(|hop| hop.url.as_str()).collect();
    way.push(back);
    let by_django = visit
        .hops
        .iter()
        .find_map(|hop| match &hop.django.as_ref()?.answer.outcome {
            Outcome::Redirect { trail, .. } => Some(trail.clone()),
            _ => None,
        });
    let by_nginx = visit.hops.iter().find_map(|hop| {
        let answer = hop.nginx.as_ref().filter(|_| hop.django.is_none())?;
        answer.steps.iter().rev().find_map(|step| step.span)
    });
    // Settings may take part by what they do not say.
    let trail = by_django.unwrap_or_else(|| {
        let settings = deployment.settings.as_ref();
        let redirect = settings.and_then(|settings| settings.get("SECURE_SSL_REDIRECT"));
        redirect
            .map(|redirect| redirect.value.trail.clone())
            .unwrap_or_default()
    });
    tally.fails(between(
        format!("nginx:{}", front.origin),
        format!("no page of {} opens: {}", front.host, way.join(" leads to ")),
        label(by_nginx.unwrap_or(front.span), "sends visitors on"),
        &trail,
        "Choose one name and one scheme, and let nginx alone redirect to them: PREPEND_WWW off, and \
         SECURE_SSL_HOST the same name.",
    ));
}

/// Whether Django takes a request over TLS for a plain one.
fn is_untold(visit: &Visit<'_, '_>) -> bool {
    visit.hops.iter().any(|hop| {
        let scheme = hop
            .django
            .as_ref()
            .and_then(|asked| asked.answer.scheme.clone().ok());
        scheme == Some(Scheme::Http) && hop.url.starts_with("https://")
    })
}
