//! Enums, and the choices of Django.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::objects::Items;
use super::{Evaluator, Raise};
use crate::python::heap::{Key, Names, Object};
use crate::python::value::{Args, Class, Kind, Val};

impl Evaluator<'_> {
    /// What iterating a class gives: the members of an enum.
    pub(crate) fn members(&self, class: &Class) -> Items {
        let names = self.heap.names(class.attributes);
        // A second name of a member is not a second member.
        let mut seen = Vec::new();
        let mut is_new = |value: &&Val| match &value.kind {
            Kind::Instance(own, id) if own.path == class.path && !seen.contains(id) => {
                seen.push(*id);
                true
            }
            _ => false,
        };
        let values = names.into_iter().flat_map(|names| names.values.values());
        Items {
            items: values.filter(|value| is_new(value)).cloned().collect(),
            rest: None,
        }
    }

    pub(super) fn make_members(&mut self, class: &Rc<Class>) {
        let Some(names) = self.heap.names(class.attributes) else {
            return;
        };
        let values: Vec<(Rc<str>, Val)> = names
            .values
            .iter()
            .filter(|(name, value)| {
                !name.starts_with('_') && !matches!(value.kind, Kind::Function(_) | Kind::Class(_))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut last = 0;
        for (name, value) in values {
            let value = match &value.kind {
                Kind::Object(path, _) if &**path == "enum.auto" => {
                    if is_text_enum(class) {
                        Val::str(name.to_lowercase())
                    } else {
                        Val::int(last + 1)
                    }
                }
                // Choices of Django: the value, then its label.
                Kind::Tuple(pair) if is_django_choices(class) && pair.items.len() == 2 => {
                    pair.items[0].clone()
                }
                _ => value,
            };
            last = value.as_int().unwrap_or(last);
            // A second name of the same value is another name of the same member.
            let twin = self.members(class).items.into_iter().find(|member| {
                let known = self.state(member, "value");
                known.is_some_and(|known| self.equal(&known, &value, 0) == Some(true))
            });
            if let Some(twin) = twin {
                self.heap.bind(class.attributes, &name, twin);
                continue;
            }
            let mut state = Names::default();
            state.values.insert("name".into(), Val::str(name.clone()));
            state.values.insert("value".into(), value);
            let id = self.heap.add(Object::Names(state));
            let member = Kind::Instance(class.clone(), id).into();
            self.heap.bind(class.attributes, &name, member);
        }
    }

    pub(super) fn member_by_value(
        &mut self,
        class: &Rc<Class>,
        args: &Args,
        span: Span,
    ) -> Result<Val, Raise> {
        let Some(wanted) = args.positional.first() else {
            return Ok(self.unknown(Cause::Code, "an enum is called", span));
        };
        let members = self.members(class).items;
        self.lift(&[wanted], span, &mut |eval, values| {
            let wanted = Key::of(&values[0]);
            let found = members.iter().find(|member| {
                let value = eval.state(member, "value");
                wanted.is_some() && value.as_ref().and_then(Key::of) == wanted
            });
            found.cloned().ok_or_else(|| {
                Raise::new(
                    "ValueError",
                    format!("not a valid {}", class.name),
                    Some(span),
                )
            })
        })
    }

    pub(super) fn enum_list(&mut self, class: &Rc<Class>, name: &str) -> Val {
        let members = self.members(class).items;
        let part =
            |eval: &Self, member: &Val, part: &str| eval.state(member, part).unwrap_or(Val::NONE);
        let items = members
            .iter()
            .map(|member| match name {
                "names" | "__members__" => part(self, member, "name"),
                "values" => part(self, member, "value"),
                _ => self.unknown(Cause::Package, "labels of choices", class.span),
            })
            .collect();
        self.list(items)
    }
}

pub(crate) fn is_enum(class: &Class) -> bool {
    class.order.iter().any(|base| {
        matches!(&base.kind, Kind::Native(path) if matches!(
            &**path,
            "enum.Enum" | "enum.IntEnum" | "enum.StrEnum" | "enum.Flag" | "enum.IntFlag"
                | "django.db.models.TextChoices" | "django.db.models.IntegerChoices"
                | "django.db.models.Choices"
        ))
    })
}

fn is_django_choices(class: &Class) -> bool {
    class.order.iter().any(
        |base| matches!(&base.kind, Kind::Native(path) if path.starts_with("django.db.models.")),
    )
}

fn is_text_enum(class: &Class) -> bool {
    class.order.iter().any(|base| {
        matches!(&base.kind, Kind::Native(path) if matches!(
            &**path,
            "enum.StrEnum" | "builtins.str" | "django.db.models.TextChoices"
        ))
    })
}

/// Whether members of an enum are strings or integers themselves.
pub(crate) fn is_str_enum(class: &Class) -> bool {
    is_enum(class)
        && class.order.iter().any(|base| {
            matches!(&base.kind, Kind::Native(path) if matches!(
                &**path,
                "enum.StrEnum" | "enum.IntEnum" | "builtins.str" | "builtins.int"
                    | "django.db.models.TextChoices" | "django.db.models.IntegerChoices"
            ))
        })
}
