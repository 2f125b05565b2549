//! How soon a secret is guessed.

use tightship_model::{Traced, Value};

use crate::guessing::{Known, STRONG, guesses};

/// What makes a secret guessable, in words that do not tell it; `None` for a good one.
pub(crate) fn weakness(secret: &str, known: &Known) -> Option<String> {
    if is_placeholder(secret) {
        return Some("is a placeholder".to_owned());
    }
    // Longer ones only cost time: guessing ends long before.
    let head: String = secret.chars().take(LONGEST).collect();
    let guesses = guesses(&head, known);
    (guesses < STRONG).then(|| {
        let power = (guesses as f64).log10().ceil().max(0.0);
        format!("falls within 10^{power} guesses")
    })
}

/// A text that says of itself that it must be replaced.
pub(crate) fn is_placeholder(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let bare: String = lower
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let repeats = |c: char| bare.len() >= 3 && bare.chars().all(|other| other == c);
    PLACEHOLDERS.iter().any(|word| bare.contains(word))
        || ["your-", "your_", "your "]
            .iter()
            .any(|start| lower.starts_with(start))
        || repeats('x')
        || (lower.starts_with('<') && lower.ends_with('>'))
}

/// The text of a variable, as far as files tell: set, or while every open variable is unset.
pub(crate) fn text(value: &Traced<Value>) -> Option<&str> {
    match &value.value {
        Value::Environment(dependent) => dependent.unset.as_ref()?.value.as_str(),
        value => value.as_str(),
    }
}

/// The password in the text of a variable: the text itself, or that of an address with one.
pub(crate) fn password(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else {
        return text;
    };
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let credentials = authority
        .rsplit_once('@')
        .map_or("", |(credentials, _)| credentials);
    credentials
        .split_once(':')
        .map_or("", |(_, password)| password)
}

const LONGEST: usize = 72;

const PLACEHOLDERS: [&str; 14] = [
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "yoursecret",
    "yourpassword",
    "mysecret",
    "placeholder",
    "insecure",
    "notsecure",
    "supersecret",
    "dummy",
    "todo",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_secrets_are_told_from_good_ones() {
        let known = Known::new(["harbour"], 1_800_000_000);
        for weak in [
            "postgres",
            "changeme",
            "Harbour2023",
            "django-insecure-key",
            "xxx-xxx",
            "<password>",
            "your-secret-key-here",
            "your-spotify-client-key",
            "qwerty12345",
        ] {
            assert!(weakness(weak, &known).is_some(), "{weak}");
        }
        for good in [
            "vK3pX9mQ2rT8wZ5n",
            "horse-staple-lamp-orbit-tulip",
            "c2f9a7e4b1d80653",
        ] {
            assert_eq!(weakness(good, &known), None, "{good}");
        }
    }

    #[test]
    fn the_password_of_an_address_is_its_own() {
        assert_eq!(password("postgres://shop:geheim@db:5432/shop"), "geheim");
        assert_eq!(password("redis://redis:6379/0"), "");
        assert_eq!(password("geheim"), "geheim");
    }
}
