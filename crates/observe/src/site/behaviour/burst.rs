//! Many requests in a row, until one is refused.

use tightship_model::site::http::{Exchange, Http, Purpose};
use url::Url;

use crate::site::http::{Capture, Question};

/// Requests in a row. Ten go at once and the others at the rate that the user chose.
pub(super) const REQUESTS: usize = 30;

/// How many are sent before it is looked whether one was refused.
const AT_ONCE: usize = 10;

pub(super) async fn send(capture: &mut Capture, url: Url) -> Result<(), String> {
    for _ in 0..REQUESTS / AT_ONCE {
        let question = Question::get(Purpose::Burst, url.clone());
        capture.all(vec![question; AT_ONCE]).await;
        if was_refused(&capture.http) {
            break;
        }
    }
    Ok(())
}

/// Whether one of the row was refused, or got no answer.
pub(super) fn was_refused(http: &Http) -> bool {
    let mut answers = http.all(Purpose::Burst).map(Exchange::answer);
    answers.any(|answer| answer.is_none_or(|answer| matches!(answer.status, 403 | 429 | 503)))
}
