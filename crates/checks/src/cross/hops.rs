//! Through how many nginx a request goes on its way to Django, and what then stands in the headers
//! that name the visitor: for an honest visitor, and for one who writes entries of his own.

use tightship_model::{Deployment, Span};
use tightship_predict::ways::{Edge, Way, edges};

use crate::proxy::{Handed, handed_by, is_outermost, main_ways};

/// An nginx on the way, and what it does to the headers that name the visitor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hop {
    /// Where it hands requests on.
    pub(super) pass: Span,
    pub(super) forwarded_for: (Handed, Span),
    pub(super) real_ip: (Handed, Span),
}

/// Every nginx on one way to Django, the one that visitors reach first.
pub(super) type Line = Vec<Hop>;

/// Whose address an entry of a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Visitor,
    /// That of an nginx: the same for every visitor.
    Proxy,
    /// What the visitor wrote.
    Forged,
}

/// What Django gets of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) forwarded_for: Vec<Whose>,
    pub(super) real_ip: Vec<Whose>,
    /// REMOTE_ADDR.
    pub(super) peer: Whose,
}

/// What a reader makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Address(Whose),
    /// No address at all.
    Nothing,
    /// The request ends in an error.
    Error,
}

/// Deepest chain of nginx that is followed.
const DEEPEST: usize = 4;

/// The lines to Django, each kind once. `Err` with the reason and place where it is not known what
/// stands in front of an nginx, or what it hands on.
pub(super) fn lines(deployment: &Deployment) -> Result<Vec<Line>, (String, Span)> {
    let edges = edges(deployment);
    let mut found: Vec<Line> = Vec::new();
    for edge in &edges {
        for way in main_ways(edge.ways_to_django(deployment)) {
            let own = hop(&way)?;
            for mut line in before(deployment, &edges, edge, own.pass, 0)? {
                line.push(own.clone());
                let same = |other: &Line| {
                    let kinds = |line: &Line| -> Vec<_> {
                        let kind = |hop: &Hop| (hop.forwarded_for.0, hop.real_ip.0);
                        line.iter().map(kind).collect()
                    };
                    kinds(other) == kinds(&line)
                };
                if !found.iter().any(same) {
                    found.push(line);
                }
            }
        }
    }
    Ok(found)
}

/// What Django is told of a visitor who sends `forged` entries of X-Forwarded-For himself, and an
/// X-Real-IP where there are any.
pub(super) fn told(line: &Line, forged: usize) -> Told {
    let mut told = Told {
        forwarded_for: vec![Whose::Forged; forged],
        real_ip: vec![Whose::Forged; forged.min(1)],
        peer: Whose::Visitor,
    };
    for hop in line {
        let peer = told.peer;
        let write = |entries: &mut Vec<Whose>, handed: Handed| match handed {
            Handed::Address => *entries = vec![peer],
            Handed::Appended => entries.push(peer),
            Handed::AsSent => {}
        };
        write(&mut told.forwarded_for, hop.forwarded_for.0);
        write(&mut told.real_ip, hop.real_ip.0);
        told.peer = Whose::Proxy;
    }
    told
}

/// django-ipware 8.0 as django-axes calls it: the first header of `order` whose entries are one more
/// than the count; the left-most of them.
pub(super) fn by_ipware(told: &Told, order: &[&str], count: usize) -> Taken {
    for header in order {
        let entries = match *header {
            "HTTP_X_FORWARDED_FOR" => told.forwarded_for.as_slice(),
            "HTTP_X_REAL_IP" => told.real_ip.as_slice(),
            "REMOTE_ADDR" => std::slice::from_ref(&told.peer),
            _ => &[],
        };
        if let Some(first) = entries.first().filter(|_| entries.len() == count + 1) {
            return Taken::Address(*first);
        }
    }
    Taken::Nothing
}

/// Throttles of REST framework 3.18: that many entries from the end, or the first of fewer.
pub(super) fn by_throttle(told: &Told, count: usize) -> Taken {
    let entries = &told.forwarded_for;
    Taken::Address(match (count, entries.len()) {
        (0, _) | (_, 0) => told.peer,
        (count, length) => entries[length - count.min(length)],
    })
}

