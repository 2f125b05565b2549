//! From the statements of files to one tree of directives, includes put in place.

use std::sync::Arc;

use tightship_model::nginx::{
    Block, Configuration, Directive, Fault, Included, NginxGap, Problem, RunsIn, Word,
};
use tightship_model::{Environment, Memo, SourceId, Span, absolute, names_a_secret};

use super::hosts::{self, Candidate};
use super::syntax::{self, Body, Statement, Syntax, SyntaxFault};
use super::template::{self, Named, Rendered};
use super::view::{Seen, View};
use super::{accept, glob};
use crate::files::Tree;

/// Files of one configuration, counted as often as they are included.
const MOST_FILES: usize = 20_000;

/// Bytes of one configuration, counted as often as their files are included.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Includes inside of includes.
const DEEPEST_INCLUDE: usize = 30;

/// Directives of one configuration.
const MOST_DIRECTIVES: usize = 2_000_000;

/// Whether a file is one that `envsubst` or a script of the project makes the real one of.
fn is_template(path: &str) -> bool {
    path.ends_with(".template") || path.ends_with(".tmpl")
}

/// What nginx opens first.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// A file where nginx sees it.
    Path(String),
    /// A file of the machine or image that is not known, at this path; it takes these in.
    Unknown { path: String, sites: Vec<String> },
}

/// Reads the configuration that begins with `root`, files that are `candidates` as those were parsed.
/// `None` where that file cannot be read.
pub(super) fn resolve(
    tree: &mut Tree,
    view: &View<'_>,
    root: &Root,
    runs_in: RunsIn,
    candidates: &[Candidate],
) -> Option<Configuration> {
    let (Root::Path(path) | Root::Unknown { path, .. }) = root;
    let (folder, _) = path.rsplit_once('/')?;
    let mut resolver = Resolver {
        tree,
        view,
        candidates,
        prefix: folder,
        files: Vec::new(),
        gaps: Vec::new(),
        problems: Vec::new(),
        open: Vec::new(),
        within: Vec::new(),
        directives: 0,
        bytes: 0,
    };
    let mut directives = Vec::new();
    let file = match root {
        Root::Path(path) => resolver.take(path, None, &mut directives).ok()?,
        Root::Unknown { path, sites } => resolver.unknown(path, sites, &mut directives)?,
    };
    Some(Configuration {
        file,
        runs_in,
        version: None,
        prefix: folder.to_owned(),
        directives,
        files: resolver.files,
        gaps: resolver.gaps,
        broken: resolver.problems,
        refused: accept::problems,
        positions: Memo::default(),
    })
}

struct Resolver<'t> {
    tree: &'t mut Tree,
    view: &'t View<'t>,
    candidates: &'t [Candidate],
    prefix: &'t str,
    files: Vec<Included>,
    gaps: Vec<NginxGap>,
    problems: Vec<Problem>,
    /// The files whose includes led here.
    open: Vec<SourceId>,
    /// The blocks around the place that is read.
    within: Vec<Span>,
    directives: usize,
    bytes: usize,
}

