use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{absent, finding, pass, value_of};
use crate::setting::{Judged, consider_value, falsy};

pub(super) static CHECK: Check = Check {
    id: "debug/profiler-open",
    title: "The profiler shows recorded requests without a login",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["X21"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/jazzband/django-silk#configuration"),
        Reference::Cwe(215),
    ],
    doc: include_str!("profiler_open.md"),
    run,
};

/// Both are needed: the first asks for a login, the second for a user of the staff.
const LOCKS: [(&str, &str); 2] = [
    ("SILKY_AUTHENTICATION", "anyone who finds its address reads"),
    ("SILKY_AUTHORISATION", "every user who can log in reads"),
];

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, "silk") {
        return outcome;
    }
    for (name, who) in LOCKS {
        let lock = value_of(deployment, name, "django-silk", Value::Bool(false));
        match consider_value(name, &lock, &falsy) {
            Judged::Good(_) => {}
            Judged::Open(outcome) => return outcome,
            Judged::Bad(bad) => {
                let mut finding = finding(
                    name,
                    &bad.value.trail,
                    bad.worded(format!(
                        "{who} the requests, bodies and SQL that silk has recorded: {name} is off"
                    )),
                    "Remove silk from production, or set SILKY_AUTHENTICATION and \
                     SILKY_AUTHORISATION to True.",
                );
                // Whether its pages have an address is in the URLs.
                finding.confidence = Confidence::Medium;
                return Outcome::Fail(vec![finding]);
            }
        }
    }
    pass(
        "silk asks for a login and for a user of the staff",
        &tightship_model::Trail::default(),
    )
}
