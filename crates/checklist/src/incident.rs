//! Runbooks: the steps of the built-in lists as a dated copy of their own.

use jiff::Zoned;

use crate::{Item, built_in};

/// What may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    Breach,
    LoginAttack,
    EmailCompromise,
    General,
}

/// A runbook that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runbook {
    /// Day and kind: `2026-11-22-breach`.
    pub name: String,
    /// The list, as Markdown: each item has the id of its row, `@` and the name.
    pub text: String,
}

impl Incident {
    pub fn name(self) -> &'static str {
        match self {
            Self::Breach => "breach",
            Self::LoginAttack => "login-attack",
            Self::EmailCompromise => "email-compromise",
            Self::General => "general",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Breach => "data was stolen",
            Self::LoginAttack => "logins are attacked",
            Self::EmailCompromise => "the mail account is taken over",
            Self::General => "something has happened",
        }
    }

    /// The built-in list, and how the ids of its rows begin.
    fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Breach => ("deployment", "A19."),
            Self::LoginAttack => ("deployment", "A20."),
            Self::EmailCompromise => ("deployment", "A21."),
            Self::General => ("production", "B18."),
        }
    }

    /// The runbook, opened now. `suffix` tells it from others of the day: `""`, `-2`.
    pub fn open(self, now: &Zoned, suffix: &str) -> Runbook {
        let (list, start) = self.rows();
        let name = format!("{}-{}{suffix}", now.date(), self.name());
        let moment = |time: &Zoned| time.strftime("%Y-%m-%d %H:%M %Z").to_string();
        let mut text = format!(
            "# Incident {name}: {}\n\nOpened on {}.",
            self.title(),
            moment(now)
        );
        let list = built_in(list);
        let rows: Vec<_> = list
            .iter()
            .flat_map(|list| &list.items)
            .filter(|item| item.binding.id.starts_with(start))
            .collect();
        if let Some(hours) = rows.iter().find_map(|item| notify_hours(item)) {
            let end = now
                .checked_add(jiff::SignedDuration::from_hours(hours))
                .unwrap_or_else(|_| now.clone());
            text.push_str(&format!(
                " Whoever must be told is told within {hours} hours: until {}\n\
                 (GDPR, article 33, for the supervisory authority; the law of your place may give less).",
                moment(&end)
            ));
        }
        text.push_str(&format!(
            "\n\nSign each step when it is done: `tightship sign ID@{name} --note TEXT --by NAME`.\n\n"
        ));
        for item in rows {
            let mut binding = item.binding.clone();
            binding.id = format!("{}@{name}", binding.id);
            text.push_str(&format!("- [ ] {}\n  {}\n", item.text, binding.comment()));
        }
        Runbook { name, text }
    }
}

fn notify_hours(item: &Item) -> Option<i64> {
    let mut parameters = item.binding.parameters.iter();
    let (_, hours) = parameters.find(|(parameter, _)| parameter.name == "notify-hours")?;
    i64::try_from(*hours).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checklist;

    #[test]
    fn a_runbook_is_a_list_with_its_clock() {
        let now: Zoned = "2026-10-23T12:00:00[Europe/Berlin]"
            .parse()
            .expect("a time");
        for (incident, rows) in [
            (Incident::Breach, 6),
            (Incident::LoginAttack, 4),
            (Incident::EmailCompromise, 5),
            (Incident::General, 4),
        ] {
            let runbook = incident.open(&now, "");
            let list = Checklist::parse(&runbook.name, &runbook.text).expect("a list");
            assert_eq!(list.items.len(), rows);
            let suffix = format!("@{}", runbook.name);
            assert!(
                list.items
                    .iter()
                    .all(|item| item.binding.id.ends_with(&suffix))
            );
        }
        let breach = Incident::Breach.open(&now, "-2");
        assert_eq!(breach.name, "2026-10-23-breach-2");
        // Clocks go back in between: 72 hours are not three days of the wall clock.
        assert!(
            breach.text.contains("until 2026-10-26 11:00 CET"),
            "{}",
            breach.text
        );
    }
}
