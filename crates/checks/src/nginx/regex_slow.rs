use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{With, finding, judge};
use super::pattern::{Node, Pattern};
use super::variables::{entries, words};

pub(super) static CHECK: Check = Check {
    id: "nginx/regex-slow",
    title: "A crafted request keeps a pattern busy",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.pcre.org/current/doc/html/pcre2perform.html"),
        Reference::Cwe(1333),
    ],
    doc: include_str!("regex_slow.md"),
    run,
};

const HOLDERS: [&str; 5] = ["location", "rewrite", "if", "server_name", "map"];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "there are no regular expressions",
        |configuration, judgement| {
            for (context, directive) in places(configuration, &HOLDERS) {
                let mut texts = words(directive);
                if directive.is("map") {
                    texts.extend(entries(directive).filter_map(|key| {
                        let text = key.name.text.strip_prefix('~')?;
                        Some((text.trim_start_matches('*'), text.starts_with('*')))
                    }));
                }
                for (text, ignores_case) in texts {
                    let Some(pattern) = Pattern::parse(text, ignores_case) else {
                        continue;
                    };
                    if !may_explode(&pattern.tree) {
                        judgement.holds(
                            "no pattern tries a text in exponentially many ways",
                            directive,
                        );
                        continue;
                    }
                    judgement.fails(
                    finding(
                        &context,
                        directive,
                        format!(
                            "{text} takes twice the time for each further character of a path \
                             that almost matches: a few requests keep every worker busy"
                        ),
                        "Take one of the two repetitions away, or make the inner one possessive.",
                    )
                    .with_confidence(Confidence::Medium),
                );
                }
            }
        },
    )
}

/// Whether a repetition holds another one of which each run may be cut into runs of the outer one
/// in many ways, and something behind it may fail.
fn may_explode(tree: &Node) -> bool {
    match tree {
        Node::Sequence(nodes) => nodes.iter().enumerate().any(|(at, node)| {
            let may_fail = nodes[at + 1..]
                .iter()
                .any(|next| matches!(next, Node::End) || !next.may_be_empty());
            (may_fail && is_ambiguous(node)) || may_explode(node)
        }),
        Node::Choice(nodes) => nodes.iter().any(may_explode),
        Node::Group(_, node) | Node::Repeat { node, .. } => may_explode(node),
        _ => false,
    }
}

fn is_ambiguous(node: &Node) -> bool {
    match node {
        Node::Group(_, inner) => is_ambiguous(inner),
        Node::Repeat { node, most, .. } => {
            let is_long = most.is_none_or(|most| most > 20);
            is_long && cuts_freely(node)
        }
        _ => false,
    }
}

/// Whether a body that is repeated can match one run of characters as one piece or as several.
fn cuts_freely(body: &Node) -> bool {
    match body {
        Node::Group(_, inner) => cuts_freely(inner),
        Node::Repeat { most, .. } => most.is_none_or(|most| most > 1),
        Node::Sequence(nodes) => nodes.iter().enumerate().any(|(at, node)| {
            let others = nodes
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .all(|(_, other)| other.may_be_empty());
            others && cuts_freely(node)
        }),
        Node::Choice(nodes) => {
            nodes.iter().any(cuts_freely)
                || nodes.iter().enumerate().any(|(at, node)| {
                    nodes[at + 1..].iter().any(|other| {
                        is_one(node) && is_one(other) && !node.bytes().and(other.bytes()).is_empty()
                    })
                })
        }
        _ => false,
    }
}

/// Whether a node takes exactly one byte.
fn is_one(node: &Node) -> bool {
    match node {
        Node::Byte(_) => true,
        Node::Group(_, inner) => is_one(inner),
        Node::Sequence(nodes) => nodes.len() == 1 && nodes.iter().all(is_one),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_of_repetitions() {
        let explodes = |text| may_explode(&Pattern::parse(text, false).expect("a pattern").tree);
        for slow in [
            r"^/(a+)+$",
            r"^(\w+\s?)*x$",
            r"^(.*)*/$",
            r"^(a|a)*b",
            r"^/(?:[a-z]+)*\.php$",
        ] {
            assert!(explodes(slow), "{slow}");
        }
        for fast in [
            r"^/(a+/)+$",
            r"^/[^/]+/(.*)$",
            r"(\w+\s?)*",
            r"^(a|b)*c",
            r"^/(\d{1,3}){2}$",
        ] {
            assert!(!explodes(fast), "{fast}");
        }
    }
}
