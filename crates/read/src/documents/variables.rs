//! Variables that documents and examples tell people to set.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::documents::{Telling, TellsBy};
use tightship_model::{SourceId, Span, names_a_secret};

use super::Document;
use super::layout::Around;

/// Places by the name that they tell.
pub(super) type Tellings = BTreeMap<String, Vec<Telling>>;

/// Languages of listings that hold `NAME=value` and nothing else.
const FILES: [&str; 8] = [
    "env",
    "dotenv",
    "properties",
    "ini",
    "conf",
    "cfg",
    "text",
    "txt",
];
const SHELLS: [&str; 13] = [
    "sh",
    "bash",
    "shell",
    "console",
    "zsh",
    "shell-session",
    "shellsession",
    "terminal",
    "powershell",
    "ps1",
    "cmd",
    "bat",
    "fish",
];

/// Bytes of a line of a listing; longer ones are data.
const LONGEST_LINE: usize = 1024;

/// Words before a name that make it a variable: `export`, `-e`, and the commands of platforms.
const SETTERS: [&str; 13] = [
    "export",
    "setx",
    "-e",
    "--env",
    "--build-env",
    "config:set",
    "config:add",
    "env:set",
    "secrets set",
    "secret set",
    "variables set",
    "variable set",
    "env set",
];

/// Collects what a document tells, and the words that its listings use as variables of the shell.
pub(super) fn of_document(
    document: &Document<'_>,
    tellings: &mut Tellings,
    shell_words: &mut BTreeSet<String>,
) {
    for listing in &document.layout.listings {
        let language = listing.language.as_str();
        let text = &document.text[listing.range.clone()];
        let is_file = FILES.contains(&language);
        let is_shell = SHELLS.contains(&language);
        let mut offset = listing.range.start;
        for line in text.split_inclusive('\n') {
            let at = offset;
            offset += line.len();
            if line.len() > LONGEST_LINE {
                continue;
            }
            shell_words.extend(dollar_words(line));
            if is_shell || language.is_empty() {
                of_command(document, line, at, tellings);
            }
            let bare = line.trim_start_matches(['>', ' ', '\t']);
            let start = at + line.len() - bare.len();
            if (is_file || is_shell || language.is_empty())
                && let Some(name) = assigned(bare, is_file)
                && is_compound(name)
            {
                let span = document.span(start..start + name.len());
                tell(tellings, name, span, TellsBy::Listing);
            }
        }
    }
    // The paragraph that was asked last: its words follow each other.
    let mut asked = (0..0, false);
    for word in &document.layout.words {
        let text = &document.text[word.range.clone()];
        if let Around::Text(paragraph) = &word.around
            && asked.0 != *paragraph
        {
            let speaks = speaks_of_variables(&document.text[paragraph.clone()]);
            asked = (paragraph.clone(), speaks);
        }
        let by = match &word.around {
            Around::FirstCell(head) if names_variables(&document.text[head.clone()]) => {
                TellsBy::Table
            }
            Around::Text(_) if asked.1 => TellsBy::Prose,
            _ => continue,
        };
        let name = text.split('=').next().unwrap_or(text);
        let length = name.len();
        if is_variable(name) && is_compound(name) {
            let start = word.range.start;
            tell(tellings, name, document.span(start..start + length), by);
        }
    }
}

/// Collects the names of an example of an environment file.
pub(super) fn of_example(source: SourceId, text: &str, tellings: &mut Tellings) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("export ").unwrap_or(bare);
        let start = offset + line.len() - bare.len();
        if let Some(name) = assigned(bare, true) {
            let span = Span::new(source, start as u32, (start + name.len()) as u32);
            tell(tellings, name, span, TellsBy::Example);
        }
        offset += line.len();
    }
}

/// Where an example of an environment file gives a secret a value.
pub(super) fn secrets_of_example(source: SourceId, text: &str) -> Vec<Span> {
    let mut offset = 0;
    let mut secrets = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some((name, value)) = line.split_once('=')
            && names_a_secret(name.trim().trim_start_matches("export "))
        {
            let start = offset + name.len() + 1;
            let end = start + value.trim_end().len();
            secrets.push(Span::new(source, start as u32, end as u32));
        }
        offset += line.len();
    }
    secrets
}

fn tell(tellings: &mut Tellings, name: &str, span: Span, by: TellsBy) {
    let places = tellings.entry(name.to_owned()).or_default();
    places.push(Telling { span, by });
}

