//! One cause in several places, one finding: what a check says of one location, server or service and
//! then, word for word, of the next is told once and shows them all.

use std::hash::Hash;
use std::ops::Range;

use foldhash::HashMap;
use foldhash::fast::RandomState;
use memchr::memchr_iter;
use tightship_model::{Finding, Fix};

type IndexSet<T> = indexmap::IndexSet<T, RandomState>;

/// Brings together the findings that differ by the name of their place alone. The first keeps its
/// subject, and with it its fingerprint.
pub(crate) fn together(findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() < 2 {
        return findings;
    }
    let places: Vec<_> = findings.iter().map(place).collect();
    let mut by_words = HashMap::default();
    let group_of: Vec<usize> = findings
        .iter()
        .zip(&places)
        .map(|(finding, place)| {
            let next = by_words.len();
            *by_words.entry(words(finding, place)).or_insert(next)
        })
        .collect();
    let mut groups = vec![Vec::new(); by_words.len()];
    drop(by_words);
    for (one, group) in findings.into_iter().zip(places).zip(group_of) {
        groups[group].push(one);
    }
    groups.into_iter().filter_map(told).collect()
}

/// Where in its message the name of a finding's place stands.
type Place = Option<Range<usize>>;

fn place(finding: &Finding) -> Place {
    names(finding).find_map(|name| {
        let at = find_word(&finding.message, name)?;
        Some(at..at + name.len())
    })
}

/// What a finding says, but for the name of its place.
fn words<'a>(finding: &'a Finding, place: &Place) -> impl Eq + Hash + use<'a> {
    let message = finding.message.as_str();
    let (before, after) = match place {
        Some(place) => (&message[..place.start], &message[place.end..]),
        None => (message, ""),
    };
    let advice = finding.advice.as_str();
    let severity = finding.severity.map_or(0, |severity| severity as u8 + 1);
    let rank = (severity, finding.confidence as u8);
    (before, after, advice, rank, finding.django_id)
}

/// What may be the name of a finding's place, by its subject: `nginx:server shop.example, location
/// /: alias`, `nginx:shop.example location /`, `service:web privileged`, `settings:CORS_ALLOWED_ORIGINS "http://localhost"`,
/// `file:README.md deploy.sh`, `code:shop/views.py X-Forwarded-For`, `settings-module:wsgi.py shop.settings`,
/// `image:web/Dockerfile user`, `variable:DEBUG`, or a path or an origin at its end.
fn names(finding: &Finding) -> impl Iterator<Item = &str> {
    let subject = finding.subject.as_str();
    let in_nginx = subject.strip_prefix("nginx:");
    let of_service = subject.strip_prefix("service:");
    let block = in_nginx.and_then(|rest| Some(rest.rsplit_once(": ")?.0));
    let location = in_nginx.and_then(|rest| rest.get(rest.find("location ")?..));
    // With what it is about behind it: a header, say.
    let before = location.and_then(|location| Some(location.rsplit_once(' ')?.0));
    let before = before.filter(|location| *location != "location");
    let service = of_service.and_then(|rest| Some(rest.split_once(' ')?.0));
    let last = || subject.rsplit(' ').next();
    let is_path = |text: &&str| text.starts_with('/') || text.starts_with("http");
    let path = last().filter(is_path);
    let image = subject.strip_prefix("image:");
    let image = image.and_then(|rest| Some(rest.split_once(' ')?.0));
    // Of origins only those of developers' machines are one habit; each other is a site of its own.
    let is_local = |entry: &&str| entry.contains("//localhost") || entry.contains("//127.0.0.1");
    let entry = subject
        .strip_prefix("settings:")
        .and_then(|_| last())
        .filter(|entry| entry.starts_with('"') && is_local(entry));
    let file = subject.strip_prefix("file:").and_then(|_| last());
    let code = subject.strip_prefix("code:");
    let code = code.and_then(|rest| Some(rest.split_once(' ')?.0));
    let header = in_nginx.and_then(|rest| rest.rsplit_once(": ")?.1.strip_prefix("add_header "));
    let starts = subject.strip_prefix("settings-module:");
    let starts = starts.and_then(|rest| Some(rest.rsplit_once(' ')?.0));
    block
        .into_iter()
        .chain(location)
        .chain(before)
        .chain(service)
        .chain(path)
        .chain(entry)
        .chain(file)
        .chain(code)
        .chain(starts)
        .chain(header)
        .chain(image)
        .chain(subject.strip_prefix("route:"))
        .chain(subject.strip_prefix("variable:"))
}

