use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, answered, http, is_refusal, unseen};
use tightship_model::site::http::Purpose;

pub(super) static CHECK: Check = Check {
    id: "http/cors-reflected",
    title: "The site lets other origins read its answers",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B3.2", "B10.4", "B17.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://fetch.spec.whatwg.org/#http-cors-protocol"),
        Reference::Cwe(942),
    ],
    doc: include_str!("cors_reflected.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Name the frontend's origins in CORS_ALLOWED_ORIGINS; anchor each pattern of \
                      CORS_ALLOWED_ORIGIN_REGEXES with ^ and $.";

/// The origins that are tried, and what answering them gives away.
const ORIGINS: [(Purpose, &str); 4] = [
    (Purpose::OriginForeign, "every site on the web"),
    (
        Purpose::OriginSuffix,
        "whoever makes a name that begins with the site's",
    ),
    (
        Purpose::OriginPrefix,
        "whoever registers a name that ends with the site's",
    ),
    (
        Purpose::OriginNull,
        "every sandboxed frame, which any site can make,",
    ),
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    let mut open = None;
    for (purpose, who) in ORIGINS {
        for exchange in http.all(purpose) {
            match answered(exchange) {
                Ok(seen) if is_refusal(seen.answer.status) => {}
                Ok(seen) => match told(&seen, who) {
                    Some(finding) => findings.push(finding),
                    None => evidence.push(tightship_model::Evidence {
                        text: "the origin is not let in with a login".to_owned(),
                        trail: seen.header_trail(NAME),
                    }),
                },
                Err(outcome) => open = Some(outcome),
            }
        }
    }
    // A foreign origin says it all; the others are the same hole.
    if findings
        .iter()
        .any(|finding| finding.subject.ends_with(Purpose::OriginForeign.name()))
    {
        findings.truncate(1);
    }
    match (findings.is_empty(), evidence.is_empty(), open) {
        (false, ..) => Ok(Outcome::Fail(findings)),
        (true, false, None) => Ok(Outcome::Pass(evidence)),
        (true, _, Some(open)) => Ok(open),
        (true, true, None) => Err(unseen(
            "no request was sent with another origin",
            "raise --max-requests",
        )),
    }
}

const NAME: &str = "Access-Control-Allow-Origin";

/// With a login the answers of others' accounts are read; without one only what everybody may read.
fn told(seen: &Answered<'_>, who: &str) -> Option<tightship_model::Finding> {
    let sent = seen
        .exchange
        .request
        .headers
        .iter()
        .find(|header| header.name == "Origin")?;
    let with_login = seen.answer.value("access-control-allow-credentials") == Some("true");
    let mut values = seen.answer.values(NAME);
    let (first, second) = (values.next()?, values.next());
    if first != sent.value || second.is_some() || !with_login {
        return None;
    }
    Some(seen.on_header(
        NAME,
        format!(
            "{who} reads what a visitor's login shows: the answer allows {} with credentials",
            super::look::shown(first)
        ),
        ADVICE,
    ))
    .map(|finding| tightship_model::Finding {
        subject: format!("site:{}", seen.exchange.purpose.name()),
        ..finding
    })
}
