use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::visit::Asked;
use tightship_predict::ways::Way;

use super::front::{Tally, judge_pages};
use super::{between, label, place};

pub(super) static CHECK: Check = Check {
    id: "cross/header-twice",
    title: "A header is sent twice",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.4", "A2.7", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "8.1"),
        Reference::Url(
            "https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header",
        ),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header",
        ),
    ],
    doc: include_str!("header_twice.md"),
    run,
};

/// A header of which browsers expect one, and what becomes of two.
struct Single {
    name: &'static str,
    /// Of two that differ.
    differing: &'static str,
    /// Of two that are the same, where that does harm.
    same: Option<&'static str>,
}

const SINGLES: [Single; 6] = [
    Single {
        name: "Strict-Transport-Security",
        differing: "browsers keep to the first and forget the other, and scanners count both as \
                    invalid",
        same: None,
    },
    Single {
        name: "X-Frame-Options",
        differing: "browsers that see two values show the page in no frame, not even the site's own",
        same: None,
    },
    Single {
        name: "X-Content-Type-Options",
        differing: "browsers read the first value only",
        same: None,
    },
    Single {
        name: "Referrer-Policy",
        differing: "the last one that the browser knows holds, whatever the settings say",
        same: None,
    },
    Single {
        name: "Content-Security-Policy",
        differing: "browsers obey both, so that what one of them lets through the other still blocks",
        same: None,
    },
    Single {
        name: "Cross-Origin-Opener-Policy",
        differing: "browsers take two for none: pages that open this one keep a hold on its window",
        same: Some(
            "browsers take two for none: pages that open this one keep a hold on its window",
        ),
    },
];

fn run(deployment: &Deployment) -> Outcome {
    judge_pages(
        deployment,
        "no page of Django is served under a name",
        |_, way, asked, tally| {
            for single in &SINGLES {
                look(single, way, asked, tally);
            }
        },
    )
}

fn look(single: &Single, way: &Way<'_, '_>, asked: &Asked<'_>, tally: &mut Tally) {
    let pass = way.pass.heading_span();
    let named = |directive: &&&Directive| {
        directive
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case(single.name))
    };
    let added = way.leaf.scope.effective("add_header");
    let hidden = way.leaf.scope.effective("proxy_hide_header");
    if added.gap.is_some() || hidden.gap.is_some() {
        return tally.unseen("what nginx includes there is not known", pass);
    }
    let from_nginx: Vec<_> = added.directives.iter().filter(named).collect();
    let is_hidden = hidden.directives.iter().any(|directive| named(&directive));
    let from_django = asked
        .answer
        .headers
        .iter()
        .find(|header| !is_hidden && header.name.eq_ignore_ascii_case(single.name));
    // nginx alone, twice, is a matter of its own files.
    let (Some(first), Some(header)) = (from_nginx.first(), from_django) else {
        if from_django.is_some() || !from_nginx.is_empty() {
            tally.holds(format!("one of them sends {}", single.name), pass);
        }
        return;
    };
    let mut values = Vec::new();
    match &header.value {
        Ok(value) => values.push(value.as_str()),
        Err(unknown) => return tally.unseen(unknown.reason.clone(), pass),
    }
    for directive in &from_nginx {
        match directive
            .arguments
            .get(1)
            .filter(|word| word.is_known && !word.has_variables())
        {
            Some(word) => values.push(word.text.as_str()),
            // A map may leave it empty, and nginx then sends none.
            None => {
                return tally.unseen("the value depends on a variable", directive.heading_span());
            }
        }
    }
    let plain = |value: &str| value.to_ascii_lowercase().replace(' ', "");
    let differ = values.iter().any(|value| plain(value) != plain(values[0]));
    let loss = match (differ, single.same) {
        (true, _) => single.differing,
        (false, Some(same)) => same,
        (false, None) => "whoever changes one of them changes nothing, or makes them differ",
    };
    let mut finding = between(
        format!("{} {}", place(way), single.name),
        format!(
            "{}: Django and nginx send {} {} times in {}: {}",
            loss,
            single.name,
            values.len(),
            way.leaf.scope.heading(),
            values
                .iter()
                .map(|value| format!("{value:?}"))
                .collect::<Vec<_>>()
                .join(", "),
        ),
        label(first.heading_span(), "nginx adds its own"),
        &header.trail,
        "Leave it to one of them: take the add_header away, or add `proxy_hide_header` beside it.",
    );
    finding.labels.extend(
        from_nginx
            .iter()
            .skip(1)
            .map(|one| label(one.heading_span(), "once more")),
    );
    finding.severity = Some(match (differ, single.same) {
        (true, _) if single.name.starts_with("Strict") || single.name.starts_with("X-Frame") => {
            Severity::High
        }
        (true, _) | (false, Some(_)) => Severity::Medium,
        (false, None) => Severity::Low,
    });
    tally.fails(finding);
}
