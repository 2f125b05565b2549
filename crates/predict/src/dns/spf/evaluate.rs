//! `check_host()` (RFC 7208, section 4).

use std::net::IpAddr;

use tightship_model::site::dns::{Answer, Code, Data, Kind, Question};

use super::macros::{Piece, Text, explanation};
use super::record::{Domain, Mechanism, Prefixes, Qualifier, Record, is_record};
use super::{Answers, Evaluation, Gap, Limits, Outcome, Sender, conclusive};

/// Judges whether `sender` may send mail, as a receiver with these limits does.
///
/// # Errors
///
/// A question whose answer is not at hand.
pub fn check_host(
    sender: &Sender<'_>,
    limits: Limits,
    answers: &impl Answers,
) -> Result<Evaluation, Question> {
    let from = match sender.from {
        // Section 2.4: a bounce is judged by the name of its host.
        "" => format!("postmaster@{}", sender.helo),
        from => from.to_owned(),
    };
    let (local, domain) = from.rsplit_once('@').unwrap_or(("", &from));
    let local = match local {
        "" => "postmaster",
        local => local,
    };
    let mut receiver = Receiver {
        ip: sender.ip.to_canonical(),
        sender: format!("{local}@{domain}"),
        local: local.to_owned(),
        origin: domain.to_owned(),
        helo: sender.helo.to_owned(),
        now: sender.now,
        limits,
        lookups: 0,
        voids: 0,
        domains: Vec::new(),
        answers,
    };
    let (outcome, because, told) = match receiver.check(domain, 0) {
        Ok(decided) => (decided.outcome, decided.because, decided.explanation),
        Err(Stop::Missing(question)) => return Err(question),
        Err(Stop::Temporary(because)) => (Outcome::TempError, because, None),
        Err(Stop::Permanent(because)) => (Outcome::PermError, because, None),
    };
    let explanation = match told {
        Some((target, domain)) if outcome == Outcome::Fail => receiver.told(&target, &domain)?,
        _ => None,
    };
    Ok(Evaluation {
        outcome,
        because,
        explanation,
        lookups: receiver.lookups,
        voids: receiver.voids,
        domains: receiver.domains,
    })
}

/// What ends an evaluation before its time.
enum Stop {
    Missing(Question),
    Temporary(String),
    Permanent(String),
}

struct Decided {
    outcome: Outcome,
    because: String,
    /// Where the explanation stands, and the domain that says so.
    explanation: Option<(Text, String)>,
}

struct Receiver<'a, A> {
    ip: IpAddr,
    sender: String,
    local: String,
    origin: String,
    helo: String,
    now: i64,
    limits: Limits,
    lookups: usize,
    voids: usize,
    domains: Vec<String>,
    answers: &'a A,
}

/// Names of a mail server or of an address that are looked at (section 4.6.4).
const MOST_NAMES: usize = 10;

/// Records below each other. The limit of lookups ends every loop; this bounds the stack whatever
/// the limit is.
const DEEPEST: usize = 64;

impl<'a, A: Answers> Receiver<'a, A> {
    fn check(&mut self, domain: &str, depth: usize) -> Result<Decided, Stop> {
        let domain = domain.trim_end_matches('.');
        let none = |because: String| Decided {
            outcome: Outcome::None,
            because,
            explanation: None,
        };
        // Section 4.3.
        if !is_name(domain) || !domain.contains('.') {
            return Ok(none(format!("“{domain}” is no name of a domain")));
        }
        if depth > DEEPEST {
            return Err(Stop::Permanent("records include each other".to_owned()));
        }
        let question = Question::new(domain, Kind::Txt);
        let texts = texts(self.ask(&question)?, &question.name);
        let mut records = texts.into_iter().filter(|text| is_record(text));
        let record = match (records.next(), records.next()) {
            (None, _) => return Ok(none(format!("{domain} has no record of SPF"))),
            (Some(record), None) => record,
            _ => {
                return Err(Stop::Permanent(format!(
                    "{domain} has more than one record of SPF"
                )));
            }
        };
        self.domains.push(question.name.clone());
        let record = Record::parse(record)
            .map_err(|because| Stop::Permanent(format!("{domain}: {because}")))?;
        for term in &record.terms {
            if self.fits(&term.mechanism, domain, depth)? {
                return Ok(Decided {
                    outcome: match term.qualifier {
                        Qualifier::Pass => Outcome::Pass,
                        Qualifier::Fail => Outcome::Fail,
                        Qualifier::SoftFail => Outcome::SoftFail,
                        Qualifier::Neutral => Outcome::Neutral,
                    },
                    because: format!("{} of {domain}", term.text),
                    explanation: record.explanation.map(|text| (text, domain.to_owned())),
                });
            }
        }
        let Some(target) = &record.redirect else {
            return Ok(Decided {
                outcome: Outcome::Neutral,
                because: format!("the record of {domain} ends without a decision"),
                explanation: None,
            });
        };
        self.count_lookup()?;
        let target = self.name(target, domain)?;
        let decided = self.check(&target, depth + 1)?;
        match decided.outcome {
            Outcome::None => Err(Stop::Permanent(format!(
                "{domain} hands on to {target}, and {}",
                decided.because
            ))),
            _ => Ok(decided),
        }
    }

