//! What others make of the names of a site: receivers of mail and authorities.
//!
//! Each is a pure function over answers of the DNS. Where one is missing the question is given
//! back, so that who has a network can ask it and begin again: what is asked is what they would ask.

pub mod caa;
pub mod dmarc;
pub mod relay;
pub mod spf;

use tightship_model::site::dns::{Answer, Question, Reply, View};

/// Where answers come from.
pub trait Answers {
    /// What became of a question; `None` where it was not asked.
    fn reply(&self, question: &Question) -> Option<&Reply>;
}

impl Answers for View {
    fn reply(&self, question: &Question) -> Option<&Reply> {
        Self::reply(self, question)
    }
}

/// Why there is no answer to build on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It was not asked.
    Missing(Question),
    /// It was asked, and no answer came, or one that is none: why.
    Failed(String),
}

/// An answer that says what there is, or that there is nothing.
pub(crate) fn conclusive<'a>(
    answers: &'a impl Answers,
    question: &Question,
) -> Result<&'a Answer, Gap> {
    let because = |what: &str| {
        Gap::Failed(format!(
            "{} {}: {what}",
            question.kind.name(),
            question.name
        ))
    };
    match answers.reply(question) {
        None => Err(Gap::Missing(question.clone())),
        Some(Reply::Answer(answer)) if answer.is_conclusive() => Ok(answer),
        Some(Reply::Answer(answer)) => Err(because(&format!("{:?}", answer.code))),
        Some(Reply::None(reason)) => Err(because(reason)),
    }
}

/// The name above another; `None` above a name of one label.
fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}
