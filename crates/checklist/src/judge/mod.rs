//! Items against verdicts and the ledger.

mod carried;
mod duty;
mod proof;
mod signature;

use std::collections::{BTreeMap, HashMap};

use jiff::Zoned;
use tightship_model::checklist::{Judged, JudgedItem, Kind, Proof, Recurrence, Standing};
use tightship_model::{Evidence, Outcome, Sources, Trail, Verdict};

use crate::{Binding, Joined, JoinedItem, Record, What};

/// What items are held against.
pub struct Sight<'a> {
    pub verdicts: &'a [Verdict],
    /// Checks whose findings are all waived by the configuration, with the waiver in words.
    pub waived: &'a BTreeMap<&'static str, String>,
    pub sources: &'a Sources,
    /// Whether the live site was looked at.
    pub has_site: bool,
    pub record: &'a Record,
    /// The clock, in the time zone of the team.
    pub now: &'a Zoned,
}

/// Says of each item how it stands.
pub fn judge(joined: &Joined, sight: &Sight<'_>) -> Judged {
    let bench = Bench {
        sight,
        by_id: sight
            .verdicts
            .iter()
            .map(|one| (one.check.id, one))
            .collect(),
    };
    Judged {
        lists: joined.lists.clone(),
        items: joined.items.iter().map(|item| bench.judge(item)).collect(),
        notes: joined.notes.clone(),
    }
}

/// A verdict on what a subject names: what was found or shown of anything else does not count.
fn narrowed(mut verdict: Verdict, subject: Option<&str>) -> Verdict {
    let Some(subject) = subject else {
        return verdict;
    };
    let nothing = || {
        vec![Evidence {
            text: format!("{} finds nothing about {subject}", verdict.check.id),
            trail: Trail::default(),
        }]
    };
    match &mut verdict.outcome {
        Outcome::Fail(findings) => {
            findings.retain(|finding| finding.subject.contains(subject));
            if findings.is_empty() {
                verdict.outcome = Outcome::Pass(nothing());
            }
        }
        Outcome::Pass(proofs) => {
            proofs.retain(|proof| proof.text.contains(subject));
            if proofs.is_empty() {
                *proofs = nothing();
            }
        }
        _ => {}
    }
    verdict
}

struct Bench<'a> {
    sight: &'a Sight<'a>,
    by_id: HashMap<&'static str, &'a Verdict>,
}

/// How an item stands, and why.
struct Finding {
    standing: Standing,
    reason: String,
    remedy: Option<String>,
    evidence: Vec<Proof>,
    until: Option<jiff::civil::Date>,
    recurrence: Option<Recurrence>,
}

impl Finding {
    fn new(standing: Standing, reason: impl Into<String>) -> Self {
        Self {
            standing,
            reason: reason.into(),
            remedy: None,
            evidence: Vec::new(),
            until: None,
            recurrence: None,
        }
    }

    fn remedied(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }
}

impl Bench<'_> {
    fn judge(&self, item: &JoinedItem) -> JudgedItem {
        let binding = &item.binding;
        let verdicts = self.verdicts(&binding.checks);
        let finding = self.waive(item, self.finding(item, &verdicts));
        JudgedItem {
            id: binding.id.clone(),
            list: item.list.clone(),
            section: item.section.clone(),
            text: item.text.clone(),
            kind: binding.kind,
            standing: finding.standing,
            reason: finding.reason,
            remedy: finding.remedy,
            evidence: finding.evidence,
            checks: verdicts.iter().map(|verdict| verdict.check.id).collect(),
            owner: binding.owner.clone(),
            parameters: binding
                .parameters
                .iter()
                .map(|(parameter, value)| (parameter.name.to_owned(), *value))
                .collect(),
            until: finding.until.map(|day| day.to_string()),
            recurrence: finding.recurrence,
        }
    }

    /// The verdicts that a binding names; ids without a verdict were refused before.
    fn verdicts(&self, checks: &[String]) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for check in checks {
            let (id, subject) = Binding::check_and_subject(check);
            match id.strip_suffix("/*") {
                Some(area) => {
                    let of_area = |verdict: &&Verdict| verdict.check.area() == area;
                    verdicts.extend(self.sight.verdicts.iter().filter(of_area).cloned());
                }
                None => {
                    let verdict = self.by_id.get(id).map(|verdict| (*verdict).clone());
                    verdicts.extend(verdict.map(|verdict| narrowed(verdict, subject)));
                }
            }
        }
        verdicts.sort_by_key(|verdict| verdict.check.id);
        verdicts.dedup_by_key(|verdict| verdict.check.id);
        verdicts
    }

    fn finding(&self, item: &JoinedItem, verdicts: &[Verdict]) -> Finding {
        match item.binding.kind {
            Kind::Duty => self.duty(item),
            Kind::Step => self.step(item),
            kind => {
                let proven = self.proven(item, verdicts);
                match (proven.standing, kind) {
                    // Proof counts more than a word: only what is open can be signed.
                    (Standing::Unknown, _) => {
                        let carried = self.carried(item, verdicts, proven);
                        match carried.standing {
                            Standing::Unknown => self.signed(item, carried),
                            _ => carried,
                        }
                    }
                    (_, Kind::Check) | (Standing::Fail, _) => proven,
                    // Files do not show that somebody tried it or watches it.
                    _ => self.signed(item, Finding::new(Standing::Unknown, "")),
                }
            }
        }
    }

    /// What a person accepts for a time.
    fn waive(&self, item: &JoinedItem, finding: Finding) -> Finding {
        let is_open = matches!(
            finding.standing,
            Standing::Fail | Standing::Unknown | Standing::Due | Standing::Overdue
        );
        let waivers = self.sight.record.with(&item.binding.id, What::Waived);
        let Some(waiver) = waivers.last().filter(|_| is_open) else {
            return finding;
        };
        let by = waiver.by.as_deref().unwrap_or("somebody");
        let note = waiver.note.as_deref().unwrap_or("no reason is given");
        match waiver.until {
            Some(until) if until >= self.sight.now.date() => Finding {
                standing: Standing::Waived,
                reason: format!("{by} accepts it until {until}: {note}. {}", finding.reason),
                remedy: None,
                until: Some(until),
                evidence: finding.evidence,
                recurrence: finding.recurrence,
            },
            Some(until) => Finding {
                reason: format!("{} (the waiver of {by} ended on {until})", finding.reason),
                ..finding
            },
            None => finding,
        }
    }
}
