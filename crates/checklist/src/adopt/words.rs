//! The words of a box, as they are compared.

/// Words in lower case, in their order.
pub(super) struct Words(Vec<String>);

/// What says nothing about the subject.
const EMPTY: [&str; 34] = [
    "a", "an", "the", "is", "are", "in", "on", "of", "to", "for", "and", "or", "with", "from",
    "by", "via", "as", "be", "if", "at", "it", "its", "all", "any", "etc", "eg", "such", "use",
    "using", "used", "set", "up", "our", "your",
];

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let is_part = |c: char| c.is_alphanumeric() || "_-.+".contains(c);
        let lower = text.to_lowercase().replace('\'', "");
        Self(
            lower
                .split(|c: char| !is_part(c))
                .flat_map(split)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Whether a word begins with the stem; a stem that ends in `$` must be the whole word.
    pub(super) fn has(&self, stem: &str) -> bool {
        self.0.iter().any(|word| is(word, stem))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Words that say something.
    pub(super) fn contents(&self) -> impl Iterator<Item = &str> {
        self.all()
            .filter(|word| !EMPTY.contains(word) && word.chars().any(char::is_alphabetic))
    }
}

pub(super) fn is(word: &str, stem: &str) -> bool {
    match stem.strip_suffix('$') {
        Some(whole) => word == whole,
        // Short words are whole words: `a` is no beginning of `admin`.
        None if stem.len() < 3 => word == stem,
        None => word.starts_with(stem),
    }
}

/// `auto-renewal` is two words, `docker-compose.yml` and `--deploy` are what they are.
fn split(word: &str) -> Vec<&str> {
    let word = word.trim_matches(['.', '-', '+']);
    let is_name =
        word.contains('.') || word.contains('_') || word.chars().any(|c| c.is_ascii_digit());
    match is_name || ["pip-audit", "init-letsencrypt"].contains(&word) {
        true => vec![word],
        false => word.split('-').collect(),
    }
}

/// The value of a threshold that a text names, in the unit of the threshold.
pub(super) fn measure(parameter: &str, text: &str) -> Option<u64> {
    let lower = text.to_lowercase();
    let mut tokens = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    let in_seconds = parameter.ends_with("-seconds");
    let mut bare = None;
    while let Some(token) = tokens.next() {
        let Ok(number) = token.parse::<u64>() else {
            continue;
        };
        let unit = tokens.peek().copied().unwrap_or_default();
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let seconds = match unit {
            "second" => Some(1),
            "minute" => Some(60),
            "hour" => Some(3_600),
            "day" => Some(86_400),
            "week" => Some(7 * 86_400),
            "year" => Some(31_536_000),
            _ => None,
        };
        match (in_seconds, seconds) {
            (true, Some(seconds)) => return bare.or(number.checked_mul(seconds)),
            (false, Some(_)) => {}
            (_, None) => bare = bare.or(Some(number)),
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_measured() {
        for (parameter, text, value) in [
            (
                "hsts-seconds",
                "`SECURE_HSTS_SECONDS` set to 63072000 (2 years)",
                Some(63_072_000),
            ),
            ("hsts-seconds", "HSTS for one year", None),
            ("hsts-seconds", "HSTS for 1 year", Some(31_536_000)),
            (
                "jwt-access-seconds",
                "access tokens live 5 hours",
                Some(18_000),
            ),
            ("jwt-refresh-seconds", "(7 days)", Some(604_800)),
            ("secret-key-length", "64+ random characters", Some(64)),
            ("axes-failure-limit", "`AXES_FAILURE_LIMIT = 5`", Some(5)),
            ("tests", "All 41 tests pass", Some(41)),
        ] {
            assert_eq!(measure(parameter, text), value, "{text}");
        }
    }

    #[test]
    fn words_are_whole_or_begin_alike() {
        let words = Words::of("Certbot's auto-renewal of `docker-compose.yml` & pip-audit, A+");
        for stem in [
            "certbot",
            "auto",
            "renew",
            "docker-compose.yml",
            "pip-audit",
            "a",
        ] {
            assert!(words.has(stem), "{stem}");
        }
        for stem in ["audit", "yml", "ren$"] {
            assert!(!words.has(stem), "{stem}");
        }
    }
}
