//! What `for`, unpacking and the like see of a value.

use tightship_model::{Cause, Span};

use super::objects::{Items, uncertain};
use super::{Evaluator, Raise};
use crate::python::heap::{List, Object};
use crate::python::value::{Args, Kind, Val};

impl Evaluator<'_> {
    /// The elements of a value, as `for` sees them.
    pub(crate) fn iterate(&mut self, value: &Val, span: Span) -> Result<Items, Raise> {
        let value = self.settled(value);
        if value.open.is_some() {
            // Set, the variables may leave none of the elements that there are while they are unset.
            return Ok(Items {
                items: Vec::new(),
                rest: Some(uncertain(&value)),
            });
        }
        match &value.kind {
            Kind::Instance(class, _) if self.class_attribute(class, "__iter__").is_some() => {
                let method = self.attribute(&value, "__iter__", span)?;
                let iterator = self.call(&method, Args::default(), span)?;
                return self.iterate(&iterator, span);
            }
            Kind::Instance(..) if self.own_dict(&value).is_some() => {
                let entries = self.own_dict(&value).unwrap_or(Val::NONE);
                return self.iterate(&entries, span);
            }
            Kind::Class(class) => return Ok(self.members(class)),
            Kind::Native(path) if &**path == "os.environ" => {
                // The machine adds names such as PATH, which no settings ask for in a loop.
                let (names, is_known) = self.variable_names();
                return Ok(Items {
                    items: names.into_iter().map(Val::str).collect(),
                    rest: (!is_known).then(|| {
                        super::unknown(Cause::Machine, "the environment is not known", span)
                    }),
                });
            }
            Kind::Native(path) => {
                if let Some(constant) = crate::python::stdlib::constant(self, &path.clone(), span) {
                    return self.iterate(&constant, span);
                }
            }
            Kind::Object(class, _) if &**class == "builtins.file" => {
                let lines = self.attribute(&value, "readlines", span)?;
                let lines = self.call(&lines, Args::default(), span)?;
                return self.iterate(&lines, span);
            }
            Kind::Instance(class, id) if super::is_named_tuple(class) => {
                let names = self.heap.names(*id).cloned().unwrap_or_default();
                return Ok(Items {
                    items: names.values.into_values().collect(),
                    rest: names.rest,
                });
            }
            _ => {}
        }
        let Some(items) = self.items(&value) else {
            return Err(Raise::new(
                "TypeError",
                format!("'{}' object is not iterable", value.type_name()),
                Some(span),
            ));
        };
        if let Kind::Iterator(id) = value.kind {
            self.heap.write(id, Object::List(List::default()));
        }
        self.spend(items.items.len())?;
        Ok(items)
    }
}
