//! What a receiver of mail makes of SPF (RFC 7208): `check_host()` over answers that are at hand.

mod evaluate;
mod macros;
mod record;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tightship_model::site::dns::{Data, Kind, Question};

use super::{Answers, Gap, conclusive};

pub use evaluate::check_host;
pub use record::{Mechanism, Qualifier, Record, Term, is_record};

/// Who wants to send mail.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    pub ip: IpAddr,
    /// The argument of `MAIL FROM`, without brackets; empty for bounces.
    pub from: &'a str,
    /// The argument of `HELO`.
    pub helo: &'a str,
    /// Seconds since 1970-01-01 UTC, for the macro `%{t}`.
    pub now: i64,
}

/// How much a receiver asks before it gives up (RFC 7208, section 4.6.4).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Terms that ask the DNS.
    pub lookups: usize,
    /// Answers without a record.
    pub voids: usize,
}

impl Limits {
    pub const RFC_7208: Self = Self {
        lookups: 10,
        voids: 2,
    };

    /// Enough to see how far a record goes beyond what receivers allow.
    pub const WIDE: Self = Self {
        lookups: 30,
        voids: 30,
    };
}

/// RFC 7208, section 2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    None,
    Neutral,
    Pass,
    Fail,
    SoftFail,
    TempError,
    PermError,
}

/// The end of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub outcome: Outcome,
    /// The term that decided, or what is wrong: in words.
    pub because: String,
    /// What a refused sender is told, where the domain says something.
    pub explanation: Option<String>,
    /// Terms that asked the DNS.
    pub lookups: usize,
    /// Answers without a record.
    pub voids: usize,
    /// Domains whose records took part, in order.
    pub domains: Vec<String>,
}

/// The texts of a domain that call themselves records of SPF: one is right, more are none.
///
/// # Errors
///
/// Where the answer is missing.
pub fn records<'a>(domain: &str, answers: &'a impl Answers) -> Result<Vec<&'a str>, Gap> {
    let question = Question::new(domain, Kind::Txt);
    let answer = conclusive(answers, &question)?;
    let texts = answer.of(&question.name, Kind::Txt);
    Ok(texts
        .filter_map(|data| match data {
            Data::Txt(text) if is_record(text) => Some(text.as_str()),
            _ => None,
        })
        .collect())
}

/// Addresses that nobody sends from (RFC 5737, section 3; RFC 3849).
const STRANGERS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// What becomes of mail that strangers send as a domain, over IPv4 and IPv6: no term that names a
/// real sender fits them, so all terms are asked.
///
/// # Errors
///
/// A question whose answer is not at hand.
pub fn strangers(
    domain: &str,
    limits: Limits,
    answers: &impl Answers,
) -> Result<Vec<Evaluation>, Question> {
    let from = format!("postmaster@{domain}");
    let each = STRANGERS.into_iter().map(|ip| {
        let sender = Sender {
            ip,
            from: &from,
            helo: domain,
            now: 0,
        };
        check_host(&sender, limits, answers)
    });
    each.collect()
}
