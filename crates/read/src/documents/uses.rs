//! Where the files of a project use the names of variables, in any language.
//!
//! A search by text: what it takes for a use may be none, so that nobody is told of a variable that
//! is read in a way that was not thought of.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;
use tightship_model::documents::Use;

use crate::files::Tree;

/// Files beyond this many bytes are data, not code.
const LARGEST: usize = 1024 * 1024;

/// Beginnings and endings of names that are kept of one file.
const MOST_PARTS: usize = 200;

/// Marks of code that reads variables whose names it does not spell: every field of a class, or
/// every variable there is.
const READS_FIELDS: [&str; 4] = [
    "BaseSettings",
    "configurations import",
    "goodconf",
    "environ.config",
];
const READS_ALL: [&str; 3] = ["dynaconf", "environ.items()", "environ.keys()"];

/// The variables that readers of addresses take where they are given no name, and what shows them:
/// django-environ's and environs' methods, dj-database-url and its kin.
const DEFAULT_NAMES: [(&str, &[&str]); 4] = [
    (
        "DATABASE_URL",
        &["dj_database_url", ".db(", ".db_url(", ".dj_db_url("],
    ),
    ("CACHE_URL", &["django_cache_url", ".cache(", ".cache_url("]),
    (
        "EMAIL_URL",
        &["dj_email_url", ".email(", ".email_url(", ".dj_email_url("],
    ),
    ("SEARCH_URL", &["dj_search_url", ".search_url(", ".search("]),
];

/// Images whose programs read no variable: the official ones of Redis and its kin.
const IMAGES_THAT_READ_NOTHING: [&str; 3] = ["redis", "valkey", "memcached"];

pub(super) struct Search<'a> {
    names: HashSet<&'a str>,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) uses: BTreeMap<String, Use>,
    /// Names that stand in some text beside the Python code.
    pub(super) named_in_texts: BTreeSet<String>,
}

/// What one file says.
#[derive(Default)]
struct Seen {
    reads: BTreeSet<String>,
    named: BTreeSet<String>,
    /// Beginnings and endings of names that Python code puts together.
    prefixes: BTreeSet<String>,
    suffixes: BTreeSet<String>,
    /// Fields whose variables are read by way of a class.
    fields: BTreeSet<String>,
    reads_all: bool,
    images: BTreeSet<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Python,
    /// Languages in which a name that is spelt is used: JavaScript, Go, PHP.
    Code,
    Shell,
    /// Configuration, in which `$NAME` and its kin are uses.
    Text,
    /// Documents, and examples of environment files: what they name, nobody reads.
    Telling,
}

impl<'a> Search<'a> {
    pub(super) fn new(names: impl Iterator<Item = &'a String>) -> Self {
        Self {
            names: names.map(String::as_str).collect(),
        }
    }

    pub(super) fn run(&self, tree: &Tree) -> Found {
        if self.names.is_empty() {
            return Found::default();
        }
        let paths: Vec<(&str, Kind)> = tree
            .files()
            .filter_map(|path| Some((path, kind(path)?)))
            .collect();
        let seen: Vec<Option<Seen>> = paths
            .par_iter()
            .map(|(path, kind)| {
                let loaded;
                let text = match tree.known(path) {
                    Some(source) => tree.text(source?),
                    None => {
                        loaded = tree.load(path).ok()?;
                        &loaded
                    }
                };
                (text.len() <= LARGEST).then(|| self.file(*kind, text))
            })
            .collect();
        let mut found = Found::default();
        for ((path, kind), seen) in paths.iter().zip(seen) {
            let Some(seen) = seen else { continue };
            if *kind != Kind::Python {
                found.named_in_texts.extend(seen.named.iter().cloned());
            }
            self.merge(path, seen, &mut found.uses);
        }
        found
    }

