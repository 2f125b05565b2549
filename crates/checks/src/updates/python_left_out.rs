use tightship_model::{
    Check, Deployment, Evidence, Finding, Label, LooksAt, Outcome, Reference, Severity, Trail,
    UpdateSchedule,
};

use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "updates/python-left-out",
    title: "Updates are looked for, and not those of the Python packages",
    severity: Severity::Low,
    needs: &[],
    items: &["B9.6"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference",
        ),
        Reference::Url("https://docs.renovatebot.com/modules/manager/"),
        Reference::Cwe(1104),
    ],
    doc: include_str!("python_left_out.md"),
    run,
};

/// Dependabot's word for pip, pip-compile, pipenv and poetry is `pip`; the others are Renovate's.
const OF_PYTHON: [&str; 10] = [
    "pip",
    "uv",
    "conda",
    "pep621",
    "pip-compile",
    "pip_requirements",
    "pip_setup",
    "pipenv",
    "poetry",
    "setup-cfg",
];

fn run(deployment: &Deployment) -> Outcome {
    if deployment.packages.by_name.is_empty() {
        return Outcome::NotApplicable("the project names no Python packages".to_owned());
    }
    let mut open = None;
    for schedule in &deployment.updates {
        match &schedule.looks_at {
            LooksAt::All => return passes(schedule, &Trail::at(schedule.span, "looks at all")),
            LooksAt::Only(kinds) => {
                let is_python = |kind: &str| OF_PYTHON.contains(&kind);
                if let Some(kind) = kinds.iter().find(|kind| is_python(&kind.value)) {
                    return passes(schedule, &kind.trail);
                }
            }
            LooksAt::NotKnown(reason) => open = open.or(Some((schedule, reason))),
        }
    }
    if let Some((schedule, reason)) = open {
        return Outcome::Unknown {
            reason: format!(
                "what {} looks at is not known: {reason}",
                schedule.tool.name()
            ),
            remedy: "mend the file, or sign the row for who looks for updates".to_owned(),
            trail: Trail::at(schedule.span, "sets it up"),
        };
    }
    match deployment.updates.as_slice() {
        [] => Outcome::Unknown {
            reason: "no file of the repository has updates looked for; a person may do it"
                .to_owned(),
            remedy: "add .github/dependabot.yml or renovate.json, or sign the row".to_owned(),
            trail: Trail::default(),
        },
        schedules => Outcome::Fail(schedules.iter().map(left_out).collect()),
    }
}

fn passes(schedule: &UpdateSchedule, trail: &Trail) -> Outcome {
    Outcome::Pass(vec![Evidence {
        text: format!("{} looks for newer Python packages", schedule.tool.name()),
        trail: trail.clone(),
    }])
}

fn left_out(schedule: &UpdateSchedule) -> Finding {
    let kinds: Vec<_> = match &schedule.looks_at {
        LooksAt::Only(kinds) => kinds.iter().map(|kind| kind.value.as_str()).collect(),
        _ => Vec::new(),
    };
    let instead = match kinds[..] {
        [] => "nothing".to_owned(),
        _ => format!("{} alone", kinds.join(", ")),
    };
    let tool = schedule.tool.name();
    Finding {
        message: format!(
            "nobody hears of a security release of Django or another Python package: {tool} looks \
             at {instead}"
        ),
        labels: vec![Label {
            span: schedule.span,
            text: "Python is not among them".to_owned(),
        }],
        advice: "Add the kind of your Python packages: `package-ecosystem: pip`, or `uv`."
            .to_owned(),
        ..finding_about(
            format!("updates:{tool}"),
            &Trail::at(schedule.span, "sets it up"),
        )
    }
}
