//! How the arguments of a call become the names of a function's scope.

use std::rc::Rc;

use tightship_model::Span;

use super::objects::Items;
use super::{Evaluator, Raise};
use crate::python::heap::{Dict, Id};
use crate::python::syntax::ast;
use crate::python::value::{Args, Code, Function, Kind, Val};

impl Evaluator<'_> {
    pub(super) fn bind_parameters(
        &mut self,
        function: &Rc<Function>,
        args: Args,
        locals: Id,
        span: Span,
    ) -> Result<(), Raise> {
        let none = ast::Parameters::default();
        let parameters = match &function.code {
            Code::Def(node) => &*node.parameters,
            Code::Lambda(node) => node.parameters.as_deref().unwrap_or(&none),
        };
        let mistake = |text: String| {
            Raise::new(
                "TypeError",
                format!("{}() {text}", function.name),
                Some(span),
            )
        };
        let mut positional = args.positional.into_iter();
        let mut keywords = args.keywords;
        let named = parameters
            .posonlyargs
            .iter()
            .map(|parameter| (parameter, false))
            .chain(parameters.args.iter().map(|parameter| (parameter, true)));
        let mut missing = Vec::new();
        for (parameter, by_name) in named {
            let name = parameter.parameter.name.as_str();
            let value = positional.next().or_else(|| {
                let at = keywords
                    .iter()
                    .position(|(key, _)| by_name && **key == *name)?;
                Some(keywords.remove(at).1)
            });
            missing.extend(self.bind_parameter(function, locals, name, value));
        }
        let left: Vec<Val> = positional.collect();
        match &parameters.vararg {
            Some(vararg) => {
                let items = Items {
                    items: left,
                    rest: args.rest.clone(),
                };
                let tuple = Val::from(Kind::Tuple(Rc::new(crate::python::value::Sequence {
                    items: items.items,
                    rest: items.rest,
                })));
                self.heap.bind(locals, vararg.name.as_str(), tuple);
            }
            None if !left.is_empty() => {
                return Err(mistake("takes fewer positional arguments".to_owned()));
            }
            None => {}
        }
        for parameter in &parameters.kwonlyargs {
            let name = parameter.parameter.name.as_str();
            let at = keywords.iter().position(|(key, _)| **key == *name);
            let value = at.map(|at| keywords.remove(at).1);
            missing.extend(self.bind_parameter(function, locals, name, value));
        }
        match &parameters.kwarg {
            Some(kwarg) => {
                let mut dict = Dict {
                    rest: args.rest.clone(),
                    ..Dict::default()
                };
                for (name, value) in keywords {
                    // A string key is always definite.
                    let _ = dict.insert(Val::str(name), value);
                }
                let dict = self.dict_object(dict);
                self.heap.bind(locals, kwarg.name.as_str(), dict);
            }
            None => {
                if let Some((name, _)) = keywords.first() {
                    return Err(mistake(format!(
                        "got an unexpected keyword argument '{name}'"
                    )));
                }
            }
        }
        for name in missing {
            match &args.rest {
                Some(rest) => {
                    let value = Kind::Unknown(rest.clone()).into();
                    self.heap.bind(locals, &name, value);
                }
                None => return Err(mistake(format!("missing the argument '{name}'"))),
            }
        }
        Ok(())
    }

    /// Binds one parameter, or says that there is nothing for it.
    fn bind_parameter(
        &mut self,
        function: &Function,
        locals: Id,
        name: &str,
        value: Option<Val>,
    ) -> Option<Rc<str>> {
        let default = || {
            let default = function.defaults.iter().find(|(key, _)| **key == *name);
            default.map(|(_, value)| value.clone())
        };
        match value.or_else(default) {
            Some(value) => {
                self.heap.bind(locals, name, value);
                None
            }
            None => Some(name.into()),
        }
    }

    pub(crate) fn defaults(
        &mut self,
        parameters: &ast::Parameters,
    ) -> Result<Vec<(Rc<str>, Val)>, Raise> {
        let mut defaults = Vec::new();
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                let value = self.eval(default)?;
                defaults.push((parameter.parameter.name.as_str().into(), value));
            }
        }
        Ok(defaults)
    }
}
