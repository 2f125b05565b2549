use std::collections::BTreeSet;

use tightship_model::{
    Check, Deployment, Need, Outcome, Reference, Secret, Severity, Span, Traced,
};
use tightship_model::{Trail, Value};

use super::written_in_code;
use crate::compose::is_placeholder;
use crate::logging::is_tracker_address;
use crate::package::{finding, pass};

pub(crate) static CHECK: Check = Check {
    id: "secrets/literal-in-settings",
    title: "A secret stands in the settings",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.5", "A6.1", "A14.1", "A14.2", "B1.10"],
    django_ids: &[],
    references: &[
        Reference::Cwe(798),
        Reference::Url("https://12factor.net/config"),
    ],
    doc: include_str!("literal_in_settings.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    // Where the same text is SECRET_KEY too, django/secret-key-in-code tells of it.
    let key = settings.get("SECRET_KEY");
    let key = key.as_ref().and_then(|key| key.value.value.as_str());
    let mut findings = Vec::new();
    // A setting may take over another's value, or lie in it: one text of one place is one secret.
    let mut told: Vec<(String, Trail)> = Vec::new();
    for (name, value) in &settings.overridden {
        if name.starts_with("SECRET_KEY") || is_public(name) {
            continue;
        }
        secrets(name, value, &mut |place, secret, trail| {
            if is_secret(place, secret.expose())
                && !is_tracker_address(secret.expose())
                && key != Some(secret.expose())
                && written_in_code(deployment, secret.expose(), trail)
                && !told
                    .iter()
                    .any(|(text, place)| text == secret.expose() && origin(place) == origin(trail))
            {
                told.push((secret.expose().to_owned(), trail.clone()));
                findings.push(finding(
                    place,
                    trail,
                    format!(
                        "{place} is {secret}, written in the code: everyone who ever had the \
                         repository or an image of it can use it"
                    ),
                    "Change the secret where it is valid, and read the new one from the environment.",
                ));
            }
        });
    }
    if findings.is_empty() {
        return pass("no secret is a literal in the settings", &Trail::default());
    }
    Outcome::Fail(findings)
}

/// The place where a value was written.
fn origin(trail: &Trail) -> Option<Span> {
    trail.own_links().filter_map(|link| link.span).last()
}

/// Visits every secret in a value, with the place where it stands: `DATABASES["default"]["PASSWORD"]`.
fn secrets(place: &str, value: &Traced<Value>, visit: &mut dyn FnMut(&str, &Secret, &Trail)) {
    match &value.value {
        Value::Secret(secret) => visit(place, secret, &value.trail),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            for (index, item) in items.items.iter().enumerate() {
                secrets(&format!("{place}[{index}]"), item, visit);
            }
        }
        Value::Dict(dict) => {
            for (key, item) in &dict.entries {
                if let Some(key) = key.as_str() {
                    secrets(&format!("{place}[{key:?}]"), item, visit);
                }
            }
        }
        Value::Instance(instance) => {
            for (name, item) in &instance.keywords {
                secrets(&format!("{place}.{name}"), item, visit);
            }
        }
        _ => {}
    }
}

/// Whether a key of this name is made to be shown in browsers, as those of maps are.
fn is_public(name: &str) -> bool {
    name.split('_')
        .any(|word| matches!(word, "MAP" | "MAPS" | "PUBLIC" | "PUBLISHABLE" | "SITE"))
}

/// Whether a text under a secret's name is one: empty values, dotted paths of classes, the blanks
/// of a form, rates (`5/m/user`), words under a bare `key` or `token` and what says of itself that
/// it is a stand-in are not.
fn is_secret(place: &str, text: &str) -> bool {
    let is_dotted_path = text.contains('.')
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
    // An address without a login and without a query gives nothing away.
    let is_address = text.starts_with("http")
        && text.contains("://")
        && !text.contains(['@', '?'])
        && ["_uri", "_url", "_uri\"]", "_url\"]", "_endpoint"]
            .iter()
            .any(|end| place.to_lowercase().ends_with(end));
    let is_stand_in = text
        .to_lowercase()
        .split(['-', ' '])
        .any(|word| matches!(word, "test" | "dummy" | "fake" | "example"))
        // The address that django-environ's documentation shows for a server without a login.
        || text.contains("://user@:password@")
        // What Python writes for variables that are not set, `f"amqp://{user}:{password}@mq"`.
        || text.contains(":None@")
        // What RabbitMQ gives everybody, and takes from its own machine only.
        || text.contains("://guest:guest@")
        || text == "password" && place.starts_with("EMAIL_HOST_PASSWORD");
    let is_blank =
        text.contains(['<', '{']) || text.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.'));
    let is_rate = text
        .split_once('/')
        .is_some_and(|(count, _)| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()));
    // What programs make up holds digits; a person's password need not.
    let place = place.to_lowercase();
    let names_a_word = !place.contains("pass")
        && !place.contains("secret")
        && !text.contains("://")
        && !text.chars().any(|c| c.is_ascii_digit());
    // `PASSWORD_CHANGED_FIELD = "password_changed"` says where a secret is kept.
    let is_told_about = !names_the_last(&place, text) || is_folder(&place);
    let names_a_place = ["_attr", "_field", "_name", "_header", "_class"]
        .iter()
        .any(|end| place.ends_with(end))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    !text.is_empty()
        && !names_a_place
        && !is_address
        && !is_name_in_words(&place, text)
        && !is_placeholder(text)
        && !is_told_about
        && !is_dotted_path
        && !is_blank
        && !is_rate
        && !names_a_word
        && !is_stand_in
        && !is_repetitive(text)
}

/// Whether an element of a list stands under a name that ends with what is secret: a default, a
/// description and a type under `PASSWORD_RULES`, as django-constance has them, are about passwords.
fn names_the_last(place: &str, text: &str) -> bool {
    const LAST: [&str; 5] = ["pass", "secret", "token", "key", "credential"];
    let Some((owner, index)) = place.trim_end_matches(']').rsplit_once('[') else {
        return true;
    };
    if !index.chars().all(|c| c.is_ascii_digit()) {
        return true;
    }
    let name = owner.rsplit(['[', '"']).find(|part| part.len() > 1);
    let last = name.unwrap_or(owner).rsplit('_').next().unwrap_or_default();
    !text.contains(' ') && LAST.iter().any(|word| last.starts_with(word))
}

/// Whether a text is the name itself in words: `"PASSWORD_RECOVERY": "Password Recovery"`.
fn is_name_in_words(place: &str, text: &str) -> bool {
    let words = text.to_lowercase().replace([' ', '-'], "_");
    text.contains(' ') && place.trim_end_matches(['"', ']']).ends_with(&words)
}

/// Whether a name says that its value is the place of a file: `SECRETS_ROOT`.
fn is_folder(place: &str) -> bool {
    ["_root", "_dir", "_path", "_folder", "_directory"]
        .iter()
        .any(|end| place.ends_with(end))
}

/// Whether a long text has so few different characters that nobody made it up by chance:
/// `deadbeef-dead-beef`.
fn is_repetitive(text: &str) -> bool {
    const LONG: usize = 16;
    const FEW: usize = 7;
    let distinct: BTreeSet<char> = text.chars().collect();
    text.chars().count() >= LONG && distinct.len() < FEW
}
