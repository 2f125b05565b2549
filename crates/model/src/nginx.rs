//! nginx: what its configuration files say, includes put in place.
//!
//! This is the tree as nginx's parser sees it, before any meaning: inheritance, the choice of a
//! server or location and the walk of a request are predicted from it, not stored in it.

use std::sync::Arc;

use foldhash::HashMap;

use crate::{Memo, SourceId, Span};

/// The nginx configurations of a deployment.
#[derive(Clone, Debug, Default)]
pub struct Nginx {
    /// Those that run, in the order in which they were found.
    pub configurations: Vec<Arc<Configuration>>,
    /// Files in nginx's syntax that no configuration takes in, by path.
    pub unused: Vec<Unused>,
    /// Why it is not known which of several files of [`Nginx::unused`] nginx gets.
    pub undecided: Option<String>,
    /// The configurations with their blocks in order, for whoever asks about requests.
    pub laid_out: Memo,
}

/// A file that nothing mounts, copies or includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    pub path: String,
    /// Why it has no part in production, as the end of a sentence that begins with the path.
    pub reason: String,
}

/// What one nginx process reads when it starts.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The file that nginx opens first: of the project, or the image's own where the project
    /// brings parts of it only.
    pub file: SourceId,
    pub runs_in: RunsIn,
    /// The release of nginx, as far as the tag of its image tells.
    pub version: Option<(u32, u32, u32)>,
    /// Folder of the first file where nginx sees it; relative includes count from here.
    pub prefix: String,
    /// The main context.
    pub directives: Vec<Directive>,
    /// Every file that was read, in the order of reading; the first is [`Configuration::file`].
    pub files: Vec<Included>,
    /// What nginx reads too and the project does not hold.
    pub gaps: Vec<NginxGap>,
    /// Where its syntax is broken, in the order of the files.
    pub broken: Vec<Problem>,
    /// What works out the rest of [`Configuration::problems`].
    pub refused: fn(&Self) -> Vec<Problem>,
    /// Where the directives of each name stand, worked out when one is asked for.
    pub positions: Memo,
}

/// Where an nginx runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunsIn {
    /// A service of the Compose model.
    Service(String),
    /// An image that a Dockerfile of the project makes; its path.
    Image(String),
    /// A machine whose `/etc/nginx` the file is meant for; what says so.
    Host(String),
    /// Nothing says where; the reason why it was read nevertheless.
    NotKnown(String),
}

/// A file of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    pub file: SourceId,
    /// Where nginx sees it.
    pub path: String,
    /// The `include` that took it in; `None` for the first file.
    pub by: Option<Span>,
}

/// A place of a configuration behind which something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NginxGap {
    pub span: Span,
    /// `includes /etc/nginx/secret.conf, which the project does not hold`.
    pub reason: String,
    /// Position of the gap in the tree: directives may stand here that are not known. The
    /// enclosing blocks' spans, outermost first.
    pub within: Vec<Span>,
}

/// A reason to refuse a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub span: Span,
    pub fault: Fault,
    /// One sentence without a full stop, in the words of nginx where it has words for it.
    pub message: String,
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Braces, quotes, semicolons.
    Syntax,
    /// No module of nginx's own knows the directive.
    UnknownDirective,
    /// It may not stand in this block.
    WrongContext,
    /// Too many or too few parameters, or a block where none belongs.
    WrongArguments,
    /// Set twice where once is allowed.
    Duplicate,
    /// A value that nginx does not take.
    InvalidValue,
    /// A name that must be defined elsewhere and is not, or a part that nginx cannot do without.
    Missing,
    /// A module has the directive that this nginx does not load; another build may hold it.
    ModuleMissing,
}

/// One directive with its parameters, and its block where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub name: Word,
    pub arguments: Vec<Word>,
    pub block: Option<Block>,
    /// From the name to the `;` or the closing brace.
    pub span: Span,
}

/// What stands between braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub directives: Vec<Directive>,
    /// The text of another language (Lua) between the braces; then there are no directives.
    pub foreign: Option<Span>,
    /// With both braces.
    pub span: Span,
    /// The numbers of the directives, sorted by name, where they are many; else none. An http block
    /// with a thousand servers is asked as often for the directives that it does not have.
    by_name: Vec<u32>,
}

