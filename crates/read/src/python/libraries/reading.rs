//! What the models of packages share: arguments, variables with casts, files, plain values.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::dotenv::{self, Dialect, First, Text};
use crate::python::eval::{Evaluator, Open, Raise, Variable};
use crate::python::paths;
use crate::python::plain::Plain;
use crate::python::value::{Alternative, Args, Chain, Dependence, Kind, Val};
use crate::urls::Refusal;

/// A call of something that a package offers.
#[derive(Clone, Copy)]
pub(super) struct Call<'c> {
    /// Dotted path of the function, or of the method below its class.
    pub(super) path: &'c str,
    pub(super) receiver: Option<&'c Val>,
    pub(super) args: &'c Args,
    pub(super) span: Span,
}

/// What a call comes to: `None` where it is not modelled.
pub(super) type Answer = Option<Result<Val, Raise>>;

impl<'c> Call<'c> {
    /// The last part of the path.
    pub(super) fn name(&self) -> &'c str {
        crate::python::value::last_part(self.path)
    }

    /// The argument at a position or under its keyword; `None` where it was not given.
    pub(super) fn argument(&self, position: usize, name: &str) -> Option<&'c Val> {
        self.args.at(position, name)
    }

    /// A text argument, if it is one definite text.
    pub(super) fn text(&self, position: usize, name: &str) -> Option<&'c str> {
        self.argument(position, name)
            .filter(|value| value.is_settled())
            .and_then(Val::as_str)
    }

    /// A flag; `None` where it is given and not known.
    pub(super) fn flag(&self, position: usize, name: &str, default: bool) -> Option<bool> {
        match self.argument(position, name) {
            None => Some(default),
            Some(value) if value.is_settled() => match &value.kind {
                Kind::Bool(flag) => Some(*flag),
                Kind::None => Some(false),
                Kind::Int(number) => Some(*number != 0),
                _ => None,
            },
            Some(_) => None,
        }
    }

    /// The result where an argument is not known.
    pub(super) fn unknown(&self, eval: &Evaluator<'_>, reason: &str) -> Answer {
        let reason = format!("{}: {reason}", self.path);
        Some(Ok(eval.unknown(Cause::Package, reason, self.span)))
    }

    pub(super) fn raise(&self, class: &str, message: impl Into<String>) -> Raise {
        Raise::new(class, message, Some(self.span))
    }
}

/// What a package makes of a variable: `cast` of its text, or of the default.
pub(super) struct Reading<'r> {
    pub(super) name: &'r str,
    /// `None` where the variable is required.
    pub(super) default: Option<Val>,
    /// What is raised where it is required and missing.
    pub(super) missing: Raise,
    pub(super) casts_default: bool,
    /// Whether the cast gives a yes or no.
    pub(super) is_boolean: bool,
    pub(super) span: Span,
}

/// A pure function of one definite value.
pub(super) type Cast<'c> = &'c mut dyn FnMut(&mut Evaluator<'_>, &Val) -> Result<Val, Raise>;

impl Reading<'_> {
    pub(super) fn run(self, eval: &mut Evaluator<'_>, cast: Cast<'_>) -> Result<Val, Raise> {
        let found = eval.variable(self.name, self.default.is_some(), self.span);
        self.of(eval, found, cast)
    }

    /// The same for a variable that was looked up already.
    pub(super) fn of(
        self,
        eval: &mut Evaluator<'_>,
        found: Variable,
        cast: Cast<'_>,
    ) -> Result<Val, Raise> {
        match (found, self.default) {
            (Variable::Set(value), _) => lifted(eval, &value, self.span, cast),
            (Variable::Unset(_), None) => Err(self.missing),
            (Variable::Unset(trail), Some(default)) => {
                let value = match self.casts_default {
                    true => lifted(eval, &default, self.span, cast)?,
                    false => default,
                };
                let trail = trail.and(&value.trail);
                Ok(value.with_trail(trail))
            }
            (Variable::Open(open), None) => {
                eval.maybe_unset(self.missing, &open.variables);
                Ok(match self.is_boolean {
                    true => yes_or_no(&open, None),
                    false => open.required(),
                })
            }
            (Variable::Open(open), Some(default)) => {
                let value = match self.casts_default {
                    true => lifted(eval, &default, self.span, cast)?,
                    false => default,
                };
                let value = match (self.is_boolean, &value.kind) {
                    (true, Kind::Bool(_)) if value.is_settled() => yes_or_no(&open, Some(value)),
                    _ => open.or(value),
                };
                Ok(eval.load(value))
            }
        }
    }
}

pub(super) fn lifted(
    eval: &mut Evaluator<'_>,
    value: &Val,
    span: Span,
    cast: Cast<'_>,
) -> Result<Val, Raise> {
    eval.lift(&[value], span, &mut |eval, known| cast(eval, &known[0]))
}

/// A value that an open variable makes true or false, and nothing else.
pub(super) fn yes_or_no(open: &Open, unset: Option<Val>) -> Val {
    let names: Vec<&str> = open.variables.iter().map(|name| &**name).collect();
    let names = names.join(", ");
    let case = |when: String, value: bool| Alternative {
        when: when.into(),
        value: Val::bool(value),
    };
    let others = match unset.as_ref().map(|value| &value.kind) {
        Some(Kind::Bool(value)) => vec![case(format!("{names} says so"), !value)],
        _ => vec![
            case(format!("{names} says yes"), true),
            case(format!("{names} says no"), false),
        ],
    };
    let trail = match &unset {
        Some(value) => open.trail.and(&value.trail),
        None => open.trail.clone(),
    };
    Val {
        kind: unset.map_or(Kind::Open, |value| value.kind),
        trail,
        open: Some(Rc::new(Dependence {
            variables: open.variables.clone(),
            others,
            exhaustive: true,
        })),
    }
}

