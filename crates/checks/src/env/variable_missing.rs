use tightship_model::compose::Service;
use tightship_model::{
    Check, Confidence, Deployment, EnvRead, Finding, Need, Outcome, Reference, Severity, Trail,
    Variable,
};

use super::{at, django_services, given, has_judged_settings, listed, read_by_settings};
use crate::cross::label;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/variable-missing",
    title: "A service lacks a variable that the settings cannot do without",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B4.5", "X60"],
    django_ids: &[],
    references: &[Reference::Url("https://12factor.net/config")],
    doc: include_str!("variable_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match django_services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let read = read_by_settings(deployment);
    let reads = &deployment.facts.env_reads;
    let is_optional = |name: &str| {
        reads
            .iter()
            .any(|read| read.name == name && !read.is_required)
    };
    let mut needed: Vec<&EnvRead> = reads
        .iter()
        .filter(|one| one.is_required && read.contains(one.name.as_str()))
        .filter(|one| !is_optional(&one.name))
        .collect();
    needed.sort_by_key(|one| (&one.name, one.span.start));
    needed.dedup_by_key(|one| &one.name);
    if needed.is_empty() {
        return Outcome::NotApplicable("the settings do without every variable".to_owned());
    }
    let mut findings = Vec::new();
    let mut open = None;
    for one in needed {
        let mut lacking = Vec::new();
        for service in &services {
            let is_judged = has_judged_settings(deployment, service);
            match given(deployment, service, &one.name) {
                Variable::Set(_) => {}
                _ if is_judged == Some(false) => {}
                Variable::Unset if is_judged == Some(true) => lacking.push(*service),
                Variable::Unset | Variable::Open(_) => open = open.or(Some((one, *service))),
            }
        }
        if lacking.is_empty() {
            continue;
        }
        match other_giver(deployment, &one.name) {
            true => open = open.or(Some((one, lacking[0]))),
            false => findings.push(finding(one, &lacking)),
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((read, service))) => Outcome::Unknown {
            reason: format!(
                "whether {} gets {} is not known: no file of the project tells all of its \
                 environment",
                service.name, read.name
            ),
            remedy: "run tightship where the environment files are".to_owned(),
            trail: Trail::at(read.span, format!("reads {}", read.name)),
        },
        (true, None) => pass(
            "every service gets the variables that the settings cannot do without",
            &Trail::default(),
        ),
    }
}

fn finding(read: &EnvRead, lacking: &[&Service]) -> Finding {
    let names: Vec<&str> = lacking
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    let name = &read.name;
    let mut finding = at(
        format!("variable:{name}"),
        Some(read.span),
        &format!("{name} is read without a default"),
    );
    let places = lacking.iter().filter_map(|service| service.span);
    finding
        .labels
        .extend(places.map(|span| label(span, format!("does not get {name}"))));
    Finding {
        message: format!(
            "{} stops as it starts: the settings read {name} without a default, and Compose does \
             not give it",
            listed(&names)
        ),
        confidence: Confidence::Medium,
        advice: format!("Give {name} to every service that runs the project's code."),
        ..finding
    }
}

/// Whether something beside Compose may bring a variable: code that reads a file of variables, or a
/// script that sets it.
fn other_giver(deployment: &Deployment, name: &str) -> bool {
    const READERS: [&str; 6] = [
        "load_dotenv",
        "read_env",
        "decouple",
        "dotenv_values",
        "env_file=",
        "environ.setdefault",
    ];
    let assigned = format!("{name}=");
    deployment.sources.iter().any(|(_, source)| {
        let text = source.raw();
        match source.path.ends_with(".py") {
            true => READERS.iter().any(|reader| {
                text.contains(reader)
                    && (*reader != "environ.setdefault" || text.contains(&format!("\"{name}\",")))
            }),
            false => {
                let is_script = source.path.ends_with(".sh") || text.starts_with("#!");
                is_script && text.contains(&assigned)
            }
        }
    })
}
