//! Whether a form is taken from a foreign page, and whether an honest one is taken at all.

use tightship_model::site::http::Purpose;

use super::made_up;
use super::visitor::{Login, OPENING, Visitor};
use crate::site::http::{Capture, FORGED_HOST, Way};

/// How often an honest form is sent where it is refused.
const TIMES: usize = 3;

/// The login, the foreign form, the honest one, and two that tell why it is refused.
pub(super) const REQUESTS: usize = OPENING + 1 + TIMES + 2;

pub(super) async fn send(capture: &mut Capture, login: Login) -> Result<(), String> {
    if login.is_api {
        return Err(
            "the login takes JSON, which no form of a foreign page sends: what its scripts may send \
             the answers to other origins tell"
                .to_owned(),
        );
    }
    let visitor = Visitor::open(capture, &login, Way::Usual).await?;
    let foreign = format!("https://{FORGED_HOST}");
    let account = made_up::account();
    let question = visitor.is_made_to_send(Purpose::FormForeign, &account, &foreign);
    capture.one(question).await?;
    for _ in 0..TIMES {
        let question = visitor.sends(Purpose::FormOwn, &made_up::account());
        let (exchange, _) = capture.one(question).await?;
        // Django's answer to a form that it does not trust, whatever page it shows.
        if exchange.answer().is_none_or(|answer| answer.status != 403) {
            return Ok(());
        }
    }
    let mut question = visitor.sends(Purpose::FormNoOrigin, &made_up::account());
    question.headers.retain(|field| field.name != "Origin");
    capture.one(question).await?;
    let mut question = visitor.sends(Purpose::FormPlainOrigin, &made_up::account());
    question.headers.retain(|field| field.name != "Origin");
    let origin = visitor.page.origin().ascii_serialization();
    if let Some(rest) = origin.strip_prefix("https://") {
        capture
            .one(question.with("Origin", format!("http://{rest}")))
            .await?;
    }
    Ok(())
}
