use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::setting::{Demand, judge, shown, together};

pub(super) static CHECK: Check = Check {
    id: "django/csp-not-a-dict",
    title: "The content security policy has a form that Django cannot use",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Django(6, 0)],
    items: &["A2.8"],
    django_ids: &["security.E026"],
    references: &[Reference::Django("ref/settings/#secure-csp")],
    doc: include_str!("csp_not_a_dict.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    together(["SECURE_CSP", "SECURE_CSP_REPORT_ONLY"].map(|setting| {
        judge(
            deployment,
            &Demand {
                setting,
                refuses: &|value| Some(!matches!(value, Value::None | Value::Dict(_))),
                message: &|value| {
                    format!(
                        "{setting} is {}: Django cannot make a policy of it, so injected scripts \
                         run, or every response fails",
                        shown(value)
                    )
                },
                advice: "Write the policy as a dict from directive to sources.",
                django_id: Some("security.E026"),
                mend: None,
            },
        )
    }))
}
