//! The folders of the host that scripts use as certbot's `/etc/letsencrypt`.

use tightship_model::{Span, Traced, Trail};

const CERTBOT: &str = "/etc/letsencrypt";

/// Position of certbot's image among the words of a `docker run`.
pub(super) fn image(words: &[String]) -> Option<usize> {
    words.iter().position(|word| {
        let name = word.split([':', '@']).next().unwrap_or(word);
        name == "certbot/certbot"
            || name.ends_with("/certbot/certbot")
            || name.rsplit_once('/').is_some_and(|(folder, name)| {
                folder.ends_with("certbot") && name.starts_with("dns-")
            })
    })
}

/// What the options of a `docker run` mount as certbot's folder.
pub(super) fn mounted(options: &[String], span: Span) -> Option<Traced<String>> {
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let value = match word.split_once('=') {
            Some(("-v" | "--volume", value)) => value,
            None if matches!(word.as_str(), "-v" | "--volume") => words.next()?,
            _ => continue,
        };
        let mut parts = value.split(':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else {
            continue;
        };
        if target.trim_end_matches('/') == CERTBOT {
            return folder(source, span, "mounts it for certbot");
        }
    }
    None
}

/// The folder in which a `mkdir` makes `live/NAME`.
pub(super) fn made(words: &[String], span: Span) -> Option<Traced<String>> {
    let path = words.iter().find(|word| word.contains("/live/"))?;
    let (source, _) = path.split_once("/live/")?;
    folder(source, span, "lays certificates there")
}

/// `None` where variables decide, where certbot's own folder in a container is meant, and for a
/// volume of Docker's.
fn folder(source: &str, span: Span, text: &str) -> Option<Traced<String>> {
    let here = ["$PWD", "${PWD}", "$(pwd)", "`pwd`"]
        .iter()
        .find_map(|here| source.strip_prefix(here));
    let path = match here {
        Some(rest) => rest.trim_start_matches('/'),
        None => source,
    };
    let is_path = here.is_some() || path.starts_with(['.', '/']) || path.contains('/');
    let is_plain = !path.contains(['$', '`', '~']) && path.trim_end_matches('/') != CERTBOT;
    (is_path && is_plain).then(|| Traced::new(path.to_owned(), Trail::at(span, text)))
}