impl Resolver<'_> {
    /// Reads the file at a path; otherwise why that cannot be.
    fn take(
        &mut self,
        path: &str,
        by: Option<Span>,
        into: &mut Vec<Directive>,
    ) -> Result<SourceId, String> {
        let unreadable = || "which cannot be read".to_owned();
        let file = match self.view.look(path) {
            Seen::File(path) | Seen::Rendered(path) => {
                let file = self.read(&path).ok_or_else(unreadable)?;
                if self.tree.begins_with_mark(&path) {
                    let message = "the file begins with a byte order mark, which nginx takes for a \
                                   part of the first word";
                    self.problem(Span::new(file, 0, 0), message.to_owned());
                }
                file
            }
            Seen::Stock(text) => self.stock(path, text).ok_or_else(unreadable)?,
            Seen::Missing(reason) => return Err(reason),
        };
        if self.open.contains(&file) || self.open.len() >= DEEPEST_INCLUDE {
            let span = by.unwrap_or_else(|| Span::new(file, 0, 0));
            self.problem(
                span,
                format!("{path} includes itself, or includes lie too deep"),
            );
            return Ok(file);
        }
        if self.files.len() >= MOST_FILES {
            return Err(format!("which is one of more than {MOST_FILES} files"));
        }
        self.files.push(Included {
            file,
            path: path.to_owned(),
            by,
        });
        // A template that is read as it lies there: what a script puts in is not known.
        let blank = is_template(path).then(|| {
            template::render(
                self.tree.text(file),
                &Environment::default(),
                &Named::Set(None),
            )
        });
        let rendered = self.view.rendered(path).or(blank.as_ref());
        let text = match rendered {
            Some(rendered) => rendered.text.as_str().into(),
            None => self.tree.sources()[file].shared(),
        };
        self.bytes += text.len();
        if self.bytes > MOST_BYTES && by.is_some() {
            return Err(format!(
                "with which they are more than {} MB",
                MOST_BYTES >> 20
            ));
        }
        self.open.push(file);
        self.text(file, &text, rendered, into);
        self.open.pop();
        Ok(file)
    }

    /// The source of a file, which was read before where it is a candidate.
    fn read(&mut self, path: &str) -> Option<SourceId> {
        let candidate = hosts::at(self.candidates, path);
        match candidate.filter(|_| self.tree.known(path).is_none()) {
            Some(candidate) => self.tree.keep(path, Ok(Arc::clone(&candidate.text))),
            None => self.tree.read(path),
        }
    }

    /// A file that is not known, but for what it takes in.
    fn unknown(
        &mut self,
        path: &str,
        sites: &[String],
        into: &mut Vec<Directive>,
    ) -> Option<SourceId> {
        let includes: String = sites
            .iter()
            .map(|site| format!("    include {site};\n"))
            .collect();
        let text = format!("events {{\n}}\nhttp {{\n{includes}}}\n");
        let name = format!("{path} (not in the project)");
        let known = self.tree.known(&name).flatten();
        // Two of them may take in different files: each has a source of its own.
        let name = match known {
            Some(_) => format!("{name} {}", self.tree.sources().iter().count()),
            None => name,
        };
        let file = self.tree.keep(&name, Ok(text.clone()))?;
        self.files.push(Included {
            file,
            path: path.to_owned(),
            by: None,
        });
        self.text(file, &text, None, into);
        let reason = format!("{path} itself, which the project does not hold");
        let http = into.iter().find(|one| one.is("http")).map(|http| http.span);
        for within in [Vec::new(), http.into_iter().collect()] {
            self.gaps.push(NginxGap {
                span: Span::new(file, 0, 0),
                reason: reason.clone(),
                within,
            });
        }
        Some(file)
    }

    /// The source of a file of nginx's own.
    fn stock(&mut self, path: &str, text: &str) -> Option<SourceId> {
        let name = format!("{path} (of nginx itself)");
        match self.tree.known(&name) {
            Some(known) => known,
            None => self.tree.keep(&name, Ok(text.to_owned())),
        }
    }

    fn text(
        &mut self,
        id: SourceId,
        text: &str,
        rendered: Option<&Rendered>,
        into: &mut Vec<Directive>,
    ) {
        let path = &self.tree.sources()[id].path;
        let syntax = match hosts::parsed(self.candidates, path, text) {
            Some(syntax) => syntax,
            None => &syntax::parse(text),
        };
        let file = File {
            id,
            text,
            rendered,
            syntax,
        };
        for SyntaxFault { place, message } in &syntax.faults {
            let (span, _) = file.origin(place.start, place.end);
            self.problem(span, message.clone());
        }
        self.statements(&file, &syntax.statements, into);
    }

    fn statements(&mut self, file: &File<'_>, statements: &[Statement], into: &mut Vec<Directive>) {
        into.reserve(statements.len());
        for statement in statements {
            self.directives += 1;
            if self.directives > MOST_DIRECTIVES {
                return;
            }
            let mut directive = self.directive(file, statement);
            self.hide_secret(&mut directive);
            if directive.is("include") && directive.arguments.len() == 1 {
                self.include(&directive, into);
            } else {
                into.push(directive);
            }
            if self.directives == MOST_DIRECTIVES {
                let span = Span::new(file.id, 0, 0);
                self.gap(span, format!("more than {MOST_DIRECTIVES} directives"));
            }
        }
    }

    fn directive(&mut self, file: &File<'_>, statement: &Statement) -> Directive {
        let mut words = statement.words.clone().filter_map(|token| file.word(token));
        let name = words.next().unwrap_or_else(|| file.empty_word());
        // Between two words stands a space: a list that grows as it is filled has room for four.
        let mut arguments = Vec::with_capacity(statement.words.len() / 2);
        arguments.extend(words);
        let end = match &statement.body {
            Body::Simple(end) | Body::Block { close: end, .. } => *end,
        };
        let last = arguments.last().unwrap_or(&name).span.end;
        let end = end.map_or(last, |end| file.span(end).end);
        let mut span = Span::new(file.id, name.span.start, end.max(name.span.start));
        let block = match &statement.body {
            Body::Simple(_) => None,
            Body::Block {
                open,
                statements,
                foreign,
                close,
            } => {
                if close.is_none() {
                    span.end = file
                        .origin(file.text.len() as u32, file.text.len() as u32)
                        .0
                        .end;
                }
                self.within.push(span);
                let mut directives = Vec::new();
                self.statements(file, statements, &mut directives);
                self.within.pop();
                Some(Block::new(
                    directives,
                    foreign.map(|at| file.span(at)),
                    Span::new(file.id, file.span(*open).start, span.end),
                ))
            }
        };
        Directive {
            name,
            arguments,
            block,
            span,
        }
    }

    /// A secret that is written down: `proxy_set_header X-Api-Key "…"`. It is masked where the file
    /// is shown, and the tree does not hold it.
    fn hide_secret(&mut self, directive: &mut Directive) {
        let is_pair = match directive.name.text.as_str() {
            "set" | "env" => true,
            name => name.ends_with("_set_header") || name.ends_with("_param"),
        };
        let [name, value, ..] = directive.arguments.as_mut_slice() else {
            return;
        };
        let is_secret = is_pair
            && value.is_literal()
            && !value.text.is_empty()
            && names_a_secret(&name.text.trim_start_matches('$').replace('-', "_"));
        if is_secret {
            self.tree.mark_secret(value.span);
            value.text = "••••••".to_owned();
            value.is_known = false;
        }
    }

    fn include(&mut self, include: &Directive, into: &mut Vec<Directive>) {
        let word = &include.arguments[0];
        let path = match word.text.starts_with('/') {
            true => absolute(&word.text),
            false => absolute(&format!("{}/{}", self.prefix, word.text)),
        };
        if !word.is_known {
            self.gap(word.span, "includes a path that is not known".to_owned());
            return;
        }
        if !glob::is_pattern(&path) {
            if let Err(reason) = self.take(&path, Some(word.span), into) {
                self.gap(word.span, format!("includes {path}, {reason}"));
            }
            return;
        }
        let matches = self.view.matching(&path);
        if let Some(reason) = matches.unknown {
            let folder = glob::folder(&path);
            self.gap(word.span, format!("includes files of {folder}, {reason}"));
        }
        for path in matches.paths {
            if let Err(reason) = self.take(&path, Some(word.span), into) {
                self.gap(word.span, format!("includes {path}, {reason}"));
            }
        }
    }

    fn gap(&mut self, span: Span, reason: String) {
        self.gaps.push(NginxGap {
            span,
            reason,
            within: self.within.clone(),
        });
    }

    fn problem(&mut self, span: Span, message: String) {
        self.problems.push(Problem {
            span,
            fault: Fault::Syntax,
            message,
        });
    }
}

struct File<'a> {
    id: SourceId,
    text: &'a str,
    rendered: Option<&'a Rendered>,
    syntax: &'a Syntax,
}

impl File<'_> {
    /// Where a range of the text stands in the source, and whether all of it is known.
    fn origin(&self, start: u32, end: u32) -> (Span, bool) {
        match self.rendered {
            None => (Span::new(self.id, start, end), true),
            Some(rendered) => {
                let (start, end, is_known) = rendered.origin(start, end);
                (Span::new(self.id, start, end), is_known)
            }
        }
    }

    fn span(&self, token: usize) -> Span {
        let token = self.syntax.tokens[token];
        self.origin(token.start, token.end).0
    }

    fn word(&self, token: usize) -> Option<Word> {
        let syntax::Token { kind, start, end } = self.syntax.tokens[token];
        if !matches!(kind, syntax::Kind::Word | syntax::Kind::Quoted) {
            return None;
        }
        let written = &self.text[start as usize..end as usize];
        let (span, is_known) = self.origin(start, end);
        Some(Word {
            text: syntax::unescaped(kind, written).into_owned(),
            span,
            is_quoted: kind == syntax::Kind::Quoted,
            is_known,
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
