use tightship_model::{
    Check, Deployment, Finding, LinkKind, Need, Outcome, Reference, Severity, Traced, Trail, Value,
};

use crate::package::{finding, pass};

pub(super) static CHECK: Check = Check {
    id: "django/env-text-is-true",
    title: "A switch is on whatever its variable says",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.1", "B1.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.python.org/3/library/stdtypes.html#truth-value-testing"),
        Reference::Cwe(704),
    ],
    doc: include_str!("env_text_is_true.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let findings: Vec<_> = settings
        .overridden
        .iter()
        .filter_map(|(name, value)| {
            let is_switch = matches!(settings.defaults.get(name), Some(Value::Bool(_)));
            let text = value.value.as_str().filter(|text| is_switch && says_no(text));
            match text {
                Some(text) => Some(switch(
                    name,
                    value,
                    format!("{name} is the text {text:?}, which counts as true: it is on, against what it says"),
                )),
                None => is_bool_of_text(deployment, &value.trail).then(|| {
                    switch(
                        name,
                        value,
                        format!(
                            "{name} is bool() of a variable's text: \"False\", \"0\" and \"off\" \
                             switch it on too, and nobody who writes them notices"
                        ),
                    )
                }),
            }
        })
        .collect();
    if findings.is_empty() {
        return pass(
            "no switch takes a variable's text for its truth",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

fn switch(name: &str, value: &Traced<Value>, message: String) -> Finding {
    finding(
        name,
        &value.trail,
        message,
        "Compare the text: os.environ.get(\"NAME\", \"\").lower() in {\"1\", \"true\", \"yes\"}.",
    )
}

/// Whether a variable's text is put into `bool(…)` on the way of a value.
fn is_bool_of_text(deployment: &Deployment, trail: &Trail) -> bool {
    trail
        .own_links()
        .filter(|link| link.kind == LinkKind::Reads)
        .filter_map(|link| link.span)
        .any(|span| {
            let text = deployment.sources[span.source].raw();
            let (Some(before), Some(read)) = (
                text.get(..span.start as usize),
                text.get(span.start as usize..span.end as usize),
            ) else {
                return false;
            };
            let is_plain = ["os.environ", "environ", "os.getenv", "getenv"]
                .iter()
                .any(|reader| read.starts_with(reader));
            is_plain
                && before.strip_suffix("bool(").is_some_and(|before| {
                    !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.')
                })
        })
}

fn says_no(text: &str) -> bool {
    ["false", "0", "no", "off", "none"].contains(&text.trim().to_lowercase().as_str())
}
