//! Wrong passwords until somebody refuses them; then who else is refused, and from where.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tightship_model::site::http::{Answer, Purpose};

use super::made_up;
use super::visitor::{Login, OPENING, Visitor};
use crate::site::http::{Capture, Field, Way};

/// Wrong passwords for one account: two more than the ten a minute at which allauth stops an address,
/// and more than twice the five that the checklist allows.
const TRIES: usize = 12;

/// How often each thing is tried: a verdict stands on three equal observations.
const TIMES: usize = 3;

/// Four visitors, a control, the tries with two that confirm the refusal, three further looks, and a
/// try that shows that the first account is refused still.
pub(super) const REQUESTS: usize = OPENING + 3 + 1 + TRIES + (TIMES - 1) + 3 * TIMES + 1;

pub(super) async fn send(capture: &mut Capture, login: Login) -> Result<(), String> {
    let mut first = Visitor::open(capture, &login, Way::Usual).await?;
    if let Some(doubt) = &first.form.doubt {
        return Err(format!("{doubt}: what is sent may be no attempt to log in"));
    }
    // Each comes with a session of its own: what counts by sessions is no count by addresses.
    let mut other = first.another(capture, Way::Usual).await?;
    let mut forger = first.another(capture, Way::Usual).await?;
    let mut elsewhere = match way(&capture.addresses(&first.page).await) {
        Some(way) => first.another(capture, way).await.ok(),
        None => None,
    };
    if let Some(elsewhere) = &mut elsewhere {
        attempt(
            capture,
            elsewhere,
            Purpose::LockoutControl,
            &made_up::account(),
        )
        .await?;
    }
    let account = made_up::account();
    if !tries(capture, &mut first, &account).await? {
        return Ok(());
    }
    for _ in 0..TIMES {
        let account = made_up::account();
        attempt(capture, &mut other, Purpose::LockoutOther, &account).await?;
    }
    match &mut elsewhere {
        Some(elsewhere) => {
            for _ in 0..TIMES {
                let account = made_up::account();
                attempt(capture, elsewhere, Purpose::LockoutElsewhere, &account).await?;
            }
        }
        None => capture.skip(
            Purpose::LockoutElsewhere,
            "this machine reaches the site from one address only",
        ),
    }
    for _ in 0..TIMES {
        let mut question = forger.sends(Purpose::LockoutForged, &account);
        let address = made_up::address();
        capture.made_up.push(address.clone());
        question.headers.push(Field::secret(
            "X-Forwarded-For",
            &address,
            "an address that is nobody's",
        ));
        let (_, private) = capture.one(question).await?;
        forger.takes(&private.cookies);
    }
    attempt(capture, &mut first, Purpose::LockoutTry, &account).await?;
    Ok(())
}

/// Tries one account until it is refused, and then twice more; whether it was.
async fn tries(
    capture: &mut Capture,
    visitor: &mut Visitor,
    account: &str,
) -> Result<bool, String> {
    let mut answers: Vec<Option<Answer>> = Vec::new();
    while answers.len() < TRIES {
        answers.push(attempt(capture, visitor, Purpose::LockoutTry, account).await?);
        if is_refused(&answers) {
            for _ in 1..TIMES {
                attempt(capture, visitor, Purpose::LockoutTry, account).await?;
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the last answer says something else than the first.
fn is_refused(answers: &[Option<Answer>]) -> bool {
    let [Some(first), .., Some(last)] = answers else {
        // A connection that ends is a refusal too; one answer alone says nothing.
        return matches!(answers, [Some(_), .., None]);
    };
    !last.says_same(first)
}

async fn attempt(
    capture: &mut Capture,
    visitor: &mut Visitor,
    purpose: Purpose,
    account: &str,
) -> Result<Option<Answer>, String> {
    let question = visitor.sends(purpose, account);
    let (exchange, private) = capture.one(question).await?;
    let answer = exchange.answer().cloned();
    visitor.takes(&private.cookies);
    Ok(answer)
}

/// How this machine comes from a second address: on loopback by another of its addresses, else by the
/// other version of IP, where the site has both.
fn way(addresses: &[SocketAddr]) -> Option<Way> {
    let first = addresses.first()?;
    if first.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return Some(Way::From(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))));
    }
    addresses
        .iter()
        .find(|address| address.is_ipv4() != first.is_ipv4())
        .map(|address| Way::To(*address))
}
