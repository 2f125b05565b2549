//! What expressions give.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::branches::{By, Flow, Guard, Truth};
use super::objects::{Items, uncertain};
use super::{DEEPEST, Evaluator, Raise};
use crate::python::heap::{Dict, Id};
use crate::python::syntax::{Ranged, ast};
use crate::python::value::{Access, Args, Chain, Code, Function, Kind, Sequence, Val};
use crate::python::{builtins, format};

impl Evaluator<'_> {
    /// Evaluates an expression.
    pub(crate) fn eval(&mut self, expr: &ast::Expr) -> Result<Val, Raise> {
        self.step()?;
        if self.depth >= DEEPEST {
            return Err(Raise::bound(format!(
                "the program is nested deeper than {DEEPEST} levels"
            )));
        }
        self.depth += 1;
        let result = self.eval_inner(expr);
        self.depth -= 1;
        result
    }

    fn eval_inner(&mut self, expr: &ast::Expr) -> Result<Val, Raise> {
        match expr {
            ast::Expr::StringLiteral(node) => self.text_literal(node.value.to_str(), node.range),
            ast::Expr::BytesLiteral(node) => {
                let bytes: Vec<u8> = node.value.bytes().collect();
                Ok(Kind::Bytes(bytes.into()).into())
            }
            ast::Expr::NumberLiteral(node) => Ok(self.number(node)),
            ast::Expr::BooleanLiteral(node) => Ok(Val::bool(node.value)),
            ast::Expr::NoneLiteral(_) => Ok(Val::NONE),
            ast::Expr::EllipsisLiteral(_) => Ok(Kind::Ellipsis.into()),
            ast::Expr::Name(node) => self.name(&node.id, self.span(node)),
            ast::Expr::Attribute(node) => {
                let value = self.eval(&node.value)?;
                self.attribute(&value, &node.attr, self.span(node))
            }
            ast::Expr::Subscript(node) => {
                let value = self.eval(&node.value)?;
                let index = self.eval(&node.slice)?;
                self.subscript(&value, &index, self.span(node))
            }
            ast::Expr::Slice(node) => self.slice(node),
            ast::Expr::Call(node) => self.call_expression(node),
            ast::Expr::FString(node) => self.f_string(node),
            ast::Expr::List(node) => {
                self.display(&node.elts, true, self.span(node), |eval, items| {
                    eval.open_list(items.items, items.rest)
                })
            }
            ast::Expr::Tuple(node) => self.display(
                &node.elts,
                true,
                self.span(node),
                |_, Items { items, rest }| Kind::Tuple(Rc::new(Sequence { items, rest })).into(),
            ),
            ast::Expr::Set(node) => {
                self.display(&node.elts, false, self.span(node), |eval, items| {
                    eval.set(items.items, items.rest)
                })
            }
            ast::Expr::Dict(node) => self.dict_display(node),
            ast::Expr::ListComp(node) => self.list_comprehension(node),
            ast::Expr::SetComp(node) => self.set_comprehension(node),
            ast::Expr::DictComp(node) => self.dict_comprehension(node),
            ast::Expr::Generator(node) => self.generator(node, false),
            ast::Expr::BoolOp(node) => self.bool_op(node.op, &node.values),
            ast::Expr::BinOp(node) => {
                let left = self.eval(&node.left)?;
                let right = self.eval(&node.right)?;
                self.binary(node.op, &left, &right, self.span(node))
            }
            ast::Expr::UnaryOp(node) => {
                let operand = self.eval(&node.operand)?;
                self.unary(node.op, &operand, self.span(node))
            }
            ast::Expr::Compare(node) => self.comparison(node),
            ast::Expr::If(node) => self.conditional(node),
            ast::Expr::Named(node) => {
                let value = self.eval(&node.value)?;
                match &*node.target {
                    ast::Expr::Name(name) => self.bind_outside(&name.id, value.clone()),
                    target => self.assign(target, value.clone(), self.span(node))?,
                }
                Ok(value)
            }
            ast::Expr::Lambda(node) => self.lambda(node),
            ast::Expr::Starred(node) => self.eval(&node.value),
            ast::Expr::Yield(node) => {
                let value = match &node.value {
                    Some(value) => self.eval(value)?,
                    None => Val::NONE,
                };
                if let Some(managed) = self.frame().and_then(|frame| frame.managed.clone()) {
                    return self.yield_to_body(&managed, value);
                }
                self.yield_value(&Items {
                    items: vec![value],
                    rest: None,
                })
            }
            ast::Expr::YieldFrom(node) => {
                let value = self.eval(&node.value)?;
                let items = self.iterate(&value, self.span(node))?;
                self.yield_value(&items)
            }
            ast::Expr::Await(_) | ast::Expr::TString(_) | ast::Expr::IpyEscapeCommand(_) => {
                Ok(self.unknown(
                    Cause::Code,
                    "an expression that is not followed",
                    self.span(expr),
                ))
            }
        }
    }

    fn text_literal(&mut self, text: &str, range: impl Ranged) -> Result<Val, Raise> {
        if text.len() > super::LONGEST_TEXT {
            return Ok(self.too_long(self.span(range)));
        }
        // What stands for a byte that could not be decoded is not what Python sees there.
        if text.contains(char::REPLACEMENT_CHARACTER) {
            let span = self.span(range);
            return Ok(self.unknown(Cause::Error, "a text with bytes that are not UTF-8", span));
        }
        Ok(Val::str(text))
    }

    pub(crate) fn too_long(&self, span: Span) -> Val {
        self.unknown(
            Cause::Bound,
            format!("a text of more than {} bytes", super::LONGEST_TEXT),
            span,
        )
    }

    fn number(&self, node: &ast::ExprNumberLiteral) -> Val {
        match &node.value {
            ast::Number::Int(int) => match int.as_u64() {
                Some(value) => Val::int(i128::from(value)),
                None => match format::parse_int(&int.to_string(), 0) {
                    Some(value) => Val::int(value),
                    None => {
                        self.unknown(Cause::Bound, "an integer of many digits", self.span(node))
                    }
                },
            },
            ast::Number::Float(value) => Kind::Float(*value).into(),
            ast::Number::Complex { .. } => {
                self.unknown(Cause::Code, "a complex number", self.span(node))
            }
        }
    }

    /// The value of a name: local, enclosing, global, builtin.
    pub(crate) fn name(&mut self, name: &str, span: Span) -> Result<Val, Raise> {
        let mut scopes: Vec<Id> = Vec::new();
        if let Some(frame) = self.frame() {
            if !frame.declared_global.iter().any(|global| **global == *name) {
                scopes.push(frame.locals);
                scopes.extend(&frame.home.enclosing);
            }
            scopes.push(frame.home.globals);
        }
        for scope in &scopes {
            if let Some(value) = self.heap.name(*scope, name) {
                let value = value.clone();
                return Ok(self.load(value));
            }
        }
        if builtins::exists(name) {
            return Ok(Val::native(format!("builtins.{name}")));
        }
        let open = scopes
            .iter()
            .find_map(|scope| self.heap.names(*scope)?.rest.clone());
        match open {
            Some(rest) => Ok(Kind::Unknown(rest).into()),
            None => Err(Raise::new(
                "NameError",
                format!("name '{name}' is not defined"),
                Some(span),
            )),
        }
    }

    /// A display of these elements, each of which knows where it stands. With `*` of one of
    /// several, the display is one of several.
    fn display(
        &mut self,
        elements: &[ast::Expr],
        has_order: bool,
        span: Span,
        make: fn(&mut Self, Items) -> Val,
    ) -> Result<Val, Raise> {
        let mut parts = Vec::new();
        let mut choices = Vec::new();
        for element in elements {
            if let ast::Expr::Starred(starred) = element {
                let value = self.eval(&starred.value)?;
                let value = match has_order {
                    true => self.in_order(&value, span),
                    false => self.settled(&value),
                };
                if value.is_settled() || value.is_unknown() {
                    parts.push(Part::Items(self.iterate(&value, self.span(element))?));
                } else {
                    parts.push(Part::Choice(choices.len()));
                    choices.push(value);
                }
            } else {
                let value = self.eval(element)?;
                let items = vec![self.placed(value, element)];
                parts.push(Part::Items(Items { items, rest: None }));
            }
        }
        self.lift(
            &choices.iter().collect::<Vec<_>>(),
            span,
            &mut |eval, chosen| {
                let mut all = Items::default();
                for part in &parts {
                    let more = match part {
                        Part::Items(items) => items.clone(),
                        Part::Choice(number) => eval.iterate(&chosen[*number], span)?,
                    };
                    all.items.extend(more.items);
                    all.rest = all.rest.or(more.rest);
                }
                Ok(make(eval, all))
            },
        )
    }

    /// A value that has no trail yet begins where it is written.
    fn placed(&self, value: Val, element: &ast::Expr) -> Val {
        if value.trail.is_empty() {
            let trail = Chain::at(self.span(element), "is written here");
            value.with_trail(trail)
        } else {
            value
        }
    }

    /// A dict of these entries, later ones over earlier ones. With `**` of one of several, the
    /// display is one of several.
    fn dict_display(&mut self, node: &ast::ExprDict) -> Result<Val, Raise> {
        let mut parts = Vec::new();
        let mut choices = Vec::new();
        for item in &node.items {
            if let Some(key) = &item.key {
                let key = self.eval(key)?;
                let value = self.eval(&item.value)?;
                parts.push(Entries::One(key, self.placed(value, &item.value)));
                continue;
            }
            let value = self.eval(&item.value)?;
            let mut value = self.settled(&value);
            let span = self.span(item);
            if matches!(&value.kind, Kind::Native(path) if &**path == "os.environ") {
                value = self.call_native("os.environ.copy", None, Args::default(), span)?;
            }
            if value.is_settled() || value.is_unknown() {
                parts.push(Entries::Mapping(value, span));
            } else {
                parts.push(Entries::Choice(choices.len(), span));
                choices.push(value);
            }
        }
        let choices: Vec<&Val> = choices.iter().collect();
        self.lift(&choices, self.span(node), &mut |eval, chosen| {
            let mut dict = Dict::default();
            for part in &parts {
                match part {
                    Entries::One(key, value) => dict.put(key.clone(), value.clone()),
                    Entries::Mapping(mapping, span) => {
                        eval.merge_entries(&mut dict, mapping, *span);
                    }
                    Entries::Choice(number, span) => {
                        eval.merge_entries(&mut dict, &chosen[*number], *span);
                    }
                }
            }
            Ok(eval.dict_object(dict))
        })
    }

    /// Adds the entries of a mapping to a dict that is being made.
    pub(crate) fn merge_entries(&mut self, dict: &mut Dict, mapping: &Val, span: Span) {
        let own = self.own_dict(mapping);
        let mapping = own.as_ref().unwrap_or(mapping);
        match self.entries(mapping) {
            Some(more) => {
                dict.has_no_order |= more.has_no_order;
                if let Some(rest) = &more.rest {
                    lose_values(dict, rest);
                }
                let variables = mapping.variables();
                if variables.is_empty() {
                    dict.entries.extend(more.entries.clone());
                    return;
                }
                // Variables may make it another mapping, with other keys.
                for (key, (_, value)) in &mut dict.entries {
                    let over = more.entries.get(key).map(|(_, over)| over);
                    *value = over.unwrap_or(value).clone().depending_on(&variables);
                }
                dict.rest.get_or_insert_with(|| uncertain(mapping));
            }
            None => {
                let reason = if mapping.is_settled() {
                    super::unknown(Cause::Code, "a mapping that is not followed", span)
                } else {
                    uncertain(mapping)
                };
                lose_values(dict, &reason);
            }
        }
    }

    fn bool_op(&mut self, op: ast::BoolOp, values: &[ast::Expr]) -> Result<Val, Raise> {
        let Some((first, rest)) = values.split_first() else {
            return Ok(Val::NONE);
        };
        let value = self.eval(first)?;
        if rest.is_empty() {
            return Ok(value);
        }
        let stops_at = op == ast::BoolOp::Or;
        match self.truth(&value) {
            Truth::Known(truth) if truth == stops_at => Ok(value),
            Truth::Known(_) => {
                let trail = value.trail.clone();
                let other = self.bool_op(op, rest)?;
                let trail = other.trail.and(&trail);
                Ok(other.with_trail(trail))
            }
            truth => {
                let guard = self.guard(&truth, first, &value);
                // The first way of the guard is that of a true test, or of what holds unset.
                let first_is_true = !matches!(truth, Truth::Open(Some(false), _));
                let value_is_first = first_is_true == stops_at;
                let narrowed = self.narrowed(&value, stops_at);
                let mut keep = Some(narrowed);
                let go_on = |eval: &mut Self| eval.flow_of(|eval| eval.bool_op(op, rest));
                let flow = if value_is_first {
                    let kept = keep.take().unwrap_or(Val::NONE);
                    self.both(guard, |_| Flow::Return(kept), go_on)
                } else {
                    let kept = keep.take().unwrap_or(Val::NONE);
                    self.both(guard, go_on, |_| Flow::Return(kept))
                };
                self.value_of(flow)
            }
        }
    }

    /// What is left of a value where its truth is known to be this.
    pub(crate) fn narrowed(&mut self, value: &Val, truth: bool) -> Val {
        let fits = |eval: &mut Self, value: &Val| match eval.truth(value) {
            Truth::Known(known) => known == truth,
            _ => true,
        };
        if let Some(open) = value.open.clone() {
            let main_fits = matches!(value.kind, Kind::Open) || {
                let main = Val {
                    open: None,
                    ..value.clone()
                };
                fits(self, &main)
            };
            let mut left = (*open).clone();
            left.others.retain(|other| fits(self, &other.value));
            if let ([only], true, false) = (left.others.as_slice(), left.exhaustive, main_fits) {
                return only.value.clone();
            }
            return Val {
                kind: if main_fits {
                    value.kind.clone()
                } else {
                    Kind::Open
                },
                trail: value.trail.clone(),
                open: Some(Rc::new(left)),
            };
        }
        if let Kind::OneOf(cases) = &value.kind {
            let left: Vec<_> = cases
                .clone()
                .iter()
                .filter(|case| fits(self, &case.value))
                .cloned()
                .collect();
            return match left.as_slice() {
                [only] => only.value.clone(),
                [] => value.clone(),
                _ => Val {
                    kind: Kind::OneOf(left.into()),
                    ..value.clone()
                },
            };
        }
        value.clone()
    }

    fn conditional(&mut self, node: &ast::ExprIf) -> Result<Val, Raise> {
        let test = self.eval(&node.test)?;
        match self.truth(&test) {
            Truth::Known(truth) => {
                let value = self.eval(if truth { &node.body } else { &node.orelse })?;
                let trail = value.trail.and(&test.trail);
                Ok(value.with_trail(trail))
            }
            truth => {
                let flow = self.branch(
                    &truth,
                    &node.test,
                    &test,
                    |eval| eval.flow_of(|eval| eval.eval(&node.body)),
                    |eval| eval.flow_of(|eval| eval.eval(&node.orelse)),
                );
                self.value_of(flow)
            }
        }
    }

    /// Runs what stands under a test that is not known, and what stands under its opposite.
    pub(crate) fn branch(
        &mut self,
        truth: &Truth,
        test: &ast::Expr,
        value: &Val,
        when_true: impl FnOnce(&mut Self) -> Flow,
        when_false: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let guard = self.guard(truth, test, value);
        let then = |eval: &mut Self| eval.narrowly(test, true, when_true);
        let otherwise = |eval: &mut Self| eval.narrowly(test, false, when_false);
        if matches!(truth, Truth::Open(Some(false), _)) {
            self.both(guard, otherwise, then)
        } else {
            self.both(guard, then, otherwise)
        }
    }

    /// What decides a test that is not known. Its first way is the one that holds while the
    /// variables are unset, else that of the true test.
    pub(crate) fn guard(&mut self, truth: &Truth, test: &ast::Expr, value: &Val) -> Guard {
        let span = self.span(test);
        let text = self.text(span);
        let opposite: Rc<str> = format!("not ({text})").into();
        let (by, first, second) = match truth {
            Truth::Open(Some(false), variables) => (By::Unset(variables.clone()), opposite, text),
            Truth::Open(Some(true), variables) => (By::Unset(variables.clone()), text, opposite),
            Truth::Open(None, variables) => (By::Set(variables.clone()), text, opposite),
            _ => (By::Condition, text, opposite),
        };
        Guard {
            by,
            first,
            second,
            span,
            trail: value.trail.clone().decides(span, "decides here"),
        }
    }

    /// Runs a branch in which names that were tested are no longer what the test rules out.
    fn narrowly(
        &mut self,
        test: &ast::Expr,
        truth: bool,
        run: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let mut bound = Vec::new();
        self.narrow(test, truth, &mut bound);
        let flow = run(self);
        for (scope, name, before, within) in bound {
            let now = self.heap.name(scope, &name);
            if now.is_some_and(|now| self.same(now, &within, 0)) {
                self.heap.bind(scope, &name, before);
            }
        }
        flow
    }

    fn narrow(&mut self, test: &ast::Expr, truth: bool, bound: &mut Vec<(Id, Rc<str>, Val, Val)>) {
        let (name, is_none) = match test {
            ast::Expr::Name(name) => (name.id.as_str(), None),
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => {
                return self.narrow(&node.operand, !truth, bound);
            }
            ast::Expr::Named(node) => return self.narrow(&node.target, truth, bound),
            ast::Expr::BoolOp(node) if (node.op == ast::BoolOp::And) == truth => {
                for value in &node.values {
                    self.narrow(value, truth, bound);
                }
                return;
            }
            ast::Expr::Compare(node) => match (&*node.left, &*node.ops, &*node.comparators) {
                (
                    ast::Expr::Name(name),
                    [op @ (ast::CmpOp::Is | ast::CmpOp::IsNot)],
                    [ast::Expr::NoneLiteral(_)],
                ) => (name.id.as_str(), Some((*op == ast::CmpOp::Is) == truth)),
                _ => return,
            },
            _ => return,
        };
        let Some((locals, globals)) = self.frame().map(|frame| (frame.locals, frame.home.globals))
        else {
            return;
        };
        for scope in [locals, globals] {
            let Some(before) = self.heap.name(scope, name).cloned() else {
                continue;
            };
            if !before.is_settled() {
                let within = match is_none {
                    Some(is_none) => narrowed_none(&before, is_none),
                    None => self.narrowed(&before, truth),
                };
                self.heap.bind(scope, name, within.clone());
                bound.push((scope, name.into(), before, within));
            }
            return;
        }
    }

    /// Runs an expression as a branch.
    pub(crate) fn flow_of(&mut self, run: impl FnOnce(&mut Self) -> Result<Val, Raise>) -> Flow {
        match run(self) {
            Ok(value) => Flow::Return(value),
            Err(raise) => Flow::Raise(raise),
        }
    }

    /// The value of branches that were run by [`Self::flow_of`].
    pub(crate) fn value_of(&mut self, flow: Flow) -> Result<Val, Raise> {
        match self.without_raises(flow) {
            Flow::Return(value) => Ok(value),
            Flow::Raise(raise) => Err(raise),
            _ => Ok(Val::NONE),
        }
    }

    fn comparison(&mut self, node: &ast::ExprCompare) -> Result<Val, Raise> {
        let span = self.span(node);
        let mut left = self.eval(&node.left)?;
        let mut result: Option<Val> = None;
        for (op, right) in node.ops.iter().zip(&*node.comparators) {
            let right = self.eval(right)?;
            let one = self.compare(*op, &left, &right, span)?;
            let is_over = self.truth(&one) == Truth::Known(false);
            result = Some(match result {
                None => one,
                Some(before) => self.lift(&[&before, &one], span, &mut |_, values| {
                    let all = values
                        .iter()
                        .all(|value| matches!(value.kind, Kind::Bool(true)));
                    Ok(Val::bool(all))
                })?,
            });
            if is_over {
                break;
            }
            left = right;
        }
        Ok(result.unwrap_or(Val::NONE))
    }

    fn f_string(&mut self, node: &ast::ExprFString) -> Result<Val, Raise> {
        let mut text = Val::str("");
        for part in node.value.iter() {
            match part {
                ast::FStringPart::Literal(literal) => {
                    let more = self.text_literal(literal.as_str(), literal.range)?;
                    text = self.concat(text, more, self.span(node))?;
                }
                ast::FStringPart::FString(string) => {
                    text = self.f_elements(text, &string.elements)?;
                }
            }
        }
        Ok(text)
    }

    fn f_elements(
        &mut self,
        mut text: Val,
        elements: &ast::InterpolatedStringElements,
    ) -> Result<Val, Raise> {
        for element in elements {
            let span = self.span(element);
            let more = match element {
                ast::InterpolatedStringElement::Literal(literal) => {
                    self.text_literal(&literal.value, literal.range)?
                }
                ast::InterpolatedStringElement::Interpolation(node) => {
                    let value = self.eval(&node.expression)?;
                    let spec = match &node.format_spec {
                        Some(spec) => self.f_elements(Val::str(""), &spec.elements)?,
                        None => Val::str(""),
                    };
                    let conversion = match (node.conversion.to_char(), &node.debug_text) {
                        (None, Some(_)) if node.format_spec.is_none() => Some('r'),
                        (conversion, _) => conversion,
                    };
                    if let Some(debug) = &node.debug_text {
                        text = self.concat(text, Val::str(debug.as_str()), span)?;
                    }
                    self.lift(&[&value, &spec], span, &mut |eval, values| {
                        let [value, spec] = values else {
                            return Ok(Val::NONE);
                        };
                        format::format_value(eval, value, conversion, spec, span)
                    })?
                }
            };
            text = self.concat(text, more, span)?;
        }
        Ok(text)
    }

    fn concat(&mut self, one: Val, two: Val, span: Span) -> Result<Val, Raise> {
        self.binary(ast::Operator::Add, &one, &two, span)
    }

    fn lambda(&mut self, node: &ast::ExprLambda) -> Result<Val, Raise> {
        let defaults = match &node.parameters {
            Some(parameters) => self.defaults(parameters)?,
            None => Vec::new(),
        };
        let function = Function {
            name: "<lambda>".into(),
            code: Code::Lambda(Rc::new(node.clone())),
            defaults,
            home: self.home_of_inner(),
            is_generator: false,
            access: Access::Plain,
        };
        Ok(Kind::Function(Rc::new(function)).into())
    }

    fn call_expression(&mut self, node: &ast::ExprCall) -> Result<Val, Raise> {
        let span = self.span(node);
        if let ast::Expr::Name(name) = &*node.func
            && name.id == "super"
            && node.arguments.is_empty()
        {
            return self.super_object(span);
        }
        let (callee, given) = self.call_parts(node)?;
        self.call_given(&callee, given, span)
    }

    /// What is called, and what is given to it.
    pub(super) fn call_parts(&mut self, node: &ast::ExprCall) -> Result<(Val, Vec<Given>), Raise> {
        let callee = self.eval(&node.func)?;
        let given = self.given(&node.arguments, takes_all(&node.func))?;
        Ok((callee, given))
    }

    /// Calls a value: where `*` or `**` of one of several is given, for each of these.
    pub(super) fn call_given(
        &mut self,
        callee: &Val,
        given: Vec<Given>,
        span: Span,
    ) -> Result<Val, Raise> {
        let choice = given.iter().position(|given| match given {
            Given::Items(value) | Given::Entries(value) => value.is_choice(),
            Given::Positional(_) | Given::Keyword(..) => false,
        });
        let choice = choice.and_then(|at| Some((at, given.get(at)?.value().clone())));
        let Some((at, value)) = choice else {
            let args = self.unpacked(given, span)?;
            return self.call(callee, args, span);
        };
        self.per_world(&value, span, &mut |eval, one| {
            let mut given = given.clone();
            let one = eval.settled(one);
            match &mut given[at] {
                Given::Items(value) | Given::Entries(value) => *value = one,
                Given::Positional(_) | Given::Keyword(..) => {}
            }
            eval.call_given(callee, given, span)
        })
    }

    pub(crate) fn arguments(&mut self, arguments: &ast::Arguments) -> Result<Args, Raise> {
        let given = self.given(arguments, false)?;
        self.unpacked(given, self.span(arguments))
    }

    /// What stands between the parentheses of a call, evaluated in its order. `takes_all` says that
    /// a generator there is run to its end by the call.
    fn given(&mut self, arguments: &ast::Arguments, takes_all: bool) -> Result<Vec<Given>, Raise> {
        let mut given = Vec::new();
        for argument in &arguments.args {
            given.push(match argument {
                ast::Expr::Starred(starred) => {
                    let value = self.eval(&starred.value)?;
                    let span = self.span(argument);
                    Given::Items(self.in_order(&value, span))
                }
                ast::Expr::Generator(node) if takes_all => {
                    Given::Positional(self.generator(node, true)?)
                }
                _ => Given::Positional(self.eval(argument)?),
            });
        }
        for keyword in &arguments.keywords {
            let value = self.eval(&keyword.value)?;
            given.push(match &keyword.arg {
                Some(name) => Given::Keyword(name.as_str().into(), value),
                None => Given::Entries(self.settled(&value)),
            });
        }
        Ok(given)
    }

    pub(super) fn unpacked(&mut self, given: Vec<Given>, span: Span) -> Result<Args, Raise> {
        let mut args = Args::default();
        for given in given {
            match given {
                Given::Positional(value) => args.positional.push(value),
                Given::Keyword(name, value) => args.keywords.push((name, value)),
                Given::Items(value) => {
                    let items = self.iterate(&value, span)?;
                    args.positional.extend(items.items);
                    args.rest = args.rest.or(items.rest);
                }
                Given::Entries(value) => {
                    let mut dict = Dict::default();
                    self.merge_entries(&mut dict, &value, span);
                    for (key, value) in dict.entries.into_values() {
                        if let Some(name) = key.as_str() {
                            args.keywords.push((name.into(), value));
                        }
                    }
                    args.rest = args.rest.or(dict.rest);
                }
            }
        }
        Ok(args)
    }

    fn slice(&mut self, node: &ast::ExprSlice) -> Result<Val, Raise> {
        let mut bound = |part: &Option<Box<ast::Expr>>| match part {
            Some(part) => self.eval(part),
            None => Ok(Val::NONE),
        };
        let bounds = vec![bound(&node.lower)?, bound(&node.upper)?, bound(&node.step)?];
        Ok(self.object("builtins.slice", vec![("bounds", Val::tuple(bounds))]))
    }

    pub(crate) fn yield_value(&mut self, items: &Items) -> Result<Val, Raise> {
        let Some(id) = self.frame().and_then(|frame| frame.yields) else {
            return Ok(Val::NONE);
        };
        self.put(id, items)?;
        Ok(Val::NONE)
    }
}

