//! Which names hold secrets, and which text of a source is one.

/// Whether a setting, dict key or variable of this name holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split(['_', '-', '.']).collect();
    let has = |word: &str| parts.contains(&word);
    if has("PUBLIC") || has("PUBLISHABLE") || has("VALIDATORS") || has("HASHERS") || has("RESET") {
        return false;
    }
    let is_last = |word: &str| parts.last() == Some(&word);
    if is_last("FILE")
        || is_last("PATH")
        || is_last("URL") && !has("DATABASE")
        || is_last("NAME")
        || is_last("AGE")
        || is_last("LIFETIME")
        || is_last("EXPIRE")
        || is_last("TIMEOUT")
        || is_last("CLASS")
        || is_last("CLASSES")
        || is_last("HEADER")
        || is_last("TYPE")
        || is_last("TYPES")
        || is_last("MODEL")
        || is_last("PREFIX")
        || is_last("FIELD")
        || is_last("CLAIM")
        || is_last("LENGTH")
        || is_last("ALGORITHM")
        || is_last("SERIALIZER")
    {
        return false;
    }
    has("SECRET")
        || has("SECRETS")
        || has("PASSWORD")
        || has("PASSWD")
        || has("PASS")
        || has("PWD")
        || has("TOKEN")
        || has("DSN")
        || has("CREDENTIALS")
        || has("APIKEY")
        || name.ends_with("API_KEY")
        || name.ends_with("PRIVATE_KEY")
        || name.ends_with("SIGNING_KEY")
        || name.ends_with("ACCESS_KEY")
        || name.ends_with("ENCRYPTION_KEY")
        || name.ends_with("SECRET_KEY")
        || name.ends_with("AUTH_KEY")
        || name.ends_with("LICENSE_KEY")
        || name == "KEY"
        || name.ends_with("_HASH_KEY")
        || name.ends_with("FERNET_KEY")
        || name.ends_with("SECRET_KEY_FALLBACKS")
        || name == "DATABASE_URL"
}

/// Whether a text is a URL with a password inside: `scheme://user:password@host`.
pub(crate) fn has_password(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let is_scheme = !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme
        && authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
            .is_some_and(|(_, password)| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "SECRET_KEY",
            "EMAIL_HOST_PASSWORD",
            "PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "SIGNING_KEY",
            "STRIPE_API_KEY",
            "SENTRY_DSN",
            "DB_PASS",
            "GITHUB_TOKEN",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "AUTH_PASSWORD_VALIDATORS",
            "PASSWORD_HASHERS",
            "PASSWORD_RESET_TIMEOUT",
            "KEY_PREFIX",
            "STRIPE_PUBLIC_KEY",
            "CSRF_COOKIE_NAME",
            "ACCESS_TOKEN_LIFETIME",
            "DEBUG",
            "CACHE_MIDDLEWARE_KEY_PREFIX",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn passwords_in_urls() {
        assert!(has_password("postgres://user:pw@db/name"));
        assert!(!has_password("https://example.org/a:b@c"));
        assert!(!has_password("redis://cache:6379/0"));
    }
}
