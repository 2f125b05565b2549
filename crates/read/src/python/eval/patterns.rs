//! `match` statements.

use std::rc::Rc;

use tightship_model::Cause;

use super::branches::{By, Flow, Guard, Truth};
use super::cases::with_untold;
use super::objects::uncertain;
use super::{Evaluator, Raise};
use crate::python::heap::Key;
use crate::python::syntax::ast;
use crate::python::value::{Kind, Val};

impl Evaluator<'_> {
    pub(crate) fn match_statement(&mut self, node: &ast::StmtMatch) -> Result<Flow, Raise> {
        let subject = self.eval(&node.subject)?;
        let subject = self.settled(&subject);
        let takes_apart = |case: &ast::MatchCase| takes_apart(&case.pattern);
        if !subject.is_choice() || !node.cases.iter().any(takes_apart) {
            return Ok(self.cases(node, &subject, 0));
        }
        let span = self.span(&*node.subject);
        let subject = with_untold(&subject);
        Ok(self.each_case(&subject, span, &mut |eval, subject| {
            let subject = eval.settled(subject);
            eval.cases(node, &subject, 0)
        }))
    }

    fn cases(&mut self, node: &ast::StmtMatch, subject: &Val, from: usize) -> Flow {
        let Some(case) = node.cases.get(from) else {
            return Flow::Next;
        };
        let mut bindings = Vec::new();
        let truth = match self.matches(&case.pattern, subject, &mut bindings) {
            Ok(truth) => truth,
            Err(raise) => return Flow::Raise(raise),
        };
        let next = |eval: &mut Self| eval.cases(node, subject, from + 1);
        let span = self.span(&case.pattern);
        let subject_text = self.text(self.span(&*node.subject));
        let pattern = self.text(span);
        // A guard sees what the pattern binds, and is asked where that matches only.
        let run = |eval: &mut Self| {
            for (name, value) in bindings {
                eval.bind(&name, value);
            }
            let Some(guard) = &case.guard else {
                return eval.block(&case.body);
            };
            let value = match eval.eval(guard) {
                Ok(value) => value,
                Err(raise) => return Flow::Raise(raise),
            };
            match eval.truth(&value) {
                Truth::Known(true) => eval.block(&case.body),
                Truth::Known(false) => next(eval),
                truth => eval.branch(&truth, guard, &value, |eval| eval.block(&case.body), next),
            }
        };
        let text: Rc<str> = format!("{subject_text} matches {pattern}").into();
        let opposite: Rc<str> = format!("not ({text})").into();
        let is_unset_first = !matches!(truth, Truth::Open(Some(false), _));
        let (by, first, second) = match truth {
            Truth::Known(false) => return next(self),
            Truth::Known(true) => {
                self.conditions.push(super::Condition {
                    span,
                    text: format!("because {text}").into(),
                    trail: subject.trail.clone(),
                });
                let flow = run(self);
                self.conditions.pop();
                return flow;
            }
            Truth::Open(Some(true), variables) => (By::Unset(variables), text, opposite),
            Truth::Open(Some(false), variables) => (By::Unset(variables), opposite, text),
            Truth::Open(None, variables) => (By::Set(variables), text, opposite),
            Truth::Unknown => (By::Condition, text, opposite),
        };
        let guard = Guard {
            by,
            first,
            second,
            span,
            trail: subject.trail.clone().decides(span, "decides here"),
        };
        if is_unset_first {
            self.both(guard, run, next)
        } else {
            self.both(guard, next, run)
        }
    }

    /// Whether a pattern matches, and what it binds.
    fn matches(
        &mut self,
        pattern: &ast::Pattern,
        subject: &Val,
        bindings: &mut Vec<(Rc<str>, Val)>,
    ) -> Result<Truth, Raise> {
        let before = bindings.len();
        let truth = self.matches_as_far(pattern, subject, bindings)?;
        if matches!(truth, Truth::Unknown) {
            // What it then binds is as little known.
            bindings.truncate(before);
            let mut names = Vec::new();
            captured(pattern, &mut names);
            let lost = self.unknown_because(subject);
            bindings.extend(names.into_iter().map(|name| (name, lost.clone())));
        }
        Ok(truth)
    }

    fn matches_as_far(
        &mut self,
        pattern: &ast::Pattern,
        subject: &Val,
        bindings: &mut Vec<(Rc<str>, Val)>,
    ) -> Result<Truth, Raise> {
        let span = self.span(pattern);
        Ok(match pattern {
            ast::Pattern::MatchValue(node) => {
                let value = self.eval(&node.value)?;
                let equal = self.compare(ast::CmpOp::Eq, subject, &value, span)?;
                self.truth(&equal)
            }
            ast::Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    ast::Singleton::None => Val::NONE,
                    ast::Singleton::True => Val::bool(true),
                    ast::Singleton::False => Val::bool(false),
                };
                let same = self.compare(ast::CmpOp::Is, subject, &value, span)?;
                self.truth(&same)
            }
            ast::Pattern::MatchAs(node) => {
                let truth = match &node.pattern {
                    Some(pattern) => self.matches(pattern, subject, bindings)?,
                    None => Truth::Known(true),
                };
                if let Some(name) = &node.name {
                    bindings.push((name.as_str().into(), subject.clone()));
                }
                truth
            }
            ast::Pattern::MatchOr(node) => {
                let before = bindings.len();
                let mut result = Truth::Known(false);
                for pattern in &node.patterns {
                    match (self.matches(pattern, subject, bindings)?, &result) {
                        (Truth::Known(true), _) => return Ok(Truth::Known(true)),
                        (Truth::Known(false), _) => {}
                        (open, Truth::Known(false)) => result = open,
                        (Truth::Open(Some(true), variables), Truth::Open(Some(false), _)) => {
                            result = Truth::Open(Some(true), variables);
                        }
                        _ => {}
                    }
                }
                // Which of the ways binds its names is not known.
                match result {
                    Truth::Open(..) if bindings.len() > before => Truth::Unknown,
                    result => result,
                }
            }
            ast::Pattern::MatchSequence(node) => self.sequence(node, subject, bindings)?,
            ast::Pattern::MatchMapping(node) => self.mapping(node, subject, bindings)?,
            ast::Pattern::MatchClass(node) => {
                let class = self.eval(&node.cls)?;
                let is_plain =
                    node.arguments.patterns.is_empty() && node.arguments.keywords.is_empty();
                match self.is_instance(subject, &class) {
                    Some(true) if is_plain => Truth::Known(true),
                    Some(true)
                        if node.arguments.patterns.len() == 1
                            && node.arguments.keywords.is_empty()
                            && matches!(class.kind, Kind::Native(_)) =>
                    {
                        self.matches(&node.arguments.patterns[0], subject, bindings)?
                    }
                    Some(false) => Truth::Known(false),
                    _ => Truth::Unknown,
                }
            }
            ast::Pattern::MatchStar(_) => Truth::Known(true),
        })
    }

    fn sequence(
        &mut self,
        node: &ast::PatternMatchSequence,
        subject: &Val,
        bindings: &mut Vec<(Rc<str>, Val)>,
    ) -> Result<Truth, Raise> {
        if !subject.is_settled() {
            return Ok(Truth::Unknown);
        }
        if !matches!(subject.kind, Kind::List(_) | Kind::Tuple(_)) {
            return Ok(Truth::Known(false));
        }
        let items = self.items(subject).unwrap_or_default();
        if items.rest.is_some() {
            return Ok(Truth::Unknown);
        }
        let star = node
            .patterns
            .iter()
            .position(|pattern| matches!(pattern, ast::Pattern::MatchStar(_)));
        let fits = match star {
            Some(_) => items.items.len() + 1 >= node.patterns.len(),
            None => items.items.len() == node.patterns.len(),
        };
        if !fits {
            return Ok(Truth::Known(false));
        }
        let middle = (items.items.len() + 1).saturating_sub(node.patterns.len());
        let mut left = items.items.into_iter();
        let mut result = Truth::Known(true);
        for pattern in &node.patterns {
            if let ast::Pattern::MatchStar(star) = pattern {
                let list: Vec<_> = left.by_ref().take(middle).collect();
                if let Some(name) = &star.name {
                    let list = self.list(list);
                    bindings.push((name.as_str().into(), list));
                }
            } else if let Some(item) = left.next() {
                match self.matches(pattern, &item, bindings)? {
                    Truth::Known(false) => return Ok(Truth::Known(false)),
                    truth => result = both(result, truth),
                }
            }
        }
        Ok(result)
    }

    fn mapping(
        &mut self,
        node: &ast::PatternMatchMapping,
        subject: &Val,
        bindings: &mut Vec<(Rc<str>, Val)>,
    ) -> Result<Truth, Raise> {
        if !subject.is_settled() {
            return Ok(Truth::Unknown);
        }
        let Some(dict) = self.entries(subject).cloned() else {
            return Ok(Truth::Known(false));
        };
        let mut left = dict.clone();
        let mut result = Truth::Known(true);
        for (key, pattern) in node.keys.iter().zip(&node.patterns) {
            let key = self.eval(key)?;
            let Some(name) = Key::of(&key) else {
                return Ok(Truth::Unknown);
            };
            left.entries.shift_remove(&name);
            match dict.entries.get(&name) {
                Some((_, value)) => match self.matches(pattern, value, bindings)? {
                    Truth::Known(false) => return Ok(Truth::Known(false)),
                    truth => result = both(result, truth),
                },
                None if dict.rest.is_some() => result = Truth::Unknown,
                None => return Ok(Truth::Known(false)),
            }
        }
        if let Some(name) = &node.rest {
            let rest = self.dict_object(left);
            bindings.push((name.as_str().into(), rest));
        }
        Ok(result)
    }

    /// `isinstance(value, class)`, where it is known.
    pub(crate) fn is_instance(&mut self, value: &Val, class: &Val) -> Option<bool> {
        if let Kind::Tuple(classes) = &class.kind {
            let answers: Vec<_> = classes
                .items
                .iter()
                .map(|class| self.is_instance(value, class))
                .collect();
            return if answers.contains(&Some(true)) {
                Some(true)
            } else if answers.contains(&None) {
                None
            } else {
                Some(false)
            };
        }
        if !value.is_settled() {
            return None;
        }
        if let (Kind::Instance(own, _), _) = (&value.kind, &class.kind) {
            let own = Kind::Class(own.clone()).into();
            return self.is_subclass(&own, class);
        }
        let Kind::Native(path) = &class.kind else {
            return matches!(class.kind, Kind::Class(_)).then_some(false);
        };
        let name = match &**path {
            "builtins.object" => return Some(true),
            path => path.strip_prefix("builtins.").unwrap_or(path),
        };
        Some(match (&value.kind, name) {
            (Kind::Made(_) | Kind::Object(..) | Kind::Native(_), _) => return None,
            (Kind::Bool(_), "bool" | "int") => true,
            (Kind::Tuple(_) | Kind::List(_), "collections.abc.Sequence" | "typing.Sequence") => {
                true
            }
            (Kind::Str(_), "collections.abc.Sequence" | "typing.Sequence") => true,
            (Kind::Dict(_), "collections.abc.Mapping" | "typing.Mapping") => true,
            (
                Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_) | Kind::Set(_) | Kind::Str(_),
                "collections.abc.Iterable" | "typing.Iterable",
            ) => true,
            (
                Kind::Path(_),
                "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "os.PathLike",
            ) => true,
            (Kind::Timedelta(_), "datetime.timedelta") => true,
            (
                Kind::Function(_) | Kind::Method(_),
                "types.FunctionType" | "collections.abc.Callable",
            ) => true,
            (_, name) if name.contains('.') => return None,
            (_, name) => *value.type_name() == *name,
        })
    }

    /// An unknown answer with the reason of a value that is not definite.
    pub(crate) fn unknown_because(&self, value: &Val) -> Val {
        match &value.kind {
            Kind::Made(made) => Val::unknown(
                Cause::Package,
                format!("what {} makes is not known", made.class),
                value.trail.links().find_map(|link| link.span),
            ),
            _ => Kind::Unknown(uncertain(value)).into(),
        }
    }
}

