use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Value};

use crate::logging::heard::{Nobody, hears};
use crate::setting::{Judged, about, consider, not_set, setting, shows};

pub(super) static CHECK: Check = Check {
    id: "axes/lockouts-unheard",
    title: "Lockouts are not recorded",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A7.2"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/logging/#loggers"),
        Reference::Cwe(778),
    ],
    doc: include_str!("lockouts_unheard.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, "LOGGING") else {
        return not_set("LOGGING");
    };
    match consider(&setting, &unheard) {
        Judged::Good(value) => Outcome::Pass(vec![shows("LOGGING", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(
                "no handler of LOGGING takes the warnings of axes: an attack on passwords goes \
                 unnoticed while axes locks accounts"
                    .to_owned(),
            ),
            confidence: bad.confidence,
            advice: "Give the root logger or the logger axes a handler at WARNING or below."
                .to_owned(),
            ..about("LOGGING", &bad.value.trail)
        }]),
    }
}

/// axes 8 warns of lockouts by the loggers of its modules (`axes.handlers.database`).
fn unheard(logging: &Value) -> Option<bool> {
    hears(logging, &["axes.handlers", "axes"], Nobody::LastResort).map(|hears| !hears)
}
