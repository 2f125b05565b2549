use tightship_model::site::dns::{Answer, Code, Kind, View};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{addresses, code, is_inner, seen, unknown};

pub(super) static CHECK: Check = Check {
    id: "dns/unresolved",
    title: "The site's name leads nowhere",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B2.1", "B2.2"],
    django_ids: &[],
    references: &[Reference::Rfc(1034, "3.6"), Reference::Rfc(8020, "2")],
    doc: include_str!("unresolved.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let host = &seen.dns.host;
    let found = match seen.addresses(host) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let mut without = Vec::new();
    let mut silent = None;
    for view in &seen.dns.views {
        match addresses(view, host) {
            Ok(found) if found.is_empty() => without.push(view),
            Ok(_) => {}
            Err(outcome) => silent = Some(outcome),
        }
    }
    let Some(first) = without.first() else {
        return silent.unwrap_or_else(|| {
            let list: Vec<_> = found.iter().map(ToString::to_string).collect();
            seen.passes(
                format!(
                    "{host} has addresses at {}",
                    resolvers(seen.dns.views.len())
                ),
                &format!("{host} is {}", list.join(", ")),
            )
        });
    };
    // Inside and outside may be meant to differ.
    if let Some(inner) = found.iter().find(|address| is_inner(**address)) {
        return unknown(format!(
            "{} gives {inner}, an address of a private network, and {} gives none",
            seen.view.resolver, first.resolver
        ));
    }
    if let Some(answer) = dangling(first, host) {
        return Outcome::NotApplicable(format!(
            "{host} is an alias of {}, which does not exist: dns/alias-dangling",
            answer.end(host)
        ));
    }
    let ends = first
        .answer(host, Kind::A)
        .map_or_else(String::new, |answer| code(answer.code));
    let message = match found.is_empty() {
        true => format!("nobody reaches the site: {host} has no address"),
        false => format!(
            "some visitors do not reach the site: {host} has no address at {}, and has one at {}",
            first.resolver, seen.view.resolver
        ),
    };
    seen.fails(
        host,
        message,
        &format!("A and AAAA of {host} end in {ends}"),
        "Give the name an A record, and an AAAA record where the server has IPv6, and look at every \
         server of the zone.",
    )
}

fn resolvers(count: usize) -> String {
    match count {
        1 => "the resolver that was asked".to_owned(),
        count => format!("all {count} resolvers"),
    }
}

/// An answer in which an alias leads to a name that does not exist.
pub(super) fn dangling<'a>(view: &'a View, name: &str) -> Option<&'a Answer> {
    let answer = view.answer(name, Kind::A)?;
    (answer.code == Code::NxDomain && answer.end(name) != name).then_some(answer)
}
