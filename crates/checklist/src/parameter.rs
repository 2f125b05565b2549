//! The thresholds that items may ask for, and which of two is the stricter.

use tightship_model::Policy;

/// A threshold that an item may name.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub strict: Strict,
    /// Where checks read it; `None` where a person holds the item to it.
    field: Option<fn(&mut Policy) -> &mut u64>,
}

/// Which of two values asks for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// It is the least that is enough: the larger is the stricter.
    Least,
    /// It is the most that is allowed: the smaller is the stricter.
    Most,
}

/// All thresholds, under the names that `[thresholds]` of the configuration has for them.
pub static PARAMETERS: &[Parameter] = &[
    read("hsts-seconds", Strict::Least, |policy| {
        &mut policy.hsts_seconds
    }),
    read("secret-key-length", Strict::Least, |policy| {
        &mut policy.secret_key_length
    }),
    read("password-length", Strict::Least, |policy| {
        &mut policy.password_length
    }),
    read("axes-failure-limit", Strict::Most, |policy| {
        &mut policy.axes_failure_limit
    }),
    read("axes-cooloff-seconds", Strict::Least, |policy| {
        &mut policy.axes_cooloff_seconds
    }),
    read("jwt-access-seconds", Strict::Most, |policy| {
        &mut policy.jwt_access_seconds
    }),
    read("jwt-refresh-seconds", Strict::Most, |policy| {
        &mut policy.jwt_refresh_seconds
    }),
    told("tests", Strict::Least),
    told("backup-hours", Strict::Most),
    told("full-backup-days", Strict::Most),
    told("notify-hours", Strict::Most),
];

const fn read(name: &'static str, strict: Strict, field: fn(&mut Policy) -> &mut u64) -> Parameter {
    Parameter {
        name,
        strict,
        field: Some(field),
    }
}

const fn told(name: &'static str, strict: Strict) -> Parameter {
    Parameter {
        name,
        strict,
        field: None,
    }
}

impl PartialEq for Parameter {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Parameter {
    pub fn named(name: &str) -> Option<&'static Self> {
        PARAMETERS.iter().find(|parameter| parameter.name == name)
    }

    /// The stricter of two values.
    pub fn stricter(&self, one: u64, other: u64) -> u64 {
        match self.strict {
            Strict::Least => one.max(other),
            Strict::Most => one.min(other),
        }
    }

    /// Makes the policy as strict as this value, never less strict than it is; gives what holds then.
    pub fn tighten(&self, policy: &mut Policy, value: u64) -> u64 {
        let Some(field) = self.field else {
            return value;
        };
        let field = field(policy);
        *field = self.stricter(*field, value);
        *field
    }
}
