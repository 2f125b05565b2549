//! Templates in which gettext's `envsubst` puts variables of the environment before nginx starts.

use std::collections::BTreeSet;

use tightship_model::{Environment, Value, Variable};

/// A text made from another, with the way back to places of that one.
#[derive(Clone, Debug, Default)]
pub(super) struct Rendered {
    pub(super) text: String,
    /// In their order, each place of the result in one.
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it begins in the result and in the template.
    result: u32,
    template: u32,
    /// How long what it stands for is in the template; `None` for text that is as it was.
    variable: Option<u32>,
    is_known: bool,
}

/// Which variables are put in.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// Every one, set or not: `envsubst` without a list.
    All,
    /// Those in the list, set or not: `envsubst '$A $B'`.
    These(BTreeSet<String>),
    /// Those that are set and whose names the pattern matches: the entrypoint of nginx's image.
    Set(Option<regex::Regex>),
}

/// Puts variables in. Secrets and what is not known stay as `${NAME}`, and are said to be unknown.
pub(super) fn render(template: &str, environment: &Environment, named: &Named) -> Rendered {
    let mut rendered = Rendered::default();
    let mut at = 0;
    while let Some(found) = template[at..].find('$') {
        let start = at + found;
        rendered.copy(template, at, start);
        at = start + 1;
        let Some((name, length)) = reference(&template[start..]) else {
            rendered.copy(template, start, at);
            continue;
        };
        let value = match value(environment, name, named) {
            Replacement::None => {
                rendered.copy(template, start, start + length);
                at = start + length;
                continue;
            }
            Replacement::Text(text) => Some(text),
            Replacement::Unknown => None,
        };
        rendered.pieces.push(Piece {
            result: rendered.text.len() as u32,
            template: start as u32,
            variable: Some(length as u32),
            is_known: value.is_some(),
        });
        let value = value.unwrap_or_else(|| format!("${{{name}}}"));
        rendered.text.push_str(&value);
        at = start + length;
    }
    rendered.copy(template, at, template.len());
    rendered
}

impl Rendered {
    /// A range of the result as a range of the template: a variable as a whole where the range
    /// touches its value; and whether the text of the range is known.
    pub(super) fn origin(&self, start: u32, end: u32) -> (u32, u32, bool) {
        let first = self.piece(start);
        let last = self.piece(end.saturating_sub(1).max(start));
        let Some((first, last)) = first.zip(last) else {
            return (0, 0, true);
        };
        let begin = match self.pieces[first].variable {
            Some(_) => self.pieces[first].template,
            None => self.pieces[first].template + (start - self.pieces[first].result),
        };
        let piece = self.pieces[last];
        let finish = match piece.variable {
            Some(length) => piece.template + length,
            None => piece.template + (end - piece.result),
        };
        let is_known = self.pieces[first..=last].iter().all(|piece| piece.is_known);
        (begin, finish.max(begin), is_known)
    }

    /// The last piece that begins at or before a place, an empty value passed over.
    fn piece(&self, at: u32) -> Option<usize> {
        self.pieces
            .partition_point(|piece| piece.result <= at)
            .checked_sub(1)
    }

    fn copy(&mut self, template: &str, start: usize, end: usize) {
        if start == end {
            return;
        }
        self.pieces.push(Piece {
            result: self.text.len() as u32,
            template: start as u32,
            variable: None,
            is_known: true,
        });
        self.text.push_str(&template[start..end]);
    }
}

enum Replacement {
    /// The text stays as it is.
    None,
    Text(String),
    Unknown,
}

fn value(environment: &Environment, name: &str, named: &Named) -> Replacement {
    let variable = environment.variable(name);
    let is_named = match named {
        Named::All => true,
        Named::These(names) => names.contains(name),
        Named::Set(filter) => filter.as_ref().is_none_or(|filter| filter.is_match(name)),
    };
    if !is_named {
        return Replacement::None;
    }
    match variable {
        Variable::Set(traced) => match &traced.value {
            Value::Str(text) => Replacement::Text(text.clone()),
            _ => Replacement::Unknown,
        },
        _ if IN_EVERY_CONTAINER.contains(&name) => Replacement::Unknown,
        Variable::Open(Some(_)) => Replacement::Unknown,
        // nginx's own variables are in small letters, those of the environment are not.
        Variable::Open(None) if name.contains(|c: char| c.is_ascii_uppercase()) => {
            Replacement::Unknown
        }
        Variable::Unset | Variable::Open(None) => match named {
            Named::Set(_) => Replacement::None,
            Named::All | Named::These(_) => Replacement::Text(String::new()),
        },
    }
}

