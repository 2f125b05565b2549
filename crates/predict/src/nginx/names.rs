//! What `server_name` says: [Server names](https://nginx.org/en/docs/http/server_names.html).

use tightship_model::nginx::{Directive, Word};

/// One name of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// Where it stands; `None` for the empty name of a server without `server_name`.
    pub word: Option<&'a Word>,
    pub form: NameForm,
}

/// The forms of a name; each text in lower case and without the part that makes the form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NameForm {
    /// `example.org`; the empty text stands for a request without a host.
    Exact(String),
    /// `*.example.org`: every name below `example.org`.
    Below(String),
    /// `.example.org`: it and every name below it.
    AtOrBelow(String),
    /// `mail.*`: the text is `mail`.
    Trailing(String),
    /// `~^www\d+\.example\.org$`: the text is the regular expression.
    Regex { pattern: String, caseless: bool },
    /// `$hostname`: the name of the machine.
    Machine,
    /// A variable of a template that is not known.
    NotKnown(String),
}

impl<'a> Name<'a> {
    pub(super) fn all(server: &'a Directive) -> Vec<Self> {
        let names: Vec<_> = server
            .children("server_name")
            .flat_map(|directive| &directive.arguments)
            .map(|word| Self {
                word: Some(word),
                form: NameForm::of(word),
            })
            .collect();
        if names.is_empty() {
            let form = NameForm::Exact(String::new());
            return vec![Self { word: None, form }];
        }
        names
    }
}

impl NameForm {
    fn of(word: &Word) -> Self {
        let text = word.text.as_str();
        if !word.is_known {
            return Self::NotKnown(text.to_owned());
        }
        if text.eq_ignore_ascii_case("$hostname") {
            return Self::Machine;
        }
        if let Some(pattern) = text.strip_prefix('~') {
            return Self::Regex {
                pattern: pattern.to_owned(),
                // An expression with a capital letter matches without regard to case: Host names
                // reach it in lower case.
                caseless: pattern.bytes().any(|byte| byte.is_ascii_uppercase()),
            };
        }
        let text = text.to_ascii_lowercase();
        if let Some(rest) = text.strip_prefix("*.") {
            return Self::Below(rest.to_owned());
        }
        if let Some(rest) = text.strip_prefix('.')
            && !rest.is_empty()
        {
            return Self::AtOrBelow(rest.to_owned());
        }
        if let Some(rest) = text.strip_suffix(".*") {
            return Self::Trailing(rest.to_owned());
        }
        Self::Exact(text)
    }

    /// Whether it fits this host, by itself; other names of the socket may fit better. `None` for
    /// what the configuration alone does not tell, regular expressions among it.
    pub fn fits(&self, host: &str) -> Option<bool> {
        let host = host.to_ascii_lowercase();
        let is_below = |name: &str| {
            let above = host
                .strip_suffix(name)
                .and_then(|rest| rest.strip_suffix('.'));
            above.is_some_and(|rest| !rest.is_empty())
        };
        match self {
            Self::Exact(name) => Some(host == *name),
            Self::Below(name) => Some(is_below(name)),
            Self::AtOrBelow(name) => Some(host == *name || is_below(name)),
            Self::Trailing(name) => {
                let rest = host.strip_prefix(name.as_str());
                Some(rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('.')))
            }
            Self::Regex { .. } | Self::Machine | Self::NotKnown(_) => None,
        }
    }
}