/// A name or parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As nginx takes it: without quotes, escapes resolved, the template's variables put in.
    pub text: String,
    /// With quotes. In a template it covers the variable, not its value.
    pub span: Span,
    pub is_quoted: bool,
    /// Whether the text is what nginx will see. Not where a template puts in a variable of the
    /// environment whose value is secret or not known: it stands in the text as `${NAME}` then. And
    /// not where a secret is written down, which the text does not repeat.
    pub is_known: bool,
}

impl Nginx {
    /// The configurations of a Compose service.
    pub fn in_service<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Configuration> {
        let name = name.to_owned();
        self.configurations
            .iter()
            .map(|one| &**one)
            .filter(move |one| matches!(&one.runs_in, RunsIn::Service(service) if *service == name))
    }
}

impl Configuration {
    /// The directives of this name in the main context.
    pub fn children<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Directive> {
        named(&self.directives, name)
    }

    /// The first block of this name in the main context: `http`, `stream`.
    pub fn block(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|one| one.is(name))
    }

    /// Every directive in the order of the files, each with the blocks around it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[&'a Directive], &'a Directive)) {
        let mut around = Vec::new();
        descend(&self.directives, &mut around, visit);
    }

    /// Every directive of this name at any depth, each with the blocks around it, outermost first.
    pub fn find<'a>(&'a self, name: &str) -> Vec<(Vec<&'a Directive>, &'a Directive)> {
        self.find_any(&[name])
    }

    /// Every directive that has one of these names, as [`Configuration::find`] has them, in the
    /// order of the files.
    pub fn find_any<'a>(&'a self, names: &[&str]) -> Vec<(Vec<&'a Directive>, &'a Directive)> {
        let mut found = Vec::new();
        self.visit_any(names, &mut |around, directive| {
            found.push((around.to_vec(), directive))
        });
        found
    }

    /// As [`Configuration::find_any`], without a list for the blocks around each.
    pub fn visit_any<'a>(
        &'a self,
        names: &[&str],
        visit: &mut dyn FnMut(&[&'a Directive], &'a Directive),
    ) {
        let positions = self.positions.get_or_make(|| {
            let mut positions = Positions::default();
            positions.note(&self.directives, None);
            positions
        });
        let Some(positions) = positions else {
            return;
        };
        let mut found: Vec<usize> = names
            .iter()
            .filter_map(|name| positions.named.get(*name))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        let mut around = Vec::new();
        for position in found {
            around.clear();
            if let Some(directive) = positions.at(&self.directives, position, &mut around) {
                visit(&around, directive);
            }
        }
    }

    /// Why nginx would refuse to start with it: broken syntax first, then all else, each in the
    /// order of the files. Worked out anew each time, in the time that reading it took.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.broken.clone();
        problems.extend((self.refused)(self));
        problems
    }

    /// Whether directives may stand in `block` that are not known. `None` asks for the main
    /// context.
    pub fn has_gap_in(&self, block: Option<&Directive>) -> bool {
        let span = block.map(|block| block.span);
        self.gaps
            .iter()
            .any(|gap| gap.within.last().copied() == span)
    }

    /// The `include` directives through which a file came, the nearest first.
    pub fn included_by(&self, file: SourceId) -> Vec<Span> {
        let mut found: Vec<Span> = Vec::new();
        let mut file = file;
        while let Some(by) = self
            .files
            .iter()
            .find(|one| one.file == file)
            .and_then(|one| one.by)
        {
            if found.contains(&by) {
                break;
            }
            found.push(by);
            file = by.source;
        }
        found
    }
}

impl Directive {
    pub fn is(&self, name: &str) -> bool {
        self.name.text == name
    }

    /// The directives in its block; none without a block.
    pub fn directives(&self) -> &[Self] {
        self.block.as_ref().map_or(&[], |block| &block.directives)
    }

    /// The directives of this name in its block.
    pub fn children<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> {
        self.block.iter().flat_map(move |block| block.named(name))
    }

