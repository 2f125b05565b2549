//! The tries of `--probe lockout`: which one was refused, by whom, and whether that lasted.

use tightship_model::site::http::{Answer, Http, Purpose};
use tightship_model::{Deployment, Outcome};

use super::behaviour::{BY_HAND, Refuser, all_answered, is_processed, probed};
use super::look::{Answered, unseen};

/// Equal observations that a verdict stands on.
pub(super) const ENOUGH: usize = 3;

/// Wrong passwords for one account, and what became of them.
pub(super) struct Tries<'a> {
    pub(super) http: &'a Http,
    /// The answer to the first.
    pub(super) first: Answered<'a>,
    pub(super) count: usize,
    pub(super) refusal: Option<Refusal<'a>>,
}

/// From some try on, all were refused alike.
pub(super) struct Refusal<'a> {
    /// From 1.
    pub(super) at: usize,
    pub(super) seen: Answered<'a>,
    pub(super) by: Refuser,
}

/// What was tried, or the verdict that says why it tells nothing.
pub(super) fn tries(deployment: &Deployment) -> Result<Tries<'_>, Outcome> {
    let (http, sent) = probed(deployment, Purpose::LockoutTry, "lockout")?;
    let tries = all_answered(sent)?;
    let (first, rest) = tries
        .split_first()
        .ok_or_else(|| unseen("no password was tried", BY_HAND))?;
    let status = first.answer.status;
    if let Some(by) = Refuser::of(first.answer) {
        return Err(unseen(
            format!(
                "the first wrong password is refused already, by {}",
                by.name()
            ),
            "wait until earlier tries are forgotten, and try again",
        ));
    }
    if !is_processed(http, first.answer) {
        return Err(unseen(
            format!(
                "a wrong password is answered {status}, and nothing tells that it was looked at"
            ),
            BY_HAND,
        ));
    }
    let refusal = match rest
        .iter()
        .position(|one| !one.answer.says_same(first.answer))
    {
        None => None,
        Some(place) => Some(refusal(place + 2, &rest[place..])?),
    };
    Ok(Tries {
        http,
        first: *first,
        count: tries.len(),
        refusal,
    })
}

fn refusal<'a>(at: usize, tail: &[Answered<'a>]) -> Result<Refusal<'a>, Outcome> {
    let seen = tail[0];
    let lasts = tail.len() >= ENOUGH && tail.iter().all(|one| one.answer.says_same(seen.answer));
    if !lasts {
        return Err(unseen(
            format!("from try {at} on the answers differ, and from each other too"),
            BY_HAND,
        ));
    }
    let by = match seen.answer.status {
        // Another page than before, by the application's own choice.
        302 | 303 | 403 | 423 => Some(Refuser::of(seen.answer).unwrap_or(Refuser::Unnamed)),
        _ => Refuser::of(seen.answer),
    };
    let by = by.ok_or_else(|| {
        unseen(
            format!("from try {at} on the login says something else, in words that are not known"),
            BY_HAND,
        )
    })?;
    Ok(Refusal { at, seen, by })
}

/// The verdict on further tries of which some are refused.
pub(super) fn mixed() -> Outcome {
    unseen(
        "further tries are neither all refused nor all taken",
        BY_HAND,
    )
}

/// What became of further tries, once the first account was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Further {
    AllRefused,
    AllTaken,
    /// Some are refused, or they are answered in a third way.
    Mixed,
}

impl<'a> Tries<'a> {
    /// The refusal by the application, with the verdict where there is none.
    pub(super) fn lock(&self) -> Result<&Refusal<'a>, Outcome> {
        let refusal = self.refusal.as_ref().ok_or_else(|| {
            Outcome::NotApplicable("no wrong password is refused: nobody is locked out".to_owned())
        })?;
        match refusal.by.is_in_front() {
            false => Ok(refusal),
            true => Err(unseen(
                format!(
                    "try {} is refused by {}: whether Django locks anybody out is not seen",
                    refusal.at,
                    refusal.by.name()
                ),
                "try again at a lower --rate",
            )),
        }
    }

    /// What all tries of a purpose have in common.
    pub(super) fn further(&self, refusal: &Answer, purpose: Purpose) -> Result<Further, Outcome> {
        let answers = all_answered(self.http.all(purpose))?;
        if answers.len() < ENOUGH {
            let reason = self.http.why_skipped(purpose);
            return Err(unseen(
                reason.unwrap_or("too few further tries were sent"),
                BY_HAND,
            ));
        }
        let all = |wanted: &Answer| answers.iter().all(|one| one.answer.says_same(wanted));
        Ok(if all(refusal) {
            Further::AllRefused
        } else if all(self.first.answer) {
            Further::AllTaken
        } else {
            Further::Mixed
        })
    }
}
