//! What checks prove of an item.

use tightship_model::checklist::{Proof, Standing};
use tightship_model::{Finding as Fault, Outcome, Trail, Verdict};

use super::signature::how;
use super::{Bench, Finding};
use crate::JoinedItem;
use crate::note::{Binding, Need};

/// Proofs of one item that are kept; the report of the checks has all.
const MOST_PROOFS: usize = 20;

impl Bench<'_> {
    /// One failure fails the item; what is unknown or was not looked at keeps it open. What the files
    /// show is enough where nobody named a site and the item does not need one.
    pub(super) fn proven(&self, item: &JoinedItem, verdicts: &[Verdict]) -> Finding {
        let binding = &item.binding;
        let waits = |verdict: &Verdict| {
            !self.sight.has_site && verdict.check.needs.contains(&tightship_model::Need::Site)
        };
        let (waiting, seen): (Vec<_>, Vec<_>) = verdicts.iter().cloned().partition(waits);
        if seen.is_empty() && !waiting.is_empty() {
            return unknown(&waiting).unwrap_or_else(|| self.passed(item, &seen, &waiting));
        }
        self.failed(&seen)
            .or_else(|| unknown(&seen))
            .or_else(|| unseen(binding, &binding.needs, &seen, &waiting))
            .or_else(|| self.waived(&seen))
            .unwrap_or_else(|| self.passed(item, &seen, &waiting))
    }

    fn failed(&self, verdicts: &[Verdict]) -> Option<Finding> {
        let mut faults: Vec<(&Verdict, &Fault)> = Vec::new();
        for verdict in verdicts {
            if let Outcome::Fail(found) = &verdict.outcome {
                faults.extend(found.iter().map(|fault| (verdict, fault)));
            }
        }
        faults.sort_by_key(|(verdict, fault)| std::cmp::Reverse(fault.severity(verdict.check)));
        let (worst, fault) = faults.first()?;
        let reason = match faults.len() {
            1 => fault.message.clone(),
            2 => format!("{} (and 1 more finding)", fault.message),
            all => format!("{} (and {} more findings)", fault.message, all - 1),
        };
        let remedy = match fault.advice.is_empty() {
            false => fault.advice.clone(),
            true => format!("see `tightship explain {}`", worst.check.id),
        };
        let evidence = faults.iter().take(MOST_PROOFS).map(|(_, fault)| {
            let label = fault.labels.first().map(|label| label.span);
            let place = label.or_else(|| fault.trail.first_span());
            self.place(place, fault.message.clone())
        });
        Some(Finding {
            evidence: evidence.collect(),
            ..Finding::new(Standing::Fail, reason).remedied(remedy)
        })
    }

    fn waived(&self, verdicts: &[Verdict]) -> Option<Finding> {
        let waivers = self.sight.waived;
        let waiver = verdicts.iter().find_map(|one| waivers.get(one.check.id))?;
        Some(Finding::new(
            Standing::Waived,
            format!("accepted in the configuration: {waiver}"),
        ))
    }

    fn passed(&self, item: &JoinedItem, verdicts: &[Verdict], waiting: &[Verdict]) -> Finding {
        let mut evidence = Vec::new();
        let mut none_applies = None;
        for verdict in verdicts {
            match &verdict.outcome {
                Outcome::Pass(proofs) => {
                    let proofs = proofs.iter();
                    evidence.extend(proofs.map(|one| self.proof(&one.text, &one.trail)));
                    none_applies = Some(false);
                }
                _ => none_applies = none_applies.or(Some(true)),
            }
        }
        match none_applies {
            None => Finding::new(Standing::Unknown, ""),
            Some(true) => none_applies_because(&item.binding, verdicts, waiting),
            Some(false) => {
                evidence.dedup();
                // What the row itself names is its answer; the rest stands beside it.
                evidence.sort_by_key(|proof| !names(&item.text, &proof.text));
                let reason = match evidence.first() {
                    Some(first) => first.text.clone(),
                    None => "its checks found nothing against it".to_owned(),
                };
                evidence.truncate(MOST_PROOFS);
                Finding {
                    evidence,
                    ..Finding::new(Standing::Pass, reason)
                }
            }
        }
    }

    fn proof(&self, text: &str, trail: &Trail) -> Proof {
        self.place(trail.first_span(), text.to_owned())
    }

    fn place(&self, span: Option<tightship_model::Span>, text: String) -> Proof {
        let source = span.map(|span| &self.sight.sources[span.source]);
        Proof {
            path: source.map(|source| source.path.clone()),
            line: source
                .zip(span)
                .map(|(source, span)| source.line_column(span.start).0),
            text,
        }
    }
}

/// Whether a proof speaks of what stands in backticks in the row.
fn names(row: &str, proof: &str) -> bool {
    let code = row.split('`').skip(1).step_by(2);
    code.filter(|name| !name.is_empty())
        .any(|name| proof.contains(name))
}

fn unknown(verdicts: &[Verdict]) -> Option<Finding> {
    verdicts.iter().find_map(|verdict| match &verdict.outcome {
        Outcome::Unknown { reason, remedy, .. } => {
            Some(Finding::new(Standing::Unknown, reason.as_str()).remedied(remedy.as_str()))
        }
        _ => None,
    })
}

/// What the item needs to have looked at and no check that it is bound to has looked at.
///
/// Where a check waits for the site, its own words say what to give.
fn unseen(
    binding: &Binding,
    needs: &[Need],
    verdicts: &[Verdict],
    waiting: &[Verdict],
) -> Option<Finding> {
    let need = needs.iter().find(|need| {
        !verdicts.iter().any(|verdict| {
            need.is_seen_by(verdict.check.area()) && matches!(verdict.outcome, Outcome::Pass(_))
        })
    })?;
    if *need == Need::Site
        && let Some(open) = unknown(waiting)
    {
        return Some(open);
    }
    let remedy = format!("{}, then {}", need.by_hand(), how(binding));
    Some(Finding::new(Standing::Unknown, need.unseen()).remedied(remedy))
}

/// An item that no check applies to: not applicable, unless it then asks for a look elsewhere.
fn none_applies_because(binding: &Binding, verdicts: &[Verdict], waiting: &[Verdict]) -> Finding {
    let reason = verdicts.iter().find_map(|verdict| match &verdict.outcome {
        Outcome::NotApplicable(reason) => Some(reason.as_str()),
        _ => None,
    });
    let reason = reason.unwrap_or_default();
    match unseen(binding, &binding.otherwise, verdicts, waiting) {
        Some(open) => Finding {
            reason: format!("{reason}, and {}", open.reason),
            ..open
        },
        None => Finding::new(Standing::NotApplicable, reason),
    }
}
