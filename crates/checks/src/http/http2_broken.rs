use tightship_model::site::http::{FailureKind, Purpose};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::{
    Answered, LOOK_AGAIN, answer, answered, because, http, is_refusal, page, unseen,
};

pub(super) static CHECK: Check = Check {
    id: "http/http2-broken",
    title: "The page does not come to browsers, which offer HTTP/2",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A8.2"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9113, "3.2"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_v2_module.html"),
    ],
    doc: include_str!("http2_broken.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Mend what answers HTTP/2, or take it out of what is offered (`http2 off`).";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    // Over HTTP/1.1; where that fails too, http/unreachable says so.
    let first = page(deployment)?;
    // Asked a second time where the first failed: the last one counts.
    let Some(exchange) = http.last(Purpose::Http2) else {
        let reason = http.why_skipped(Purpose::Http2);
        return Err(Outcome::NotApplicable(
            reason.unwrap_or("HTTP/2 was not asked for").to_owned(),
        ));
    };
    let url = &exchange.request.url;
    let what = match (exchange.answer(), exchange.failure()) {
        // So nginx refuses one request too many (limit_req_status), over any protocol.
        (Some(answer), _) if matches!(answer.status, 429 | 503) => {
            return Err(unseen(
                format!("{url} answers {} over HTTP/2", answer.status),
                LOOK_AGAIN,
            ));
        }
        (Some(answer), _) if is_refusal(answer.status) => format!("answers {}", answer.status),
        (Some(answer), _) => {
            let seen = Answered { exchange, answer };
            return Ok(seen.passes("the page comes over HTTP/2"));
        }
        (None, Some(failure)) if breaks(failure.kind) => {
            format!("gives no answer: {}", because(failure))
        }
        (None, _) => return Err(answered(exchange).err().unwrap_or_else(unknown)),
    };
    // The page again, over HTTP/1.1: a server that is down meanwhile breaks no protocol.
    if http.last(Purpose::Compressed).is_some() {
        let later = answer(http, Purpose::Compressed)?;
        if is_refusal(later.answer.status) {
            return Err(unknown());
        }
    }
    Ok(Outcome::Fail(vec![Finding {
        trail: first.trail("over HTTP/1.1"),
        ..first.finding(
            "http2",
            format!(
                "browsers offer HTTP/2, and to them {url} {what}; over HTTP/1.1 it answers {}",
                first.answer.status
            ),
            ADVICE,
        )
    }]))
}

/// Whether a failure comes from what the server makes of HTTP/2, not from the way to it.
fn breaks(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Closed | FailureKind::NotHttp | FailureKind::TimedOut | FailureKind::Tls
    )
}

fn unknown() -> Outcome {
    unseen("the site stopped answering over HTTP/1.1 too", LOOK_AGAIN)
}