    fn fits(&mut self, mechanism: &Mechanism, domain: &str, depth: usize) -> Result<bool, Stop> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip4(network, bits) => Ok(self.is_in(&IpAddr::V4(*network), *bits)),
            Mechanism::Ip6(network, bits) => Ok(self.is_in(&IpAddr::V6(*network), *bits)),
            Mechanism::Include(target) => {
                self.count_lookup()?;
                let target = self.name(&target.0, domain)?;
                let decided = self.check(&target, depth + 1)?;
                match decided.outcome {
                    Outcome::None => Err(Stop::Permanent(format!(
                        "{domain} includes {target}, and {}",
                        decided.because
                    ))),
                    outcome => Ok(outcome == Outcome::Pass),
                }
            }
            Mechanism::A(target, prefixes) => {
                self.count_lookup()?;
                let target = self.target(target.as_ref(), domain)?;
                let addresses = self.addresses(&target)?;
                self.count_void(addresses.is_empty())?;
                Ok(self.is_near(&addresses, *prefixes))
            }
            Mechanism::Mx(target, prefixes) => {
                self.count_lookup()?;
                let target = self.target(target.as_ref(), domain)?;
                self.fits_mx(&target, *prefixes)
            }
            Mechanism::Ptr(target) => {
                self.count_lookup()?;
                let target = self.target(target.as_ref(), domain)?;
                let names = self.validated_names(true)?;
                let mut names = names.iter();
                Ok(names.any(|name| is_below(name, &target)))
            }
            Mechanism::Exists(target) => {
                self.count_lookup()?;
                let target = self.name(&target.0, domain)?;
                let found = self.data(&target, Kind::A)?;
                self.count_void(found.is_empty())?;
                Ok(!found.is_empty())
            }
        }
    }

    /// Section 5.4: only names of mail servers count, never the domain's own address.
    fn fits_mx(&mut self, target: &str, prefixes: Prefixes) -> Result<bool, Stop> {
        let found = self.data(target, Kind::Mx)?;
        self.count_void(found.is_empty())?;
        if found.len() > MOST_NAMES {
            return Err(Stop::Permanent(format!(
                "{target} has more than {MOST_NAMES} mail servers"
            )));
        }
        for data in found {
            let Data::Mx { exchange, .. } = data else {
                continue;
            };
            let addresses = self.addresses(&exchange)?;
            if self.is_near(&addresses, prefixes) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names of the sender's address that lead back to it (section 5.5). Failures of the DNS
    /// leave names out; `counts` says whether an answer without a name is a void one.
    fn validated_names(&mut self, counts: bool) -> Result<Vec<String>, Stop> {
        let arpa = match self.ip {
            IpAddr::V4(_) => "in-addr.arpa",
            IpAddr::V6(_) => "ip6.arpa",
        };
        let labels = dotted(self.ip);
        let mut labels: Vec<_> = labels.split('.').collect();
        labels.reverse();
        let reverse = format!("{}.{arpa}", labels.join("."));
        let found = match self.data(&reverse, Kind::Ptr) {
            Err(Stop::Temporary(_)) => return Ok(Vec::new()),
            found => found?,
        };
        if counts {
            self.count_void(found.is_empty())?;
        }
        let mut names = Vec::new();
        for data in found.into_iter().take(MOST_NAMES) {
            let Data::Ptr(name) = data else { continue };
            match self.addresses(&name) {
                Ok(addresses) if addresses.contains(&self.ip) => names.push(name),
                Ok(_) | Err(Stop::Temporary(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(names)
    }

    fn target(&mut self, spec: Option<&Domain>, domain: &str) -> Result<String, Stop> {
        match spec {
            Some(spec) => self.name(&spec.0, domain),
            None => Ok(domain.to_owned()),
        }
    }

    /// The addresses of a name that are of the sender's family.
    fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Stop> {
        let kind = match self.ip {
            IpAddr::V4(_) => Kind::A,
            IpAddr::V6(_) => Kind::Aaaa,
        };
        let found = self.data(name, kind)?;
        Ok(found.iter().filter_map(Data::address).collect())
    }

    fn data(&mut self, name: &str, kind: Kind) -> Result<Vec<Data>, Stop> {
        // What cannot be asked for does not exist.
        if !is_name(name) {
            return Ok(Vec::new());
        }
        let question = Question::new(name, kind);
        let answer = self.ask(&question)?;
        Ok(answer.of(&question.name, kind).cloned().collect())
    }

    fn ask(&self, question: &Question) -> Result<&'a Answer, Stop> {
        conclusive(self.answers, question).map_err(|gap| match gap {
            Gap::Missing(question) => Stop::Missing(question),
            Gap::Failed(because) => Stop::Temporary(because),
        })
    }

    fn count_lookup(&mut self) -> Result<(), Stop> {
        if self.lookups >= self.limits.lookups {
            return Err(Stop::Permanent(format!(
                "more than {} terms ask the DNS",
                self.limits.lookups
            )));
        }
        self.lookups += 1;
        Ok(())
    }

    fn count_void(&mut self, is_void: bool) -> Result<(), Stop> {
        if is_void {
            self.voids += 1;
        }
        match self.voids > self.limits.voids {
            true => Err(Stop::Permanent(format!(
                "more than {} questions have no answer",
                self.limits.voids
            ))),
            false => Ok(()),
        }
    }

    fn is_near(&self, addresses: &[IpAddr], prefixes: Prefixes) -> bool {
        let bits = match self.ip {
            IpAddr::V4(_) => prefixes.0,
            IpAddr::V6(_) => prefixes.1,
        };
        let mut addresses = addresses.iter();
        addresses.any(|address| self.is_in(address, bits))
    }

    /// Whether the sender's address begins with the first `bits` of another of its family.
    fn is_in(&self, network: &IpAddr, bits: u8) -> bool {
        match (self.ip, network) {
            (IpAddr::V4(ip), IpAddr::V4(network)) => {
                let shift = 32 - u32::from(bits.min(32));
                let (ip, network) = (u32::from(ip), u32::from(*network));
                ip.checked_shr(shift) == network.checked_shr(shift)
            }
            (IpAddr::V6(ip), IpAddr::V6(network)) => {
                let shift = 128 - u32::from(bits.min(128));
                let (ip, network) = (u128::from(ip), u128::from(*network));
                ip.checked_shr(shift) == network.checked_shr(shift)
            }
            _ => false,
        }
    }

    /// A name with its macros expanded, short enough to be asked for (section 7.3).
    fn name(&mut self, text: &Text, domain: &str) -> Result<String, Stop> {
        let name = self.expand(text, domain)?;
        let mut name = name.trim_end_matches('.');
        while name.len() > LONGEST_NAME {
            match name.split_once('.') {
                Some((_, rest)) => name = rest,
                None => break,
            }
        }
        Ok(name.to_owned())
    }

    fn expand(&mut self, text: &Text, domain: &str) -> Result<String, Stop> {
        let mut expanded = String::new();
        for piece in &text.0 {
            match piece {
                Piece::Literal(literal) => expanded.push_str(literal),
                Piece::Macro(one) => {
                    let value = self.value(one.letter, domain)?;
                    expanded.push_str(&one.transform(&value));
                }
            }
        }
        Ok(expanded)
    }

    /// What a letter stands for (section 7.2).
    fn value(&mut self, letter: char, domain: &str) -> Result<String, Stop> {
        Ok(match letter {
            's' => self.sender.clone(),
            'l' => self.local.clone(),
            'o' => self.origin.clone(),
            'd' => domain.to_owned(),
            'i' => dotted(self.ip),
            'h' => self.helo.clone(),
            'v' if self.ip.is_ipv4() => "in-addr".to_owned(),
            'v' => "ip6".to_owned(),
            'c' => self.ip.to_string(),
            't' => self.now.to_string(),
            'p' => {
                let names = self.validated_names(false)?;
                let own = names.iter().find(|name| *name == domain);
                let near = names.iter().find(|name| is_below(name, domain));
                let name = own.or(near).or(names.first());
                name.map_or_else(|| "unknown".to_owned(), Clone::clone)
            }
            // `r`: no receiver is named.
            _ => "unknown".to_owned(),
        })
    }

    /// The explanation of a refusal; whatever is wrong with it, there is none then (section 6.2).
    fn told(&mut self, target: &Text, domain: &str) -> Result<Option<String>, Question> {
        let told = self.name(target, domain).and_then(|name| {
            if !is_name(&name) {
                return Ok(None);
            }
            let question = Question::new(&name, Kind::Txt);
            let found = texts(self.ask(&question)?, &question.name);
            let [text] = found[..] else { return Ok(None) };
            match explanation(text) {
                Some(text) => self.expand(&text, domain).map(Some),
                None => Ok(None),
            }
        });
        match told {
            Ok(told) => Ok(told),
            Err(Stop::Missing(question)) => Err(question),
            Err(_) => Ok(None),
        }
    }
}

/// Letters of a name that can be asked for (RFC 1035, section 2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name
            .split('.')
            .all(|label| (1..=LONGEST_LABEL).contains(&label.len()))
}

/// Whether a name is another one or lies below it, whatever the case.
fn is_below(name: &str, other: &str) -> bool {
    let (name, other) = (name.to_ascii_lowercase(), other.to_ascii_lowercase());
    name == other
        || name
            .strip_suffix(&other)
            .is_some_and(|rest| rest.ends_with('.'))
}

fn texts<'a>(answer: &'a Answer, name: &'a str) -> Vec<&'a str> {
    if answer.code == Code::NxDomain {
        return Vec::new();
    }
    answer
        .of(name, Kind::Txt)
        .filter_map(|data| match data {
            Data::Txt(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// `192.0.2.1`, and each half byte of IPv6 (section 7.3).
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let digits = format!("{:032X}", u128::from(ip));
            let digits: Vec<_> = digits.chars().map(String::from).collect();
            digits.join(".")
        }
    }
}
