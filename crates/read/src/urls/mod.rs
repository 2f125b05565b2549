//! Settings in one URL: `DATABASE_URL`, `CACHE_URL`, `EMAIL_URL` and their like, as the packages
//! that take them apart do it. Text goes in, the very dict that Django gets comes out.

mod dj_database_url;
mod dj_urls;
mod django_environ;
mod split;

#[cfg(test)]
mod differential;

use crate::python::plain::Plain;

pub(crate) use dj_database_url::{Options as DatabaseOptions, parse as dj_database_url};
pub(crate) use dj_urls::{dj_email_url, dj_search_url, django_cache_url};
pub(crate) use django_environ::{
    Installed, boolean as django_environ_boolean, cache_url, channels_url, db_url, email_url,
    search_url,
};
pub(crate) use split::Url;

/// An exception that a package raises. The text never holds the URL, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Dotted path of the exception's class.
    pub(crate) class: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
        }
    }
}

/// A dict in the making; a key that is set again keeps its place.
#[derive(Debug, Default)]
struct Config(Vec<(String, Plain)>);

impl Config {
    fn set(&mut self, key: &str, value: Plain) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    fn text(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Plain::Str(value.into()));
    }

    fn get(&self, key: &str) -> Option<&Plain> {
        self.0
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    fn take(&mut self, key: &str) -> Option<Plain> {
        let place = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(place).1)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn into_plain(self) -> Plain {
        let entries = self.0.into_iter();
        Plain::Dict(
            entries
                .map(|(key, value)| (Plain::Str(key), value))
                .collect(),
        )
    }
}

/// The first of several names, `None` where there is no text.
fn text_or_none(text: Option<String>) -> Plain {
    text.map_or(Plain::None, Plain::Str)
}
