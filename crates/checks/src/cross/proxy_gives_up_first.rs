use tightship_model::nginx::seconds;
use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Process, Program, Reference, Severity, Trail, Value,
};
use tightship_predict::ways::Way;

use super::{between, edges_to_django, label, place, ways_to_django};

pub(super) static CHECK: Check = Check {
    id: "cross/proxy-gives-up-first",
    title: "nginx gives up before the worker does",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.1"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        ),
        Reference::Url("https://docs.gunicorn.org/en/stable/settings.html#timeout"),
        Reference::Cwe(400),
    ],
    doc: include_str!("proxy_gives_up_first.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut findings: Vec<tightship_model::Finding> = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let Some(process) = way.django().filter(|process| limits_requests(process)) else {
                continue;
            };
            let Some((waits, trail)) = patience(&way) else {
                open = open.or(Some(way.pass.heading_span()));
                continue;
            };
            let Some(timeout) = process.option("timeout").filter(|_| is_told(process)) else {
                open = open.or(process.trail.first_span());
                continue;
            };
            let Some(works) = timeout.value.value.as_int() else {
                open = open.or(timeout.value.trail.first_span());
                continue;
            };
            if works != 0 && works <= i128::from(waits) {
                evidence.push(Evidence {
                    text: format!("the worker ends after {works} s, nginx waits {waits} s"),
                    trail: timeout.value.trail.clone(),
                });
                continue;
            }
            let long = match works {
                0 => "without end".to_owned(),
                works => format!("up to {works} s"),
            };
            let mut finding = between(
                place(&way),
                format!(
                    "whoever asks for slow pages holds every worker: nginx answers 504 after \
                     {waits} s while gunicorn goes on {long} for a visitor who is gone, and each \
                     new try takes one more worker"
                ),
                label(
                    trail.unwrap_or_else(|| way.pass.heading_span()),
                    format!("nginx waits {waits} s for an answer"),
                ),
                &timeout.value.trail,
                "Let gunicorn's timeout be shorter than nginx's proxy_read_timeout; where requests \
                 must take long, raise proxy_read_timeout in their location.",
            );
            if timeout.value.trail.first_span().is_none() {
                let starts = process.trail.first_span();
                let text = format!("gunicorn's default of {works} s holds here");
                finding.labels.extend(starts.map(|span| label(span, text)));
            }
            finding.subject = "process:gunicorn timeout".to_owned();
            if findings.is_empty() {
                findings.push(finding);
            }
        }
    }
    match (findings.is_empty(), open, evidence.is_empty()) {
        (false, ..) => Outcome::Fail(findings),
        (true, Some(span), _) => Outcome::Unknown {
            reason: "how long nginx waits, or gunicorn works, is not known".to_owned(),
            remedy: "give the configuration file of gunicorn and the files that nginx includes"
                .to_owned(),
            trail: Trail::at(span, "not known"),
        },
        (true, None, true) => Outcome::NotApplicable(
            "no worker of gunicorn with one request at a time stands behind nginx".to_owned(),
        ),
        (true, None, false) => Outcome::Pass(evidence),
    }
}

/// Whether gunicorn's timeout ends a request: only of sync workers without threads. For the others
/// it says how long a worker may be silent.
fn limits_requests(process: &Process) -> bool {
    let is = |name: &str, wanted: &Value| {
        process
            .option(name)
            .is_some_and(|option| option.value.value == *wanted)
    };
    process.program == Program::Gunicorn
        && is("worker_class", &Value::Str("sync".to_owned()))
        && is("threads", &Value::Int(1))
}

/// Whether nothing hidden may set the timeout.
fn is_told(process: &Process) -> bool {
    process.rest.is_none() || process.options.contains_key("timeout")
}

/// Seconds that nginx waits for an answer, and where it says so.
fn patience(way: &Way<'_, '_>) -> Option<(u64, Option<tightship_model::Span>)> {
    if way.pass.name.text != "proxy_pass" {
        return None;
    }
    let effective = way.leaf.scope.effective("proxy_read_timeout");
    let Some(directive) = effective.directives.last() else {
        return effective.gap.is_none().then_some((60, None));
    };
    let word = directive.arguments.first().filter(|word| word.is_known)?;
    Some((seconds(&word.text)?, Some(directive.heading_span())))
}
