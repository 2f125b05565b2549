//! Which text of a source is a secret.

/// The password inside of a URL: `scheme://user:password@host`.
pub(crate) fn password(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let is_scheme = !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (is_scheme && !password.is_empty()).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls() {
        assert_eq!(password("postgres://user:pw@db/name"), Some("pw"));
        assert_eq!(password("https://example.org/a:b@c"), None);
        assert_eq!(password("redis://cache:6379/0"), None);
    }
}
