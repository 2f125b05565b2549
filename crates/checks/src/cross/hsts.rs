//! The Strict-Transport-Security that browsers get of one name, from Django and from nginx.

use tightship_model::{Deployment, Span, Trail};
use tightship_predict::nginx::Handler;
use tightship_predict::ways::Edge;

use super::front::{Front, path_of};

/// A policy as RFC 6797, section 6.1, writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) seconds: u64,
    pub(super) with_subdomains: bool,
    pub(super) is_preloaded: bool,
}

/// A policy with the place that sends it.
pub(super) struct Sent {
    pub(super) policy: Policy,
    pub(super) text: String,
    pub(super) trail: Trail,
}

const HEADER: &str = "Strict-Transport-Security";

impl Policy {
    /// `None` for what browsers drop: no valid max-age.
    fn parse(text: &str) -> Option<Self> {
        let mut seconds = None;
        let mut policy = Self {
            seconds: 0,
            with_subdomains: false,
            is_preloaded: false,
        };
        for part in text.split(';').map(str::trim) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "max-age" => seconds = Some(value.trim().trim_matches('"').parse().ok()?),
                "includesubdomains" => policy.with_subdomains = true,
                "preload" => policy.is_preloaded = true,
                _ => {}
            }
        }
        Some(Self {
            seconds: seconds?,
            ..policy
        })
    }
}

/// Whether nginx adds the header anywhere, with a text that `wanted` accepts.
pub(super) fn nginx_adds(deployment: &Deployment, wanted: impl Fn(&str) -> bool) -> bool {
    let configurations = deployment.nginx.configurations.iter();
    let mut added = configurations.flat_map(|configuration| configuration.find("add_header"));
    added.any(|(_, one)| {
        let is_it = one
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case(HEADER));
        is_it && one.argument(1).is_some_and(&wanted)
    })
}

/// What Django's pages send under this name.
pub(super) fn of_django<'a>(
    front: &Front<'_, 'a>,
    deployment: &'a Deployment,
    edges: &[Edge<'a>],
) -> Option<(Sent, Span)> {
    let ways = front.ways_to_django(deployment);
    let (way, path) = ways.iter().find_map(|way| Some((way, path_of(way)?)))?;
    let visit = front.visit(deployment, edges, &path)?;
    let asked = visit.hops.into_iter().next()?.django?;
    let headers = asked.answer.headers.into_iter();
    let header = headers.into_iter().find(|header| header.name == HEADER)?;
    let text = header.value.ok()?;
    let policy = Policy::parse(&text)?;
    let trail = header.trail;
    Some((
        Sent {
            policy,
            text,
            trail,
        },
        way.pass.heading_span(),
    ))
}

/// What nginx sends with files of this name, the first policy of each place.
pub(super) fn of_files(front: &Front<'_, '_>) -> Vec<(Sent, Span)> {
    let leaves = front.server.leaves().into_iter();
    leaves
        .filter_map(|leaf| {
            let Handler::Files(Some(folder)) = leaf.handler else {
                return None;
            };
            let is_internal = !leaf.scope.effective("internal").directives.is_empty();
            let added = leaf.scope.effective("add_header").directives;
            let header = added.into_iter().find(|one| {
                one.argument(0)
                    .is_some_and(|name| name.eq_ignore_ascii_case(HEADER))
            });
            let header = header.filter(|_| !is_internal)?;
            let word = header.arguments.get(1).filter(|word| word.is_literal())?;
            Some((
                Sent {
                    policy: Policy::parse(&word.text)?,
                    text: word.text.clone(),
                    trail: Trail::at(header.heading_span(), "nginx sends this with files"),
                },
                folder.heading_span(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn policies_as_browsers_read_them() {
        let policy = Policy::parse("max-age=\"63072000\" ; includeSubDomains; PRELOAD");
        let expected = Policy {
            seconds: 63_072_000,
            with_subdomains: true,
            is_preloaded: true,
        };
        assert_eq!(policy, Some(expected));
        assert_eq!(Policy::parse("includeSubDomains"), None);
        assert_eq!(Policy::parse("max-age=year"), None);
    }
}
