//! Yes-or-no questions asked of values that may be only partly known.

use crate::{Span, State, Traced, Unknown, Value};

/// The answer to a question about a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Yes, whatever is still open; with the value that says so.
    Yes(&'a Traced<Value>),
    No(&'a Traced<Value>),
    Doubt(Doubt<'a>),
}

/// Why a question has no answer yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt<'a> {
    /// What is not known, in words that complete "not known: …".
    pub reason: String,
    /// The place where the knowledge ends.
    pub span: Option<Span>,
    /// Environment variables that would settle it, sorted; empty where none would.
    pub variables: Vec<String>,
    /// The value that holds while those variables are unset, and whether the answer is then yes.
    pub unset: Option<(&'a Traced<Value>, bool)>,
}

impl Traced<Value> {
    /// Asks `question` of the value. The question sees concrete Python values (their insides may
    /// still be open) and answers `None` where what is open inside decides.
    pub fn ask(&self, question: &dyn Fn(&Value) -> Option<bool>) -> Answer<'_> {
        match &self.value {
            Value::OneOf(cases) => {
                let answers: Vec<_> = cases.iter().map(|case| case.value.ask(question)).collect();
                if let Some(agreed) = agreement(&answers) {
                    return agreed;
                }
                let conditions: Vec<_> = cases
                    .iter()
                    .zip(&answers)
                    .filter(|(_, answer)| matches!(answer, Answer::Yes(_)))
                    .map(|(case, _)| case.when.as_str())
                    .collect();
                let reason = if conditions.is_empty() {
                    "it is one of several values that are not all known".to_owned()
                } else {
                    format!("it depends on a condition: {}", conditions.join("; "))
                };
                self.doubt(reason)
            }
            Value::Environment(dependent) => {
                let unset = dependent
                    .unset
                    .as_ref()
                    .map(|value| (value, value.ask(question)));
                if dependent.exhaustive {
                    let answers: Vec<_> = unset
                        .iter()
                        .map(|(_, answer)| answer.clone())
                        .chain(dependent.others.iter().map(|case| case.value.ask(question)))
                        .collect();
                    if let Some(agreed) = agreement(&answers) {
                        return agreed;
                    }
                }
                Answer::Doubt(Doubt {
                    reason: Unknown::environment(dependent.variables.clone(), None).reason,
                    span: self.trail.first_span(),
                    variables: dependent.variables.clone(),
                    unset: unset.and_then(|(value, answer)| match answer {
                        // No process is without any variable.
                        _ if dependent.is_any() => None,
                        Answer::Yes(_) => Some((value, true)),
                        Answer::No(_) => Some((value, false)),
                        Answer::Doubt(_) => None,
                    }),
                })
            }
            Value::Unknown(unknown) => Answer::Doubt(Doubt {
                reason: unknown.reason.clone(),
                span: unknown.span.or(self.trail.first_span()),
                variables: unknown.variables.clone(),
                unset: None,
            }),
            value => match question(value) {
                Some(true) => Answer::Yes(self),
                Some(false) => Answer::No(self),
                None => self.doubt(match value.open_part() {
                    Some(part) => part,
                    None => "the value does not tell".to_owned(),
                }),
            },
        }
    }

    fn doubt(&self, reason: String) -> Answer<'_> {
        Answer::Doubt(Doubt {
            reason,
            span: self.trail.first_span(),
            variables: self.value.variables(),
            unset: None,
        })
    }
}

/// The common answer, where all give the same one.
fn agreement<'a>(answers: &[Answer<'a>]) -> Option<Answer<'a>> {
    let all = |yes: bool| {
        answers.iter().all(|answer| match answer {
            Answer::Yes(_) => yes,
            Answer::No(_) => !yes,
            Answer::Doubt(_) => false,
        })
    };
    (all(true) || all(false))
        .then(|| answers.first().cloned())
        .flatten()
}

impl Value {
    /// The environment variables that what is open in this value depends on, sorted.
    pub fn variables(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.walk(&mut |value| {
            found.extend(value.own_variables().iter().cloned());
        });
        found.sort();
        found.dedup();
        found
    }