    fn file(&self, kind: Kind, text: &str) -> Seen {
        let mut seen = Seen::default();
        let bytes = text.as_bytes();
        let is_python = kind == Kind::Python;
        let takes_fields = is_python && READS_FIELDS.iter().any(|mark| text.contains(mark));
        seen.reads_all = is_python && READS_ALL.iter().any(|mark| text.contains(mark));
        let mut at = 0;
        while at < bytes.len() {
            if !is_word(bytes[at]) {
                at += 1;
                continue;
            }
            let start = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            let word = &text[start..at];
            if self.names.contains(word) {
                seen.named.insert(word.to_owned());
                if is_use(kind, text, start, at) {
                    seen.reads.insert(word.to_owned());
                }
            } else if is_python
                && is_upper(word)
                && seen.prefixes.len() + seen.suffixes.len() < MOST_PARTS
            {
                let before = start.checked_sub(1).map(|before| bytes[before]);
                let after = bytes.get(at).copied();
                let quote = |byte: Option<u8>| matches!(byte, Some(b'"' | b'\''));
                if word.ends_with('_')
                    && quote(before)
                    && (quote(after) || matches!(after, Some(b'{' | b'%')))
                {
                    seen.prefixes.insert(word.to_owned());
                } else if word.starts_with('_')
                    && quote(after)
                    && (quote(before) || before == Some(b'}'))
                {
                    seen.suffixes.insert(word.to_owned());
                }
            }
            if takes_fields {
                seen.fields.insert(word.to_ascii_uppercase());
            }
        }
        if is_python {
            seen.reads.extend(self.default_names(text));
        }
        if kind == Kind::Text {
            seen.images = images(text);
        }
        seen
    }

    /// The names that the readers of addresses take where they are given none.
    fn default_names(&self, text: &str) -> impl Iterator<Item = String> {
        DEFAULT_NAMES
            .iter()
            .filter(|(name, marks)| {
                self.names.contains(name) && marks.iter().any(|mark| text.contains(mark))
            })
            .map(|(name, _)| (*name).to_owned())
    }

    fn merge(&self, path: &str, seen: Seen, uses: &mut BTreeMap<String, Use>) {
        for name in seen.reads {
            uses.entry(name)
                .and_modify(|used| {
                    if !matches!(used, Use::Read(_)) {
                        *used = Use::Read(path.to_owned());
                    }
                })
                .or_insert_with(|| Use::Read(path.to_owned()));
        }
        let reads_by_parts = seen.reads_all
            || !seen.prefixes.is_empty()
            || !seen.suffixes.is_empty()
            || !seen.fields.is_empty()
            || !seen.images.is_empty();
        if !reads_by_parts {
            return;
        }
        for name in &self.names {
            let how = if seen.reads_all {
                Some("reads every variable".to_owned())
            } else if let Some(prefix) = seen
                .prefixes
                .iter()
                .find(|prefix| name.starts_with(prefix.as_str()))
            {
                Some(format!("puts names together that begin with {prefix}"))
            } else if let Some(suffix) = seen
                .suffixes
                .iter()
                .find(|suffix| name.ends_with(suffix.as_str()))
            {
                Some(format!("puts names together that end with {suffix}"))
            } else if seen.fields.contains(*name)
                || name
                    .match_indices('_')
                    .any(|(at, _)| seen.fields.contains(&name[at + 1..]))
            {
                Some("reads a variable for each field of a class".to_owned())
            } else {
                let first = name.split('_').next().unwrap_or(name).to_ascii_lowercase();
                let image = seen.images.iter().find(|image| is_of_image(&first, image));
                image.map(|image| format!("starts the image {image}, which may read it"))
            };
            if let Some(how) = how {
                uses.entry((*name).to_owned())
                    .or_insert_with(|| Use::Perhaps(format!("{path} {how}")));
            }
        }
    }
}

/// Whether the variables of an image begin with this word: its name, or what its makers chose.
fn is_of_image(first: &str, image: &str) -> bool {
    /// By the pages of the images: MariaDB reads those of MySQL too.
    const CHOSEN: [(&str, &str); 5] = [
        ("gf", "grafana"),
        ("kc", "keycloak"),
        ("lt", "libretranslate"),
        ("mb", "metabase"),
        ("mysql", "mariadb"),
    ];
    first.len() >= 3 && image.contains(first)
        || CHOSEN
            .iter()
            .any(|(word, name)| *word == first && image.contains(name))
}

/// Whether a name between `start` and `end` is used there, not only given a value.
fn is_use(kind: Kind, text: &str, start: usize, end: usize) -> bool {
    let before = &text[..start];
    let after = &text[end..];
    let is_reference = || {
        [
            "$", "${", "$(", "${{ ", "env.", "secrets.", "vars.", "$env:", "ARG ",
        ]
        .iter()
        .any(|sign| before.ends_with(sign))
            || (before.ends_with('%') && after.starts_with('%'))
            // uwsgi's configuration.
            || ["if-env", "if-not-env"].iter().any(|key| {
                before.trim_end_matches([' ', '=']).ends_with(key)
            })
    };
    let is_quoted = || before.ends_with(['"', '\'']) && after.starts_with(['"', '\'']);
    match kind {
        Kind::Python => is_quoted(),
        Kind::Code => true,
        Kind::Shell => is_reference() || !after.starts_with('='),
        Kind::Text => is_reference() || (is_quoted() && speaks_of_env(before)),
        Kind::Telling => is_reference(),
    }
}

