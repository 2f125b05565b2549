//! What a server showed of a version while it was asked for suites: each answer tells more than the
//! suite, and nothing is asked for that has been told.

use tightship_model::site::tls::{Auth, Mode, Suite, suite};

use super::answer::{Field, Flight, ServerHello};
use super::certificate::Sent;
use super::hello::extension;

/// The answers for one version.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Flight>);

impl Notes {
    /// Keeps an answer; chains only once for each kind of key, because they may be long.
    pub(super) fn keep(&mut self, mut new: Flight) {
        let auth = auth_of(&new);
        let known = self
            .0
            .iter_mut()
            .find(|old| !old.certificates.is_empty() && auth_of(old) == auth);
        if let Some(known) = known
            && !new.certificates.is_empty()
        {
            // Whichever comes first, the same one stays: answers overtake each other.
            let goes = match code_of(&new) < code_of(known) {
                true => known,
                false => &mut new,
            };
            goes.certificates.clear();
        }
        self.0.push(new);
    }

    /// The hello of the least suite, so that it does not depend on what came first.
    pub(super) fn hello(&self) -> Option<&ServerHello> {
        let least = self.0.iter().min_by_key(|flight| code_of(flight))?;
        least.hello.as_ref()
    }

    /// Groups that keys were agreed in, in the order in which they came.
    pub(super) fn groups(&self) -> Vec<u16> {
        self.each(|flight| flight.exchange.as_ref()?.group)
    }

    /// Algorithms that the server signed with.
    pub(super) fn signatures(&self) -> Vec<u16> {
        self.each(|flight| flight.exchange.as_ref()?.signature)
    }

    /// The chain that came with suites for this kind of key.
    pub(super) fn sent(&self, auth: Auth) -> Option<Sent> {
        let flight = self
            .0
            .iter()
            .find(|flight| !flight.certificates.is_empty() && auth_of(flight) == Some(auth))?;
        Some(flight.sent())
    }

    /// What DHE computes in, as it came with suites like this.
    pub(super) fn field(&self, wanted: impl Fn(&Suite) -> bool) -> Option<&Field> {
        self.0
            .iter()
            .filter(|flight| suite_of(flight).is_some_and(&wanted))
            .filter_map(|flight| Some((code_of(flight), flight.exchange.as_ref()?.field.as_ref()?)))
            .min_by_key(|(code, _)| *code)
            .map(|(_, field)| field)
    }

    /// Whether a client certificate was asked for; `None` where nothing got that far.
    pub(super) fn asks_for_certificate(&self) -> Option<bool> {
        // Who shows no certificate may ask for none: RFC 5246, 7.4.4.
        let got_far = |flight: &&Flight| {
            flight.is_done
                && !matches!(auth_of(flight), None | Some(Auth::Anonymous | Auth::Shared))
        };
        self.0
            .iter()
            .filter(got_far)
            .map(|flight| flight.asks_for_certificate)
            .reduce(|one, other| one || other)
    }

    /// Whether records of CBC suites are encrypted before they are authenticated. Only answers with
    /// such a suite tell (RFC 7366, 3); where there is none, the question falls away.
    pub(super) fn encrypts_then_macs(&self) -> bool {
        self.0.iter().any(|flight| {
            let is_cbc = suite_of(flight).is_some_and(|suite| suite.mode == Mode::Cbc);
            let says = |hello: &ServerHello| hello.has(extension::ENCRYPT_THEN_MAC);
            is_cbc && flight.hello.as_ref().is_some_and(says)
        })
    }

    fn each(&self, told: impl Fn(&Flight) -> Option<u16>) -> Vec<u16> {
        let mut codes = Vec::new();
        for code in self.0.iter().filter_map(told) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }
}

fn code_of(flight: &Flight) -> Option<u32> {
    flight.hello.as_ref().map(|hello| hello.suite)
}

fn suite_of(flight: &Flight) -> Option<&'static Suite> {
    suite(code_of(flight)?)
}

fn auth_of(flight: &Flight) -> Option<Auth> {
    suite_of(flight).map(|suite| suite.auth)
}
