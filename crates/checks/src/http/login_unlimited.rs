use tightship_model::{Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::behaviour::BY_HAND;
use super::lockout::tries;
use super::look::unseen;

pub(super) static CHECK: Check = Check {
    id: "http/login-unlimited",
    title: "A dozen wrong passwords in a row are not refused",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A3.3", "A3.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/"),
        Reference::Url("https://docs.allauth.org/en/latest/account/rate_limits.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("login_unlimited.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// The tries that `--probe lockout` makes where none is refused: twice the five that the checklist
/// allows, and two.
const ENOUGH: usize = 12;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let tries = tries(deployment)?;
    let url = &tries.first.exchange.request.url;
    match &tries.refusal {
        Some(refusal) => Ok(refusal.seen.passes(format!(
            "wrong password {} for one account is refused by {}",
            refusal.at,
            refusal.by.name()
        ))),
        None if tries.count >= ENOUGH => Ok(Outcome::Fail(vec![Finding {
            // Made-up accounts, and answers that may hide what they mean.
            confidence: Confidence::Medium,
            ..tries.first.finding(
                "login",
                format!(
                    "an attacker goes on trying passwords: {} wrong ones in a row for one account \
                     are all answered alike by {url}, unless real accounts alone are counted, or a \
                     refusal is worded as a wrong password is",
                    tries.count
                ),
                "Let django-axes (or allauth's ACCOUNT_RATE_LIMITS) refuse an account after five \
                 wrong passwords, and nginx limit the address of the login with `limit_req`.",
            )
        }])),
        None => Err(unseen(
            format!("only {} wrong passwords were tried", tries.count),
            BY_HAND,
        )),
    }
}
