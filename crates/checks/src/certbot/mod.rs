//! certbot: whether its certificates reach nginx, are renewed, and are trusted.

mod account_refused;
mod archive_served;
mod certificate_expired;
mod certificate_not_loaded;
mod certificates_not_shared;
mod certificates_writable;
mod chain_missing;
mod first_run_elsewhere;
mod key_of_another;
mod name_not_covered;
mod names_differ;
mod port_taken;
mod reload_missing;
mod renewal_forced;
mod renewal_missing;
mod renewal_rare;
mod seen;
mod sent_name_missing;
mod sites;
mod test_authority;
mod webroot_not_served;
mod wire;

use tightship_model::nginx::{Directive, RunsIn};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Outcome, Span, Trail,
};
use tightship_predict::ways::{Edge, edges};

pub(crate) use self::seen::{are_same, in_words};

use self::seen::Seer;

pub(crate) const CHECKS: &[&Check] = &[
    &webroot_not_served::CHECK,
    &certificates_not_shared::CHECK,
    &first_run_elsewhere::CHECK,
    &names_differ::CHECK,
    &renewal_missing::CHECK,
    &renewal_rare::CHECK,
    &renewal_forced::CHECK,
    &reload_missing::CHECK,
    &test_authority::CHECK,
    &account_refused::CHECK,
    &name_not_covered::CHECK,
    &chain_missing::CHECK,
    &certificate_expired::CHECK,
    &certificate_not_loaded::CHECK,
    &sent_name_missing::CHECK,
    &archive_served::CHECK,
    &key_of_another::CHECK,
    &certificates_writable::CHECK,
    &port_taken::CHECK,
];

/// A certificate of certbot's that nginx reads when it starts.
struct Served<'a> {
    /// `/etc/letsencrypt/live/NAME/fullchain.pem`, where nginx sees it.
    path: &'a str,
    /// The folder above `live`.
    folder: &'a str,
    directive: &'a Directive,
    /// `None` where nothing says where this nginx runs.
    seer: Option<Seer<'a>>,
}

/// The certificates below a folder `live` that the nginx configurations name, each once.
fn served(deployment: &Deployment) -> Vec<Served<'_>> {
    let mut found: Vec<Served<'_>> = Vec::new();
    for edge in edges(deployment) {
        let seer = seer_of(&edge);
        for (_, directive) in edge.configuration.find("ssl_certificate") {
            let Some(word) = directive.arguments.first().filter(|word| word.is_literal()) else {
                continue;
            };
            let Some((folder, _)) = word.text.split_once("/live/") else {
                continue;
            };
            let is_known = |known: &Served<'_>| known.path == word.text && known.seer == seer;
            if !found.iter().any(is_known) {
                found.push(Served {
                    path: &word.text,
                    folder,
                    directive,
                    seer,
                });
            }
        }
    }
    found
}

fn seer_of<'a>(edge: &Edge<'a>) -> Option<Seer<'a>> {
    match &edge.configuration.runs_in {
        RunsIn::Service(name) => Some(Seer::Service(name)),
        RunsIn::Host(_) => Some(Seer::Host),
        RunsIn::Image(_) | RunsIn::NotKnown(_) => None,
    }
}

/// A finding with its places, the first of them primary.
fn finding(subject: String, message: String, labels: Vec<Label>, advice: &str) -> Finding {
    let trail = labels.first().map_or_else(Trail::default, |first| {
        Trail::at(first.span, first.text.clone())
    });
    Finding {
        subject,
        message,
        severity: None,
        confidence: Confidence::High,
        labels,
        trail,
        django_id: None,
        advice: advice.to_owned(),
        fix: None,
    }
}

fn unknown(reason: impl Into<String>, remedy: &str, span: Option<Span>) -> Outcome {
    let reason = reason.into();
    Outcome::Unknown {
        trail: span.map_or_else(Trail::default, |span| Trail::at(span, reason.clone())),
        reason,
        remedy: remedy.to_owned(),
    }
}

fn evidence(text: impl Into<String>, span: Span) -> Evidence {
    let text = text.into();
    Evidence {
        trail: Trail::at(span, text.clone()),
        text,
    }
}
