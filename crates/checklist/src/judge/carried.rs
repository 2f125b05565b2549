//! A pass of an earlier run, while it is fresh.

use jiff::ToSpan;
use jiff::civil::Date;
use tightship_model::checklist::Standing;
use tightship_model::{Need as Source, Outcome, Verdict};

use super::{Bench, Finding};
use crate::note::Need;
use crate::{Act, JoinedItem, What};

/// Days for which what was seen of the live site holds, where the item names no others.
const FRESH: u16 = 7;

impl Bench<'_> {
    /// What the last look at the site has shown, where this run did not look: ticked while it is
    /// fresh. What is unknown for another reason stays so.
    pub(super) fn carried(
        &self,
        item: &JoinedItem,
        verdicts: &[Verdict],
        open: Finding,
    ) -> Finding {
        let binding = &item.binding;
        let waits = |verdict: &&Verdict| verdict.check.needs.contains(&Source::Site);
        let asks = [&binding.needs, &binding.otherwise]
            .iter()
            .any(|needs| needs.contains(&Need::Site));
        let is_open = |verdict: &Verdict| matches!(verdict.outcome, Outcome::Unknown { .. });
        let is_only_unseen = !self.sight.has_site
            && (asks || verdicts.iter().any(|one| waits(&one)))
            && !verdicts.iter().any(|one| !waits(&one) && is_open(one));
        let Some((act, reason)) = self.last_pass(item).filter(|_| is_only_unseen) else {
            return open;
        };
        let (day, last) = self.fresh(item, act);
        match last >= self.sight.now.date() {
            true => Finding {
                until: Some(last),
                ..Finding::new(Standing::Pass, format!("seen on {day}: {reason}"))
            },
            false => Finding {
                reason: format!("{}; what was seen on {day} held until {last}", open.reason),
                ..open
            },
        }
    }

    /// The last run that wrote down how the item stands, if it stood well by what the site has shown.
    fn last_pass(&self, item: &JoinedItem) -> Option<(&Act, &str)> {
        let record = self.sight.record;
        let act = record.with(&item.binding.id, What::Verdict).next_back()?;
        let (standing, reason) = act.note.as_deref()?.split_once(": ")?;
        let is_seen = standing == Standing::Pass.name() && !act.evidence.is_empty();
        is_seen.then_some((act, reason))
    }

    /// The day of an act, and the last on which it is fresh.
    fn fresh(&self, item: &JoinedItem, act: &Act) -> (Date, Date) {
        let day = act.day(self.sight.now.time_zone());
        let days = item.binding.valid.unwrap_or(FRESH);
        (day, day.saturating_add(i64::from(days).days()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use tightship_model::Sources;
    use tightship_model::checklist::JudgedItem;

    use crate::{Act, Checklist, Exhibit, Record, Sight, What, join, judge};

    /// How a row that needs the site stands so many days after a run that saw it as `note` says.
    fn later(row: &str, note: &str, days: i64, has_site: bool) -> JudgedItem {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let at = date(2026, 10, 24).at(12, 0, 0, 0).to_zoned(zone.clone());
        let at = at.expect("a time");
        let now = date(2026, 10, 24)
            .saturating_add(jiff::Span::new().days(days))
            .at(23, 59, 0, 0)
            .to_zoned(zone)
            .expect("a time");
        let list = Checklist::parse("LIST.md", row).expect("a list");
        let act = Act {
            took: None,
            what: What::Verdict,
            at: at.timestamp(),
            item: Some("a".to_owned()),
            by: None,
            note: Some(note.to_owned()),
            until: None,
            evidence: note
                .contains("answers")
                .then(|| Exhibit {
                    place: "https://shop.example".to_owned(),
                    sha256: None,
                })
                .into_iter()
                .collect(),
        };
        let sight = Sight {
            verdicts: &[],
            waived: &Default::default(),
            sources: &Sources::default(),
            has_site,
            record: &Record::new(vec![act]),
            now: &now,
        };
        let joined = join(&[list], Default::default());
        judge(&joined, &sight).items.remove(0)
    }

    const ROW: &str = "- [ ] it answers <!-- tightship a; needs: site -->\n";

    #[test]
    fn what_was_seen_of_the_site_keeps_its_tick_for_a_week() {
        let seen = "pass: it answers 200";
        let fresh = later(ROW, seen, 7, false);
        assert!(fresh.standing.ticks(), "{fresh:?}");
        assert_eq!(fresh.reason, "seen on 2026-10-24: it answers 200");
        assert_eq!(
            fresh.until.as_deref(),
            Some("2026-10-31"),
            "the clocks went back"
        );
        let old = later(ROW, seen, 8, false);
        assert!(!old.standing.ticks(), "{old:?}");
        assert!(old.reason.contains("held until 2026-10-31"), "{old:?}");
        let longer = ROW.replace("needs", "valid: 30d; needs");
        assert!(later(&longer, seen, 30, false).standing.ticks());
    }

    #[test]
    fn only_a_pass_that_this_run_could_not_see_again_is_carried_over() {
        let seen = "pass: it answers 200";
        assert!(
            !later(ROW, "fail: it answers 500", 1, false)
                .standing
                .ticks()
        );
        assert!(
            !later(ROW, "pass: a file says so", 1, false)
                .standing
                .ticks(),
            "the files do not say it any more"
        );
        assert!(
            !later(ROW, seen, 1, true).standing.ticks(),
            "it was looked at"
        );
        let host = ROW.replace("site", "host");
        assert!(
            !later(&host, seen, 1, false).standing.ticks(),
            "nobody sees the host"
        );
    }
}
