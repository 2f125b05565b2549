//! The invisible comment that binds a box: `<!-- tightship ID; key: value; … -->`.
//!
//! Hand-written: the grammar is a handful of words, and each refusal must name its line.

use tightship_model::checklist::Kind;

use crate::cadence::Cadence;
use crate::parameter::Parameter;

/// How a comment of ours begins.
pub(crate) const OPENING: &str = "<!-- tightship";

/// How it ends.
pub(crate) const CLOSING: &str = "-->";

/// Items of one id are found again in the ledger: an id is a name, not a sentence.
const LONGEST_ID: usize = 80;

/// What binds an item to its proof.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Binding {
    /// Unique in its list.
    pub id: String,
    pub kind: Kind,
    /// Ids of checks, `area/*` for all of an area, or `area/bad-thing#word` for those findings of a
    /// check whose subject holds a word.
    pub checks: Vec<String>,
    /// What must have been looked at for a pass.
    pub needs: Vec<Need>,
    /// What must have been looked at where none of the checks applies.
    pub otherwise: Vec<Need>,
    /// Who answers for it.
    pub owner: Option<String>,
    pub cadence: Option<Cadence>,
    /// Days for which a sign-off holds.
    pub valid: Option<u16>,
    /// How many different people must sign.
    pub people: Option<u8>,
    /// Where the row comes from.
    pub source: Option<String>,
    /// Thresholds by name.
    pub parameters: Vec<(&'static Parameter, u64)>,
}

/// A source beside the files, without which an item is never passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Site,
    Database,
    Host,
    /// A program that is run over the project, such as its tests.
    Tool,
}

impl Need {
    pub const ALL: [Self; 4] = [Self::Site, Self::Database, Self::Host, Self::Tool];

    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Database => "database",
            Self::Host => "host",
            Self::Tool => "tool",
        }
    }

    /// Whether checks of this area look at it.
    pub fn is_seen_by(self, area: &str) -> bool {
        match self {
            Self::Site => ["tls", "http", "dns", "tcp"].contains(&area),
            Self::Database => area == "postgres",
            Self::Host => ["host", "backup", "updates"].contains(&area),
            Self::Tool => ["code", "deps"].contains(&area),
        }
    }

    /// Why the item is open while nothing looked at it.
    pub(crate) fn unseen(self) -> &'static str {
        match self {
            Self::Site => "the live site was not looked at",
            Self::Database => "no check has looked into the database",
            Self::Host => "no check has looked at the server itself",
            Self::Tool => "no check has gone through the code for it",
        }
    }

    /// What a person does in its place.
    pub(crate) fn by_hand(self) -> &'static str {
        match self {
            Self::Site => "look at the site and keep what it answers",
            Self::Database => "ask the database and keep its answer",
            Self::Host => "look at the server and keep what it shows",
            Self::Tool => {
                "go through the code, with the program that the row names or by eye, and keep what it shows"
            }
        }
    }
}

impl Binding {
    /// Reads a comment from [`OPENING`] to [`CLOSING`].
    pub(crate) fn parse(comment: &str) -> Result<Self, String> {
        let inner = comment
            .strip_prefix(OPENING)
            .and_then(|rest| rest.strip_suffix(CLOSING))
            .ok_or("the comment is not closed with -->")?;
        let mut fields = inner.split(';').map(str::trim);
        let mut binding = Self {
            id: id(fields.next().unwrap_or_default())?,
            ..Self::default()
        };
        let mut seen = Vec::new();
        for field in fields.filter(|field| !field.is_empty()) {
            let (key, value) = field
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.split_whitespace().collect::<Vec<_>>()))
                .ok_or_else(|| format!("{field:?} is not of the form key: value"))?;
            let value = value.join(" ");
            if seen.contains(&key) {
                return Err(format!("{key} stands twice"));
            }
            if value.is_empty() {
                return Err(format!("{key} says nothing"));
            }
            seen.push(key);
            binding.set(key, &value)?;
        }
        binding.agrees().map(|()| binding)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "kind" => self.kind = one_of(value, Kind::ALL, Kind::name)?,
            "checks" => self.checks = words(value).map(check).collect::<Result<_, _>>()?,
            "needs" => self.needs = needs(value)?,
            "otherwise" => self.otherwise = needs(value)?,
            "owner" => self.owner = Some(value.to_owned()),
            "source" => self.source = Some(value.to_owned()),
            "cadence" => self.cadence = Some(value.parse()?),
            "valid" => self.valid = Some(days(value)?),
            "people" => self.people = Some(number(value)?),
            _ => {
                let parameter = Parameter::named(key).ok_or_else(|| unknown(key))?;
                self.parameters.push((parameter, number(value)?));
            }
        }
        Ok(())
    }

    fn agrees(&self) -> Result<(), String> {
        match (self.kind, &self.cadence) {
            (Kind::Duty, None) => Err("a duty needs a cadence, such as cadence: weekly".to_owned()),
            (Kind::Duty, Some(_)) | (_, None) => Ok(()),
            (_, Some(_)) => Err("only a duty has a cadence".to_owned()),
        }
    }

    /// The id of a check, and the word that the subjects of its findings must hold.
    pub fn check_and_subject(check: &str) -> (&str, Option<&str>) {
        match check.split_once('#') {
            Some((id, subject)) => (id, Some(subject)),
            None => (check, None),
        }
    }

    /// The comment, on one line.
    pub fn comment(&self) -> String {
        let mut fields = vec![self.id.clone()];
        let mut add = |key: &str, value: String| fields.push(format!("{key}: {value}"));
        add("kind", self.kind.name().to_owned());
        if let Some(cadence) = &self.cadence {
            add("cadence", cadence.to_string());
        }
        if let Some(owner) = &self.owner {
            add("owner", owner.clone());
        }
        for (key, needs) in [("needs", &self.needs), ("otherwise", &self.otherwise)] {
            if !needs.is_empty() {
                let names: Vec<_> = needs.iter().map(|need| need.name()).collect();
                add(key, names.join(", "));
            }
        }
        for (parameter, value) in &self.parameters {
            add(parameter.name, value.to_string());
        }
        if let Some(days) = self.valid {
            add("valid", format!("{days}d"));
        }
        if let Some(people) = self.people {
            add("people", people.to_string());
        }
        if let Some(source) = &self.source {
            add("source", source.clone());
        }
        if !self.checks.is_empty() {
            add("checks", self.checks.join(", "));
        }
        format!("{OPENING} {} {CLOSING}", fields.join("; "))
    }
}

