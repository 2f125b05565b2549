use tightship_model::{
    Check, Confidence, Deployment, EnvOrigin, Finding, Label, Need, Outcome, Reference, Severity,
    Span, Trail,
};

use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "django/settings-broken",
    title: "The settings stop with an error",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B4.5", "X60"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/settings/"),
        Reference::Django("ref/exceptions/#improperlyconfigured"),
    ],
    doc: include_str!("settings_broken.md"),
    run,
};

/// Errors that the text of the settings and the environment decide. Files and modules that are not in
/// the repository may well be on the server.
const CERTAIN: [&str; 8] = [
    "AssertionError",
    "ImproperlyConfigured",
    "KeyError",
    "NameError",
    "RuntimeError",
    "SyntaxError",
    "TypeError",
    "ValueError",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let stop = settings.stops.iter().find(|(says, span)| {
        let class = says.split(':').next().unwrap_or(says);
        let is_new = class != "SyntaxError" || settings.django_at_least(2, 0);
        CERTAIN.contains(&class) && is_new && !is_told_elsewhere(deployment, *span)
    });
    let Some((says, span)) = stop else {
        let text = format!(
            "{} runs to its end, as far as it is read",
            settings.module.name
        );
        return pass(text, &Trail::default());
    };
    let sources = &deployment.sources;
    let name = &settings.module.name;
    // What stops on a variable that no file sets may be set by hand.
    let is_sure = matches!(
        deployment.environment.origin,
        EnvOrigin::Compose { .. } | EnvOrigin::Given(_)
    );
    Outcome::Fail(vec![Finding {
        subject: format!("settings:{name}"),
        message: format!(
            "the site does not start: {name} ends with {says} at {}",
            sources.place(*span)
        ),
        severity: None,
        confidence: match is_sure {
            true => Confidence::High,
            false => Confidence::Medium,
        },
        labels: vec![Label {
            span: *span,
            text: "the program stops here".to_owned(),
        }],
        trail: Trail::default(),
        django_id: None,
        advice: "Start the settings once with the variables of production before each deployment: \
                 `manage.py check --deploy`."
            .to_owned(),
        fix: None,
    }])
}

/// Whether a variable that is read there and cannot be done without is told by env/variable-missing.
fn is_told_elsewhere(deployment: &Deployment, stop: Span) -> bool {
    let line = |span: Span| deployment.sources[span.source].line_column(span.start).0;
    let reads = deployment.facts.env_reads.iter();
    let mut required = reads.filter(|read| read.is_required && read.span.source == stop.source);
    required.any(|read| line(read.span) == line(stop))
}
