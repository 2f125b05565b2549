//! Whether nginx would start with a configuration, and if not, why.
//!
//! The judgement is that of `nginx -t` as far as the text alone decides: files, users, ports and
//! names of hosts that the machine must have are not asked for. nginx stops at the first problem;
//! here all are told.

mod conditions;
mod names;
mod patterns;
mod sockets;
mod table;
mod values;

use foldhash::HashSet;
use tightship_model::Span;
use tightship_model::nginx::{Configuration, Directive, Fault, Problem, Word};

use names::Names;
pub(crate) use table::prepare;
use table::{Context, Release, Row};

/// Everything for which nginx would refuse the configuration, in the order of the files.
pub(super) fn problems(configuration: &Configuration) -> Vec<Problem> {
    let mut judge = Judge {
        release: configuration.version,
        has_gaps: !configuration.gaps.is_empty(),
        loads_modules: configuration.block("load_module").is_some(),
        names: Names::default(),
        problems: Vec::new(),
    };
    judge.block(&configuration.directives, Context::Main, None);
    judge.main(configuration);
    let Judge {
        names,
        mut problems,
        has_gaps,
        ..
    } = judge;
    if !has_gaps {
        problems.extend(names.missing());
    }
    problems
}

/// Whether a module of nginx's own, of any release, has the directive, or one that is widely used.
pub(super) fn is_directive(name: &str) -> bool {
    !table::rows(name).is_empty() || table::foreign_module(name).is_some()
}

struct Judge {
    release: Option<Release>,
    /// Whether files are missing, which may define what others use.
    has_gaps: bool,
    /// Whether modules are loaded, which may bring directives and variables.
    loads_modules: bool,
    names: Names,
    problems: Vec<Problem>,
}

impl Judge {
    fn block(&mut self, directives: &[Directive], context: Context, around: Option<&Directive>) {
        let mut seen = HashSet::default();
        for directive in directives {
            let Some(row) = self.row(directive, context) else {
                continue;
            };
            if row.is_once() && !seen.insert(directive.name.text.as_str()) {
                let message = format!("\"{}\" directive is duplicate", directive.name.text);
                self.tell(directive.heading_span(), Fault::Duplicate, message);
            }
            self.value(directive, row);
            self.names.take(directive, context);
            for (span, fault, message) in conditions::of(directive, context, around, self.release) {
                self.tell(span, fault, message);
            }
            if let Some(block) = &directive.block {
                match context.inside(&directive.name.text) {
                    Context::Pairs => self.pairs(directive, context),
                    inside => self.block(&block.directives, inside, Some(directive)),
                }
            }
        }
        for (span, fault, message) in conditions::among(directives, context) {
            self.tell(span, fault, message);
        }
    }

    /// The row by which a directive may stand here; otherwise the problem is told.
    fn row(&mut self, directive: &Directive, context: Context) -> Option<&'static Row> {
        let name = directive.name.text.as_str();
        let (rows, release) = (table::rows(name), self.release);
        let known = || rows.iter().filter(move |row| row.is_in(release));
        let Some(first) = known().next() else {
            self.unknown(directive);
            return None;
        };
        if !self.loads_modules && known().all(|row| table::is_loaded_apart(row.module)) {
            let module = first.module;
            let message = format!("unknown directive \"{name}\": nginx loads no module {module}");
            self.tell(directive.name.span, Fault::ModuleMissing, message);
        }
        let here = || known().filter(|row| row.stands_in(context));
        if here().next().is_none() {
            let message = format!(
                "\"{name}\" directive is not allowed here: in {}",
                context.name()
            );
            self.tell(directive.heading_span(), Fault::WrongContext, message);
            return None;
        }
        if here().all(|row| row.has_block != directive.block.is_some()) {
            let message = if directive.block.is_some() {
                format!("directive \"{name}\" is not terminated by \";\"")
            } else {
                format!("directive \"{name}\" has no opening \"{{\"")
            };
            self.tell(directive.heading_span(), Fault::WrongArguments, message);
            return None;
        }
        let count = directive.arguments.len();
        let row = here().find(|row| row.takes(count));
        if row.is_none() {
            let message = format!("invalid number of arguments in \"{name}\" directive");
            self.tell(directive.heading_span(), Fault::WrongArguments, message);
        }
        row
    }

    fn unknown(&mut self, directive: &Directive) {
        let name = &directive.name.text;
        // `${PROXIES}` in the place of a directive is a blank of a template that a script fills in.
        if !directive.name.is_known || name.starts_with("${") {
            return;
        }
        let (fault, message) = match table::foreign_module(name) {
            Some(_) if self.loads_modules => return,
            Some(module) => (
                Fault::ModuleMissing,
                format!("unknown directive \"{name}\": nginx loads no module {module}"),
            ),
            None => (
                Fault::UnknownDirective,
                format!("unknown directive \"{name}\""),
            ),
        };
        if self.loads_modules && fault == Fault::UnknownDirective {
            return;
        }
        self.tell(directive.name.span, fault, message);
    }

    fn value(&mut self, directive: &Directive, row: &Row) {
        if !directive.arguments.iter().all(|word| word.is_known) {
            return;
        }
        if let Some((word, message)) = values::refused(&row.value, directive) {
            self.tell(word.span, Fault::InvalidValue, message);
        }
    }

    /// The lines of a `map`, `geo`, `types` and the like.
    fn pairs(&mut self, list: &Directive, context: Context) {
        for pair in list.directives() {
            self.names.take_pair(list, pair, context);
            if let Some((span, fault, message)) = conditions::of_pair(list, pair) {
                self.tell(span, fault, message);
            }
        }
    }

    /// What the whole lacks.
    fn main(&mut self, configuration: &Configuration) {
        if configuration.block("events").is_none() && !configuration.has_gap_in(None) {
            let span = Span::new(configuration.file, 0, 0);
            let message = "no \"events\" section in configuration".to_owned();
            self.tell(span, Fault::Missing, message);
        }
        for (span, fault, message) in sockets::of_servers(configuration) {
            self.tell(span, fault, message);
        }
    }

    fn tell(&mut self, span: Span, fault: Fault, message: String) {
        self.problems.push(Problem {
            span,
            fault,
            message,
        });
    }
}

/// A problem without its holder.
type Found = (Span, Fault, String);

fn invalid(word: &Word, message: String) -> Found {
    (word.span, Fault::InvalidValue, message)
}