const KEYS: [&str; 9] = [
    "kind",
    "checks",
    "needs",
    "otherwise",
    "owner",
    "source",
    "cadence",
    "valid",
    "people",
];

fn unknown(key: &str) -> String {
    let known = || {
        KEYS.into_iter()
            .chain(crate::PARAMETERS.iter().map(|one| one.name))
    };
    let near = known()
        .map(|name| (strsim::jaro_winkler(key, name), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match near {
        Some((_, near)) => format!("{key:?} is no key; did you mean {near}?"),
        None => format!(
            "{key:?} is no key; known are {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    }
}

fn id(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_alphanumeric() || "._-/@+".contains(c);
    match text {
        "" => Err("the comment names no id".to_owned()),
        text if text.len() > LONGEST_ID => Err(format!(
            "the id is {} bytes long; {LONGEST_ID} are the most",
            text.len()
        )),
        text if text.chars().all(is_name) => Ok(text.to_owned()),
        text => Err(format!(
            "{text:?} is no id: it is made of letters, digits and . _ - / @ +"
        )),
    }
}

fn check(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_part = |part: &str| !part.is_empty() && part.chars().all(is_name);
    let (id, subject) = Binding::check_and_subject(text);
    let is_id = id
        .split_once('/')
        .is_some_and(|(area, name)| is_part(area) && (is_part(name) || text.ends_with("/*")));
    match is_id && subject != Some("") {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "{text:?} is no check: write area/bad-thing, area/* or area/bad-thing#subject"
        )),
    }
}

fn needs(value: &str) -> Result<Vec<Need>, String> {
    words(value)
        .map(|word| one_of(word, Need::ALL, Need::name))
        .collect()
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', ' ']).filter(|word| !word.is_empty())
}

fn one_of<T: Copy, const N: usize>(
    word: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<T, String> {
    all.into_iter()
        .find(|one| name(*one) == word)
        .ok_or_else(|| {
            let known: Vec<_> = all.into_iter().map(name).collect();
            format!("{word:?} is none of {}", known.join(", "))
        })
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{value:?} is no number that fits here"))
}

/// `90d`, as days.
pub fn days(value: &str) -> Result<u16, String> {
    let digits = value
        .strip_suffix('d')
        .ok_or_else(|| format!("{value:?} is no number of days; write it like 90d"))?;
    match number(digits.trim())? {
        0 => Err("a sign-off that holds for 0 days never holds".to_owned()),
        days => Ok(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_says_all_of_a_binding() {
        let text = "<!-- tightship A1.2; kind: check; owner: the platform team; needs: site, tool; \
                    otherwise: host; secret-key-length: 64; valid: 90d; people: 2; source: Django \
                    6.0, deployment; checks: django/secret-key-short, secrets/*, docs/a-b#word -->";
        let binding = Binding::parse(text).expect("a binding");
        assert_eq!(binding.comment(), text);
        let duty = "<!-- tightship B12.1; kind: duty; cadence: weekly -->";
        assert_eq!(Binding::parse(duty).expect("a binding").comment(), duty);
    }

    #[test]
    fn a_comment_may_run_over_lines() {
        let binding = Binding::parse("<!-- tightship x;\r\n  checks: a/b,\r\n  c/d -->");
        assert_eq!(binding.expect("a binding").checks, ["a/b", "c/d"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (fields, said) in [
            ("", "names no id"),
            (" a b", "is no id"),
            (" a; chekcs: a/b", "did you mean checks?"),
            (" a; nonsense-of-mine: 1", "known are kind"),
            (" a; kind", "not of the form key: value"),
            (" a; kind: wish", "none of check, drill"),
            (" a; kind: check; kind: drill", "kind stands twice"),
            (" a; owner:", "owner says nothing"),
            (" a; checks: debug-on", "is no check"),
            (" a; checks: a/b#", "is no check"),
            (" a; kind: duty", "needs a cadence"),
            (" a; cadence: daily", "only a duty"),
            (" a; kind: duty; cadence: often", "often"),
            (" a; hsts-seconds: long", "is no number"),
            (" a; people: 900", "is no number that fits"),
            (" a; valid: 90", "write it like 90d"),
            (" a; valid: 0d", "never holds"),
        ] {
            let refused = Binding::parse(&format!("<!-- tightship{fields} -->"));
            let refused = refused.expect_err(fields);
            assert!(refused.contains(said), "{fields}: {refused}");
        }
    }
}
