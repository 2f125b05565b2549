//! Which text of a source is a secret.

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
    fn passwords_in_urls() {
        assert!(has_password("postgres://user:pw@db/name"));
        assert!(!has_password("https://example.org/a:b@c"));
        assert!(!has_password("redis://cache:6379/0"));
    }
}