/// Where a name stands in a text as a word of its own.
fn find_word(text: &str, name: &str) -> Option<usize> {
    let is_of_word = |c: char| c.is_alphanumeric() || "_-/".contains(c);
    // Most texts are too short for a search that is prepared.
    let first = *name.as_bytes().first()?;
    let mut begins = memchr_iter(first, text.as_bytes());
    begins.find(|at| {
        if !text.as_bytes()[*at..].starts_with(name.as_bytes()) {
            return false;
        }
        let (before, rest) = text.split_at(*at);
        let after = rest.get(name.len()..).unwrap_or_default();
        !before.ends_with(is_of_word) && !after.starts_with(is_of_word)
    })
}

/// The first of findings that say the same, with the places of all and, behind its own, their names.
fn told(group: Vec<(Finding, Place)>) -> Option<Finding> {
    let mut group = group.into_iter();
    let (mut told, place) = group.next()?;
    let mut names = IndexSet::default();
    let mut labels: IndexSet<_> = told.labels.into_iter().collect();
    let mut fixes = vec![told.fix];
    for (finding, place) in group {
        names.extend(place.map(|place| finding.message[place].to_owned()));
        labels.extend(finding.labels);
        fixes.push(finding.fix);
    }
    told.labels = labels.into_iter().collect();
    told.fix = all(fixes);
    if let Some(place) = place {
        let name = &told.message[place.clone()];
        names.shift_remove(name);
        if !names.is_empty() {
            let also = format!(" (also {})", listed(name, &names));
            told.message.insert_str(place.end, &also);
        }
    }
    Some(told)
}

/// The other names; locations of the same server without it.
fn listed(first: &str, others: &IndexSet<String>) -> String {
    const MOST: usize = 3;
    let server = first.split_once(", location ").map(|(server, _)| server);
    let short = |name: &String| {
        let rest = server.and_then(|server| name.strip_prefix(server)?.strip_prefix(", "));
        rest.unwrap_or(name).to_owned()
    };
    let named: Vec<String> = others.iter().take(MOST).map(short).collect();
    match (others.len() - named.len(), named.split_last()) {
        (0, Some((last, []))) => last.clone(),
        (0, Some((last, rest))) => format!("{} and {last}", rest.join(", ")),
        (more, _) => format!("{} and {more} more", named.join(", ")),
    }
}

/// One change that mends all; none where one of them has none, for half a cure is no cure.
fn all(fixes: Vec<Option<Fix>>) -> Option<Fix> {
    let mut fixes = fixes.into_iter();
    let mut whole = fixes.next()??;
    let mut edits: IndexSet<_> = whole.edits.into_iter().collect();
    for fix in fixes {
        let fix = fix?;
        edits.extend(fix.edits);
        whole.safety = whole.safety.max(fix.safety);
    }
    whole.edits = edits.into_iter().collect();
    Some(whole)
}

#[cfg(test)]
mod tests {
    use tightship_model::Confidence;

    use super::*;

    fn finding(subject: &str, message: &str) -> Finding {
        Finding {
            subject: subject.to_owned(),
            message: message.to_owned(),
            severity: None,
            confidence: Confidence::High,
            labels: Vec::new(),
            trail: tightship_model::Trail::default(),
            django_id: None,
            advice: String::new(),
            fix: None,
        }
    }

    fn told(findings: &[(&str, &str)]) -> Vec<String> {
        let findings = findings.iter().map(|(one, other)| finding(one, other));
        let together = together(findings.collect());
        together.into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn places_that_one_cause_makes_are_one_finding() {
        let of = |name: &str| {
            (
                format!("nginx:{name}: alias"),
                format!("files of {name} lack it"),
            )
        };
        let server = "server shop.example on 443";
        let found: Vec<_> = ["/a", "/b", "/c", "/d", "/e"]
            .iter()
            .map(|path| of(&format!("{server}, location {path}")))
            .collect();
        let pairs: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(
            told(&pairs),
            [
                "files of server shop.example on 443, location /a (also location /b, location /c, \
                 location /d and 1 more) lack it"
            ]
        );
        assert_eq!(
            told(&pairs[..2]),
            ["files of server shop.example on 443, location /a (also location /b) lack it"]
        );
    }

    #[test]
    fn services_are_told_apart_by_whole_words() {
        assert_eq!(
            told(&[
                ("service:db password", "PASSWORD of mydb-x for db is weak"),
                ("service:web password", "PASSWORD of mydb-x for web is weak"),
            ]),
            ["PASSWORD of mydb-x for db (also web) is weak"]
        );
        let apart = [
            ("service:db password", "PASSWORD of db is weak"),
            ("service:web password", "SECRET of web is weak"),
        ];
        assert_eq!(told(&apart), apart.map(|(_, message)| message));
    }
}
