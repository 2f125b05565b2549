//! What a site tells crawlers and those who find a hole in it: `robots.txt` and `security.txt`.

use jiff::Timestamp;
use tightship_model::site::http::Mark;

/// Paths that are kept, and bytes of each.
const MOST: usize = 200;
const LONGEST: usize = 200;

/// The paths of all groups (RFC 9309, section 2.2.2); `None` where no line is of that form.
pub(super) fn disallowed(text: &str) -> Option<Mark> {
    let mut paths = Vec::new();
    let mut is_one = false;
    for (name, value) in fields(text) {
        let value = value.split('#').next().unwrap_or_default().trim_end();
        is_one |= ["user-agent", "allow", "disallow", "sitemap"].contains(&name.as_str());
        let is_new = !paths.iter().any(|known| known == value);
        if name == "disallow" && value.starts_with('/') && is_new && paths.len() < MOST {
            paths.push(value.chars().take(LONGEST).collect());
        }
    }
    is_one.then_some(Mark::Disallowed(paths))
}

/// Contacts and end (RFC 9116, sections 2.5.3 and 2.5.5); `None` where it says neither.
pub(super) fn security_text(text: &str) -> Option<Mark> {
    let (mut contacts, mut expires, mut says_when) = (0, None, false);
    for (name, value) in fields(text) {
        match name.as_str() {
            "contact" if !value.is_empty() => contacts += 1,
            "expires" => {
                says_when = true;
                expires = value.parse::<Timestamp>().ok().map(Timestamp::as_second);
            }
            _ => {}
        }
    }
    (contacts > 0 || says_when).then_some(Mark::SecurityText { contacts, expires })
}

/// Lines of the form `name: value`.
fn fields(text: &str) -> impl Iterator<Item = (String, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_are_read_group_by_group() {
        let text = "\u{feff}User-agent: *\r\nDisallow: /cart/ # full of sessions\r\nDISALLOW:/backup/\n\
                    Disallow:\n\nUser-agent: a\nDisallow: /cart/\nAllow: /\nSitemap: https://a/b\n";
        let paths = ["/cart/", "/backup/"].map(str::to_owned).to_vec();
        assert_eq!(disallowed(text), Some(Mark::Disallowed(paths)));
        assert_eq!(disallowed("Not found: nothing here"), None);
    }

    #[test]
    fn an_end_is_a_moment_with_its_zone() {
        let text = "# ours\nContact: mailto:a@b.example\ncontact: https://b.example/report\n\
                    Expires: 2027-11-01T02:00:00+02:00\n";
        let mark = Mark::SecurityText {
            contacts: 2,
            expires: Some(1_825_027_200),
        };
        assert_eq!(security_text(text), Some(mark));
        let mark = Mark::SecurityText {
            contacts: 0,
            expires: None,
        };
        assert_eq!(security_text("Expires: next year"), Some(mark));
        assert_eq!(security_text("hello: world"), None);
    }
}
