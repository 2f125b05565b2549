//! One cause in several places, one finding: what a check says of one location, server or service and
//! then, word for word, of the next is told once and shows them all.

use std::collections::HashMap;

use tightship_model::{Finding, Fix};

/// Brings together the findings that differ by the name of their place alone. The first keeps its
/// subject, and with it its fingerprint.
pub(crate) fn together(findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() < 2 {
        return findings;
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut by_words: HashMap<Words, usize> = HashMap::new();
    for finding in findings {
        let (words, name) = Words::of(&finding);
        match by_words.get(&words).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.take_in(finding, name),
            None => {
                by_words.insert(words, groups.len());
                groups.push(Group::of(finding, name));
            }
        }
    }
    groups.into_iter().map(Group::told).collect()
}

/// What a finding says, but for the name of its place.
#[derive(PartialEq, Eq, Hash)]
struct Words {
    before: String,
    after: String,
    advice: String,
    rank: (u8, u8),
    django_id: Option<&'static str>,
}

impl Words {
    fn of(finding: &Finding) -> (Self, Option<String>) {
        let named = names(finding).find_map(|name| {
            let at = find_word(&finding.message, name)?;
            Some((at, name.to_owned()))
        });
        let (before, after) = match &named {
            Some((at, name)) => (&finding.message[..*at], &finding.message[at + name.len()..]),
            None => (finding.message.as_str(), ""),
        };
        let words = Self {
            before: before.to_owned(),
            after: after.to_owned(),
            advice: finding.advice.clone(),
            rank: (
                finding.severity.map_or(0, |severity| severity as u8 + 1),
                finding.confidence as u8,
            ),
            django_id: finding.django_id,
        };
        (words, named.map(|(_, name)| name))
    }
}

/// What may be the name of a finding's place, by its subject: `nginx:server shop.example, location
/// /: alias`, `nginx:shop.example location /`, `service:web privileged`, `settings:CORS_ALLOWED_ORIGINS "http://localhost"`,
/// `file:README.md deploy.sh`, `code:shop/views.py X-Forwarded-For`, `settings-module:wsgi.py shop.settings`,
/// `variable:DEBUG`, or a path at its end.
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
    let path = last().filter(|path| path.starts_with('/'));
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
        .chain(subject.strip_prefix("route:"))
        .chain(subject.strip_prefix("variable:"))
}

/// Where a name stands in a text as a word of its own.
fn find_word(text: &str, name: &str) -> Option<usize> {
    let is_of_word = |c: char| c.is_alphanumeric() || "_-/".contains(c);
    text.match_indices(name).map(|(at, _)| at).find(|at| {
        let (before, rest) = text.split_at(*at);
        let after = rest.get(name.len()..).unwrap_or_default();
        !before.ends_with(is_of_word) && !after.starts_with(is_of_word)
    })
}

/// Findings that say the same.
struct Group {
    first: Finding,
    name: Option<String>,
    others: Vec<String>,
}

impl Group {
    fn of(first: Finding, name: Option<String>) -> Self {
        Self {
            first,
            name,
            others: Vec::new(),
        }
    }

    fn take_in(&mut self, finding: Finding, name: Option<String>) {
        for label in finding.labels {
            if !self.first.labels.contains(&label) {
                self.first.labels.push(label);
            }
        }
        self.first.fix = both(self.first.fix.take(), finding.fix);
        let name = name.filter(|name| Some(name) != self.name.as_ref());
        if let Some(name) = name.filter(|name| !self.others.contains(name)) {
            self.others.push(name);
        }
    }

    /// The first finding, with the names of the other places behind its own.
    fn told(self) -> Finding {
        let mut told = self.first;
        if let (Some(name), false) = (&self.name, self.others.is_empty())
            && let Some(at) = find_word(&told.message, name)
        {
            let also = format!(" (also {})", listed(name, &self.others));
            told.message.insert_str(at + name.len(), &also);
        }
        told
    }
}

/// The other names; locations of the same server without it.
fn listed(first: &str, others: &[String]) -> String {
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

/// One change that mends both; none where one of them has none, for half a cure is no cure.
fn both(one: Option<Fix>, other: Option<Fix>) -> Option<Fix> {
    let (mut one, other) = (one?, other?);
    for edit in other.edits {
        if !one.edits.contains(&edit) {
            one.edits.push(edit);
        }
    }
    one.safety = one.safety.max(other.safety);
    Some(one)
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