/// allauth 65.21: that many entries from the end; fewer are an error.
pub(super) fn by_allauth(told: &Told, count: usize) -> Taken {
    let entries = &told.forwarded_for;
    match (count, entries.len()) {
        (0, _) | (_, 0) => Taken::Address(told.peer),
        (count, length) if length < count => Taken::Error,
        (count, length) => Taken::Address(entries[length - count]),
    }
}

/// django-ratelimit 4.1: the whole header as one address.
pub(super) fn by_ratelimit(told: &Told, header: &str) -> Taken {
    let entries = match header {
        "HTTP_X_FORWARDED_FOR" => told.forwarded_for.as_slice(),
        "HTTP_X_REAL_IP" => told.real_ip.as_slice(),
        _ => std::slice::from_ref(&told.peer),
    };
    match entries {
        [one] => Taken::Address(*one),
        _ => Taken::Error,
    }
}

/// The lines that lead to an nginx itself: through another one, or one without any hop where
/// visitors reach it.
fn before<'a>(
    deployment: &'a Deployment,
    edges: &[Edge<'a>],
    edge: &Edge<'a>,
    pass: Span,
    depth: usize,
) -> Result<Vec<Line>, (String, Span)> {
    let mut found = Vec::new();
    let own = edge.service(deployment);
    let in_front = edges
        .iter()
        .filter(|other| depth < DEEPEST && !std::ptr::eq(other.configuration, edge.configuration));
    for other in in_front {
        let mut ways = other.ways(deployment);
        ways.retain(|way| {
            let mut services = way.targets.iter().filter_map(|target| target.service);
            own.is_some_and(|own| services.any(|service| service.name == own.name))
        });
        for way in main_ways(ways) {
            let hop = hop(&way)?;
            for mut line in before(deployment, edges, other, hop.pass, depth + 1)? {
                line.push(hop.clone());
                found.push(line);
            }
        }
    }
    if found.is_empty() && !is_outermost(edge) {
        let reason = "what stands before this nginx is not known, as TLS ends elsewhere or it \
                      trusts another proxy with addresses";
        return Err((reason.to_owned(), pass));
    }
    if found.is_empty() {
        found.push(Line::new());
    }
    Ok(found)
}

