//! The values of a namespace as the model has them: bounded, with their trails, and with secrets told
//! from the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tightship_model::{
    Case, Cause, Dependent, Dict, Instance, Items, Secret, Span, Traced, Trail, Unknown, Value,
    names_a_secret,
};

use super::eval::{self, Evaluator};
use super::heap::Object;
use super::secrets;
use super::value::{Alternative, Chain, Kind, Val, last_part};

/// Values inside one setting. Shared structures are written out wherever they are used,
/// which lets a few lines of Python ask for more than any memory holds.
const MOST_NODES: usize = 50_000;

/// Values inside all settings together.
const MOST_NODES_IN_ALL: usize = 500_000;

/// Depth of values inside of values.
const DEEPEST: usize = 40;

pub(super) struct Export<'e, 'a> {
    eval: &'e mut Evaluator<'a>,
    defaults: &'e BTreeMap<String, Value>,
    /// Values that may still be written, of this setting and of all.
    left: usize,
    left_in_all: usize,
    /// Django's default of the setting that is being written.
    pending: Option<Value>,
    /// The texts that turned out to be secrets.
    found: BTreeSet<Rc<str>>,
    /// The places that a secret passed on its way, and its text.
    parts: Vec<(Span, Rc<str>)>,
    /// Where the setting that is being written is set: that is no part of it.
    own: Option<Span>,
    /// Whether `parts` is complete, so that what is in it is hidden.
    hides_parts: bool,
}

/// Settings by name, the texts among them that turned out to be secrets, and the places that a
/// secret passed on its way.
type Finished = (
    BTreeMap<String, Traced<Value>>,
    BTreeSet<Rc<str>>,
    Vec<(Span, Rc<str>)>,
);

impl<'e, 'a> Export<'e, 'a> {
    pub(super) fn new(eval: &'e mut Evaluator<'a>, defaults: &'e BTreeMap<String, Value>) -> Self {
        Self {
            eval,
            defaults,
            left: 0,
            left_in_all: MOST_NODES_IN_ALL,
            pending: None,
            found: BTreeSet::new(),
            parts: Vec::new(),
            own: None,
            hides_parts: false,
        }
    }

    pub(super) fn finished(mut self, settings: &[(&Rc<str>, &Val)]) -> Finished {
        let mut overridden = self.all_settings(settings);
        // What became part of a secret is one too, under whatever name: that is known only now.
        if !self.parts.is_empty() {
            self.hides_parts = true;
            overridden = self.all_settings(settings);
        }
        (overridden, self.found, self.parts)
    }

    fn all_settings(&mut self, settings: &[(&Rc<str>, &Val)]) -> BTreeMap<String, Traced<Value>> {
        self.left_in_all = MOST_NODES_IN_ALL;
        settings
            .iter()
            .map(|(name, value)| (name.to_string(), self.setting(name, value)))
            .collect()
    }

    pub(super) fn setting(&mut self, name: &str, value: &Val) -> Traced<Value> {
        let default = self.defaults.get(name).cloned();
        let value = self.with_default(value, default.as_ref());
        self.own = value.trail.links().next().and_then(|link| link.span);
        self.left = MOST_NODES.min(self.left_in_all);
        let before = self.left;
        let traced = self.traced(&value, names_a_secret(name), 0);
        self.left_in_all -= before - self.left;
        traced
    }

    /// Where a branch does not set the name, Django's default holds.
    fn with_default(&mut self, value: &Val, default: Option<&Value>) -> Val {
        let replace = |value: &Val| match (&value.kind, default) {
            (Kind::Unbound, Some(_)) => Val {
                kind: Kind::Native("builtins.default".into()),
                ..value.clone()
            },
            _ => value.clone(),
        };
        let all = |cases: &[Alternative]| -> Vec<Alternative> {
            let cases = cases.iter().map(|case| Alternative {
                when: case.when.clone(),
                value: replace(&case.value),
            });
            cases.collect()
        };
        let mut value = replace(value);
        if let Kind::OneOf(cases) = &value.kind {
            value.kind = Kind::OneOf(all(cases).into());
        }
        if let Some(open) = &value.open {
            let mut open = (**open).clone();
            open.others = all(&open.others);
            value.open = Some(Rc::new(open));
        }
        self.pending = default.cloned();
        value
    }

