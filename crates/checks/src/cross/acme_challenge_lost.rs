use tightship_model::{
    Certbot, Check, Deployment, Need, Outcome, Reference, Severity, Span, Trail,
};
use tightship_predict::nginx::Body;
use tightship_predict::visit::End;

use super::front::judge_fronts;
use super::{between, label};

pub(crate) static CHECK: Check = Check {
    id: "cross/acme-challenge-lost",
    title: "The proof for a certificate does not reach certbot's folder",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A8.4", "B4.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://letsencrypt.org/docs/challenge-types/#http-01-challenge"),
        Reference::Rfc(8555, "8.3"),
    ],
    doc: include_str!("acme_challenge_lost.md"),
    run,
};

/// Where the authority asks for the proof.
const PROOF: &str = "/.well-known/acme-challenge/token";

fn run(deployment: &Deployment) -> Outcome {
    let Some((webroot, span)) = webroot(&deployment.certbot) else {
        return Outcome::NotApplicable("certbot does not write proofs into a folder".to_owned());
    };
    judge_fronts(
        deployment,
        "no name is served on port 80",
        |edges, fronts, tally| {
            let tls = |host: &str| {
                fronts
                    .iter()
                    .any(|front| front.is_tls && front.host == host)
            };
            let usual = fronts
                .iter()
                .filter(|front| !front.is_tls && !front.origin[7..].contains(':'));
            for front in usual.filter(|front| tls(&front.host)) {
                let Some(visit) = front.visit(deployment, edges, PROOF) else {
                    continue;
                };
                let Some(last) = visit.hops.last() else {
                    continue;
                };
                let leads = last.django.is_some() || matches!(visit.end, End::Loop(_));
                let body = last.nginx.as_ref().map(|answer| &answer.body);
                let at = last
                    .nginx
                    .as_ref()
                    .and_then(|answer| answer.steps.iter().rev().find_map(|step| step.span));
                let at = at.unwrap_or(front.span);
                match body {
                    _ if leads => {}
                    Some(Body::Text(_) | Body::Closed | Body::Refused) => {}
                    Some(Body::Page)
                        if last
                            .status()
                            .is_some_and(|status| status == 403 || status == 410) => {}
                    Some(Body::NotKnown | Body::Upstream(_)) | None => {
                        tally.unseen("what answers there is not known", at);
                        continue;
                    }
                    Some(_) => {
                        tally.holds(
                            format!("nginx looks for a file for {}{PROOF}", front.origin),
                            at,
                        );
                        continue;
                    }
                }
                let taker = if last.django.is_some() {
                    "Django"
                } else {
                    "nginx"
                };
                let mut finding = between(
                    format!("certbot:{}", front.host),
                    format!(
                        "the certificate of {} is not renewed and ends within 90 days: certbot writes \
                     the proof into {webroot}, and {taker} answers {} instead",
                        front.host, last.url,
                    ),
                    label(at, "takes the proof's address"),
                    &Trail::default(),
                    "Put `location /.well-known/acme-challenge/ { root ...; }` with certbot's folder into \
                 the server of port 80.",
                );
                finding.labels.push(label(span, "certbot writes its proof"));
                tally.fails(finding);
            }
        },
    )
}

/// The folder that certbot writes into, and where that is said.
fn webroot(certbot: &Certbot) -> Option<(String, Span)> {
    let run = certbot
        .runs
        .iter()
        .find_map(|run| Some((run.webroots.first()?.clone(), run.span)));
    run.or_else(|| {
        certbot.lineages.iter().find_map(|lineage| {
            let path = lineage.webroot_path.first()?;
            Some((path.value.clone(), path.trail.first_span()?))
        })
    })
}
