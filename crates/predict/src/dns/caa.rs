//! Which authorities may issue for a name (RFC 8659).

use tightship_model::site::dns::{Data, Kind, Question};

use super::{Answers, Gap, conclusive, parent};

/// The records that hold for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relevant {
    /// Where they stand: at the name, or above it.
    pub name: String,
    pub records: Vec<Property>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Whether an authority that does not know the tag must not issue.
    pub critical: bool,
    /// In small letters.
    pub tag: String,
    pub value: String,
}

/// The records of the name or of the nearest one above that has some (section 3); `None` where
/// none has any.
///
/// # Errors
///
/// Where an answer on the way is missing.
pub fn relevant(name: &str, answers: &impl Answers) -> Result<Option<Relevant>, Gap> {
    let mut name = name;
    loop {
        let question = Question::new(name, Kind::Caa);
        let answer = conclusive(answers, &question)?;
        let records: Vec<_> = answer
            .of(&question.name, Kind::Caa)
            .filter_map(|data| match data {
                Data::Caa {
                    critical,
                    tag,
                    value,
                } => Some(Property {
                    critical: *critical,
                    tag: tag.to_ascii_lowercase(),
                    value: value.clone(),
                }),
                _ => None,
            })
            .collect();
        if !records.is_empty() {
            return Ok(Some(Relevant {
                name: question.name,
                records,
            }));
        }
        match parent(name) {
            Some(above) => name = above,
            None => return Ok(None),
        }
    }
}

impl Relevant {
    /// The domains of the authorities that may issue for the name itself; `None` where all may:
    /// no record has the tag `issue` (section 4.2).
    pub fn issuers(&self) -> Option<Vec<&str>> {
        let issue: Vec<_> = self.of("issue").collect();
        (!issue.is_empty()).then(|| issue.into_iter().filter_map(issuer).collect())
    }

    /// As [`Self::issuers`], for a wildcard: `issuewild` holds where there is one (section 4.3).
    pub fn wildcard_issuers(&self) -> Option<Vec<&str>> {
        let wild: Vec<_> = self.of("issuewild").collect();
        match wild.is_empty() {
            true => self.issuers(),
            false => Some(wild.into_iter().filter_map(issuer).collect()),
        }
    }

    fn of(&self, tag: &str) -> impl Iterator<Item = &str> {
        self.records
            .iter()
            .filter(move |record| record.tag == tag)
            .map(|record| record.value.as_str())
    }
}

/// The domain before the parameters; `None` where it names nobody.
fn issuer(value: &str) -> Option<&str> {
    let domain = value.split(';').next()?.trim_matches([' ', '\t']);
    (!domain.is_empty()).then_some(domain)
}