    fn traced(&mut self, value: &Val, is_secret: bool, depth: usize) -> Traced<Value> {
        let trail = self.trail(&value.trail);
        Traced::new(self.value(value, is_secret, depth), trail)
    }

    fn trail(&self, chain: &Chain) -> Trail {
        chain.to_trail()
    }

    fn value(&mut self, value: &Val, is_secret: bool, depth: usize) -> Value {
        let span = value.trail.links().find_map(|link| link.span);
        let Some(left) = self.left.checked_sub(1).filter(|_| depth <= DEEPEST) else {
            return Value::unknown(
                Cause::Bound,
                format!("the setting holds more than {MOST_NODES} values"),
                span,
            );
        };
        self.left = left;
        let value = &self.eval.load(value.clone());
        if let Some(open) = value.open.clone() {
            let main = Val {
                open: None,
                ..value.clone()
            };
            let unset = match value.kind {
                Kind::Open => None,
                _ => Some(self.traced(&main, is_secret, depth + 1)),
            };
            let mut dependent = Dependent {
                variables: open.variables.iter().map(|name| name.to_string()).collect(),
                unset,
                others: Vec::new(),
                exhaustive: open.exhaustive,
            };
            for case in open.others.iter() {
                let case = self.case(case, is_secret, depth);
                tell(&mut dependent, case);
            }
            return match dependent.unset {
                Some(unset) if dependent.exhaustive && dependent.others.is_empty() => unset.value,
                unset => Value::Environment(Box::new(Dependent { unset, ..dependent })),
            };
        }
        match &value.kind {
            Kind::None => Value::None,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Str(text) => self.text(text, &value.trail, is_secret),
            Kind::Bytes(bytes) if is_secret => match std::str::from_utf8(bytes) {
                Ok(text) => self.text(&text.into(), &value.trail, true),
                Err(_) => Value::Bytes(bytes.to_vec()),
            },
            Kind::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Kind::Path(path) => Value::Path(path.to_string()),
            Kind::Timedelta(micros) => Value::Timedelta(*micros),
            Kind::Tuple(sequence) => {
                Value::Tuple(self.items(&sequence.items, sequence.rest.as_ref(), is_secret, depth))
            }
            Kind::List(_) | Kind::Set(_) | Kind::Dict(_) | Kind::Iterator(_) => {
                self.object(value, is_secret, depth)
            }
            Kind::OneOf(cases) => {
                let cases = cases.iter();
                let mut cases: Vec<Case> = cases
                    .map(|case| self.case(case, is_secret, depth))
                    .collect();
                let first = &cases[0].value.value;
                if cases[1..]
                    .iter()
                    .all(|case| case.value.value.is_same(first))
                {
                    return cases.swap_remove(0).value.value;
                }
                Value::OneOf(cases)
            }
            Kind::Unknown(reason) => (**reason).clone().into_value(),
            Kind::Unbound => Value::unknown(Cause::Code, "it is not set in this case", span),
            Kind::Open => Value::unknown(Cause::Code, "the environment decides", span),
            Kind::Ellipsis => Value::Reference("builtins.Ellipsis".to_owned()),
            Kind::Native(path) if &**path == "builtins.default" => {
                self.pending.clone().unwrap_or(Value::None)
            }
            Kind::Native(path) => native(path, span),
            Kind::Class(class) => Value::Reference(class.path.to_string()),
            Kind::Module(name, id) if self.eval.heap.name(*id, "__name__").is_some() => {
                Value::Reference(name.to_string())
            }
            Kind::Module(..) => Value::unknown(Cause::Code, "the names of an object", span),
            Kind::Function(function) => {
                Value::Reference(format!("{}.{}", function.home.module, function.name))
            }
            Kind::Made(made) => Value::Instance(Instance {
                class: made.class.to_string(),
                arguments: self.all(&made.positional, depth),
                keywords: made
                    .keywords
                    .iter()
                    .map(|(name, value)| {
                        let traced = self.traced(value, names_a_secret(name), depth + 1);
                        (name.to_string(), traced)
                    })
                    .collect(),
            }),
            Kind::Instance(class, id) => self.instance(value, class, *id, is_secret, depth),
            Kind::Object(class, _) => {
                Value::unknown(Cause::Package, format!("an object of {class}"), span)
            }
            Kind::Method(_) | Kind::Bound(_) => {
                Value::unknown(Cause::Code, "a method of an object", span)
            }
        }
    }

