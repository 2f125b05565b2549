//! What is done again and again.

use jiff::ToSpan;
use jiff::civil::Date;
use tightship_model::checklist::{Recurrence, Standing};

use super::{Bench, Finding};
use crate::cadence::{Cadence, Stretch};
use crate::{JoinedItem, What};

impl Bench<'_> {
    /// Signed in the current stretch of days, due in it, or overdue since the one before.
    pub(super) fn duty(&self, item: &JoinedItem) -> Finding {
        let binding = &item.binding;
        let Some(cadence) = binding.cadence else {
            return Finding::new(Standing::Unknown, "it has no cadence");
        };
        let (today, zone) = (self.sight.now.date(), self.sight.now.time_zone());
        let record = self.sight.record;
        let done: Vec<_> = record
            .with(&binding.id, What::Signed)
            .map(|act| (act.day(zone), act.by.clone().unwrap_or_default()))
            .collect();
        let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
        let diary = Diary {
            cadence,
            done,
            begun: record.begun().map(day),
            deployed: record.deployed().map(day),
        };
        let finding = diary.judge(today);
        let finding = Finding {
            recurrence: diary.recurrence(today),
            ..finding
        };
        match finding.standing {
            Standing::Due | Standing::Overdue => finding.remedied(super::signature::how(binding)),
            _ => finding,
        }
    }
}

/// When a duty was done.
struct Diary {
    cadence: Cadence,
    /// Day and name.
    done: Vec<(Date, String)>,
    /// The day on which the ledger began.
    begun: Option<Date>,
    deployed: Option<Date>,
}

impl Diary {
    fn judge(&self, today: Date) -> Finding {
        if self.cadence.after_deployment.is_some() && self.deployed.is_none() {
            return Finding::new(Standing::Unknown, "no deployment is marked")
                .remedied("mark it with `tightship deployed`");
        }
        let Some(now) = self.cadence.stretch(today, self.deployed) else {
            return self.outside(today);
        };
        if let Some((day, by)) = self.last_in(&now) {
            return Finding {
                until: Some(now.last),
                ..Finding::new(Standing::Signed, format!("done by {by} on {day}"))
            };
        }
        let before = now.first.yesterday().ok();
        let before = before.and_then(|day| self.cadence.stretch(day, self.deployed));
        let missed = before.filter(|before| self.counts(before) && self.last_in(before).is_none());
        let finding = match missed {
            Some(missed) => Finding::new(Standing::Overdue, format!("was due by {}", missed.last)),
            None => Finding::new(Standing::Due, format!("is due by {}", now.last)),
        };
        Finding {
            until: Some(missed.unwrap_or(now).last),
            ..finding
        }
    }

    /// The days by which it is to be done from now on; `None` where there are no more.
    fn recurrence(&self, today: Date) -> Option<Recurrence> {
        let now = self.cadence.stretch(today, self.deployed);
        let next = match now {
            Some(now) if self.last_in(&now).is_none() => now,
            Some(now) => {
                let day = now.last.tomorrow().ok()?;
                self.cadence.stretch(day, self.deployed)?
            }
            // Its days have not begun, or are over.
            None => {
                let (from, _) = self.cadence.after_deployment?;
                let first = self.deployed?.saturating_add(i64::from(from).days());
                let to_come = first > today;
                to_come.then(|| self.cadence.stretch(first, self.deployed))??
            }
        };
        let ends = self.deployed.and_then(|day| self.cadence.ends(day));
        Some(Recurrence {
            period: self.cadence.period,
            next: next.last.to_string(),
            ends: ends.map(|day| day.to_string()),
        })
    }

