//! `match` statements.

use std::rc::Rc;

use tightship_model::Cause;

use super::branches::{By, Flow, Guard, Truth};
use super::objects::uncertain;
use super::{Evaluator, Raise};
use crate::python::heap::Key;
use crate::python::syntax::ast;
use crate::python::value::{Kind, Val};

impl Evaluator<'_> {
    pub(crate) fn match_statement(&mut self, node: &ast::StmtMatch) -> Result<Flow, Raise> {
        let subject = self.eval(&node.subject)?;
        let subject = self.settled(&subject);
        Ok(self.cases(node, &subject, 0))
    }

    fn cases(&mut self, node: &ast::StmtMatch, subject: &Val, from: usize) -> Flow {
        let Some(case) = node.cases.get(from) else {
            return Flow::Next;
        };
        let mut bindings = Vec::new();
        let mut truth = match self.matches(&case.pattern, subject, &mut bindings) {
            Ok(truth) => truth,
            Err(raise) => return Flow::Raise(raise),
        };
        if truth == Truth::Known(false) {
            return self.cases(node, subject, from + 1);
        }
        let mut decided_by = subject.clone();
        if let Some(guard) = &case.guard {
            for (name, value) in &bindings {
                self.bind(name, value.clone());
            }
            let value = match self.eval(guard) {
                Ok(value) => value,
                Err(raise) => return Flow::Raise(raise),
            };
            match (self.truth(&value), &truth) {
                (Truth::Known(false), _) => return self.cases(node, subject, from + 1),
                (Truth::Known(true), _) => {}
                (open, Truth::Known(true)) => {
                    truth = open;
                    decided_by = value;
                }
                _ => truth = Truth::Unknown,
            }
        }
        let span = self.span(&case.pattern);
        let subject_text = self.text(self.span(&*node.subject));
        let pattern = self.text(span);
        let run = |eval: &mut Self| {
            for (name, value) in bindings {
                eval.bind(&name, value);
            }
            eval.block(&case.body)
        };
        if truth == Truth::Known(true) {
            self.conditions.push(super::Condition {
                span,
                text: format!("because {subject_text} matches {pattern}").into(),
                trail: subject.trail.clone(),
            });
            let flow = run(self);
            self.conditions.pop();
            return flow;
        }
        let text: Rc<str> = format!("{subject_text} matches {pattern}").into();
        let opposite: Rc<str> = format!("not ({text})").into();
        let is_unset_first = !matches!(truth, Truth::Open(Some(false), _));
        let (by, first, second) = match truth {
            Truth::Open(Some(true), variables) => (By::Unset(variables), text, opposite),
            Truth::Open(Some(false), variables) => (By::Unset(variables), opposite, text),
            Truth::Open(None, variables) => (By::Set(variables), text, opposite),
            _ => (By::Condition, text, opposite),
        };
        let guard = Guard {
            by,
            first,
            second,
            span,
            trail: decided_by.trail.decides(span, "decides here"),
        };
        let next = |eval: &mut Self| eval.cases(node, subject, from + 1);
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
                result
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
                    Truth::Known(true) => {}
                    Truth::Known(false) => return Ok(Truth::Known(false)),
                    _ => result = Truth::Unknown,
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
                    Truth::Known(true) => {}
                    Truth::Known(false) => return Ok(Truth::Known(false)),
                    _ => result = Truth::Unknown,
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
