use tightship_model::site::http::{FailureKind, Purpose};
use tightship_model::site::tls::Reach;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::look::{answered, because, http, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/unreachable",
    title: "The site does not answer",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["B15.3", "A8.2"],
    django_ids: &[],
    references: &[Reference::Rfc(9110, "15.6")],
    doc: include_str!("unreachable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let http = match http(deployment) {
        Ok(http) => http,
        Err(outcome) => return outcome,
    };
    let Some(exchange) = http.last(Purpose::Page) else {
        return unseen("the page was not asked for", "raise --max-requests");
    };
    let url = &exchange.request.url;
    if let Some(failure) = exchange.failure() {
        if failure.kind == FailureKind::AddressForbidden {
            return unseen(
                format!("{}: {url} is not asked", because(failure)),
                "name the address itself with --url, or say where to connect with --connect-to",
            );
        }
        let (why, advice) = match not_tls(deployment) {
            Some(reason) => (format!("what answers is not TLS: {reason}"), SPEAK_TLS),
            None => (because(failure), ADVICE),
        };
        return Outcome::Fail(vec![Finding {
            subject: "site:page".to_owned(),
            message: format!("visitors of {url} get nothing: {why}"),
            severity: None,
            // Our own network may be what fails.
            confidence: match failure.kind {
                FailureKind::Unresolved | FailureKind::Unreachable | FailureKind::TimedOut => {
                    Confidence::Medium
                }
                _ => Confidence::High,
            },
            labels: Vec::new(),
            trail: Trail::outside(format!("{} {url}", exchange.request.method)),
            django_id: None,
            advice: advice.to_owned(),
            fix: None,
        }]);
    }
    let seen = match answered(exchange) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    match seen.answer.status {
        429 => unseen(
            format!("{url} answers 429: it takes no more requests from here"),
            "look again later, with a lower --rate",
        ),
        status @ 500.. => Outcome::Fail(vec![seen.finding(
            "page",
            format!("visitors of {url} get an error of the server: {status}"),
            ADVICE,
        )]),
        status => seen.passes(format!("{url} answers {status}")),
    }
}

/// What a server says that does not speak TLS where TLS was asked for.
fn not_tls(deployment: &Deployment) -> Option<&str> {
    match &deployment.site.as_ref()?.tls.as_ref()?.reach {
        Reach::NotTls { reason } => Some(reason),
        _ => None,
    }
}

const SPEAK_TLS: &str = "Have the port speak TLS (`listen 443 ssl` in nginx); where plain HTTP is meant, \
                         name the address with http://.";

const ADVICE: &str =
    "Look at the logs of nginx and Django, and at the DNS, the firewall and the ports.";