    /// Before the days after a deployment begin, and when they are over.
    fn outside(&self, today: Date) -> Finding {
        let (Some(deployed), Some((from, _))) = (self.deployed, self.cadence.after_deployment)
        else {
            return Finding::new(Standing::Unknown, "it has no days");
        };
        let Some(end) = self.cadence.ends(deployed).filter(|end| *end < today) else {
            let reason = format!("begins {from} days after the deployment of {deployed}");
            return Finding::new(Standing::NotApplicable, reason);
        };
        let mut stretches = Vec::new();
        let mut day = end;
        while let Some(stretch) = self.cadence.stretch(day, self.deployed) {
            stretches.push(stretch);
            let Ok(before) = stretch.first.yesterday() else {
                break;
            };
            day = before;
        }
        let missed = stretches
            .iter()
            .filter(|one| self.last_in(one).is_none())
            .count();
        let late = self.done.iter().rev().find(|(day, _)| *day > end);
        let all = stretches.len();
        match (missed, late) {
            (0, _) => Finding::new(Standing::Signed, format!("done {all} times up to {end}")),
            (_, Some((day, by))) => {
                Finding::new(Standing::Signed, format!("done late, by {by} on {day}"))
            }
            _ => Finding {
                until: Some(end),
                ..Finding::new(
                    Standing::Overdue,
                    format!("missed {missed} of {all} times up to {end}"),
                )
            },
        }
    }

    fn last_in(&self, stretch: &Stretch) -> Option<&(Date, String)> {
        let within = |(day, _): &&(Date, String)| *day >= stretch.first && *day <= stretch.last;
        self.done.iter().rev().find(within)
    }

    /// Whether anybody could have signed then: nobody is late with what was before the ledger.
    fn counts(&self, stretch: &Stretch) -> bool {
        match self.cadence.after_deployment {
            Some(_) => true,
            None => self.begun.is_some_and(|begun| begun <= stretch.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// How a duty stands on a day of November 2026, done on these days.
    fn standing(cadence: &str, done: &[i8], today: i8) -> Standing {
        let diary = Diary {
            cadence: cadence.parse().expect("a cadence"),
            done: done
                .iter()
                .map(|day| (date(2026, 11, *day), "Ada".to_owned()))
                .collect(),
            begun: Some(date(2026, 11, 2)),
            deployed: Some(date(2026, 11, 2)),
        };
        diary.judge(date(2026, 11, today)).standing
    }

    #[test]
    fn a_weekly_duty_is_due_once_in_each_week() {
        assert_eq!(
            standing("weekly", &[], 4),
            Standing::Due,
            "the ledger is new"
        );
        assert_eq!(standing("weekly", &[4], 8), Standing::Signed);
        assert_eq!(standing("weekly", &[4], 9), Standing::Due);
        assert_eq!(standing("weekly", &[4], 16), Standing::Overdue);
        assert_eq!(standing("weekly", &[4, 16], 16), Standing::Signed);
    }

    #[test]
    fn duties_after_a_deployment_begin_and_end() {
        let week = "daily on days 1-7 after deployment";
        assert_eq!(standing(week, &[], 2), Standing::NotApplicable);
        assert_eq!(standing(week, &[], 3), Standing::Due);
        assert_eq!(standing(week, &[], 4), Standing::Overdue);
        assert_eq!(standing(week, &[3, 4], 4), Standing::Signed);
        assert_eq!(standing(week, &[3, 4, 5, 6, 7, 8, 9], 20), Standing::Signed);
        assert_eq!(standing(week, &[3, 4, 5, 6, 7, 8], 20), Standing::Overdue);
        assert_eq!(standing(week, &[20], 21), Standing::Signed, "late");
    }

    #[test]
    fn a_duty_after_a_deployment_waits_for_one() {
        let diary = Diary {
            cadence: "weekly on days 8-28 after deployment".parse().expect("one"),
            done: Vec::new(),
            begun: None,
            deployed: None,
        };
        let finding = diary.judge(date(2026, 11, 22));
        assert_eq!(finding.standing, Standing::Unknown);
        assert!(finding.remedy.expect("one").contains("tightship deployed"));
    }
}
