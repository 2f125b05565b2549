//! The text of a record, in terms (RFC 7208, sections 4.6.1, 5, 6 and 12).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::macros::{Text, domain_spec, macro_string};

/// A record without syntax errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub terms: Vec<Term>,
    pub(super) redirect: Option<Text>,
    pub(super) explanation: Option<Text>,
}

/// A mechanism with what it means where it fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub qualifier: Qualifier,
    pub mechanism: Mechanism,
    /// As it stands there.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    All,
    Include(Domain),
    A(Option<Domain>, Prefixes),
    Mx(Option<Domain>, Prefixes),
    Ptr(Option<Domain>),
    /// A network and the length of its prefix in bits.
    Ip4(Ipv4Addr, u8),
    Ip6(Ipv6Addr, u8),
    Exists(Domain),
}

/// A name with macros in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(pub(super) Text);

/// Lengths of prefixes in bits, for IPv4 and IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixes(pub(super) u8, pub(super) u8);

/// Whether a text calls itself a record of SPF (RFC 7208, section 4.5).
pub fn is_record(text: &str) -> bool {
    const VERSION: &str = "v=spf1";
    text.get(..VERSION.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(VERSION))
        && matches!(text.as_bytes().get(VERSION.len()), None | Some(b' '))
}

impl Record {
    /// Reads a text for which [`is_record`] holds.
    ///
    /// # Errors
    ///
    /// What is wrong with the first term that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            let wrong = || format!("“{}” is no term of SPF", term.escape_default());
            match modifier(term) {
                Some((name, value)) => record.modify(name, value).ok_or_else(wrong)?,
                None => record.terms.push(directive(term).ok_or_else(wrong)?),
            }
        }
        Ok(record)
    }

    /// Whether it ends by handing on to another domain.
    pub fn redirects(&self) -> bool {
        self.redirect.is_some()
    }

    fn modify(&mut self, name: &str, value: &str) -> Option<()> {
        let known = match name.to_ascii_lowercase().as_str() {
            "redirect" => &mut self.redirect,
            "exp" => &mut self.explanation,
            _ => return macro_string(value).map(|_| ()),
        };
        // Each at most once (section 6).
        match known {
            Some(_) => None,
            None => {
                *known = Some(domain_spec(value)?);
                Some(())
            }
        }
    }
}

/// A name, `=` and a value; `None` where the term is none of this form.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut letters = name.chars();
    let begins = letters.next()?.is_ascii_alphabetic();
    let goes_on =
        letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
    (begins && goes_on).then_some((name, value))
}

fn directive(term: &str) -> Option<Term> {
    let (qualifier, rest) = match term.as_bytes().first()? {
        b'+' => (Qualifier::Pass, &term[1..]),
        b'-' => (Qualifier::Fail, &term[1..]),
        b'~' => (Qualifier::SoftFail, &term[1..]),
        b'?' => (Qualifier::Neutral, &term[1..]),
        _ => (Qualifier::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    Some(Term {
        qualifier,
        mechanism: mechanism(&name.to_ascii_lowercase(), argument)?,
        text: term.to_owned(),
    })
}

/// `argument` begins with `:` or `/`, or is empty.
fn mechanism(name: &str, argument: &str) -> Option<Mechanism> {
    let value = argument.strip_prefix(':');
    let domain = |text: &str| domain_spec(text).map(Domain);
    let optional = |text: &str| match (text.strip_prefix(':'), text) {
        (Some(value), _) => domain(value).map(Some),
        (None, "") => Some(None),
        (None, _) => None,
    };
    Some(match name {
        "all" if argument.is_empty() => Mechanism::All,
        "include" => Mechanism::Include(domain(value?)?),
        "exists" => Mechanism::Exists(domain(value?)?),
        "ptr" => Mechanism::Ptr(optional(argument)?),
        "a" | "mx" => {
            let (text, prefixes) = prefixes(argument)?;
            let domain = optional(text)?;
            match name {
                "a" => Mechanism::A(domain, prefixes),
                _ => Mechanism::Mx(domain, prefixes),
            }
        }
        "ip4" => {
            let (address, bits) = network(value?, 32)?;
            Mechanism::Ip4(address.parse().ok()?, bits)
        }
        "ip6" => {
            let (address, bits) = network(value?, 128)?;
            Mechanism::Ip6(address.parse().ok()?, bits)
        }
        _ => return None,
    })
}

/// An address, and the bits of its prefix: all where none are told.
fn network(text: &str, all: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        Some((address, bits)) => Some((address, length(bits, all)?)),
        None => Some((text, all)),
    }
}

/// Takes the lengths of prefixes from the end: `/24`, `//64`, `/24//64`.
fn prefixes(argument: &str) -> Option<(&str, Prefixes)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, six) = match argument.rsplit_once("//") {
        Some((rest, bits)) if digits(bits) => (rest, length(bits, 128)?),
        _ => (argument, 128),
    };
    let (rest, four) = match rest.rsplit_once('/') {
        Some((rest, bits)) if digits(bits) => (rest, length(bits, 32)?),
        _ => (rest, 32),
    };
    Some((rest, Prefixes(four, six)))
}

/// A number of bits without leading zeros, at most `all`.
fn length(text: &str, all: u8) -> Option<u8> {
    let is_padded = text.len() > 1 && text.starts_with('0');
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u8 = text.parse().ok()?;
    (is_number && !is_padded && bits <= all).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_known_by_their_first_word() {
        assert!(is_record("v=spf1") && is_record("V=sPf1 -all"));
        assert!(!is_record("v=spf10 -all") && !is_record("v=spf") && !is_record("ä=spf1"));
    }

    #[test]
    fn terms_are_read_with_their_prefixes() {
        let record = Record::parse("v=spf1 ~a/24//64  ip4:192.0.2.0/24 -all").expect("a record");
        let mechanisms: Vec<_> = record.terms.iter().map(|term| &term.mechanism).collect();
        assert_eq!(
            mechanisms,
            [
                &Mechanism::A(None, Prefixes(24, 64)),
                &Mechanism::Ip4(Ipv4Addr::new(192, 0, 2, 0), 24),
                &Mechanism::All
            ]
        );
        assert_eq!(record.terms[0].qualifier, Qualifier::SoftFail);
        for text in [
            "v=spf1 a/24/64",
            "v=spf1 ip4:192.0.2.0/033",
            "v=spf1 ip4:192.0.2.0/+8",
            "v=spf1 all:x",
            "v=spf1 redirect=a.example redirect=a.example",
            "v=spf1 \u{e9}",
        ] {
            assert!(Record::parse(text).is_err(), "{text}");
        }
    }
}