/// The name of the variable that a text begins with, and the length of the whole reference.
fn reference(text: &str) -> Option<(&str, usize)> {
    let behind = text.strip_prefix('$')?;
    let (is_braced, behind) = match behind.strip_prefix('{') {
        Some(behind) => (true, behind),
        None => (false, behind),
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = behind.find(|c| !is_part(c)).unwrap_or(behind.len());
    let name = &behind[..end];
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if !is_braced {
        return Some((name, 1 + end));
    }
    behind[end..].starts_with('}').then_some((name, end + 3))
}

/// Variables that the official image sets or that Docker gives to each container.
const IN_EVERY_CONTAINER: [&str; 7] = [
    "DYNPKG_RELEASE",
    "HOME",
    "HOSTNAME",
    "NGINX_VERSION",
    "NJS_VERSION",
    "PATH",
    "PKG_RELEASE",
];

#[cfg(test)]
mod tests {
    use tightship_model::{EnvOrigin, Secret, Traced, Trail};

    use super::*;

    fn environment() -> Environment {
        let mut environment = Environment {
            origin: EnvOrigin::Given("test".to_owned()),
            ..Environment::default()
        };
        let mut set = |name: &str, value| {
            let traced = Traced::new(value, Trail::default());
            environment.variables.insert(name.to_owned(), traced);
        };
        set("DOMAIN", Value::Str("shop.example".to_owned()));
        set("EMPTY", Value::Str(String::new()));
        set("TOKEN", Value::Secret(Secret::new("hush")));
        environment
    }

    #[test]
    fn the_image_replaces_what_is_set() {
        let rendered = render(
            "server_name ${DOMAIN} www.$DOMAIN$EMPTY; x $host ${TOKEN} $;",
            &environment(),
            &Named::Set(None),
        );
        assert_eq!(
            rendered.text,
            "server_name shop.example www.shop.example; x $host ${TOKEN} $;"
        );
        let place = |needle: &str| {
            let start = rendered.text.find(needle).expect("there") as u32;
            rendered.origin(start, start + needle.len() as u32)
        };
        assert_eq!(place("shop.example"), (12, 21, true));
        assert_eq!(place("www.shop.example"), (22, 33, true));
        assert_eq!(place("$host"), (43, 48, true));
        assert_eq!(place("${TOKEN}"), (49, 57, false));
    }

    #[test]
    fn envsubst_alone_takes_nginx_variables_away() {
        let rendered = render("a $host $DOMAIN", &environment(), &Named::All);
        assert_eq!(rendered.text, "a  shop.example");
        let these = Named::These(BTreeSet::from(["DOMAIN".to_owned()]));
        assert_eq!(
            render("a $host $DOMAIN", &environment(), &these).text,
            "a $host shop.example"
        );
    }

    /// The program that the image runs, over texts drawn from pieces that could be references.
    #[test]
    fn envsubst_says_the_same() {
        use std::io::Write as _;
        use std::process::{Command, Stdio};

        const PIECES: [&str; 16] = [
            "$",
            "${",
            "}",
            "{",
            "DOMAIN",
            "EMPTY",
            "$DOMAIN",
            "${DOMAIN}",
            "${EMPTY}",
            "$host",
            "_",
            "1",
            " ",
            "é",
            "\\",
            ":-x}",
        ];
        let mut text = String::new();
        let mut state = 1_u64;
        for draw in 0..20_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
            if draw % 7 == 0 {
                text.push('\n');
            }
        }
        let these = ["DOMAIN", "EMPTY"].map(str::to_owned);
        for (arguments, named) in [
            (
                vec!["${DOMAIN} ${EMPTY}"],
                Named::These(BTreeSet::from(these)),
            ),
            (vec![], Named::All),
        ] {
            let mut program = Command::new(tightship_testbed::program("envsubst"))
                .args(arguments)
                .env_clear()
                .envs([("DOMAIN", "shop.example"), ("EMPTY", "")])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("envsubst starts");
            let mut input = program.stdin.take().expect("an input");
            let said = text.clone();
            let writer = std::thread::spawn(move || input.write_all(said.as_bytes()));
            let output = program.wait_with_output().expect("envsubst ends");
            writer.join().expect("it ends").expect("written");
            let real = String::from_utf8(output.stdout).expect("text");
            let ours = render(&text, &environment(), &named).text;
            for (ours, real) in ours.lines().zip(real.lines()) {
                assert_eq!(ours, real);
            }
            assert_eq!(ours.len(), real.len());
        }
    }
}