fn hop(way: &Way<'_, '_>) -> Result<Hop, (String, Span)> {
    let pass = way.pass.heading_span();
    let unknown = || ("what nginx hands on here is not known".to_owned(), pass);
    Ok(Hop {
        pass,
        forwarded_for: handed_by(way, "X-Forwarded-For").ok_or_else(unknown)?,
        real_ip: handed_by(way, "X-Real-IP").ok_or_else(unknown)?,
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use std::io::Write;
    use tightship_model::SourceId;

    const VISITOR: &str = "8.8.8.8";
    const PROXY: &str = "172.18.0.9";
    const FORGED: &str = "9.9.9.9";

    /// Asks the packages themselves, for every kind of way through one and two nginx.
    const ASK: &str = r#"
import json, sys
import django
from django.conf import settings

settings.configure(
    SECRET_KEY="x",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "axes", "rest_framework"],
)
django.setup()
from django.test import RequestFactory, override_settings
from allauth.core.internal.httpkit import get_client_ip
from axes.helpers import get_client_ip_address
from django_ratelimit.core import _get_ip
from rest_framework.throttling import AnonRateThrottle

ASK = {
    "axes": (lambda value: {"AXES_IPWARE_META_PRECEDENCE_ORDER": value[0], "AXES_IPWARE_PROXY_COUNT": value[1]}, get_client_ip_address),
    "drf": (lambda value: {"REST_FRAMEWORK": {"NUM_PROXIES": value}}, lambda request: AnonRateThrottle().get_ident(request)),
    "allauth": (lambda value: {"ALLAUTH_TRUSTED_PROXY_COUNT": value}, get_client_ip),
    "ratelimit": (lambda value: {"RATELIMIT_IP_META_KEY": value}, _get_ip),
}
answers = []
for reader, value, forwarded, real, peer in json.load(sys.stdin):
    meta = {"REMOTE_ADDR": peer}
    if forwarded:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    if real:
        meta["HTTP_X_REAL_IP"] = real
    given, ask = ASK[reader]
    with override_settings(**given(value)):
        try:
            answers.append(ask(RequestFactory().get("/", **meta)) or "nothing")
        except Exception:
            answers.append("error")
print(json.dumps(answers))
"#;

    fn address(whose: Whose) -> &'static str {
        match whose {
            Whose::Visitor => VISITOR,
            Whose::Proxy => PROXY,
            Whose::Forged => FORGED,
        }
    }

    fn words(taken: Taken) -> &'static str {
        match taken {
            Taken::Address(whose) => address(whose),
            Taken::Nothing => "nothing",
            Taken::Error => "error",
        }
    }

    fn every_line() -> Vec<Line> {
        const KINDS: [Handed; 3] = [Handed::Address, Handed::Appended, Handed::AsSent];
        let span = Span::new(SourceId(0), 0, 0);
        let hops = || {
            KINDS.into_iter().flat_map(move |forwarded_for| {
                KINDS.into_iter().map(move |real_ip| Hop {
                    pass: span,
                    forwarded_for: (forwarded_for, span),
                    real_ip: (real_ip, span),
                })
            })
        };
        let two = hops().flat_map(|first| hops().map(move |second| vec![first.clone(), second]));
        hops().map(|hop| vec![hop]).chain(two).collect()
    }

    #[test]
    fn readers_take_what_the_packages_take() {
        let orders = [
            vec!["HTTP_X_FORWARDED_FOR"],
            vec!["HTTP_X_REAL_IP", "REMOTE_ADDR"],
            vec!["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"],
            vec!["REMOTE_ADDR"],
        ];
        let mut questions = Vec::new();
        let mut ours = Vec::new();
        for line in every_line() {
            for told in (0..3).map(|forged| told(&line, forged)) {
                // Two of one header are joined by a comma, as Django gets them.
                let joined = |entries: &[Whose]| {
                    let entries: Vec<_> = entries.iter().map(|one| address(*one)).collect();
                    entries.join(", ")
                };
                let (forwarded, real) = (joined(&told.forwarded_for), joined(&told.real_ip));
                let mut ask = |reader: &str, value: serde_json::Value, taken| {
                    let peer = address(told.peer);
                    questions.push(serde_json::json!([reader, value, forwarded, real, peer]));
                    ours.push(words(taken));
                };
                for count in 0..3 {
                    ask("drf", count.into(), by_throttle(&told, count));
                    ask("allauth", count.into(), by_allauth(&told, count));
                    for order in &orders {
                        let value = serde_json::json!([order, count]);
                        ask("axes", value, by_ipware(&told, order, count));
                    }
                }
                for header in ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP"] {
                    ask("ratelimit", header.into(), by_ratelimit(&told, header));
                }
            }
        }
        let theirs = answers(&questions);
        assert_eq!(theirs.len(), ours.len());
        let differing: Vec<_> = (0..ours.len())
            .filter(|at| theirs[*at] != ours[*at])
            .map(|at| format!("{}: {} here, {} there", questions[at], ours[at], theirs[at]))
            .collect();
        assert!(
            differing.is_empty(),
            "{} of {} differ:\n{}",
            differing.len(),
            ours.len(),
            differing.join("\n")
        );
    }

    fn answers(questions: &[serde_json::Value]) -> Vec<String> {
        let mut asked = Command::new(tightship_testbed::python("django52"))
            .args(["-c", ASK])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a running Python");
        let text = serde_json::to_vec(questions).expect("JSON");
        let mut stdin = asked.stdin.take().expect("its input");
        stdin.write_all(&text).expect("to be read");
        drop(stdin);
        let output = asked.wait_with_output().expect("its output");
        serde_json::from_slice(&output.stdout).expect("answers as JSON")
    }
}
