//! Patterns of `include`, as glob(3) matches them.

use regex::Regex;

/// Whether a path is a pattern.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The folder above the first part that is a pattern.
pub(super) fn folder(pattern: &str) -> &str {
    let fixed = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    pattern[..fixed]
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
}

/// A pattern as a regular expression: no wildcard matches `/` or a leading dot.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    const LONGEST: usize = 4096;
    if pattern.len() > LONGEST {
        return None;
    }
    let mut text = String::from("^");
    let mut chars = pattern.chars().peekable();
    let mut begins_part = true;
    while let Some(c) = chars.next() {
        // This engine has no look-ahead: the first character is told apart instead.
        match c {
            '*' if begins_part => text.push_str("(?:[^/.][^/]*)?"),
            '*' => text.push_str("[^/]*"),
            '?' if begins_part => text.push_str("[^/.]"),
            '?' => text.push_str("[^/]"),
            '[' if chars.clone().skip(1).any(|c| c == ']') => {
                text.push('[');
                if chars.next_if(|c| matches!(c, '!' | '^')).is_some() {
                    text.push_str("^/");
                }
                let mut is_first = true;
                for c in chars.by_ref() {
                    match c {
                        ']' if !is_first => break,
                        '-' => text.push('-'),
                        c => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                    }
                    is_first = false;
                }
                text.push(']');
            }
            '\\' => {
                if let Some(c) = chars.next() {
                    text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                }
            }
            c => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        begins_part = c == '/';
    }
    text.push('$');
    Regex::new(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_shell_does() {
        let matches = |pattern: &str, path: &str| regex(pattern).expect("a pattern").is_match(path);
        assert!(matches(
            "/etc/nginx/conf.d/*.conf",
            "/etc/nginx/conf.d/a.conf"
        ));
        assert!(!matches(
            "/etc/nginx/conf.d/*.conf",
            "/etc/nginx/conf.d/sub/a.conf"
        ));
        assert!(!matches(
            "/etc/nginx/conf.d/*.conf",
            "/etc/nginx/conf.d/a.conf.bak"
        ));
        assert!(!matches(
            "/etc/nginx/sites-enabled/*",
            "/etc/nginx/sites-enabled/.swp"
        ));
        assert!(matches("/e/*/x?.conf", "/e/any/x1.conf"));
        assert!(matches("/e/[a-c]*[!0-9]", "/e/bx"));
        assert!(!matches("/e/[a-c]*[!0-9]", "/e/b1"));
        assert!(matches("/e/\\*", "/e/*"));
        assert_eq!(folder("/etc/nginx/conf.d/*.conf"), "/etc/nginx/conf.d");
    }
}
