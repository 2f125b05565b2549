//! A body that is announced and not sent: whoever would take it asks for it.

use tightship_model::site::http::Purpose;
use url::Url;

use crate::site::http::{Capture, Question};

/// How often it is announced where it is taken.
const TIMES: usize = 3;

pub(super) const REQUESTS: usize = TIMES;

/// Bytes that are announced: one more than 100 MiB, which is more than a form needs and what
/// Cloudflare lets through on its smaller plans.
const ANNOUNCED: u64 = 100 * 1024 * 1024 + 1;

/// What passes for a cookie of Django's, with which it looks for the token in the body and, before
/// that, at the announced length.
const COOKIE: &str = "tightshipAnnouncesAndSendsNoBody";

/// The status by which a server asks for the body (RFC 9110, section 15.2.1).
const CONTINUE: u16 = 100;

pub(super) async fn send(capture: &mut Capture, url: Url) -> Result<(), String> {
    for _ in 0..TIMES {
        let mut question = Question::get(Purpose::BodyAnnounced, url.clone())
            .with("Content-Type", "application/x-www-form-urlencoded")
            .with("Content-Length", ANNOUNCED.to_string())
            .with("Expect", "100-continue")
            .with("Origin", url.origin().ascii_serialization())
            .with("Cookie", format!("csrftoken={COOKIE}"));
        question.method = "POST";
        question.announces = true;
        let (exchange, _) = capture.one(question).await?;
        if exchange
            .answer()
            .is_none_or(|answer| answer.status != CONTINUE)
        {
            break;
        }
    }
    Ok(())
}
