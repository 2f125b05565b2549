//! Who is let in: `allow`, `deny`, `satisfy` and the modules that ask for a proof.
//!
//! ngx_http_access_module asks the rules in order and the first that matches decides; IPv4, IPv6
//! and unix sockets have lists of their own, and an inner level with a rule drops all rules of the
//! outer ones. Whom no rule matches the module leaves to the others, and without others lets in.
//! Under `satisfy any` whoever a rule allows needs no password.

use tightship_model::nginx::Directive;

use super::context::Context;
use super::listen::{Client, clients};

/// The modules that ask for a proof in the access phase, as `satisfy` lists them.
const PROOFS: [&str; 4] = ["auth_basic", "auth_request", "auth_jwt", "auth_oidc"];

/// The rules that hold in a place, in the order in which nginx asks them.
pub(super) fn rules<'a>(context: &Context<'a>) -> Vec<&'a Directive> {
    let is_rule = |one: &&Directive| one.is("allow") || one.is("deny");
    context
        .levels()
        .map(|level| {
            level
                .directives()
                .iter()
                .filter(is_rule)
                .collect::<Vec<_>>()
        })
        .find(|rules| !rules.is_empty())
        .unwrap_or_default()
}

/// The directive that asks for a password or another proof.
pub(super) fn proof<'a>(context: &Context<'a>) -> Option<&'a Directive> {
    PROOFS
        .into_iter()
        .filter_map(|name| context.value(name))
        .find(|one| one.argument(0) != Some("off"))
}

/// Whether one condition of several is enough.
pub(super) fn any_is_enough(context: &Context<'_>) -> bool {
    let satisfy = context.value("satisfy");
    satisfy.is_some_and(|one| one.argument(0) == Some("any"))
}

/// Whether only nginx itself comes to a place: `internal` and named locations.
pub(super) fn is_internal(context: &Context<'_>) -> bool {
    let named = |block: &Directive| {
        block.is("location") && block.argument(0).is_some_and(|name| name.starts_with('@'))
    };
    context
        .levels()
        .any(|level| level.has("internal") || level.block().is_some_and(named))
}

/// Whether a stranger gets past what guards a place, from an address that no rule names.
pub(super) fn is_open(context: &Context<'_>) -> bool {
    let rules = rules(context);
    clients(context).into_iter().any(|client| {
        let answer = answer(&rules, client);
        match proof(context) {
            None => answer != Some(false),
            Some(_) => any_is_enough(context) && answer == Some(true),
        }
    })
}

/// Whether the rules let a stranger in or shut him out; `None` where they say nothing of him.
fn answer(rules: &[&Directive], client: Client) -> Option<bool> {
    let has_v4 = rules.iter().any(|rule| names(rule, Client::V4));
    let list = match client {
        Client::Mapped if has_v4 => Client::V4,
        Client::Mapped => Client::V6,
        own => own,
    };
    let of_all = rules.iter().find(|rule| {
        rule.texts()
            .any(|text| text == "all" || Some(text) == everyone(list))
    });
    of_all.map(|rule| rule.is("allow"))
}

/// Whether a rule stands in the list of a family.
fn names(rule: &Directive, family: Client) -> bool {
    rule.texts().any(|text| match family {
        _ if text == "all" => true,
        Client::V4 => !text.contains(':'),
        Client::V6 | Client::Mapped => text.contains(':') && text != "unix:",
    })
}

fn everyone(list: Client) -> Option<&'static str> {
    match list {
        Client::V4 => Some("0.0.0.0/0"),
        Client::V6 => Some("::/0"),
        Client::Mapped => None,
    }
}
