use tightship_model::{
    Check, Deployment, Need, Outcome, Process, Program, Reference, Severity, Traced, Value,
};

use super::front::Tally;
use super::label;
use crate::package::finding;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "cross/query-outlives-worker",
    title: "The database goes on for a worker that was ended",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["B5.5"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT",
        ),
        Reference::Url("https://docs.gunicorn.org/en/stable/settings.html#timeout"),
        Reference::Cwe(400),
    ],
    doc: include_str!("query_outlives_worker.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(limit) = statement_timeout(deployment) else {
        return Outcome::NotApplicable("no statement_timeout is set in DATABASES".to_owned());
    };
    let mut tally = Tally::default();
    let Some(place) = limit.trail.first_span() else {
        return Outcome::NotApplicable("no statement_timeout is set in DATABASES".to_owned());
    };
    let servers = deployment.processes.iter();
    for process in servers.filter(|process| process.program == Program::Gunicorn) {
        let Some((seconds, span)) = timeout(process) else {
            tally.unseen(
                "how long gunicorn lets a request work is not known",
                process.trail.first_span().unwrap_or(place),
            );
            continue;
        };
        let worker = i128::from(seconds) * 1000;
        if seconds == 0 || limit.value <= worker {
            tally.holds(
                format!(
                    "a query ends after {} ms, the worker after {worker} ms",
                    limit.value
                ),
                place,
            );
            continue;
        }
        let mut finding = finding(
            "DATABASES",
            &limit.trail,
            format!(
                "whoever asks for a slow page keeps the database busy after it failed: gunicorn \
                 ends the worker after {seconds} s, PostgreSQL its query after {} s, and each new \
                 try adds one more",
                limit.value / 1000
            ),
            "Let statement_timeout be shorter than gunicorn's timeout, and that shorter than \
             nginx's proxy_read_timeout.",
        );
        let place = span.or(process.trail.first_span());
        let text = format!("gunicorn ends a worker after {seconds} s");
        finding.labels.extend(place.map(|span| label(span, text)));
        tally.fails(finding);
    }
    tally.outcome("no gunicorn ends workers")
}

/// Seconds that a request may work: of sync workers without threads, which gunicorn ends.
fn timeout(process: &Process) -> Option<(u64, Option<tightship_model::Span>)> {
    let is = |name: &str, wanted: &Value| {
        let option = process.option(name);
        option.is_some_and(|option| option.value.value == *wanted)
    };
    let ends = is("worker_class", &Value::Str("sync".to_owned())) && is("threads", &Value::Int(1));
    if !ends {
        return Some((0, None));
    }
    let option = process.option("timeout")?;
    if !option.is_set && process.rest.is_some() {
        return None;
    }
    let seconds = u64::try_from(option.value.value.as_int()?).ok()?;
    Some((seconds, option.value.trail.first_span()))
}

/// Milliseconds of the `statement_timeout` that the default database's connections ask for; 0 means
/// none and is left out.
fn statement_timeout(deployment: &Deployment) -> Option<Traced<i128>> {
    let databases = overridden(deployment, "DATABASES")?;
    let default = databases.value.as_dict()?.get("default")?;
    let options = default.value.as_dict()?.get("OPTIONS")?;
    let text = options.value.as_dict()?.get("options")?;
    let (_, rest) = text.value.as_str()?.split_once("statement_timeout")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let value = value.split(|c: char| c.is_whitespace()).next()?;
    let limit = milliseconds(value.trim_matches(['\'', '"']))?;
    (limit > 0).then(|| Traced::new(limit, text.trail.clone()))
}

/// A duration as PostgreSQL takes it where milliseconds are the unit: `30s`, `2min`, `500`.
fn milliseconds(text: &str) -> Option<i128> {
    const UNITS: [(&str, i128); 6] = [
        ("", 1),
        ("ms", 1),
        ("s", 1000),
        ("min", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    Some(number.parse::<i128>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_of_postgresql() {
        assert_eq!(milliseconds("500"), Some(500));
        assert_eq!(milliseconds("30s"), Some(30_000));
        assert_eq!(milliseconds("2min"), Some(120_000));
        assert_eq!(milliseconds("2 min"), None);
        assert_eq!(milliseconds("s"), None);
    }
}
