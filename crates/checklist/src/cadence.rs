//! How often a duty recurs, and which of its days are the current ones.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use tightship_model::checklist::Period;

/// How often a duty recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    pub period: Period,
    /// Only on these days after a deployment, counted from 1: the day after it.
    pub after_deployment: Option<(u16, u16)>,
}

/// Days in which a duty is to be done once; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub first: Date,
    pub last: Date,
}

impl Cadence {
    /// The stretch that a day lies in. After a deployment, stretches are counted from it, and outside
    /// of its days there is none.
    pub fn stretch(&self, day: Date, deployed: Option<Date>) -> Option<Stretch> {
        let Some((from, to)) = self.after_deployment else {
            return Some(calendar(self.period, day));
        };
        let begin = deployed?.saturating_add(i64::from(from).days());
        let end = deployed?.saturating_add(i64::from(to).days());
        if day < begin || day > end {
            return None;
        }
        let mut first = begin;
        loop {
            let next = first.saturating_add(span(self.period));
            if day < next {
                let last = next.yesterday().unwrap_or(next).min(end);
                return Some(Stretch { first, last });
            }
            first = next;
        }
    }

    /// The last day of a deployment's days, for a duty that has them.
    pub fn ends(&self, deployed: Date) -> Option<Date> {
        let (_, to) = self.after_deployment?;
        Some(deployed.saturating_add(i64::from(to).days()))
    }
}

/// The calendar's own stretch: a day, a week from Monday on, a month, a quarter.
fn calendar(period: Period, day: Date) -> Stretch {
    let first = match period {
        Period::Daily => day,
        Period::Weekly => {
            day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
        }
        Period::Monthly => day.first_of_month(),
        Period::Quarterly => day
            .first_of_month()
            .saturating_sub(i64::from((day.month() - 1) % 3).months()),
    };
    let next = first.saturating_add(span(period));
    let last = next.yesterday().unwrap_or(next);
    Stretch { first, last }
}

fn span(period: Period) -> Span {
    match period {
        Period::Daily => 1.day(),
        Period::Weekly => 1.week(),
        Period::Monthly => 1.month(),
        Period::Quarterly => 3.months(),
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.period.name())?;
        match self.after_deployment {
            Some((from, to)) => write!(f, " on days {from}-{to} after deployment"),
            None => Ok(()),
        }
    }
}

impl FromStr for Cadence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "{text:?} is no cadence: write daily, weekly, monthly or quarterly, or daily on \
                 days 1-7 after deployment"
            )
        };
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let period = Period::ALL
            .into_iter()
            .find(|period| period.name() == word)
            .ok_or_else(refuse)?;
        let after_deployment = match rest {
            "" => None,
            rest => {
                let days = rest
                    .strip_prefix("on days ")
                    .and_then(|rest| rest.strip_suffix(" after deployment"))
                    .and_then(|days| days.split_once('-'))
                    .ok_or_else(refuse)?;
                let number = |text: &str| text.parse::<u16>().map_err(|_| refuse());
                let (from, to) = (number(days.0)?, number(days.1)?);
                if from == 0 || to < from {
                    return Err(refuse());
                }
                Some((from, to))
            }
        };
        Ok(Self {
            period,
            after_deployment,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn stretch(cadence: &str, day: Date) -> Option<(Date, Date)> {
        let cadence: Cadence = cadence.parse().expect("a cadence");
        let deployed = Some(date(2026, 11, 20));
        let stretch = cadence.stretch(day, deployed)?;
        Some((stretch.first, stretch.last))
    }

    #[test]
    fn stretches_are_those_of_the_calendar() {
        let day = date(2026, 11, 22); // a Sunday
        assert_eq!(stretch("daily", day), Some((day, day)));
        assert_eq!(stretch("weekly", day), Some((date(2026, 11, 16), day)));
        assert_eq!(
            stretch("monthly", day),
            Some((date(2026, 11, 1), date(2026, 11, 30)))
        );
        assert_eq!(
            stretch("quarterly", day),
            Some((date(2026, 10, 1), date(2026, 12, 31)))
        );
        let leap = date(2028, 2, 29);
        assert_eq!(stretch("monthly", leap), Some((date(2028, 2, 1), leap)));
    }

    #[test]
    fn stretches_after_a_deployment_are_counted_from_it() {
        let week = "daily on days 1-7 after deployment";
        assert_eq!(stretch(week, date(2026, 11, 20)), None, "the day itself");
        let first = date(2026, 11, 21);
        assert_eq!(stretch(week, first), Some((first, first)));
        let last = date(2026, 11, 27);
        assert_eq!(stretch(week, last), Some((last, last)));
        assert_eq!(stretch(week, date(2026, 11, 28)), None);

        let weeks = "weekly on days 8-28 after deployment";
        let second = (date(2026, 11, 28), date(2026, 12, 4));
        assert_eq!(stretch(weeks, date(2026, 11, 28)), Some(second));
        assert_eq!(stretch(weeks, date(2026, 12, 4)), Some(second));
        let fourth = (date(2026, 12, 12), date(2026, 12, 18));
        assert_eq!(stretch(weeks, date(2026, 12, 18)), Some(fourth));
    }

    #[test]
    fn a_cadence_is_written_as_it_is_read() {
        for text in ["daily", "quarterly", "weekly on days 8-28 after deployment"] {
            assert_eq!(text.parse::<Cadence>().expect("one").to_string(), text);
        }
        for text in [
            "",
            "hourly",
            "daily on days 0-7 after deployment",
            "daily on days 9-7 after deployment",
            "daily sometimes",
        ] {
            assert!(text.parse::<Cadence>().is_err(), "{text}");
        }
    }
}
