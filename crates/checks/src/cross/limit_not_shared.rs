use tightship_model::{
    Answer, Check, Confidence, Deployment, Need, Outcome, Process, Reference, Severity, Span,
    Traced, Trail, Value,
};
use tightship_predict::ways::service_of;

use super::label;
use crate::package::{entry_of, finding, holds_true, pass, setting_value};
use crate::setting::{has_app, unknown};

pub(super) static CHECK: Check = Check {
    id: "cross/limit-not-shared",
    title: "Each worker counts for itself what all should count together",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A3.3", "A14.3"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/cache/#local-memory-caching"),
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/throttling/#setting-up-the-cache",
        ),
        Reference::Url("https://docs.allauth.org/en/latest/common/rate_limits.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("limit_not_shared.md"),
    run,
};

const LOCAL: &str = "django.core.cache.backends.locmem.LocMemCache";
const DUMMY: &str = "django.core.cache.backends.dummy.DummyCache";

fn run(deployment: &Deployment) -> Outcome {
    let limiters = limiters(deployment);
    if limiters.is_empty() {
        return Outcome::NotApplicable("no limit counts in the cache".to_owned());
    }
    let cache = entry_of(deployment, "CACHES", "default", "Django", Value::None);
    let backend = |value: &Value| match value {
        Value::None => Some(LOCAL.to_owned()),
        value => Some(value.as_dict()?.get("BACKEND")?.value.as_str()?.to_owned()),
    };
    let found = match cache.ask(&|value| Some([LOCAL, DUMMY].contains(&backend(value)?.as_str()))) {
        Answer::No(value) => {
            return pass("the limits count in a cache that all share", &value.trail);
        }
        Answer::Doubt(doubt) => return unknown("CACHES", &doubt, &cache.trail),
        Answer::Yes(value) => value,
    };
    // Django's own default stands in no file.
    let trail = match (found.trail.is_empty(), setting_value(deployment, "CACHES")) {
        (true, Some(caches)) => caches.trail,
        _ => found.trail.clone(),
    };
    let (names, verb) = (
        limiters.join(" and "),
        match limiters.as_slice() {
            ["django-ratelimit"] => "counts",
            _ => "count",
        },
    );
    if backend(&found.value).as_deref() == Some(DUMMY) {
        return Outcome::Fail(vec![finding(
            "CACHES",
            &trail,
            format!("nothing is ever limited: {names} {verb} in a cache that keeps nothing"),
            ADVICE,
        )]);
    }
    let processes = match processes(deployment) {
        Ok(Some(processes)) => processes,
        Ok(None) => {
            return Outcome::NotApplicable("no file tells what serves Django".to_owned());
        }
        Err((program, trail)) => {
            return Outcome::Unknown {
                reason: format!("how many processes {program} runs is not known"),
                remedy: "give the option or the variable that sets the number of workers"
                    .to_owned(),
                trail,
            };
        }
    };
    if processes.number == 1 {
        return pass("one process counts for all", &trail);
    }
    let mut finding = finding(
        "CACHES",
        &trail,
        format!(
            "an attacker has {0} times the allowed tries: {names} {verb} in the memory of one \
             process, and {0} processes answer{1}",
            processes.number, processes.sum
        ),
        ADVICE,
    );
    finding.confidence = Confidence::High;
    finding.labels.extend(
        processes
            .span
            .map(|span| label(span, "so many processes answer")),
    );
    Outcome::Fail(vec![finding])
}

const ADVICE: &str = "Give CACHES a default that all processes share: Redis, Memcached or the \
                      database.";

/// What counts requests in the default cache, by name.
fn limiters(deployment: &Deployment) -> Vec<&'static str> {
    let mut found = Vec::new();
    let classes = entry_of(
        deployment,
        "REST_FRAMEWORK",
        "DEFAULT_THROTTLE_CLASSES",
        "REST framework",
        Value::None,
    );
    let has_framework = has_app(deployment, "rest_framework") == Some(true);
    if has_framework && holds_true(&classes, &Value::truthy) == Some(true) {
        found.push("REST framework's throttles");
    }
    let is_off = |name: &str| {
        setting_value(deployment, name)
            .is_some_and(|value| holds_true(&value, &Value::truthy) != Some(true))
    };
    let has_allauth = has_app(deployment, "allauth.account") == Some(true);
    // The limits came with version 0.59 and are on unless they are set to False.
    if has_allauth && !is_off("ACCOUNT_RATE_LIMITS") {
        found.push("allauth's limits");
    }
    let own_cache = setting_value(deployment, "RATELIMIT_USE_CACHE");
    let has_ratelimit = deployment.packages.get("django-ratelimit").is_some();
    if has_ratelimit && own_cache.is_none() && !is_off("RATELIMIT_ENABLE") {
        found.push("django-ratelimit");
    }
    found
}

/// How many processes answer for Django, and where that is said.
struct Processes {
    number: u64,
    /// ` (4 workers, 2 containers)`.
    sum: String,
    span: Option<Span>,
}

/// Counts the processes of the service that answers most: another site beside it counts apart.
/// `Err` with the program and place where the number is not known.
fn processes(deployment: &Deployment) -> Result<Option<Processes>, (String, Trail)> {
    let mut most: Option<Processes> = None;
    let serving = deployment.processes.iter();
    for process in serving.filter(|process| process.program.serves_django()) {
        let (workers, told) = workers(process)?;
        let service = service_of(deployment, process);
        let replicas = service.and_then(|service| {
            let deploy = service
                .deploy
                .as_ref()
                .and_then(|deploy| deploy.replicas.as_ref());
            deploy.or(service.scale.as_ref())
        });
        let containers = match replicas {
            None => 1,
            Some(replicas) => match replicas.known().and_then(|text| text.parse().ok()) {
                Some(number) => number,
                None => return Err(("Compose".to_owned(), replicas.trail.clone())),
            },
        };
        let number = workers * containers;
        let sum = match containers {
            1 => String::new(),
            containers => format!(" ({workers} workers in each of {containers} containers)"),
        };
        let by_compose = replicas
            .filter(|_| workers == 1)
            .and_then(|text| text.span());
        let span = by_compose.or(told).or(process.trail.first_span());
        if most.as_ref().is_none_or(|most| number > most.number) {
            most = Some(Processes { number, sum, span });
        }
    }
    Ok(most)
}

fn workers(process: &Process) -> Result<(u64, Option<Span>), (String, Trail)> {
    let unknown = |trail: &Trail| Err((process.program.name().to_owned(), trail.clone()));
    let Some(option) = process.workers() else {
        return unknown(&process.trail);
    };
    if !option.is_set && process.rest.is_some() {
        return unknown(&process.trail);
    }
    let value: &Traced<Value> = &option.value;
    match value
        .value
        .as_int()
        .and_then(|number| u64::try_from(number).ok())
    {
        Some(number) if number > 0 => Ok((number, value.trail.first_span())),
        _ => unknown(&value.trail),
    }
}
