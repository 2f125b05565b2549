//! Evaluated Django settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::{SourceId, Span, Traced, Trail, Unknown, Value};

/// The settings module that was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Dotted name, as DJANGO_SETTINGS_MODULE would hold it.
    pub name: String,
    pub source: SourceId,
    /// What chose it.
    pub trail: Trail,
}

/// All settings of one module under one environment.
#[derive(Clone, Debug)]
pub struct Settings {
    pub module: Module,
    /// What the project sets, by name.
    pub overridden: BTreeMap<String, Traced<Value>>,
    /// The defaults of the Django version in use.
    pub defaults: BTreeMap<String, Value>,
    /// The Django version whose defaults these are, `5.2`; and whether the project names it.
    pub django: (u32, u32),
    pub django_is_assumed: bool,
    /// Set where names that were not seen may be set too: a star import of a module that is not here.
    pub rest: Option<Unknown>,
    /// Where a statement of a settings module certainly stops the program under this environment, and
    /// what Python says: `ImproperlyConfigured: ...`. The settings are what they would be without it.
    pub stops: Vec<(String, Span)>,
}

/// One setting: overridden or Django's default.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    pub name: &'a str,
    pub value: Cow<'a, Traced<Value>>,
    /// Whether the project sets it.
    pub is_overridden: bool,
}

impl Settings {
    /// The setting as Django sees it; `None` where neither the project nor Django defines it.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<Setting<'a>> {
        let old = self.name_before_django_2(name);
        if let Some(value) = self.overridden.get(old.unwrap_or(name)) {
            return Some(Setting {
                name,
                value: Cow::Borrowed(value),
                is_overridden: true,
            });
        }
        if let Some(rest) = &self.rest {
            let trail = rest
                .span
                .map(|span| Trail::at(span, "names from here are not known"))
                .unwrap_or_default();
            let value = Traced::new(rest.clone().into_value(), trail);
            return Some(Setting {
                name,
                value: Cow::Owned(value),
                is_overridden: false,
            });
        }
        let default = self.defaults.get(name)?;
        let (major, minor) = self.django;
        let trail = Trail::outside(format!(
            "{name} is not set; Django {major}.{minor}'s default"
        ));
        let value = Traced::new(default.clone(), trail);
        Some(Setting {
            name,
            value: Cow::Owned(value),
            is_overridden: false,
        })
    }

    /// The name that an old project gives a setting: Django 1.10 to 1.11 read `MIDDLEWARE_CLASSES` where
    /// `MIDDLEWARE` is not set, and earlier ones nothing else.
    fn name_before_django_2(&self, name: &str) -> Option<&'static str> {
        const OLD: &str = "MIDDLEWARE_CLASSES";
        let is_old = name == "MIDDLEWARE"
            && !self.django_at_least(2, 0)
            && !self.overrides(name)
            && self.overrides(OLD);
        is_old.then_some(OLD)
    }

    /// Whether the project sets a name.
    pub fn overrides(&self, name: &str) -> bool {
        self.overridden.contains_key(name)
    }

    /// Whether the Django in use is this version or newer.
    pub fn django_at_least(&self, major: u32, minor: u32) -> bool {
        self.django >= (major, minor)
    }
}
