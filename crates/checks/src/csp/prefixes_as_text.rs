use tightship_model::{
    Answer, Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{entry_of, finding, pass};
use crate::setting::{shown, unknown};

pub(super) static CHECK: Check = Check {
    id: "csp/prefixes-as-text",
    title: "A text in EXCLUDE_URL_PREFIXES takes the policy off every page",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("csp")],
    items: &["A2.8"],
    django_ids: &["csp.E002"],
    references: &[
        Reference::Url("https://django-csp.readthedocs.io/en/latest/configuration.html"),
        Reference::Cwe(693),
    ],
    doc: include_str!("prefixes_as_text.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    for policy in [super::POLICY, super::REPORT_ONLY] {
        let prefixes = entry_of(
            deployment,
            policy,
            "EXCLUDE_URL_PREFIXES",
            super::PACKAGE,
            Value::None,
        );
        let name = format!("{policy}.EXCLUDE_URL_PREFIXES");
        match prefixes.ask(&|value| Some(matches!(value, Value::Str(_)))) {
            Answer::No(_) => {}
            Answer::Yes(value) => {
                let mut finding = finding(
                    &name,
                    &value.trail,
                    format!(
                        "an injected script runs on every page: {} is read letter by letter, and \
                         every path begins with its \"/\"",
                        shown(&value.value)
                    ),
                    "Write a list: [\"/admin/\"].",
                );
                finding.django_id = Some("csp.E002");
                findings.push(finding);
            }
            Answer::Doubt(doubt) => return unknown(&name, &doubt, &prefixes.trail),
        }
    }
    if findings.is_empty() {
        return pass("prefixes are a list, where any are set", &Trail::default());
    }
    Outcome::Fail(findings)
}
