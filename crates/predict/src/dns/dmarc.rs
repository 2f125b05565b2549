//! The policy that holds for mail of a domain (DMARC as RFC 9989 has it, which replaced RFC 7489).
//!
//! The organizational domain is found by walking up the tree, without a list of public suffixes.

use tightship_model::site::dns::{Data, Kind, Question};

use super::{Answers, Gap, conclusive, parent};

/// What is asked of receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    None,
    Quarantine,
    Reject,
}

impl Policy {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// A record (section 4.7). Tags that are not judged are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Below `_dmarc`.
    pub domain: String,
    pub text: String,
    /// `p`, as far as it is one that is known.
    pub policy: Option<Policy>,
    /// `sp`: for subdomains.
    pub subdomains: Option<Policy>,
    /// `t=y`: receivers are asked for one step less.
    pub is_test: bool,
    /// `rua`: where reports go.
    pub reports: Vec<String>,
    /// `psd`: whether this is a public suffix.
    suffix: Option<bool>,
}

/// What holds for mail of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub record: Record,
    /// What receivers are asked to do with mail that fails, `t` taken into account.
    pub policy: Policy,
    /// Whether it is the record of a domain above.
    pub is_inherited: bool,
}

/// The policy for mail of a domain; `None` where no record holds.
///
/// # Errors
///
/// Where an answer on the way is missing.
pub fn policy(domain: &str, answers: &impl Answers) -> Result<Option<Found>, Gap> {
    let records = walk(domain, answers)?;
    let Some(record) = applicable(domain, records) else {
        return Ok(None);
    };
    let is_inherited = record.domain != domain;
    // A record without `p` asks for nothing (section 4.7).
    let own = record.policy.unwrap_or(Policy::None);
    let asked = match is_inherited {
        true => record.subdomains.unwrap_or(own),
        false => own,
    };
    let policy = match (record.is_test, asked) {
        (true, Policy::Reject) => Policy::Quarantine,
        (true, _) => Policy::None,
        (false, asked) => asked,
    };
    Ok(Some(Found {
        record,
        policy,
        is_inherited,
    }))
}

/// Labels above which the walk takes a shortcut (section 4.10).
const MOST_LABELS: usize = 8;

/// The records at the domain and above it, the longest name first (section 4.10).
fn walk(domain: &str, answers: &impl Answers) -> Result<Vec<Record>, Gap> {
    let mut found = Vec::new();
    let mut name = domain;
    loop {
        if let Some(record) = record_at(name, answers)? {
            let is_end = record.suffix.is_some();
            found.push(record);
            if is_end {
                return Ok(found);
            }
        }
        let labels = name.split('.').count();
        let Some(mut above) = parent(name) else {
            return Ok(found);
        };
        if labels >= MOST_LABELS {
            while above.split('.').count() >= MOST_LABELS {
                above = parent(above).unwrap_or(above);
            }
        }
        name = above;
    }
}

/// The domain's own record, else that of the organizational domain, else that of the suffix.
fn applicable(domain: &str, records: Vec<Record>) -> Option<Record> {
    if let Some(own) = records.iter().find(|record| record.domain == domain) {
        return Some(own.clone());
    }
    let suffix = records.iter().find(|record| record.suffix == Some(true));
    match suffix {
        // The organizational domain is one label below it: it has a record, or the suffix speaks.
        Some(suffix) => {
            let depth = suffix.domain.split('.').count() + 1;
            let below = records
                .iter()
                .find(|record| record.domain.split('.').count() == depth);
            Some(below.unwrap_or(suffix).clone())
        }
        None => records.into_iter().last(),
    }
}

/// The one record of a name: more than one are none (section 4.7).
fn record_at(domain: &str, answers: &impl Answers) -> Result<Option<Record>, Gap> {
    let question = Question::new(&format!("_dmarc.{domain}"), Kind::Txt);
    let answer = conclusive(answers, &question)?;
    let mut records = answer
        .of(&question.name, Kind::Txt)
        .filter_map(|data| match data {
            Data::Txt(text) => Record::parse(domain, text),
            _ => None,
        });
    Ok(match (records.next(), records.next()) {
        (Some(record), None) => Some(record),
        _ => None,
    })
}