    fn instance(
        &mut self,
        value: &Val,
        class: &Rc<super::value::Class>,
        id: super::heap::Id,
        is_secret: bool,
        depth: usize,
    ) -> Value {
        let plain = self.eval.plain(value);
        if !matches!(plain.kind, Kind::Instance(..)) {
            return self.value(&plain, is_secret, depth + 1);
        }
        if let Some(entries) = self.eval.own_dict(value) {
            return self.value(&entries, is_secret, depth + 1);
        }
        let names = self.eval.heap.names(id).cloned().unwrap_or_default();
        let has_base = |path: &str| {
            class
                .order
                .iter()
                .any(|base| matches!(&base.kind, Kind::Native(base) if &**base == path))
        };
        if has_base("typing.NamedTuple") {
            let fields: Vec<Val> = names.values.values().cloned().collect();
            return self.value(&Val::tuple(fields), is_secret, depth + 1);
        }
        if has_base("typing.TypedDict") {
            return Value::unknown(Cause::Code, "a dict made by calling its class", None);
        }
        Value::Instance(Instance {
            class: class.path.to_string(),
            arguments: Vec::new(),
            keywords: names
                .values
                .iter()
                .map(|(name, value)| {
                    let traced = self.traced(value, names_a_secret(name), depth + 1);
                    (name.to_string(), traced)
                })
                .collect(),
        })
    }

    fn object(&mut self, value: &Val, is_secret: bool, depth: usize) -> Value {
        let settled = self.eval.settled(value);
        if !settled.is_settled() {
            return self.value(&settled, is_secret, depth + 1);
        }
        let (Kind::List(id) | Kind::Set(id) | Kind::Dict(id) | Kind::Iterator(id)) = settled.kind
        else {
            return Value::None;
        };
        match &*self.eval.heap.object(id).clone() {
            Object::List(list) => {
                let items = self.items(&list.items, list.rest.as_ref(), is_secret, depth);
                match settled.kind {
                    Kind::Iterator(_) => Value::unknown(Cause::Code, "an iterator", None),
                    _ => Value::List(items),
                }
            }
            Object::Set(set) => {
                let items: Vec<Val> = set.items.values().cloned().collect();
                Value::Set(self.items(&items, set.rest.as_ref(), is_secret, depth))
            }
            Object::Dict(dict) => {
                let mut entries = Vec::new();
                for (key, value) in dict.entries.values() {
                    let is_secret = key.as_str().is_some_and(names_a_secret)
                        || is_secret && !matches!(value.kind, Kind::Dict(_));
                    let key = self.value(key, false, depth + 1);
                    entries.push((key, self.traced(value, is_secret, depth + 1)));
                }
                Value::Dict(Dict {
                    entries,
                    rest: dict.rest.as_ref().map(|rest| (**rest).clone()),
                })
            }
            _ => Value::None,
        }
    }

    fn items(
        &mut self,
        items: &[Val],
        rest: Option<&Rc<Unknown>>,
        is_secret: bool,
        depth: usize,
    ) -> Items {
        Items {
            items: items
                .iter()
                .map(|item| self.traced(item, is_secret, depth + 1))
                .collect(),
            rest: rest.map(|rest| (**rest).clone()),
        }
    }

