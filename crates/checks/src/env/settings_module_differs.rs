use tightship_model::{
    Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail, Value, Variable,
};

use super::{at, django_services, given, module_of, says_no};
use crate::cross::label;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/settings-module-differs",
    title: "A service beside the site runs with other settings",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.1", "B1.1"],
    django_ids: &[],
    references: &[Reference::Django(
        "topics/settings/#designating-the-settings",
    )],
    doc: include_str!("settings_module_differs.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match django_services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let Some(judged) = &deployment.project.module else {
        return Outcome::NotApplicable("no settings module was judged".to_owned());
    };
    let mut findings = Vec::new();
    let mut open = None;
    for service in services {
        if let Variable::Set(value) = given(deployment, service, "DEBUG")
            && super::read_by_settings(deployment).contains("DEBUG")
            && let Some(finding) = debug_differs(deployment, &service.name, value)
        {
            findings.push(finding);
        }
        match module_of(deployment, service) {
            None => open = open.or(Some(service)),
            Some((module, _)) if module == judged.name => {}
            Some((module, span)) => {
                let subject = format!("service:{} settings", service.name);
                let mut finding = at(subject, service.span, "runs the project's code");
                finding
                    .labels
                    .extend(span.map(|span| label(span, format!("names {module}"))));
                let place = judged.trail.first_span();
                finding.labels.extend(
                    place.map(|span| label(span, format!("the site runs with {}", judged.name))),
                );
                findings.push(Finding {
                    message: format!(
                        "{} runs with {module}, the site with {}: it works with other keys, another \
                         database or a developer's protection, on the same data",
                        service.name, judged.name
                    ),
                    advice: format!(
                        "Set DJANGO_SETTINGS_MODULE={} in the image, so that whatever starts in it \
                         runs with the same settings.",
                        judged.name
                    ),
                    ..finding
                });
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(service)) => Outcome::Unknown {
            reason: format!("no file tells with which settings {} runs", service.name),
            remedy: "set DJANGO_SETTINGS_MODULE in its environment".to_owned(),
            trail: service.span.map_or_else(Trail::default, |span| {
                Trail::at(span, "runs the project's code")
            }),
        },
        (true, None) => pass(
            format!("every service runs with {}", judged.name),
            &judged.trail,
        ),
    }
}

/// DEBUG is on in this service and off in the environment that was judged.
fn debug_differs(
    deployment: &Deployment,
    service: &str,
    value: &tightship_model::Traced<Value>,
) -> Option<Finding> {
    let on = |value: &Value| {
        value
            .as_str()
            .map(|text| !text.is_empty() && !says_no(text))
    };
    let judged = deployment.environment.variables.get("DEBUG")?;
    let differs = on(&value.value)? && !on(&judged.value)?;
    let mut finding = at(
        format!("service:{service} DEBUG"),
        value.trail.first_span(),
        "switches DEBUG on",
    );
    finding.labels.extend(
        judged
            .trail
            .first_span()
            .map(|span| label(span, "the site has it off")),
    );
    differs.then(|| Finding {
        message: format!(
            "DEBUG is on in {service} and off in the site: it keeps every query in memory until it \
             falls over, and shows source code and settings to whoever reaches it"
        ),
        advice: "Give all services that run the project's code one environment.".to_owned(),
        ..finding
    })
}