    /// The first directive of this name in its block.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.block.as_ref()?.named(name).next()
    }

    /// The text of a parameter, counted from 0.
    pub fn argument(&self, index: usize) -> Option<&str> {
        self.arguments.get(index).map(|word| word.text.as_str())
    }

    /// The texts of all parameters.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|word| word.text.as_str())
    }

    /// The value of a parameter `name=value`.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.texts()
            .find_map(|text| text.strip_prefix(name)?.strip_prefix('='))
    }

    /// Every directive below it, each with the blocks around it that lie below it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[&'a Self], &'a Self)) {
        let mut around = Vec::new();
        descend(self.directives(), &mut around, visit);
    }

    /// The name with its parameters, one space between: for sentences.
    pub fn heading(&self) -> String {
        let mut text = String::new();
        self.write_heading(&mut text);
        text
    }

    /// The same, behind what stands in `text`.
    pub fn write_heading(&self, text: &mut String) {
        let behind: usize = self.texts().map(|argument| argument.len() + 1).sum();
        text.reserve(self.name.text.len() + behind);
        text.push_str(&self.name.text);
        for argument in &self.arguments {
            text.push(' ');
            text.push_str(&argument.text);
        }
    }

    /// From the name to the last parameter: what a finding underlines.
    pub fn heading_span(&self) -> Span {
        let end = match self.arguments.last() {
            Some(last) if last.span.source == self.name.span.source => last.span.end,
            _ => self.name.span.end,
        };
        Span::new(self.name.span.source, self.name.span.start, end)
    }
}

impl Block {
    pub fn new(directives: Vec<Directive>, foreign: Option<Span>, span: Span) -> Self {
        /// A list of this length is gone through in no time.
        const FEW: usize = 16;
        let mut by_name = Vec::new();
        if directives.len() > FEW {
            by_name.extend(0..directives.len() as u32);
            by_name.sort_by_key(|number| directives[*number as usize].name.text.as_str());
        }
        Self {
            directives,
            foreign,
            span,
            by_name,
        }
    }

    /// The directives of this name, in their order.
    fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Directive> {
        let name_of = |number: &u32| self.directives[*number as usize].name.text.as_str();
        let start = self.by_name.partition_point(|one| name_of(one) < name);
        let behind = &self.by_name[start..];
        let found = &behind[..behind.partition_point(|one| name_of(one) == name)];
        let few = match self.by_name.is_empty() {
            true => self.directives.as_slice(),
            false => &[],
        };
        let found = found
            .iter()
            .map(|number| &self.directives[*number as usize]);
        named(few, name).chain(found)
    }
}

impl Word {
    /// Whether its text is known and holds no variable of nginx.
    pub fn is_literal(&self) -> bool {
        self.is_known && !self.has_variables()
    }

    /// Whether nginx would put a variable in, in a directive that takes variables.
    pub fn has_variables(&self) -> bool {
        self.variables().next().is_some()
    }

    /// The names of the variables in it, without `$` and braces; digits name what a regular
    /// expression captured.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        variables(&self.text)
    }
}

/// The names of nginx's variables in a text: `$name` and `${name}`, with letters, digits and `_`.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, behind) = rest.split_once('$')?;
            let (is_braced, behind) = match behind.strip_prefix('{') {
                Some(behind) => (true, behind),
                None => (false, behind),
            };
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = behind.find(|c| !is_part(c)).unwrap_or(behind.len());
            let (name, behind) = behind.split_at(end);
            rest = behind;
            if !name.is_empty() && (!is_braced || behind.starts_with('}')) {
                return Some(name);
            }
        }
    })
}

/// A size as nginx writes it, in bytes: digits with `k`, `m` or `g` (`ngx_parse_offset`; `g` is not
/// taken by every directive).
pub fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| "kKmMgG".contains(c));
    let scale = match &text[digits.len()..] {
        "" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        "g" | "G" => 1 << 30,
        _ => return None,
    };
    let bytes = number(digits)?.checked_mul(scale)?;
    (bytes <= i64::MAX as u64).then_some(bytes)
}

/// A time as nginx writes it where milliseconds are possible (`ngx_parse_time`): `1h 30m`, `500ms`;
/// a bare number counts seconds.
pub fn milliseconds(text: &str) -> Option<u64> {
    time(
        text,
        &[
            ("M", 2_592_000_000),
            ("w", 604_800_000),
            ("d", 86_400_000),
            ("h", 3_600_000),
            ("m", 60_000),
            ("s", 1_000),
            ("ms", 1),
        ],
        1_000,
    )
}