    fn all(&mut self, values: &[Val], depth: usize) -> Vec<Traced<Value>> {
        values
            .iter()
            .map(|value| self.traced(value, false, depth + 1))
            .collect()
    }

    fn case(&mut self, case: &Alternative, is_secret: bool, depth: usize) -> Case {
        Case {
            when: case.when.to_string(),
            value: self.traced(&case.value, is_secret, depth + 1),
        }
    }

    fn text(&mut self, text: &Rc<str>, trail: &Chain, is_secret: bool) -> Value {
        let holds_secret = || {
            self.eval.secrets.contains(text)
                || self
                    .eval
                    .secrets
                    .iter()
                    .any(|secret| secret.len() >= SHORTEST && text.contains(&**secret))
        };
        let password = secrets::password(text);
        let is_whole = is_secret || password.is_some() || holds_secret();
        if text.is_empty() || !(is_whole || self.is_part(text, trail)) {
            return Value::Str(text.to_string());
        }
        // Of an address only the password is secret: its host and its user stay what they are.
        let secret = match password {
            Some(password) => Some(password.into()),
            None => is_secret.then(|| text.clone()),
        };
        if let Some(secret) = secret.filter(|_| !self.hides_parts) {
            let places = trail.links().filter_map(|link| link.span);
            let places = places.filter(|span| Some(*span) != self.own);
            self.parts.extend(places.map(|span| (span, secret.clone())));
        }
        self.found.insert(text.clone());
        Value::Secret(Secret::new(&**text))
    }

    /// Whether a text is one of those that a secret is made of: it comes from a place that the
    /// secret passed, and stands in it.
    fn is_part(&self, text: &str, trail: &Chain) -> bool {
        self.hides_parts
            && text.len() >= SHORTEST_PART
            && trail.links().filter_map(|link| link.span).any(|span| {
                self.parts
                    .iter()
                    .any(|(place, secret)| *place == span && secret.contains(text))
            })
    }
}

/// Adds a value to those that variables may give, unless it is among them. What the same variables
/// decide inside of it is told as theirs.
fn tell(dependent: &mut Dependent, case: Case) {
    let is_own = |names: &[String]| names.iter().all(|name| dependent.variables.contains(name));
    match case.value.value {
        Value::Unknown(unknown) if !unknown.variables.is_empty() && is_own(&unknown.variables) => {
            dependent.exhaustive = false;
        }
        Value::Environment(inner) if is_own(&inner.variables) => {
            dependent.exhaustive &= inner.exhaustive;
            let when = &case.when;
            let unset = inner.unset.into_iter().map(|value| Case {
                when: when.clone(),
                value,
            });
            for case in unset.chain(inner.others) {
                tell(dependent, case);
            }
        }
        Value::OneOf(cases) => cases.into_iter().for_each(|case| tell(dependent, case)),
        _ => {
            let told = dependent.others.iter().map(|case| &case.value);
            let mut told = dependent.unset.iter().chain(told);
            if !told.any(|told| told.value.is_same(&case.value.value)) {
                dependent.others.push(case);
            }
        }
    }
}

/// Bytes of a part of a secret that are worth hiding: shorter ones join the others.
pub(super) const SHORTEST_PART: usize = 3;

/// Bytes of a secret that are told from chance when they occur inside another text.
pub(super) const SHORTEST: usize = 6;

/// What stands outside the project: classes, functions and modules are themselves, but a constant
/// is whatever its package says.
fn native(path: &str, span: Option<Span>) -> Value {
    let name = last_part(path);
    let first = path.split('.').next().unwrap_or(path);
    let is_class = eval::is_class_name(path);
    let is_constant = !name.chars().any(char::is_lowercase);
    if is_class
        || path.starts_with("builtins.")
        || name == path
        || super::stdlib::is_module(first) && first != "django" && !is_constant
    {
        let path = path.strip_prefix("builtins.").unwrap_or(path);
        return Value::Reference(path.to_owned());
    }
    Value::unknown(
        Cause::Package,
        format!("what {path} is, its package decides"),
        span,
    )
}
