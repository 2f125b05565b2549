use tightship_model::site::dns::{Code, Kind, Question, Reply, View};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{seen, unknown};

pub(super) static CHECK: Check = Check {
    id: "dns/dnssec-broken",
    title: "The site's name does not validate",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B2.1"],
    django_ids: &[],
    references: &[Reference::Rfc(4035, "3.2"), Reference::Rfc(6840, "5.7")],
    doc: include_str!("dnssec_broken.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let host = &seen.dns.host;
    let checked = Question::new(host, Kind::A);
    let unchecked = Question {
        unchecked: true,
        ..checked.clone()
    };
    match (code(seen.view, &checked), code(seen.view, &unchecked)) {
        (Some((Code::ServFail, _)), Some((Code::NoError | Code::NxDomain, _))) => seen.fails(
            host,
            format!(
                "visitors whose resolver validates do not reach {host}: its signatures do not fit, \
                 and the answer is thrown away"
            ),
            &format!("A {host} is SERVFAIL, and has an answer when it is not to be validated"),
            "Sign the zone anew, or take the DS record out of the zone above until it is signed.",
        ),
        (Some((Code::ServFail, _)), _) => unknown(format!(
            "{} has no answer for {host}, validated or not",
            seen.view.resolver
        )),
        (Some((_, true)), _) => seen.passes(
            format!("{host} validates"),
            &format!("A {host} is authentic (AD)"),
        ),
        (Some(_), _) => Outcome::NotApplicable(format!(
            "{} does not say that it validated {host}: the zone is not signed, or this resolver \
             does not validate",
            seen.view.resolver
        )),
        (None, _) => unknown(format!("A {host} has no answer")),
    }
}

/// How a question ended, and whether the resolver validated it.
fn code(view: &View, question: &Question) -> Option<(Code, bool)> {
    match view.reply(question)? {
        Reply::Answer(answer) => Some((answer.code, answer.authentic)),
        Reply::None(_) => None,
    }
}
