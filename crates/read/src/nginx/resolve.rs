//! From the statements of files to one tree of directives, includes put in place.

use tightship_model::nginx::{
    Block, Configuration, Directive, Fault, Included, NginxGap, Problem, RunsIn, Word,
};
use tightship_model::{SourceId, Span};

use super::syntax::{self, Body, Statement, Syntax};
use crate::files::{Tree, join, normal};

/// Files of one configuration, counted as often as they are included.
const MOST_FILES: usize = 20_000;

/// Includes inside of includes.
const DEEPEST_INCLUDE: usize = 30;

/// Directives of one configuration.
const MOST_DIRECTIVES: usize = 2_000_000;

/// Reads the configuration that begins with `path`, in a folder that nginx takes as its prefix.
pub(super) fn resolve(
    tree: &mut Tree,
    path: &str,
    prefix: &str,
    runs_in: RunsIn,
) -> Option<Configuration> {
    let file = tree.read(path)?;
    let mut resolver = Resolver {
        tree,
        folder: prefix,
        files: Vec::new(),
        gaps: Vec::new(),
        problems: Vec::new(),
        open: Vec::new(),
        within: Vec::new(),
        directives: 0,
    };
    let mut directives = Vec::new();
    resolver.file(file, path, None, &mut directives);
    Some(Configuration {
        file,
        runs_in,
        version: None,
        prefix: PREFIX.to_owned(),
        directives,
        files: resolver.files,
        gaps: resolver.gaps,
        problems: resolver.problems,
    })
}

/// Where the official image and the packages of distributions keep nginx's configuration.
const PREFIX: &str = "/etc/nginx";

struct Resolver<'t> {
    tree: &'t mut Tree,
    /// The folder of the project that is the prefix.
    folder: &'t str,
    files: Vec<Included>,
    gaps: Vec<NginxGap>,
    problems: Vec<Problem>,
    /// The files whose includes led here.
    open: Vec<SourceId>,
    /// The blocks around the place that is read.
    within: Vec<Span>,
    directives: usize,
}

impl Resolver<'_> {
    fn file(&mut self, file: SourceId, path: &str, by: Option<Span>, into: &mut Vec<Directive>) {
        self.files.push(Included {
            file,
            path: path.to_owned(),
            by,
        });
        let text = self.tree.text(file).to_owned();
        let syntax = syntax::parse(&text);
        for fault in &syntax.faults {
            self.problems.push(Problem {
                span: Span::new(file, fault.place.start, fault.place.end),
                fault: Fault::Syntax,
                message: fault.message.clone(),
            });
        }
        self.open.push(file);
        let file = File {
            id: file,
            text: &text,
            syntax: &syntax,
        };
        self.statements(&file, &syntax.statements, into);
        self.open.pop();
    }

    fn statements(&mut self, file: &File<'_>, statements: &[Statement], into: &mut Vec<Directive>) {
        for statement in statements {
            self.directives += 1;
            if self.directives > MOST_DIRECTIVES {
                return;
            }
            let directive = self.directive(file, statement);
            if directive.is("include") && directive.arguments.len() == 1 {
                self.include(&directive, into);
            } else {
                into.push(directive);
            }
        }
    }

    fn directive(&mut self, file: &File<'_>, statement: &Statement) -> Directive {
        let mut words = statement.words.clone().filter_map(|token| file.word(token));
        let name = words.next().unwrap_or_else(|| file.empty_word());
        let arguments: Vec<Word> = words.collect();
        let end = match &statement.body {
            Body::Simple(end) | Body::Block { close: end, .. } => *end,
        };
        let last = arguments.last().unwrap_or(&name).span.end;
        let mut span = Span::new(file.id, name.span.start, last);
        let block = match &statement.body {
            Body::Simple(_) => None,
            Body::Block {
                open,
                statements,
                foreign,
                close,
            } => {
                let start = file.syntax.tokens[*open].start;
                let end = close.map_or(file.text.len() as u32, |at| file.syntax.tokens[at].end);
                span.end = end;
                self.within.push(span);
                let mut directives = Vec::new();
                self.statements(file, statements, &mut directives);
                self.within.pop();
                Some(Block {
                    directives,
                    foreign: foreign.map(|at| file.span(at)),
                    span: Span::new(file.id, start, end),
                })
            }
        };
        if let Some(end) = end {
            span.end = file.syntax.tokens[end].end;
        }
        Directive {
            name,
            arguments,
            block,
            span,
        }
    }

    fn include(&mut self, include: &Directive, into: &mut Vec<Directive>) {
        let pattern = &include.arguments[0].text;
        let inside = pattern.strip_prefix(PREFIX).unwrap_or(pattern);
        let Some(path) = normal(&join(self.folder, inside.trim_start_matches('/'))) else {
            return;
        };
        let by = include.arguments[0].span;
        let found: Vec<String> = if path.contains(['*', '?', '[']) {
            let Some(pattern) = glob(&path) else { return };
            let matching = self.tree.files().filter(|file| pattern.is_match(file));
            matching.map(str::to_owned).collect()
        } else if self.tree.has_file(&path) {
            vec![path]
        } else {
            self.gaps.push(NginxGap {
                span: by,
                reason: format!("includes {pattern}, which the project does not hold"),
                within: self.within.clone(),
            });
            return;
        };
        for path in found {
            let Some(file) = self.tree.read(&path) else {
                continue;
            };
            if self.open.contains(&file)
                || self.open.len() >= DEEPEST_INCLUDE
                || self.files.len() >= MOST_FILES
            {
                self.problems.push(Problem {
                    span: by,
                    fault: Fault::Syntax,
                    message: format!("{path} includes itself"),
                });
                continue;
            }
            self.file(file, &path, Some(by), into);
        }
    }
}

struct File<'a> {
    id: SourceId,
    text: &'a str,
    syntax: &'a Syntax,
}

impl File<'_> {
    fn span(&self, token: usize) -> Span {
        let token = self.syntax.tokens[token];
        Span::new(self.id, token.start, token.end)
    }

    fn word(&self, token: usize) -> Option<Word> {
        let syntax::Token { kind, start, end } = self.syntax.tokens[token];
        if !matches!(kind, syntax::Kind::Word | syntax::Kind::Quoted) {
            return None;
        }
        let written = &self.text[start as usize..end as usize];
        Some(Word {
            text: syntax::unescaped(kind, written).into_owned(),
            span: Span::new(self.id, start, end),
            is_quoted: kind == syntax::Kind::Quoted,
            is_known: true,
        })
    }

    fn empty_word(&self) -> Word {
        Word {
            text: String::new(),
            span: Span::new(self.id, 0, 0),
            is_quoted: false,
            is_known: true,
        }
    }
}

/// A shell pattern as a regular expression; `*` and `?` do not match `/`.
fn glob(pattern: &str) -> Option<regex::Regex> {
    let mut text = String::from("^");
    for c in pattern.chars() {
        match c {
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            c => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    text.push('$');
    regex::Regex::new(&text).ok()
}