/// Whether two parts of a pattern both match.
fn both(one: Truth, two: Truth) -> Truth {
    match (one, two) {
        (Truth::Known(true), other) | (other, Truth::Known(true)) => other,
        (Truth::Open(Some(one), mut variables), Truth::Open(Some(two), more)) => {
            variables.extend(more);
            Truth::Open(Some(one && two), variables)
        }
        _ => Truth::Unknown,
    }
}

/// Whether a pattern looks at the parts of its subject.
fn takes_apart(pattern: &ast::Pattern) -> bool {
    match pattern {
        ast::Pattern::MatchSequence(_)
        | ast::Pattern::MatchMapping(_)
        | ast::Pattern::MatchClass(_) => true,
        ast::Pattern::MatchAs(node) => node.pattern.as_deref().is_some_and(takes_apart),
        ast::Pattern::MatchOr(node) => node.patterns.iter().any(takes_apart),
        ast::Pattern::MatchValue(_)
        | ast::Pattern::MatchSingleton(_)
        | ast::Pattern::MatchStar(_) => false,
    }
}

/// The names that a pattern binds.
fn captured(pattern: &ast::Pattern, names: &mut Vec<Rc<str>>) {
    let name = match pattern {
        ast::Pattern::MatchAs(node) => {
            if let Some(pattern) = &node.pattern {
                captured(pattern, names);
            }
            &node.name
        }
        ast::Pattern::MatchStar(node) => &node.name,
        ast::Pattern::MatchMapping(node) => {
            let inner = node.patterns.iter();
            inner.for_each(|pattern| captured(pattern, names));
            &node.rest
        }
        ast::Pattern::MatchSequence(node) => {
            let inner = node.patterns.iter();
            return inner.for_each(|pattern| captured(pattern, names));
        }
        ast::Pattern::MatchOr(node) => {
            // Each way binds the same names.
            let first = node.patterns.iter().take(1);
            return first.for_each(|pattern| captured(pattern, names));
        }
        ast::Pattern::MatchClass(node) => {
            let keywords = node.arguments.keywords.iter();
            let keywords = keywords.map(|keyword| &keyword.pattern);
            let inner = node.arguments.patterns.iter().chain(keywords);
            return inner.for_each(|pattern| captured(pattern, names));
        }
        ast::Pattern::MatchValue(_) | ast::Pattern::MatchSingleton(_) => return,
    };
    names.extend(name.iter().map(|name| name.as_str().into()));
}