/// A file of the project in `.env` syntax, and what it sets.
pub(super) struct EnvFile {
    pub(super) path: String,
    pub(super) assignments: Vec<dotenv::Assignment>,
}

/// Reads a file with the environment as it is now for what its values name.
pub(super) fn env_file(
    eval: &mut Evaluator<'_>,
    path: &str,
    dialect: Dialect,
    first: First,
    span: Span,
) -> Option<EnvFile> {
    let source = eval.project_file(path)?;
    let (path, text) = {
        let file = &eval.tree.sources()[source];
        (file.path.clone(), file.raw().to_owned())
    };
    let document = dotenv::parse(source, &text, dialect);
    let eval = RefCell::new(eval);
    let outside = |name: &str| {
        let found = eval.borrow_mut().variable(name, false, span);
        match found {
            Variable::Set(value) => match (value.is_settled(), value.as_str()) {
                (true, Some(text)) => dotenv::Variable::Set(text.to_owned()),
                (false, Some(text)) => dotenv::Variable::OpenOr(
                    value
                        .variables()
                        .iter()
                        .map(|name| name.to_string())
                        .collect(),
                    text.to_owned(),
                ),
                _ => dotenv::Variable::Open(
                    value
                        .variables()
                        .iter()
                        .map(|name| name.to_string())
                        .chain([name.to_owned()])
                        .collect(),
                ),
            },
            Variable::Unset(_) => dotenv::Variable::Unset,
            Variable::Open(open) => {
                dotenv::Variable::Open(open.variables.iter().map(|name| name.to_string()).collect())
            }
        }
    };
    let assignments = document.assignments(first, &outside);
    Some(EnvFile { path, assignments })
}

/// Puts what a file sets into the environment; `wins` over what is set there already or not.
pub(super) fn load(eval: &mut Evaluator<'_>, file: &EnvFile, wins: bool) {
    for assignment in &file.assignments {
        if let Some((span, text)) = &assignment.value {
            let value = text_value(
                text,
                *span,
                &format!("{} in {}", assignment.name, file.path),
            );
            eval.load_variable(&assignment.name, value, wins);
        }
    }
}

/// A text of a file as a value.
pub(super) fn text_value(text: &Text, span: Span, what: &str) -> Val {
    let trail = Chain::at(span, what);
    let value = match text {
        Text::Known(text) => Val::str(text.as_str()),
        Text::Open { variables, unset } => {
            let variables: BTreeSet<Rc<str>> =
                variables.iter().map(|name| name.as_str().into()).collect();
            match unset {
                Some(text) => Val::str(text.as_str()).depending_on(&variables),
                None => Val::open(variables),
            }
        }
        Text::Unknown(unknown) => Kind::Unknown(Rc::new(unknown.clone())).into(),
    };
    value.with_trail(trail)
}

/// The absolute path of the folder in which the calling code stands.
pub(super) fn folder_of(eval: &Evaluator<'_>, span: Span) -> String {
    let file = paths::join(&eval.root, &eval.tree.sources()[span.source].path);
    parent(&file).to_owned()
}

/// The absolute path of the folder that the process runs in: that of manage.py.
pub(super) fn working_folder(eval: &Evaluator<'_>) -> String {
    paths::normal(&paths::join(&eval.root, &eval.folder))
}

/// A path made absolute and normal, as `os.path.abspath` does.
pub(super) fn absolute(eval: &Evaluator<'_>, path: &str) -> String {
    paths::normal(&paths::join(&working_folder(eval), path))
}

/// The nearest file of one of these names, in order, from a folder upwards to the root of the
/// project; absolute.
pub(super) fn nearest(eval: &Evaluator<'_>, folder: &str, names: &[&str]) -> Option<String> {
    let mut folder = folder.to_owned();
    loop {
        eval.relative(&folder)?;
        for name in names {
            let path = paths::join(&folder, name);
            if is_file(eval, &path) {
                return Some(path);
            }
        }
        folder = parent(&folder).to_owned();
    }
}

pub(super) fn is_file(eval: &Evaluator<'_>, path: &str) -> bool {
    eval.relative(path)
        .is_some_and(|path| eval.tree.has_file(&path))
}

/// The folder of a path; `/` for what stands there.
pub(super) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// What a parser of URLs gives, as a value or as the exception of its package.
pub(super) fn parsed(
    eval: &mut Evaluator<'_>,
    result: Result<Plain, Refusal>,
    span: Span,
) -> Result<Val, Raise> {
    match result {
        Ok(plain) => Ok(eval.plain_value(&plain, span)),
        Err(refusal) if refusal.class.is_empty() => {
            let reason = format!("{} are not followed", refusal.message);
            Ok(eval.unknown(Cause::Package, reason, span))
        }
        Err(refusal) => Err(Raise::new(refusal.class, refusal.message, Some(span))),
    }
}

/// Whether a value is the builtin of this name.
pub(super) fn is_builtin(value: &Val, name: &str) -> bool {
    matches!(&value.kind, Kind::Native(path) if path.strip_prefix("builtins.") == Some(name))
}

/// A list of texts.
pub(super) fn texts<'t>(eval: &mut Evaluator<'_>, items: impl IntoIterator<Item = &'t str>) -> Val {
    let items = items.into_iter().map(Val::str).collect();
    eval.list(items)
}
