use tightship_model::site::http::{Exchange, FailureKind, Http, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, answered, http, is_refusal, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/https-redirect-missing",
    title: "Plain HTTP is not redirected to HTTPS",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A2.3", "A8.3", "B2.7", "B15.4", "B17.5"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-ssl-redirect"),
        Reference::Cwe(319),
    ],
    doc: include_str!("https_redirect_missing.md"),
    run,
};

const ADVICE: &str = "Redirect in nginx (`return 301 https://$host$request_uri;`), or set \
                      SECURE_SSL_REDIRECT.";

fn run(deployment: &Deployment) -> Outcome {
    let http = match http(deployment) {
        Ok(http) => http,
        Err(outcome) => return outcome,
    };
    let chain = chain(http);
    let Some(first) = chain.first() else {
        let reason = http.why_skipped(Purpose::Plain);
        return unseen(
            reason.unwrap_or("plain HTTP was not asked for"),
            "name the plain address too: a second run with --url http://…",
        );
    };
    if let Some(failure) = first.failure() {
        return match failure.kind {
            FailureKind::Refused => Outcome::NotApplicable(format!(
                "nothing answers at {}: plain HTTP is closed",
                first.request.url
            )),
            _ => answered(first)
                .err()
                .unwrap_or_else(|| Outcome::Pass(Vec::new())),
        };
    }
    judge(&chain)
}

/// The exchanges that begin over plain HTTP: those of the plain twin, or of the address itself.
fn chain(http: &Http) -> Vec<&Exchange> {
    let plain: Vec<_> = http.all(Purpose::Plain).collect();
    if !plain.is_empty() {
        return plain;
    }
    let named = http.all(Purpose::Page);
    named.skip_while(|exchange| exchange.is_secure()).collect()
}

fn judge(chain: &[&Exchange]) -> Outcome {
    let hops: Vec<Answered<'_>> = chain.iter().filter_map(|one| answered(one).ok()).collect();
    let Some(first) = hops.first() else {
        return unseen("plain HTTP gave no answer", "look at the site again: --url");
    };
    let url = &first.exchange.request.url;
    if is_refusal(first.answer.status) {
        return unseen(
            format!("{url} answers {}", first.answer.status),
            "look at the site again when it answers: --url, with a lower --rate",
        );
    }
    // The first hop that is not a redirect within plain HTTP tells.
    let end = hops.iter().find(|hop| !stays_plain(hop)).unwrap_or(first);
    let leads = end
        .answer
        .value("location")
        .filter(|_| end.answer.is_redirect());
    match leads {
        _ if end.exchange.is_secure() => redirected(first, url),
        Some(target) if is_secure(target) => redirected(first, url),
        Some(target) => Outcome::Fail(vec![end.on_header(
            "Location",
            format!(
                "{url} leads to {} and never to HTTPS: everybody on the way reads and changes \
                 what visitors send",
                shown(target)
            ),
            ADVICE,
        )]),
        // No page and no form: nothing is sent in the clear.
        None if matches!(end.answer.status, 400 | 403 | 404 | 410 | 421 | 426 | 444) => {
            end.passes(format!("{url} serves nothing"))
        }
        None => Outcome::Fail(vec![end.finding(
            "plain",
            format!(
                "{url} answers {} over plain HTTP: everybody on the way reads and changes what \
                 visitors send",
                end.answer.status
            ),
            ADVICE,
        )]),
    }
}

fn redirected(first: &Answered<'_>, url: &str) -> Outcome {
    first.holds(format!("{url} leads to HTTPS"), "Location")
}

fn stays_plain(hop: &Answered<'_>) -> bool {
    let target = hop.answer.value("location").unwrap_or_default();
    hop.answer.is_redirect() && !hop.exchange.is_secure() && !is_secure(target) && {
        // To another host nothing follows, and nothing is known of it.
        target.starts_with('/') || target.starts_with("http://")
    }
}

fn is_secure(target: &str) -> bool {
    let start = target.get(..8).unwrap_or_default();
    start.eq_ignore_ascii_case("https://")
}
