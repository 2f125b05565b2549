use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::context::{Context, holders};
use super::header::{added, handed_on, is_protective};
use super::judgement::{Judgement, With, finding, judge};

pub(crate) static CHECK: Check = Check {
    id: "nginx/headers-dropped",
    title: "A block with an add_header of its own drops those of the outer blocks",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
        Reference::Cwe(693),
    ],
    doc: include_str!("headers_dropped.md"),
    run,
};

/// The directives that replace, each with the one that changes how they are handed on.
const KINDS: [(&str, &str); 2] = [
    ("add_header", "add_header_inherit"),
    ("add_trailer", "add_trailer_inherit"),
];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no header is added",
        |configuration, judgement| {
            for context in holders(configuration, &KINDS.map(|(name, _)| name)) {
                for (name, inheritance) in KINDS {
                    look(&context, name, inheritance, judgement);
                }
            }
        },
    )
}

fn look(context: &Context<'_>, name: &str, inheritance: &str, judgement: &mut Judgement) {
    let Some(first) = context.own(name).next() else {
        return;
    };
    let outer = match context.parent() {
        Some(outer) => handed_on(&outer, name, inheritance),
        None => Vec::new(),
    };
    let is_meant = context.has(inheritance)
        && context
            .own(inheritance)
            .any(|one| one.argument(0) == Some("off"));
    let here = handed_on(context, name, inheritance);
    let lost: Vec<_> = outer.into_iter().filter(|one| !sends(&here, one)).collect();
    if lost.is_empty() || is_meant {
        judgement.holds("no block drops a header of the blocks around it", first);
    } else {
        judgement.fails(dropped(context, first, &lost));
    }
}

fn sends(here: &[&Directive], header: &Directive) -> bool {
    let name = header.argument(0).unwrap_or_default();
    here.iter()
        .any(|one| added(one).any(|header| header.is(name)))
}

/// Headers that a finding shows; the others stand in its message.
const MOST_SHOWN: usize = 8;

fn dropped(context: &Context<'_>, first: &Directive, lost: &[&Directive]) -> Finding {
    let mut names: Vec<&str> = Vec::new();
    for name in lost.iter().filter_map(|one| one.argument(0)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| !is_protective(name));
    let weakens = is_protective(names[0]);
    let message = format!(
        "answers of {} go out without {}: one {} here drops all of the outer blocks",
        context.name(),
        names.join(", "),
        first.name.text,
    );
    let found = finding(
        context,
        first,
        message,
        "Repeat the headers here, best by an include that every such block has.",
    )
    .with_severity(if weakens {
        Severity::Medium
    } else {
        Severity::Low
    });
    let mut shown = lost.to_vec();
    shown.sort_by_key(|one| !is_protective(one.argument(0).unwrap_or_default()));
    shown.iter().take(MOST_SHOWN).fold(found, |found, lost| {
        found.beside(lost, "does not reach this block")
    })
}
