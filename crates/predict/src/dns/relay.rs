//! Relays that send mail for many, and from where: they are given mail at one address and send it from
//! others, which only their own record of SPF tells.

use std::net::IpAddr;

use tightship_model::site::dns::Question;

use super::spf::{self, Limits, Mechanism, Qualifier, Record, Sender};
use super::{Answers, Gap};

/// A provider that hands mail on under the sender's own domain, so that receivers ask that domain for
/// SPF. Those that put a domain of their own in its place (Amazon SES, Mailgun, Postmark, SendGrid and
/// their like) are not here: nobody asks the sender's.
#[derive(Debug)]
pub struct Provider {
    pub name: &'static str,
    /// Where it takes mail.
    hosts: &'static [&'static str],
    /// What it asks to be included.
    pub spf: &'static str,
}

/// As the providers' own instructions have it: support.hostinger.com article 1583673, Google Workspace
/// "Set up SPF", Microsoft Learn "Set up SPF for your domain", Fastmail "Sender Policy Framework".
const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Hostinger",
        hosts: &["smtp.hostinger.com"],
        spf: "_spf.mail.hostinger.com",
    },
    Provider {
        name: "Google",
        hosts: &["smtp.gmail.com", "smtp-relay.gmail.com"],
        spf: "_spf.google.com",
    },
    Provider {
        name: "Microsoft 365",
        hosts: &["smtp.office365.com"],
        spf: "spf.protection.outlook.com",
    },
    Provider {
        name: "Fastmail",
        hosts: &["smtp.fastmail.com"],
        spf: "spf.messagingengine.com",
    },
];

/// The provider that takes mail at a host, where it is one whose senders are known.
pub fn provider(host: &str) -> Option<&'static Provider> {
    let host = host.trim_end_matches('.');
    let takes = |one: &&Provider| one.hosts.iter().any(|own| host.eq_ignore_ascii_case(own));
    PROVIDERS.iter().find(takes)
}

/// What a receiver makes of mail of a domain that comes from each of these addresses.
///
/// # Errors
///
/// A question whose answer is not at hand.
pub fn received(
    domain: &str,
    relay: &str,
    from: &[IpAddr],
    answers: &impl Answers,
) -> Result<Vec<(IpAddr, spf::Outcome)>, Question> {
    let sender = format!("postmaster@{domain}");
    let each = from.iter().map(|ip| {
        let sender = Sender {
            ip: *ip,
            from: &sender,
            helo: relay,
            now: 0,
        };
        let end = spf::check_host(&sender, Limits::WIDE, answers)?;
        Ok((*ip, end.outcome))
    });
    each.collect()
}

impl Provider {
    /// The first address of each network that it sends from; none where it names them in another way.
    ///
    /// # Errors
    ///
    /// Where an answer is missing.
    pub fn addresses(&self, answers: &impl Answers) -> Result<Vec<IpAddr>, Gap> {
        let ends = spf::strangers(self.spf, Limits::WIDE, answers).map_err(Gap::Missing)?;
        let mut domains: Vec<&String> = ends.iter().flat_map(|end| &end.domains).collect();
        domains.sort_unstable();
        domains.dedup();
        let mut found = Vec::new();
        for domain in domains {
            let records = spf::records(domain, answers)?;
            let record = records.first().and_then(|text| Record::parse(text).ok());
            let terms = record.iter().flat_map(|record| &record.terms);
            found.extend(
                terms
                    .filter(|term| term.qualifier == Qualifier::Pass)
                    .filter_map(|term| match term.mechanism {
                        Mechanism::Ip4(network, _) => Some(IpAddr::V4(network)),
                        Mechanism::Ip6(network, _) => Some(IpAddr::V6(network)),
                        _ => None,
                    }),
            );
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}
