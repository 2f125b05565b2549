//! What a check is.

use crate::{Deployment, Outcome, Severity};

/// One check: a record and a function. See `docs/` and CONTRIBUTING for how to add one.
pub struct Check {
    /// `area/bad-thing`, mirrored by its file `checks/src/<area>/<bad_thing>.rs`.
    pub id: &'static str,
    /// The bad thing, as a short statement.
    pub title: &'static str,
    pub severity: Severity,
    /// Sources without which there is no answer; the engine then says Unknown or NotApplicable.
    pub needs: &'static [Need],
    /// Rows of the checklists that this check proves.
    pub items: &'static [&'static str],
    /// Ids of Django's own checks, and those of packages, that this check covers.
    pub django_ids: &'static [&'static str],
    pub references: &'static [Reference],
    /// The page: why, how to mend, examples that run as tests.
    pub doc: &'static str,
    pub run: fn(&Deployment) -> Outcome,
}

impl Check {
    /// The part of the id before the slash.
    pub fn area(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}

/// A source that a check stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A Django settings module that could be evaluated.
    Settings,
    /// A configuration of nginx that runs; without one the check does not apply.
    Nginx,
    /// This package in `INSTALLED_APPS`, in the middleware or in the requirements, by the dotted
    /// name of the app; without it the check does not apply.
    App(&'static str),
    /// This class in `MIDDLEWARE`, by its dotted path; without it the check does not apply.
    Middleware(&'static str),
    /// This Django or a newer one; the check does not apply to older ones.
    Django(u32, u32),
    /// The live site.
    Site,
    /// The thresholds of the policy, which are always there: under other ones the check is asked again.
    Thresholds,
}

/// Where the claim of a check is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A page of Django's documentation, relative to `https://docs.djangoproject.com/en/stable/`.
    Django(&'static str),
    /// A weakness of the Common Weakness Enumeration.
    Cwe(u32),
    /// An RFC, with its section.
    Rfc(u32, &'static str),
    /// Any other page.
    Url(&'static str),
}

impl Reference {
    pub fn url(&self) -> String {
        match self {
            Self::Django(page) => format!("https://docs.djangoproject.com/en/stable/{page}"),
            Self::Cwe(id) => format!("https://cwe.mitre.org/data/definitions/{id}.html"),
            Self::Rfc(number, section) => {
                format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}")
            }
            Self::Url(url) => (*url).to_owned(),
        }
    }
}