    /// The variables that decide this value itself, or what else it holds.
    fn own_variables(&self) -> &[String] {
        fn of(unknown: Option<&Unknown>) -> &[String] {
            unknown.map_or(&[], |unknown| &unknown.variables)
        }
        match self {
            Self::Environment(dependent) => &dependent.variables,
            Self::Unknown(unknown) => of(Some(unknown)),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => of(items.rest.as_ref()),
            Self::Dict(dict) => of(dict.rest.as_ref()),
            _ => &[],
        }
    }

    /// What the first open part inside says of itself: why this value is not wholly known.
    pub fn open_part(&self) -> Option<String> {
        if self.state() == State::Known {
            return None;
        }
        let mut reason = None;
        self.walk(&mut |value| {
            let part = match value {
                Self::Unknown(unknown) => Some(unknown.reason.clone()),
                Self::Environment(dependent) => {
                    let depends = Unknown::environment(dependent.variables.clone(), None).reason;
                    Some(depends.replacen("it", "part of it", 1))
                }
                Self::OneOf(_) => Some("part of it is one of several values".to_owned()),
                Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                    items.rest.as_ref().map(|rest| rest.reason.clone())
                }
                Self::Dict(dict) => dict.rest.as_ref().map(|rest| rest.reason.clone()),
                _ => None,
            };
            if reason.is_none() {
                reason = part;
            }
        });
        reason
    }

    /// Visits this value and everything inside it, outermost first.
    pub fn walk(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                items.items.iter().for_each(|item| item.value.walk(visit));
            }
            Self::Dict(dict) => {
                for (key, value) in &dict.entries {
                    key.walk(visit);
                    value.value.walk(visit);
                }
            }
            Self::Instance(instance) => {
                instance
                    .arguments
                    .iter()
                    .for_each(|value| value.value.walk(visit));
                instance
                    .keywords
                    .iter()
                    .for_each(|(_, value)| value.value.walk(visit));
            }
            Self::OneOf(cases) => cases.iter().for_each(|case| case.value.value.walk(visit)),
            Self::Environment(dependent) => {
                dependent
                    .unset
                    .iter()
                    .for_each(|value| value.value.walk(visit));
                dependent
                    .others
                    .iter()
                    .for_each(|case| case.value.value.walk(visit));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Case, Dependent, Trail};

    fn traced(value: Value) -> Traced<Value> {
        Traced::new(value, Trail::default())
    }

    fn is_true(value: &Value) -> Option<bool> {
        Some(*value == Value::Bool(true))
    }

    fn environment(exhaustive: bool, unset: bool, other: bool) -> Traced<Value> {
        traced(Value::Environment(Box::new(Dependent {
            variables: vec!["DEBUG".into()],
            unset: Some(traced(Value::Bool(unset))),
            others: vec![Case {
                when: "DEBUG is set".into(),
                value: traced(Value::Bool(other)),
            }],
            exhaustive,
        })))
    }

    #[test]
    fn all_cases_must_agree() {
        let case = |value| Case {
            when: "x".into(),
            value: traced(Value::Bool(value)),
        };
        let both = traced(Value::OneOf(vec![case(true), case(false)]));
        assert!(matches!(both.ask(&is_true), Answer::Doubt(_)));
        let same = traced(Value::OneOf(vec![case(true), case(true)]));
        assert!(matches!(same.ask(&is_true), Answer::Yes(_)));
    }

    #[test]
    fn an_environment_is_a_doubt_that_knows_its_unset_answer() {
        let value = environment(false, true, true);
        let Answer::Doubt(doubt) = value.ask(&is_true) else {
            panic!("a doubt")
        };
        assert_eq!(doubt.variables, ["DEBUG"]);
        assert!(matches!(doubt.unset, Some((_, true))));
        assert!(matches!(
            environment(true, true, true).ask(&is_true),
            Answer::Yes(_)
        ));
        assert!(matches!(
            environment(true, true, false).ask(&is_true),
            Answer::Doubt(_)
        ));
    }
}
