use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Repeated, Severity,
    Trail,
};

use super::{HOUR, shown, undecided};
use crate::cross::label;
use crate::saving::{dumps, is_saver};
use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "policy/recovery-point-exceeded",
    title: "More data can be lost than the team accepts",
    severity: Severity::Medium,
    needs: &[Need::Thresholds],
    items: &["A11.6"],
    django_ids: &[],
    references: &[
        Reference::Url("https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final"),
        Reference::Url("https://www.postgresql.org/docs/current/backup.html"),
    ],
    doc: include_str!("recovery_point_exceeded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(hours) = deployment.policy.recovery_point_hours else {
        return undecided("how much data may be lost", "recovery-point-hours");
    };
    let saves = |one: &&Repeated| is_saver(&one.command);
    let savers: Vec<&Repeated> = deployment.repeated.iter().filter(saves).collect();
    // Where anything else saves too, it may do so more often than its command tells.
    if savers.is_empty() || savers.iter().any(|one| !dumps(&one.command)) {
        return unknown(hours, savers.first().copied());
    }
    let timed = savers.iter().filter_map(|one| Some((one.every?, *one)));
    let Some((every, saver)) = timed.min_by_key(|(every, _)| *every) else {
        return unknown(hours, savers.first().copied());
    };
    let trail = Trail::at(saver.span, "saves the database");
    if every <= hours.saturating_mul(HOUR) {
        return Outcome::Pass(vec![Evidence {
            text: format!(
                "the database is saved every {}; {hours} h may be lost",
                shown(every)
            ),
            trail,
        }]);
    }
    if savers.iter().any(|one| one.every.is_none()) {
        return unknown(hours, savers.first().copied());
    }
    Outcome::Fail(vec![Finding {
        message: format!(
            "a lost disk takes up to {} of orders and accounts with it, and the team accepts {hours} \
             h: the database is saved every {}",
            shown(every),
            shown(every)
        ),
        // What the provider of a server saves is in no file.
        confidence: Confidence::Medium,
        labels: vec![label(
            saver.span,
            format!("saves it every {}", shown(every)),
        )],
        advice:
            "Save it as often as was decided, or keep its write-ahead log elsewhere as it grows."
                .to_owned(),
        ..finding_about("policy:recovery-point-hours".to_owned(), &trail)
    }])
}

fn unknown(hours: u64, saver: Option<&Repeated>) -> Outcome {
    Outcome::Unknown {
        reason: format!("{hours} h may be lost, and how often the database is saved is not told"),
        remedy: "look at the age of the newest backup on the server".to_owned(),
        trail: saver.map_or_else(Trail::default, |saver| Trail::at(saver.span, "saves data")),
    }
}