/// A time as nginx writes it where it counts seconds: `1y`, `1h 30m`, `90`.
pub fn seconds(text: &str) -> Option<u64> {
    time(
        text,
        &[
            ("y", 31_536_000),
            ("M", 2_592_000),
            ("w", 604_800),
            ("d", 86_400),
            ("h", 3_600),
            ("m", 60),
            ("s", 1),
        ],
        1,
    )
}

/// The units must come in their order, each once; the last number may have none.
fn time(text: &str, units: &[(&str, u64)], bare: u64) -> Option<u64> {
    let mut units = units;
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (digits, behind) = rest.split_at(end);
        let value = number(digits)?;
        let end = behind
            .find(|c: char| c.is_ascii_digit() || c == ' ')
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let scale = if unit.is_empty() {
            units = &[];
            bare
        } else {
            let at = units.iter().position(|(name, _)| *name == unit)?;
            let scale = units[at].1;
            units = &units[at + 1..];
            scale
        };
        total = total.checked_add(value.checked_mul(scale)?)?;
        rest = behind.trim_start_matches(' ');
        if unit.is_empty() && !rest.is_empty() {
            return None;
        }
    }
    (!text.is_empty() && total <= i64::MAX as u64).then_some(total)
}

/// Digits only, as `ngx_atoi` wants them.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// Where each directive stands, in the order of the files.
#[derive(Default)]
struct Positions {
    /// The block around it, by its own position, and its number in that block.
    places: Vec<(Option<usize>, usize)>,
    /// The positions of the directives of each name.
    named: HashMap<String, Vec<usize>>,
}

impl Positions {
    /// Readers bound the depth of blocks, so that the stack bears it.
    fn note(&mut self, directives: &[Directive], around: Option<usize>) {
        for (number, directive) in directives.iter().enumerate() {
            let position = self.places.len();
            self.places.push((around, number));
            match self.named.get_mut(&directive.name.text) {
                Some(known) => known.push(position),
                None => {
                    let name = directive.name.text.clone();
                    self.named.insert(name, vec![position]);
                }
            }
            self.note(directive.directives(), Some(position));
        }
    }

    /// The directive at a position; the blocks around it are put behind `blocks`.
    fn at<'a>(
        &self,
        directives: &'a [Directive],
        position: usize,
        blocks: &mut Vec<&'a Directive>,
    ) -> Option<&'a Directive> {
        let (around, number) = *self.places.get(position)?;
        let Some(around) = around else {
            return directives.get(number);
        };
        let block = self.at(directives, around, blocks)?;
        blocks.push(block);
        block.directives().get(number)
    }
}

fn named<'a>(directives: &'a [Directive], name: &str) -> impl Iterator<Item = &'a Directive> {
    directives.iter().filter(move |one| one.is(name))
}

/// Readers bound the depth of blocks, so that the stack bears it.
fn descend<'a>(
    directives: &'a [Directive],
    around: &mut Vec<&'a Directive>,
    visit: &mut dyn FnMut(&[&'a Directive], &'a Directive),
) {
    for directive in directives {
        visit(around, directive);
        around.push(directive);
        descend(directive.directives(), around, visit);
        around.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_text() {
        let names = |text| variables(text).collect::<Vec<_>>();
        assert_eq!(
            names("$scheme://$host$request_uri"),
            ["scheme", "host", "request_uri"]
        );
        assert_eq!(names("${a}b$1-$"), ["a", "1"]);
        assert_eq!(names("^/x$"), [""; 0]);
        assert_eq!(names("${open $b"), ["b"]);
    }

    #[test]
    fn sizes_and_times() {
        assert_eq!(bytes("20m"), Some(20 << 20));
        assert_eq!(bytes("1K"), Some(1024));
        for wrong in [
            "",
            "m",
            "1mb",
            "-1",
            "1 m",
            "99999999999999999999",
            "9999999999999g",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
        assert_eq!(milliseconds("1h 30m"), Some(5_400_000));
        assert_eq!(milliseconds("1m500ms"), Some(60_500));
        assert_eq!(milliseconds("60"), Some(60_000));
        assert_eq!(seconds("1y"), Some(31_536_000));
        for wrong in ["", "1y", "s", "30m1h", "1s1s", "5 5", "1.5s"] {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
        assert_eq!(seconds("5ms"), None);
    }
}
