use tightship_model::site::http::{Exchange, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::BY_HAND;
use super::lockout::{Further, mixed, tries};
use super::look::unseen;

pub(super) static CHECK: Check = Check {
    id: "http/lockout-shared",
    title: "One visitor locks everybody out",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A3.3", "A3.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-axes.readthedocs.io/en/latest/4_configuration.html#configuring-reverse-proxies",
        ),
        Reference::Cwe(645),
    ],
    doc: include_str!("lockout_shared.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let tries = tries(deployment)?;
    let lock = tries.lock()?;
    let refusal = lock.seen.answer;
    // Some limits count accounts and addresses, and the address is refused a little later: then the
    // second address decides.
    if tries.further(refusal, Purpose::LockoutOther)? == Further::AllTaken {
        return Ok(lock.seen.passes(
            "once an account is locked out, others may still log in from the same address",
        ));
    }
    let control = tries.http.last(Purpose::LockoutControl);
    let control = control.and_then(Exchange::answer);
    if control.is_none_or(|answer| !answer.says_same(tries.first.answer)) {
        return Err(unseen(
            "a second address was not let in before anybody was locked out, or there is none: from \
             one address it does not show whether others are locked out with it",
            "look from a machine that reaches the site over IPv4 and IPv6, or check the project",
        ));
    }
    match tries.further(refusal, Purpose::LockoutElsewhere)? {
        Further::Mixed => Err(mixed()),
        Further::AllTaken => Ok(lock
            .seen
            .passes("once an address is locked out, another address may still log in")),
        Further::AllRefused => {
            let seen = tries.http.last(Purpose::LockoutElsewhere);
            let seen = seen.ok_or_else(|| unseen("no further try was sent", BY_HAND))?;
            let from = seen.request.from.as_deref().unwrap_or("another address");
            Ok(Outcome::Fail(vec![lock.seen.finding(
                "lockout",
                format!(
                    "{} wrong passwords by one visitor lock out everybody: from {from}, three other \
                     accounts that never failed are refused by {} too",
                    lock.at,
                    lock.by.name()
                ),
                "Tell Django the visitor's address instead of the proxy's: for axes install \
                 `django-axes[ipware]`, have nginx send `proxy_set_header X-Real-IP $remote_addr;` \
                 and set AXES_IPWARE_META_PRECEDENCE_ORDER = [\"HTTP_X_REAL_IP\"]; for allauth set \
                 ALLAUTH_TRUSTED_PROXY_COUNT.",
            )]))
        }
    }
}
