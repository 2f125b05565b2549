use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::setting::{Demand, judge};

pub(super) static CHECK: Check = Check {
    id: "django/password-hasher-weak",
    title: "Passwords are stored with a fast hash",
    severity: Severity::Critical,
    needs: &[Need::Settings, Need::App("django.contrib.auth")],
    items: &["A4.3", "X11"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/passwords/#how-django-stores-passwords"),
        Reference::Cwe(916),
    ],
    doc: include_str!("password_hasher_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        &Demand {
            setting: "PASSWORD_HASHERS",
            refuses: &|hashers| {
                let hashers = hashers.as_items()?;
                match hashers.items.first() {
                    Some(first) => Some(FAST.contains(&class(first.value.as_str()?))),
                    None => hashers.rest.is_none().then_some(true),
                }
            },
            message: &|hashers| {
                let first = hashers.as_items().and_then(|hashers| hashers.items.first());
                let name = first.and_then(|first| first.value.as_str()).map(class);
                format!(
                    "new passwords are stored by {}: a copy of the database gives most of them \
                     away within hours",
                    name.unwrap_or("no hasher at all")
                )
            },
            advice: "Put Argon2PasswordHasher or PBKDF2PasswordHasher first; users move over as they \
                     sign in.",
            django_id: None,
            mend: None,
        },
    )
}

/// The last part of a dotted path.
fn class(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Hashers of Django, now or formerly, that were not made to be slow
/// (django/contrib/auth/hashers.py, Django 1.11 to 6.1).
const FAST: [&str; 6] = [
    "MD5PasswordHasher",
    "UnsaltedMD5PasswordHasher",
    "SHA1PasswordHasher",
    "UnsaltedSHA1PasswordHasher",
    "CryptPasswordHasher",
    "PlainTextPasswordHasher",
];
