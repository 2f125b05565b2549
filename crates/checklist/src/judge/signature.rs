//! What people vouch for.

use jiff::civil::Date;
use tightship_model::checklist::{Kind, Proof, Standing};

use super::{Bench, Finding};
use crate::note::Binding;
use crate::{Act, JoinedItem, What};

/// Days for which a sign-off holds where neither it nor its item says so.
const VALID: u16 = 365;

/// How an item is signed.
pub(super) fn how(binding: &Binding) -> String {
    format!(
        "`tightship sign {} --note TEXT --evidence FILE --by NAME`",
        binding.id
    )
}

impl Bench<'_> {
    /// The sign-off of an open item; without one that holds, what was open before.
    pub(super) fn signed(&self, item: &JoinedItem, open: Finding) -> Finding {
        let binding = &item.binding;
        let today = self.sight.now.date();
        let zone = self.sight.now.time_zone();
        let last_day = |act: &Act| act.last_day(binding.valid.unwrap_or(VALID), zone);
        let (valid, lapsed): (Vec<_>, Vec<_>) = self
            .sight
            .record
            .with(&binding.id, What::Signed)
            .partition(|act| last_day(act) >= today);
        if let Some(last) = valid.last() {
            // It holds as long as the last signature of each of enough people.
            let mut people: Vec<(String, Date)> = Vec::new();
            for act in valid.iter().rev() {
                let name = act.by.as_deref().unwrap_or_default();
                if !people.iter().any(|(known, _)| is_same(known, name)) {
                    people.push((name.to_owned(), last_day(act)));
                }
            }
            let wanted = usize::from(binding.people.unwrap_or(1)).max(1);
            if people.len() >= wanted {
                people.sort_by_key(|(_, until)| std::cmp::Reverse(*until));
                return signed(last, &people[..wanted]);
            }
            let names: Vec<_> = people.iter().map(|(name, _)| name.as_str()).collect();
            let reason = format!(
                "{wanted} people must sign it, and only {} has",
                names.join(", ")
            );
            return Finding::new(Standing::Unknown, reason).remedied(how(binding));
        }
        match lapsed.last() {
            Some(act) => {
                let by = act.by.as_deref().unwrap_or("somebody");
                let until = last_day(act);
                Finding {
                    until: Some(until),
                    ..Finding::new(
                        Standing::Overdue,
                        format!("what {by} signed held until {until}"),
                    )
                    .remedied(how(binding))
                }
            }
            None => never_signed(binding, open),
        }
    }

    /// A step of an incident: open from its beginning, late after the time that it may take.
    pub(super) fn step(&self, item: &JoinedItem) -> Finding {
        let binding = &item.binding;
        let Some((_, incident)) = binding.id.split_once('@') else {
            return Finding::new(Standing::NotApplicable, "no incident is open")
                .remedied("`tightship checklist incident --help` says how to open one");
        };
        let record = self.sight.record;
        if let Some(act) = record.with(&binding.id, What::Signed).last() {
            let name = act.by.clone().unwrap_or_default();
            return Finding {
                until: None,
                ..signed(act, &[(name, Date::MAX)])
            };
        }
        let Some(opened) = record.with(incident, What::Opened).next() else {
            let reason = format!("the ledger does not know the incident {incident}");
            return Finding::new(Standing::Due, reason).remedied(how(binding));
        };
        let hours = binding
            .parameters
            .iter()
            .find(|(parameter, _)| parameter.name == "notify-hours")
            .and_then(|(_, hours)| i64::try_from(*hours).ok());
        let finding = match hours {
            None => Finding::new(Standing::Due, format!("open since {}", opened.at)),
            Some(hours) => {
                let zone = self.sight.now.time_zone();
                let end = opened
                    .at
                    .checked_add(jiff::SignedDuration::from_hours(hours))
                    .unwrap_or(opened.at)
                    .to_zoned(zone.clone());
                let left = (end.timestamp().as_second() - self.sight.now.timestamp().as_second())
                    .div_euclid(3600);
                let (standing, left) = match left {
                    0.. => (Standing::Due, format!("{left} h are left")),
                    _ => (Standing::Overdue, format!("{} h ago", -left)),
                };
                let end = end.strftime("%Y-%m-%d %H:%M %Z");
                let reason = format!("{hours} h after {} end at {end}: {left}", opened.at);
                Finding {
                    until: Some(zoned_day(opened.at, hours, zone)),
                    ..Finding::new(standing, reason)
                }
            }
        };
        finding.remedied(how(binding))
    }
}

fn zoned_day(at: jiff::Timestamp, hours: i64, zone: &jiff::tz::TimeZone) -> Date {
    at.checked_add(jiff::SignedDuration::from_hours(hours))
        .unwrap_or(at)
        .to_zoned(zone.clone())
        .date()
}

fn signed(last: &Act, people: &[(String, Date)]) -> Finding {
    let names: Vec<_> = people.iter().map(|(name, _)| name.as_str()).collect();
    let until = people.iter().map(|(_, until)| *until).min();
    let mut reason = format!("signed by {}", names.join(" and "));
    if let Some(until) = until.filter(|until| *until != Date::MAX) {
        reason.push_str(&format!(", holds until {until}"));
    }
    if let Some(note) = &last.note {
        reason.push_str(&format!(": {note}"));
    }
    Finding {
        evidence: last
            .evidence
            .iter()
            .map(|exhibit| Proof {
                path: Some(exhibit.place.clone()),
                line: None,
                text: match &exhibit.sha256 {
                    Some(hash) => format!("SHA-256 {hash}"),
                    None => "an address, which was not fetched".to_owned(),
                },
            })
            .collect(),
        until,
        ..Finding::new(Standing::Signed, reason)
    }
}

fn never_signed(binding: &Binding, open: Finding) -> Finding {
    // What a check left open has a reason and a remedy of its own.
    if open.remedy.is_some() {
        return open;
    }
    let reason = match binding.kind {
        Kind::Drill => "nobody has signed that it was tried",
        Kind::Watch => "nobody has signed that it is watched",
        _ => "nobody has signed it",
    };
    Finding::new(Standing::Unknown, reason).remedied(how(binding))
}

/// Whether two names are of one person, as far as letters tell.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let words: Vec<_> = name.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    plain(one) == plain(other)
}
