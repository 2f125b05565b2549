use tightship_model::{
    Check, Deployment, Drill, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::{HOUR, shown, undecided};
use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "policy/recovery-time-exceeded",
    title: "The last restore took longer than the site may be away",
    severity: Severity::Medium,
    needs: &[Need::Thresholds],
    items: &["A11.5"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
    )],
    doc: include_str!("recovery_time_exceeded.md"),
    run,
};

/// The rows whose drill is a restore.
const RESTORES: [&str; 2] = ["A4.5", "A11.3"];

fn run(deployment: &Deployment) -> Outcome {
    let Some(hours) = deployment.policy.recovery_time_hours else {
        return undecided("how long the site may be away", "recovery-time-hours");
    };
    let mut drills = deployment.drills.iter().rev();
    let Some(drill) = drills.find(|drill| RESTORES.contains(&drill.item.as_str())) else {
        return Outcome::Unknown {
            reason: format!(
                "{hours} h are allowed, and the ledger tells of no restore that was timed"
            ),
            remedy: "time the next one, and sign it with `tightship sign A11.3 --took 95m`"
                .to_owned(),
            trail: Trail::default(),
        };
    };
    let Drill { item, by, took, .. } = drill;
    let measured = format!(
        "the last restore ({item}, signed by {by}) took {}",
        shown(*took)
    );
    if *took <= hours.saturating_mul(HOUR) {
        return Outcome::Pass(vec![Evidence {
            text: format!("{measured}; {hours} h are allowed"),
            trail: Trail::default(),
        }]);
    }
    Outcome::Fail(vec![Finding {
        message: format!(
            "after the loss of the server the site is away for longer than the team promised: \
             {measured}, {hours} h are allowed"
        ),
        advice: "Find the step that took longest and make it faster, or promise what can be kept."
            .to_owned(),
        ..finding_about("policy:recovery-time-hours".to_owned(), &Trail::default())
    }])
}
