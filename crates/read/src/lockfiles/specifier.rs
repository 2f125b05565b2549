//! One requirement of PEP 508: `Django[argon2] >= 5.2, < 5.3 ; python_version > "3.9"`.

/// The name, the text without its marker, and the version where it is pinned.
pub(super) struct Requirement {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) version: Option<String>,
}

/// `None` where the text names no package.
pub(super) fn parse(text: &str) -> Option<Requirement> {
    let text = text.trim();
    if let Some((_, egg)) = text.split_once("#egg=") {
        let name: String = egg.chars().take_while(|c| is_name(*c)).collect();
        return named(name, text, None);
    }
    let name: String = text.chars().take_while(|c| is_name(*c)).collect();
    let rest = text[name.len()..].trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    }
    .trim_start();
    if rest.starts_with('@') {
        let version = wheel_version(rest, &name);
        return named(name, text, version);
    }
    if rest.starts_with([':', '/', '\\']) {
        return None;
    }
    let clauses = rest.split(';').next().unwrap_or(rest).trim();
    let clauses = clauses.trim_start_matches('(').trim_end_matches(')').trim();
    let pinned = clauses
        .strip_prefix("===")
        .or_else(|| clauses.strip_prefix("=="))
        .map(str::trim)
        .filter(|version| !version.contains(['*', ',']) && !version.is_empty())
        .map(str::to_owned);
    let extent = text.split(';').next().unwrap_or(text).trim();
    named(name, extent, pinned)
}

fn named(name: String, text: &str, version: Option<String>) -> Option<Requirement> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts_well.then(|| Requirement {
        name,
        text: without_credentials(text),
        version,
    })
}

/// `Django @ https://…/Django-5.2.1-py3-none-any.whl` tells its version.
fn wheel_version(url: &str, name: &str) -> Option<String> {
    let file = url.rsplit('/').next()?;
    let rest = file
        .get(..name.len())
        .filter(|start| start.eq_ignore_ascii_case(&name.replace('-', "_")))
        .and_then(|_| file[name.len()..].strip_prefix('-'))?;
    let version = rest.split('-').next()?;
    let version = version.trim_end_matches(".tar.gz").trim_end_matches(".zip");
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

/// An address may carry a token: `git+https://TOKEN@host/…`.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest[..host_end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => text.to_owned(),
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_its_name_and_pin() {
        for (text, name, version) in [
            ("Django==5.2.1", "Django", Some("5.2.1")),
            (
                "django [argon2] == 5.2 ; python_version>'3'",
                "django",
                Some("5.2"),
            ),
            ("Django>=5,<6", "Django", None),
            ("Django==5.2.*", "Django", None),
            ("git+https://github.com/x/y.git@main#egg=y-z", "y-z", None),
            (
                "Django @ https://x.org/Django-5.2.1-py3-none-any.whl",
                "Django",
                Some("5.2.1"),
            ),
            ("Django===5.2", "Django", Some("5.2")),
        ] {
            let requirement = parse(text).expect(text);
            assert_eq!(requirement.name, name, "{text}");
            assert_eq!(requirement.version.as_deref(), version, "{text}");
        }
        for text in ["", "./local", "https://x.org/a.zip", "-e .", "C:\\x"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_in_an_address_is_not_kept() {
        let requirement = parse("x @ git+https://token123@host.org/x").expect("a requirement");
        assert!(!requirement.text.contains("token123"));
    }
}
