//! What a `location` takes: [ngx_http_core_module](https://nginx.org/en/docs/http/ngx_http_core_module.html#location).

use tightship_model::nginx::Directive;

/// How a location chooses its requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// `= /path`.
    Exact(String),
    /// `/path`; with `^~` no regular expression is tried where it is the longest prefix.
    Prefix { path: String, bars_regex: bool },
    /// `~ pattern`, `~* pattern`.
    Regex { pattern: String, caseless: bool },
    /// `@name`: reached from `error_page` and `try_files` only.
    Named(String),
}

impl Matcher {
    /// The modifier may stand alone or touch the path: `~\.php$`.
    pub fn of(location: &Directive) -> Self {
        let (modifier, path) = match (location.argument(0), location.argument(1)) {
            (Some(modifier), Some(path)) => (modifier, path),
            (Some(text), None) => ["=", "^~", "~*", "~"]
                .iter()
                .find_map(|modifier| Some((*modifier, text.strip_prefix(modifier)?)))
                .unwrap_or(("", text)),
            (None, _) => ("", ""),
        };
        let path = path.to_owned();
        match modifier {
            "=" => Self::Exact(path),
            "~" | "~*" => Self::Regex {
                pattern: path,
                caseless: modifier == "~*",
            },
            "" if path.starts_with('@') => Self::Named(path),
            modifier => Self::Prefix {
                path,
                bars_regex: modifier == "^~",
            },
        }
    }

    /// The path, the pattern or the name.
    pub fn text(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Named(text) => text,
            Self::Prefix { path, .. } => path,
            Self::Regex { pattern, .. } => pattern,
        }
    }
}
