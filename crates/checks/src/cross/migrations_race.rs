use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Program, Reference, Severity, Span,
    Starter, StepKind, Trail,
};

use super::label;
use crate::compose::{replicas, replicas_place, services};
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "cross/migrations-race",
    title: "Several containers migrate the database at the same time",
    severity: Severity::Low,
    needs: &[],
    items: &["A4.2", "B9.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/django-admin/#migrate"),
        Reference::Cwe(362),
    ],
    doc: include_str!("migrations_race.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let mut count = 0;
    let mut places: Vec<(String, Span)> = Vec::new();
    let mut also: Vec<Label> = Vec::new();
    for service in services {
        let starter = Starter::Service(service.name.clone());
        let migration = deployment.processes_of(&starter).find_map(|process| {
            let mut steps = process.steps.iter();
            let step = steps.find(|step| step.kind == StepKind::Manage("migrate".to_owned()));
            match process.program == Program::Manage("migrate".to_owned()) {
                true => Some(process.trail.first_span()),
                false => step.map(|step| Some(step.argv.span)),
            }
        });
        // A script that asks for its first word migrates in one service and not in the next.
        let mut commands = service.command.iter().chain(&service.entrypoint);
        if let Some(place) = migration
            && commands.all(|command| command.open.is_empty())
        {
            also.extend(place.map(|span| label(span, "migrates".to_owned())));
            also.extend(
                replicas_place(service).map(|span| label(span, "starts it so often".to_owned())),
            );
            count += replicas(service).unwrap_or(1);
            places.extend(service.span.map(|span| (service.name.clone(), span)));
        }
    }
    let Some((_, first)) = places.first() else {
        return Outcome::NotApplicable("no container migrates when it starts".to_owned());
    };
    let trail = Trail::at(*first, "migrates when it starts");
    if count < 2 {
        return pass("one container migrates", &trail);
    }
    let names: Vec<&str> = places.iter().map(|(name, _)| name.as_str()).collect();
    let mut labels: Vec<Label> = places
        .iter()
        .map(|(name, span)| label(*span, format!("{name} migrates when it starts")))
        .collect();
    for other in also {
        if labels.iter().all(|known| known.span != other.span) {
            labels.push(other);
        }
    }
    Outcome::Fail(vec![Finding {
        subject: "compose:migrate".to_owned(),
        message: format!(
            "an update may stop half way: {count} containers run `migrate` when they start ({}), and \
             Django keeps no lock, so that two of them make the same table and one fails",
            names.join(", ")
        ),
        severity: None,
        confidence: Confidence::Medium,
        labels,
        trail,
        django_id: None,
        advice: "Migrate in one service that ends, and let the others wait for it \
                 (`condition: service_completed_successfully`)."
            .to_owned(),
        fix: None,
    }])
}
