//! What documents tell, held against what is there.

mod claim_unmet;
mod command_missing;
pub(crate) mod known_readers;
mod named_file_missing;
pub(crate) mod nearest;
mod procedure_missing;
mod promises;
mod variable_unread;
mod variable_untold;

use tightship_model::{Check, Confidence, Finding, Label, Outcome, Span, Trail};

pub(crate) const CHECKS: &[&Check] = &[
    &variable_unread::CHECK,
    &variable_untold::CHECK,
    &claim_unmet::CHECK,
    &named_file_missing::CHECK,
    &command_missing::CHECK,
    &procedure_missing::CHECK,
];

/// A finding about a place in a document, to be completed with its message and advice.
fn at(subject: String, span: Span, text: &str) -> Finding {
    Finding {
        subject,
        message: String::new(),
        severity: None,
        confidence: Confidence::High,
        labels: vec![Label {
            span,
            text: text.to_owned(),
        }],
        trail: Trail::at(span, text),
        django_id: None,
        advice: String::new(),
        fix: None,
    }
}

fn no_documents() -> Outcome {
    Outcome::NotApplicable("there are no documents".to_owned())
}
