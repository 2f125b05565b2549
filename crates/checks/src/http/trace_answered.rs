use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answer, http};
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/trace-answered",
    title: "The site sends back what it is sent",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(9110, "9.3.8"), Reference::Cwe(693)],
    doc: include_str!("trace_answered.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    if http
        .last(Purpose::Trace)
        .is_some_and(|exchange| exchange.failure().is_some())
    {
        return Err(Outcome::NotApplicable("TRACE gets no answer".to_owned()));
    }
    let seen = answer(http, Purpose::Trace)?;
    let echoes = seen.answer.is_success() && seen.answer.content.marks.contains(&Mark::Echo);
    Ok(match echoes {
        true => Outcome::Fail(vec![seen.finding(
            "TRACE",
            "TRACE is answered with the request itself: what proxies add on the way, such as inner \
             addresses, and cookies that scripts must not read come back"
                .to_owned(),
            "Turn it off: `TraceEnable off` in Apache; nginx refuses it by itself.",
        )]),
        false => seen.passes("TRACE is not answered with the request"),
    })
}
