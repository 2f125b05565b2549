use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::seen::{Seer, certbot, in_words, is_same};
use super::{Served, evidence, finding, served, unknown};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/certificates-not-shared",
    title: "nginx does not see the certificates that certbot gets",
    severity: Severity::Critical,
    needs: &[Need::Nginx],
    items: &["B4.3", "B17.4"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://eff-certbot.readthedocs.io/en/stable/using.html#where-are-my-certificates",
    )],
    doc: include_str!("certificates_not_shared.md"),
    run,
};

/// certbot's `--config-dir` by default.
const FOLDER: &str = "/etc/letsencrypt";

fn run(deployment: &Deployment) -> Outcome {
    let served = served(deployment);
    if served.is_empty() {
        return Outcome::NotApplicable("nginx reads no certificate of certbot's".to_owned());
    }
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    let mut open = None;
    for one in &served {
        let span = one.directive.heading_span();
        let (Some(nginx), Some((certbot, starts))) = (one.seer, certbot(deployment)) else {
            let reason = "nothing tells where nginx or certbot runs";
            open = open.or(Some((reason.to_owned(), span)));
            continue;
        };
        // The files below `live` are links to `../../archive`, so that both must be there.
        let lost = ["live", "archive"].into_iter().find_map(|part| {
            let there = format!("{}/{part}", one.folder);
            let written = format!("{FOLDER}/{part}");
            match is_same(deployment, (nginx, &there), (certbot, &written)) {
                Some(true) => None,
                Some(false) => Some(Ok((there, written))),
                None => Some(Err(format!(
                    "whether {there} of nginx is certbot's {written} is not told"
                ))),
            }
        });
        match lost {
            None => seen.push(evidence(
                format!("{} is where certbot writes it", one.path),
                span,
            )),
            Some(Err(reason)) => open = open.or(Some((reason, span))),
            Some(Ok((there, written))) => {
                findings.push(lost_finding(
                    deployment,
                    one,
                    (nginx, &there),
                    (certbot, &written, starts),
                ));
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((reason, span))) => unknown(
            reason,
            "name both sides in Compose, or look into both containers",
            Some(span),
        ),
        (true, None) => Outcome::Pass(seen),
    }
}

fn lost_finding(
    deployment: &Deployment,
    served: &Served<'_>,
    (nginx, there): (Seer<'_>, &str),
    (certbot, written, starts): (Seer<'_>, &str, Option<tightship_model::Span>),
) -> tightship_model::Finding {
    let reads = nginx.locate(deployment, there);
    let writes = certbot.locate(deployment, written);
    let mut labels = vec![label(
        served.directive.heading_span(),
        "nginx reads the certificate here",
    )];
    let mount = reads.trail.first_span();
    labels.extend(mount.map(|span| label(span, format!("{there} of nginx"))));
    let mount = writes.trail.first_span().or(starts);
    labels.extend(mount.map(|span| label(span, format!("{written} of certbot"))));
    let what = match there.ends_with("archive") {
        true => "the links below live/ lead nowhere",
        false => "nginx does not start, or serves an old certificate until it expires",
    };
    finding(
        format!("nginx:{}", served.path),
        format!(
            "{what}: certbot writes to {}, and {there} of nginx is {}",
            in_words(&writes.place),
            in_words(&reads.place)
        ),
        labels,
        "Mount the whole of certbot's /etc/letsencrypt into nginx, read-only.",
    )
}
