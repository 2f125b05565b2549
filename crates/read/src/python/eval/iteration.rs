//! What `for`, unpacking and the like see of a value.

use tightship_model::Span;

use super::objects::{Items, uncertain};
use super::{Evaluator, Raise};
use crate::python::heap::{List, Object};
use crate::python::value::{Args, Kind, Val};

impl Evaluator<'_> {
    /// The elements of a value, as `for` sees them.
    pub(crate) fn iterate(&mut self, value: &Val, span: Span) -> Result<Items, Raise> {
        let value = self.settled(value);
        if value.open.is_some() && !matches!(value.kind, Kind::Open) {
            return self.iterate_open(&value, span);
        }
        match &value.kind {
            Kind::Instance(class, _) if self.class_attribute(class, "__iter__").is_some() => {
                let method = self.attribute(&value, "__iter__", span)?;
                let iterator = self.call(&method, Args::default(), span)?;
                return self.iterate(&iterator, span);
            }
            Kind::Class(class) => return Ok(self.members(class)),
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

    /// The elements while the variables are unset; set, there may be others.
    fn iterate_open(&mut self, value: &Val, span: Span) -> Result<Items, Raise> {
        let main = Val {
            open: None,
            ..value.clone()
        };
        let variables = value.variables();
        let items = self.iterate(&main, span)?;
        Ok(Items {
            items: items
                .items
                .into_iter()
                .map(|item| item.depending_on(&variables))
                .collect(),
            rest: Some(uncertain(value)),
        })
    }
}