/// Whether the line before a name holds `env`, as `lookup('env', 'NAME')` does.
fn speaks_of_env(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or(before);
    let mut from = line.len().saturating_sub(FARTHEST);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    line[from..].to_ascii_lowercase().contains("env")
}

/// Bytes between the word `env` and the name that it speaks of.
const FARTHEST: usize = 160;

/// The repositories of the images that a file names, without the official ones that read nothing.
fn images(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim_start().trim_start_matches("- ");
            let image = line
                .strip_prefix("image:")?
                .trim()
                .trim_matches(['"', '\'']);
            let repository = image.split(['@']).next().unwrap_or(image);
            let name = match repository.rsplit_once(':') {
                Some((name, tag)) if !tag.contains('/') => name,
                _ => repository,
            };
            let own = name
                .trim_start_matches("docker.io/")
                .trim_start_matches("library/");
            let first = own.split('/').next().unwrap_or(own);
            (!own.is_empty() && !IMAGES_THAT_READ_NOTHING.contains(&first) && !own.contains('$'))
                .then(|| own.to_ascii_lowercase())
        })
        .collect()
}

fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if super::is_example(path) {
        return Some(Kind::Telling);
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    Some(match ending.to_ascii_lowercase().as_str() {
        "py" | "pyi" | "ipynb" => Kind::Python,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue" | "svelte" | "astro" | "go"
        | "rb" | "php" | "java" | "kt" | "cs" | "rs" | "lua" | "html" | "pl" | "swift" | "ex" => {
            Kind::Code
        }
        "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "cmd" => Kind::Shell,
        "md" | "markdown" | "rst" | "txt" | "adoc" => Kind::Telling,
        "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf" | "tf" | "tfvars" | "hcl" | "j2"
        | "jinja" | "tpl" | "tmpl" | "template" | "env" | "service" | "json" | "nix" | "mk"
        | "properties" | "xml" => Kind::Text,
        _ if matches!(
            name,
            "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile"
        ) || name.starts_with("Dockerfile")
            || name.ends_with("Dockerfile")
            || name.starts_with(".env")
            || matches!(
                name,
                "Procfile" | "Caddyfile" | "Vagrantfile" | "Jenkinsfile" | "Tiltfile"
            ) =>
        {
            Kind::Text
        }
        // Programs of a `bin/` folder, entrypoints, hooks.
        "" => Kind::Shell,
        _ => return None,
    })
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn is_upper(word: &str) -> bool {
    word.len() >= 3
        && word
            .bytes()
            .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(kind: Kind, text: &str) -> bool {
        let name = "APP_NAME".to_owned();
        let search = Search::new([&name].into_iter());
        let mut uses = BTreeMap::new();
        search.merge("a", search.file(kind, text), &mut uses);
        uses.contains_key("APP_NAME")
    }

    #[test]
    fn each_language_has_its_own_uses() {
        for (kind, text) in [
            (Kind::Python, "config('APP_NAME')"),
            (Kind::Python, "env(f'APP_{key}')"),
            (Kind::Python, "env(key + '_NAME')"),
            (Kind::Python, "class S(BaseSettings):\n    name: str"),
            (Kind::Python, "for k, v in os.environ.items(): pass"),
            (Kind::Code, "import.meta.env.APP_NAME"),
            (Kind::Shell, "for v in APP_NAME B; do echo ${!v}; done"),
            (Kind::Text, "command: run ${APP_NAME:-x}"),
            (Kind::Text, "NAME: {{ lookup('env', 'APP_NAME') }}"),
            (Kind::Text, "x: ${{ secrets.APP_NAME }}"),
            (Kind::Text, "if-env = APP_NAME"),
            (Kind::Text, "image: quay.io/maker/app:1"),
        ] {
            assert!(used(kind, text), "{text}");
        }
        for (kind, text) in [
            (Kind::Python, "APP_NAME = 1"),
            (Kind::Python, "# APP_NAME"),
            (Kind::Shell, "APP_NAME=1"),
            (Kind::Text, "APP_NAME: 1"),
            (Kind::Telling, "Set APP_NAME"),
            (Kind::Text, "image: redis"),
        ] {
            assert!(!used(kind, text), "{text}");
        }
    }
}