/// An argument of a call.
#[derive(Clone)]
pub(super) enum Given {
    Positional(Val),
    Keyword(Rc<str>, Val),
    /// `*value`
    Items(Val),
    /// `**value`
    Entries(Val),
}

impl Given {
    fn value(&self) -> &Val {
        match self {
            Self::Positional(value)
            | Self::Keyword(_, value)
            | Self::Items(value)
            | Self::Entries(value) => value,
        }
    }
}

/// Whether a function takes all that its first argument gives, before it does anything else.
fn takes_all(function: &ast::Expr) -> bool {
    match function {
        ast::Expr::Name(name) => matches!(
            name.id.as_str(),
            "list" | "tuple" | "set" | "frozenset" | "dict" | "sorted" | "sum" | "min" | "max"
        ),
        ast::Expr::Attribute(node) => {
            matches!(
                node.attr.as_str(),
                "join" | "extend" | "update" | "fromkeys"
            )
        }
        _ => false,
    }
}

/// What stands in a display: elements, or `*` of a value that is one of several, by its number.
enum Part {
    Items(Items),
    Choice(usize),
}

/// What stands in a dict display: an entry, or `**` of a mapping, which may be one of several.
enum Entries {
    One(Val, Val),
    Mapping(Val, Span),
    Choice(usize, Span),
}