impl Record {
    /// Reads a text; `None` where it does not begin with `v=DMARC1`.
    pub fn parse(domain: &str, text: &str) -> Option<Self> {
        let mut tags = text.split(';').map(|tag| match tag.split_once('=') {
            Some((name, value)) => (name.trim().to_ascii_lowercase(), value.trim()),
            None => (tag.trim().to_ascii_lowercase(), ""),
        });
        let (name, version) = tags.next()?;
        if name != "v" || version != "DMARC1" {
            return None;
        }
        let mut record = Self {
            domain: domain.to_owned(),
            text: text.to_owned(),
            policy: None,
            subdomains: None,
            is_test: false,
            reports: Vec::new(),
            suffix: None,
        };
        for (name, value) in tags {
            match name.as_str() {
                "p" => record.policy = policy_named(value),
                "sp" => record.subdomains = policy_named(value),
                "t" => record.is_test = value.eq_ignore_ascii_case("y"),
                "rua" => {
                    record.reports = value
                        .split(',')
                        .map(|address| address.trim().to_owned())
                        .filter(|address| !address.is_empty())
                        .collect();
                }
                "psd" if value.eq_ignore_ascii_case("y") => record.suffix = Some(true),
                "psd" if value.eq_ignore_ascii_case("n") => record.suffix = Some(false),
                _ => {}
            }
        }
        Some(record)
    }
}

fn policy_named(text: &str) -> Option<Policy> {
    [Policy::None, Policy::Quarantine, Policy::Reject]
        .into_iter()
        .find(|policy| text.eq_ignore_ascii_case(policy.name()))
}

#[cfg(test)]
mod tests {
    use tightship_model::site::dns::{Answer, Lookup, Record as Entry, Reply, View};

    use super::*;

    /// A view with these records, in which every other name up to the top is empty.
    fn view(start: &str, records: &[(&str, &str)]) -> View {
        let mut view = View::default();
        let mut name = Some(start);
        while let Some(domain) = name {
            let question = Question::new(&format!("_dmarc.{domain}"), Kind::Txt);
            let own = records.iter().filter(|(at, _)| *at == domain);
            let records = own.map(|(_, text)| Entry {
                name: question.name.clone(),
                data: Data::Txt((*text).to_owned()),
            });
            view.lookups.push(Lookup {
                reply: Reply::Answer(Answer {
                    records: records.collect(),
                    ..Answer::default()
                }),
                question,
            });
            name = parent(domain);
        }
        view
    }

    #[test]
    fn policies_come_from_the_domain_or_from_above() {
        let holds = |start: &str, records: &[(&str, &str)]| {
            let found = policy(start, &view(start, records)).expect("all answers");
            found.map(|found| (found.record.domain, found.policy))
        };
        let at = |domain: &str, policy| Some((domain.to_owned(), policy));
        assert_eq!(holds("a.shop.example", &[]), None);
        assert_eq!(
            holds("shop.example", &[("shop.example", "v=DMARC1; p=reject")]),
            at("shop.example", Policy::Reject)
        );
        // A subdomain without a record takes `sp`.
        assert_eq!(
            holds(
                "a.shop.example",
                &[("shop.example", "v=DMARC1;p=reject;sp=none")]
            ),
            at("shop.example", Policy::None)
        );
        // The shortest name wins, but a suffix only where nothing stands below it.
        let suffix = ("example", "v=DMARC1; p=none; psd=y");
        assert_eq!(
            holds(
                "a.shop.example",
                &[suffix, ("shop.example", "v=DMARC1; p=reject")]
            ),
            at("shop.example", Policy::Reject)
        );
        assert_eq!(
            holds("a.shop.example", &[suffix]),
            at("example", Policy::None)
        );
        // A test asks for one step less; two records are none; what is no record is none.
        assert_eq!(
            holds(
                "shop.example",
                &[("shop.example", "v=DMARC1; p=reject; t=y")]
            ),
            at("shop.example", Policy::Quarantine)
        );
        let twice = [
            ("shop.example", "v=DMARC1; p=reject"),
            ("shop.example", "v=DMARC1; p=none"),
        ];
        assert_eq!(holds("shop.example", &twice), None);
        assert_eq!(
            holds("shop.example", &[("shop.example", "v=dmarc1; p=reject")]),
            None
        );
    }

    #[test]
    fn long_names_take_the_shortcut() {
        let start = "a.b.c.d.e.f.g.h.i.shop.example";
        let questions = |records: &[(&str, &str)]| walk(start, &view(start, records));
        let far = ("e.f.g.h.i.shop.example", "v=DMARC1; p=reject");
        assert_eq!(questions(&[far]).expect("all answers").len(), 1);
        let passed = ("d.e.f.g.h.i.shop.example", "v=DMARC1; p=reject");
        assert!(questions(&[passed]).expect("all answers").is_empty());
    }
}
