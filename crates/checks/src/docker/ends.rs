//! When the makers of base images end their security updates.

use tightship_model::compose::ImageReference;

/// Something in an image that gets no updates any more.
pub(super) struct Ended {
    /// `Python 3.8`.
    pub(super) what: String,
    /// `2024-10-07`.
    pub(super) date: &'static str,
}

/// What of an image is past its end at this time (seconds since 1970-01-01 UTC).
pub(super) fn ended(reference: &ImageReference, now: i64) -> Vec<Ended> {
    let (Some(tag), true) = (
        reference.tag.as_deref(),
        reference.repository.starts_with("library/"),
    ) else {
        return Vec::new();
    };
    let name = reference.short_name();
    let mut parts = tag.split('-');
    let own = parts.next().unwrap_or_default();
    let mut found = Vec::new();
    let mut note = |what: String, date: &'static str| {
        if is_past(date, now) {
            found.push(Ended { what, date });
        }
    };
    if let Some((_, label, releases)) = PROGRAMS.iter().find(|(program, ..)| *program == name)
        && let Some((release, date)) = releases
            .iter()
            .find(|(release, _)| own == *release || own.starts_with(&format!("{release}.")))
    {
        note(format!("{label} {release}"), date);
    }
    for part in tag.split('-') {
        if let Some((_, number, date)) = DEBIAN.iter().find(|(code, ..)| *code == part) {
            note(format!("Debian {number} ({part})"), date);
        }
        let alpine = match name {
            "alpine" => Some(part),
            _ => part.strip_prefix("alpine"),
        };
        if let Some(version) = alpine
            && let Some((release, date)) = ALPINE.iter().find(|(release, _)| {
                version == *release || version.starts_with(&format!("{release}."))
            })
        {
            note(format!("Alpine {release}"), date);
        }
    }
    found
}

/// Whether a day (`2024-10-07`) is over at this time (seconds since 1970-01-01 UTC).
pub(crate) fn is_past(date: &str, now: i64) -> bool {
    days(date).is_some_and(|day| now >= (day + 1) * SECONDS_OF_DAY)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms").
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

const SECONDS_OF_DAY: i64 = 86_400;

type Releases = &'static [(&'static str, &'static str)];

/// Last day of security updates, as of November 2026: devguide.python.org/versions,
/// github.com/nodejs/release, postgresql.org/support/versioning, ubuntu.com/about/release-cycle
/// (standard support).
const PROGRAMS: [(&str, &str, Releases); 4] = [
    (
        "python",
        "Python",
        &[
            ("2.7", "2020-01-01"),
            ("2", "2020-01-01"),
            ("3.5", "2020-09-30"),
            ("3.6", "2021-12-23"),
            ("3.7", "2023-06-27"),
            ("3.8", "2024-10-07"),
            ("3.9", "2025-10-31"),
            ("3.10", "2026-10-31"),
            ("3.11", "2027-10-31"),
            ("3.12", "2028-10-31"),
            ("3.13", "2029-10-31"),
            ("3.14", "2030-10-31"),
        ],
    ),
    (
        "node",
        "Node.js",
        &[
            ("8", "2019-12-31"),
            ("9", "2018-06-30"),
            ("10", "2021-04-30"),
            ("11", "2019-06-01"),
            ("12", "2022-04-30"),
            ("13", "2020-06-01"),
            ("14", "2023-04-30"),
            ("15", "2021-06-01"),
            ("16", "2023-09-11"),
            ("17", "2022-06-01"),
            ("18", "2025-04-30"),
            ("19", "2023-06-01"),
            ("20", "2026-04-30"),
            ("21", "2024-06-01"),
            ("22", "2027-04-30"),
            ("23", "2025-06-01"),
            ("24", "2028-04-30"),
            ("25", "2026-06-01"),
            ("26", "2029-04-30"),
        ],
    ),
    (
        "postgres",
        "PostgreSQL",
        &[
            ("9", "2021-11-11"),
            ("10", "2022-11-10"),
            ("11", "2023-11-09"),
            ("12", "2024-11-21"),
            ("13", "2025-11-13"),
            ("14", "2026-11-12"),
            ("15", "2027-11-11"),
            ("16", "2028-11-09"),
            ("17", "2029-11-08"),
            ("18", "2030-11-14"),
        ],
    ),
    (
        "ubuntu",
        "Ubuntu",
        &[
            ("16.04", "2021-04-30"),
            ("18.04", "2023-05-31"),
            ("20.04", "2025-05-31"),
            ("22.04", "2027-05-31"),
            ("24.04", "2029-05-31"),
        ],
    ),
];

/// Long-term support included: wiki.debian.org/LTS.
const DEBIAN: [(&str, &str, &str); 6] = [
    ("jessie", "8", "2020-06-30"),
    ("stretch", "9", "2022-06-30"),
    ("buster", "10", "2024-06-30"),
    ("bullseye", "11", "2026-08-31"),
    ("bookworm", "12", "2028-06-30"),
    ("trixie", "13", "2030-06-30"),
];

/// alpinelinux.org/releases.
const ALPINE: [(&str, &str); 12] = [
    ("3.12", "2022-05-01"),
    ("3.13", "2022-11-01"),
    ("3.14", "2023-05-01"),
    ("3.15", "2023-11-01"),
    ("3.16", "2024-05-23"),
    ("3.17", "2024-11-22"),
    ("3.18", "2025-05-09"),
    ("3.19", "2025-11-01"),
    ("3.20", "2026-04-01"),
    ("3.21", "2026-11-01"),
    ("3.22", "2027-05-01"),
    ("3.23", "2027-11-01"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_ends_with_its_last_day() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2024-10-07"), Some(20_003));
        let python = ImageReference::parse("python:3.8.20-slim-bookworm").expect("a reference");
        let last_day = 20_003 * SECONDS_OF_DAY;
        assert!(ended(&python, last_day + 3600).is_empty());
        let what: Vec<_> = ended(&python, last_day + SECONDS_OF_DAY)
            .into_iter()
            .map(|end| end.what)
            .collect();
        assert_eq!(what, ["Python 3.8"]);
    }
}
