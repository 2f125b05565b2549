use tightship_model::site::http::Purpose;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::lockout::{Further, mixed, tries};

pub(super) static CHECK: Check = Check {
    id: "http/lockout-evaded",
    title: "A forged address escapes the lockout",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A3.3", "A3.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-axes.readthedocs.io/en/latest/4_configuration.html#configuring-reverse-proxies",
        ),
        Reference::Cwe(348),
        Reference::Cwe(307),
    ],
    doc: include_str!("lockout_evaded.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let tries = tries(deployment)?;
    let lock = tries.lock()?;
    match tries.further(lock.seen.answer, Purpose::LockoutForged)? {
        Further::Mixed => Err(mixed()),
        Further::AllRefused => Ok(lock
            .seen
            .passes("an account that is locked out stays so whatever X-Forwarded-For says")),
        Further::AllTaken => Ok(Outcome::Fail(vec![lock.seen.finding(
            "X-Forwarded-For",
            format!(
                "an attacker tries passwords without end: the account that {} locks out after {} \
                 wrong ones is let in again with each X-Forwarded-For that he makes up",
                lock.by.name(),
                lock.at
            ),
            "Have Django read a field that nginx writes itself: `proxy_set_header X-Real-IP \
             $remote_addr;` with AXES_IPWARE_META_PRECEDENCE_ORDER = [\"HTTP_X_REAL_IP\"]; for \
             allauth set ALLAUTH_TRUSTED_PROXY_COUNT.",
        )])),
    }
}