/// What is left of a value that is, or is not, `None`.
fn narrowed_none(value: &Val, is_none: bool) -> Val {
    let fits = |value: &Val| !value.is_settled() || value.is_none() == is_none;
    if let Some(open) = &value.open {
        let main_fits = matches!(value.kind, Kind::Open) || value.is_none() == is_none;
        let mut left = (**open).clone();
        left.others.retain(|other| fits(&other.value));
        return Val {
            kind: if main_fits {
                value.kind.clone()
            } else {
                Kind::Open
            },
            trail: value.trail.clone(),
            open: Some(Rc::new(left)),
        };
    }
    match &value.kind {
        Kind::OneOf(cases) => {
            let left: Vec<_> = cases
                .iter()
                .filter(|case| fits(&case.value))
                .cloned()
                .collect();
            match left.as_slice() {
                [only] => only.value.clone(),
                [] => value.clone(),
                _ => Val {
                    kind: Kind::OneOf(left.into()),
                    ..value.clone()
                },
            }
        }
        _ => value.clone(),
    }
}

/// Entries that are not known are laid over these, each of which they may replace.
fn lose_values(dict: &mut Dict, reason: &Rc<tightship_model::Unknown>) {
    dict.doubt_values(&Kind::Unknown(reason.clone()).into());
    dict.rest.get_or_insert_with(|| reason.clone());
}
