//! The name that was meant.

/// The name among `known` that is nearest to `name`: the same words with a prefix or an ending more
/// or less, or a slip of the pen. `None` where nothing is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| Some((distance(name, candidate)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How far two names are apart; `None` beyond what a person confuses.
fn distance(name: &str, candidate: &str) -> Option<usize> {
    const SLIPS: usize = 2;
    const LEAST_LENGTH: usize = 6;
    let slips = strsim::osa_distance(name, candidate);
    if slips <= SLIPS && name.len() >= LEAST_LENGTH {
        return Some(slips);
    }
    let (few, many) = if words(name).count() <= words(candidate).count() {
        (name, candidate)
    } else {
        (candidate, name)
    };
    // One word says little: it must be there as it is, beside one other.
    if words(few).count() == 1 && (words(many).count() > 2 || words(many).all(|word| word != few)) {
        return None;
    }
    let mut rest = words(many);
    // EMAIL_HOST and EMAIL_HOST_PASSWORD are two things: what a name ends in says what it holds.
    if words(name).last() != words(candidate).last()
        && !is_same(
            words(name).last().unwrap_or_default(),
            words(candidate).last().unwrap_or_default(),
        )
    {
        return None;
    }
    let in_order = words(few).all(|word| rest.any(|other| is_same(word, other)));
    in_order.then(|| SLIPS + 1 + words(many).count() - words(few).count())
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split('_').filter(|word| !word.is_empty())
}

/// `PASS` stands for `PASSWORD`, `DB` for `DATABASE`.
fn is_same(word: &str, other: &str) -> bool {
    const LEAST: usize = 3;
    let (short, long) = if word.len() <= other.len() {
        (word, other)
    } else {
        (other, word)
    };
    short == long
        || (short.len() >= LEAST && long.starts_with(short))
        || (short == "DB" && long == "DATABASE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_confuses_is_near() {
        let known = [
            "DJANGO_DEBUG",
            "DB_PASSWORD",
            "SECRET_KEY",
            "SENTRY_DSN",
            "HOSTNAME",
        ];
        for (name, meant) in [
            ("DEBUG", Some("DJANGO_DEBUG")),
            ("DB_PASS", Some("DB_PASSWORD")),
            ("DATABASE_PASSWORD", Some("DB_PASSWORD")),
            ("SECRETKEY", Some("SECRET_KEY")),
            ("DJANGO_SECRET_KEY", Some("SECRET_KEY")),
            ("SECRET_KEY_FALLBACK", None),
            ("MAILGUN_DOMAIN", None),
            ("REDIS_URL", None),
            ("DELIVERY_HOST", None),
            ("APP_NAME_HOSTNAME", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        }
    }
}
