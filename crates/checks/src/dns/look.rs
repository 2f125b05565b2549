//! Looking at a capture of the DNS: what checks ask for, and how they say it.

use std::net::IpAddr;

use tightship_model::site::dns::{Answer, Code, Data, Dns, Kind, Question, Reply, View};
use tightship_model::{Confidence, Deployment, Evidence, Finding, Outcome, Trail};
use tightship_predict::dns::Gap;

use crate::domains::SHARED_DOMAINS;

/// A look with an answer; the first resolver is judged.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) dns: &'a Dns,
    pub(super) view: &'a View,
}

/// What was seen, or the verdict that says why nothing was.
pub(super) fn seen(deployment: &Deployment) -> Result<Seen<'_>, Outcome> {
    let site = deployment.site.as_ref();
    let dns = site
        .and_then(|site| site.dns.as_ref())
        .ok_or_else(|| unknown("the DNS was not asked".to_owned()))?;
    if let Some(reason) = &dns.unasked {
        return Err(Outcome::NotApplicable(reason.clone()));
    }
    let view = dns
        .views
        .first()
        .ok_or_else(|| unknown("no resolver is known to this system".to_owned()))?;
    let mut lookups = view.lookups.iter();
    match lookups.any(|lookup| matches!(lookup.reply, Reply::Answer(_))) {
        true => Ok(Seen { dns, view }),
        false => Err(unknown(format!("{} gives no answer", view.resolver))),
    }
}

/// As [`seen`], where it is the view of the public: who is shown inner addresses may be shown other
/// records too. And where the domain is the site's own.
pub(super) fn public(deployment: &Deployment) -> Result<Seen<'_>, Outcome> {
    let seen = seen(deployment)?;
    let addresses = seen.addresses(&seen.dns.host).unwrap_or_default();
    if let Some(inner) = addresses.iter().find(|address| is_inner(**address)) {
        return Err(unknown(format!(
            "{} gives {inner}, an address of a private network: it may show an inner view of {}",
            seen.view.resolver, seen.dns.host
        )));
    }
    let host = &seen.dns.host;
    let mut shared = SHARED_DOMAINS.iter();
    match shared.find(|domain| {
        host.strip_suffix(**domain)
            .is_some_and(|rest| rest.ends_with('.'))
    }) {
        Some(domain) => Err(Outcome::NotApplicable(format!(
            "{domain} belongs to the provider of {host}, and so do its records"
        ))),
        None => Ok(seen),
    }
}

pub(super) fn unknown(reason: String) -> Outcome {
    Outcome::Unknown {
        reason,
        remedy: "look again, or ask another resolver: --url https://… --resolver ADDRESS"
            .to_owned(),
        trail: Trail::default(),
    }
}

/// The verdict where an answer is missing.
pub(super) fn lacking(gap: Gap) -> Outcome {
    unknown(match gap {
        Gap::Missing(question) => {
            format!("{} {} was not asked", question.kind.name(), question.name)
        }
        Gap::Failed(because) => because,
    })
}

/// Networks that the internet does not lead to (RFC 1918, RFC 4193, RFC 6598, RFC 3927, RFC 4291).
pub(crate) fn is_inner(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

impl<'a> Seen<'a> {
    /// The addresses of a name; `Err` where one of both answers is missing.
    pub(super) fn addresses(self, name: &str) -> Result<Vec<IpAddr>, Outcome> {
        addresses(self.view, name)
    }

    /// An answer that says what there is, or that there is nothing.
    pub(super) fn answer(self, name: &str, kind: Kind) -> Result<&'a Answer, Outcome> {
        conclusive(self.view, name, kind)
    }

    pub(super) fn finding(
        self,
        subject: &str,
        message: String,
        says: &str,
        advice: &str,
    ) -> Finding {
        Finding {
            subject: format!("dns:{subject}"),
            message,
            severity: None,
            confidence: Confidence::High,
            labels: Vec::new(),
            trail: self.trail(says),
            django_id: None,
            advice: advice.to_owned(),
            fix: None,
        }
    }

    pub(super) fn fails(self, subject: &str, message: String, says: &str, advice: &str) -> Outcome {
        Outcome::Fail(vec![self.finding(subject, message, says, advice)])
    }

    pub(super) fn passes(self, text: impl Into<String>, says: &str) -> Outcome {
        Outcome::Pass(vec![Evidence {
            text: text.into(),
            trail: self.trail(says),
        }])
    }

    fn trail(self, says: &str) -> Trail {
        Trail::outside(format!("{} says: {says}", self.view.resolver))
    }
}

/// The addresses of a name at one resolver.
pub(super) fn addresses(view: &View, name: &str) -> Result<Vec<IpAddr>, Outcome> {
    let mut found = Vec::new();
    for kind in [Kind::A, Kind::Aaaa] {
        let answer = conclusive(view, name, kind)?;
        found.extend(answer.of(name, kind).filter_map(Data::address));
    }
    Ok(found)
}

fn conclusive<'a>(view: &'a View, name: &str, kind: Kind) -> Result<&'a Answer, Outcome> {
    let question = || format!("{} {name}", kind.name());
    match view.reply(&Question::new(name, kind)) {
        Some(Reply::Answer(answer)) if answer.is_conclusive() => Ok(answer),
        Some(Reply::Answer(answer)) => Err(unknown(format!(
            "{} answers {} with {}",
            view.resolver,
            question(),
            code(answer.code)
        ))),
        Some(Reply::None(reason)) => Err(unknown(format!("{}: {reason}", question()))),
        None => Err(unknown(format!("{} was not asked", question()))),
    }
}

/// A code as people write it.
pub(super) fn code(code: Code) -> String {
    match code {
        Code::NoError => "NOERROR".to_owned(),
        Code::NxDomain => "NXDOMAIN".to_owned(),
        Code::ServFail => "SERVFAIL".to_owned(),
        Code::Refused => "REFUSED".to_owned(),
        Code::Other(number) => format!("code {number}"),
    }
}

/// A text of somebody else, short enough for a line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