/// The commands of a line that set variables: `export NAME=x`, `heroku config:set NAME=x`,
/// `docker run -e NAME=x`, `NAME=x python manage.py …`, `echo NAME=x >> .env`.
fn of_command(document: &Document<'_>, line: &str, at: usize, tellings: &mut Tellings) {
    if line.trim_start().starts_with('#') && !line.trim_start().starts_with("# export ") {
        return;
    }
    let writes_file = line.contains(">") && line.contains(".env");
    for (equals, _) in line.match_indices('=') {
        let start = line[..equals]
            .rfind(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
            .map_or(0, |before| before + 1);
        let name = &line[start..equals];
        let before = line[..start].trim_end_matches(['"', '\'', ' ', '\t']);
        let is_set = SETTERS.iter().any(|setter| before.ends_with(setter))
            || before.ends_with("$env:")
            || (before.contains("config:set") || before.contains("secrets set"))
            || (writes_file && before.ends_with("echo"));
        let is_prefix = before.trim_start_matches(['$', '>', ' ']).is_empty()
            && line[equals + 1..].trim().contains(' ')
            && line[equals + 1..].contains("manage.py");
        if is_variable(name) && (is_set || is_prefix) {
            let span = document.span(at + start..at + equals);
            tell(tellings, name, span, TellsBy::Command);
        }
    }
}

/// The name that a line assigns to. Spaces round the sign are Python's, but in files of settings.
fn assigned(line: &str, may_space: bool) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let bare = if may_space { name.trim_end() } else { name };
    // `NAME=$1` and `NAME=$(command)` are aids of the listing itself.
    let is_aid = value.starts_with(['=', '$', '`']) || value.starts_with("\"$");
    // `NAME=1 command` is a command.
    let is_whole =
        may_space || !value.trim().contains(' ') || value.trim_start().starts_with(['"', '\'']);
    (is_variable(bare) && !is_aid && is_whole).then_some(bare)
}

/// The names that a line uses as `$NAME` or `${NAME}`.
fn dollar_words(line: &str) -> impl Iterator<Item = String> {
    line.match_indices('$').filter_map(|(at, _)| {
        let rest = line[at + 1..].trim_start_matches('{');
        let end = rest
            .find(|c: char| !(c == '_' || c.is_ascii_alphanumeric()))
            .unwrap_or(rest.len());
        is_variable(&rest[..end]).then(|| rest[..end].to_owned())
    })
}

/// Whether the head of a table says that its rows are variables.
fn names_variables(head: &str) -> bool {
    let head = head.to_lowercase();
    head.contains("variable")
        || head
            .split(['|', ' '])
            .any(|word| matches!(word, "env" | "envvar"))
}

/// Whether a paragraph has its reader set variables, not only tells of some that are there.
fn speaks_of_variables(paragraph: &str) -> bool {
    let paragraph = paragraph.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| paragraph.contains(word));
    any(&["environment variable", "env var", "environmental variable"])
        && any(&["set ", "export ", "define", "provide "])
}

/// Whether a name is more than one word: a single word in capitals may mean anything.
fn is_compound(name: &str) -> bool {
    name == "DEBUG" || name.trim_matches('_').contains('_')
}

/// Upper case, and long enough not to be a word by chance.
fn is_variable(name: &str) -> bool {
    const SHORTEST: usize = 4;
    name.len() >= SHORTEST
        && !name.ends_with('_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .bytes()
            .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::layout::Layout;

    fn told(text: &str) -> (Vec<(String, TellsBy)>, Vec<String>) {
        let document = Document {
            path: "README.md",
            text,
            layout: Layout::of("README.md", text),
            source: SourceId(0),
        };
        let (mut tellings, mut words) = (Tellings::new(), BTreeSet::new());
        of_document(&document, &mut tellings, &mut words);
        let told = tellings.into_iter();
        (
            told.map(|(name, places)| (name, places[0].by)).collect(),
            words.into_iter().collect(),
        )
    }

    #[test]
    fn every_way_to_tell_a_variable_is_seen() {
        let text = "Set the environment variable `PROSE_ONE`, then `not this`.\n\n\
            | Variable | Default |\n|---|---|\n| `TABLE_ONE` | `NOT_THIS` |\n\n\
            ```env\nFILE_ONE = x\n# NOT_THIS=1\n```\n\n\
            ```bash\n$ export EXPORT_ONE=1\ndocker run -e RUN_ONE=1 shop\n\
            heroku config:set PLATFORM_ONE=1 PLATFORM_TWO=2\nPREFIX_ONE=1 python manage.py check\n\
            BARE_ONE=1\necho \"$SHELL_WORD\"\n```\n\n\
            ```python\nNOT_THIS = 1\n```\n";
        let (told, words) = told(text);
        assert_eq!(
            told,
            [
                ("BARE_ONE", TellsBy::Listing),
                ("EXPORT_ONE", TellsBy::Command),
                ("FILE_ONE", TellsBy::Listing),
                ("PLATFORM_ONE", TellsBy::Command),
                ("PLATFORM_TWO", TellsBy::Command),
                ("PREFIX_ONE", TellsBy::Command),
                ("PROSE_ONE", TellsBy::Prose),
                ("RUN_ONE", TellsBy::Command),
                ("TABLE_ONE", TellsBy::Table),
            ]
            .map(|(name, by)| (name.to_owned(), by))
        );
        assert_eq!(words, ["SHELL_WORD"]);
    }

    #[test]
    fn an_example_tells_each_of_its_names() {
        let mut tellings = Tellings::new();
        of_example(
            SourceId(0),
            "A_ONE=1\n# B_TWO=2\nexport C_THREE=\nlower=1\n",
            &mut tellings,
        );
        let names: Vec<_> = tellings.keys().collect();
        assert_eq!(names, ["A_ONE", "C_THREE"]);
        assert_eq!(tellings["C_THREE"][0].span, Span::new(SourceId(0), 25, 32));
    }
}
