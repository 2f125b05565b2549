//! What expressions give.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::branches::{Flow, Truth};
use super::objects::Items;
use super::{DEEPEST, Evaluator, Raise};
use crate::python::heap::Id;
use crate::python::syntax::{Ranged, ast};
use crate::python::value::{Access, Code, Function, Kind, Sequence, Val};
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
            setter: None,
        };
        Ok(Kind::Function(Rc::new(function)).into())
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
