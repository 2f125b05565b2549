//! Counts of judgements, their table, and the figures that the documentation states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use crate::compare::{Judgement, Outcome};

/// What the evaluator was told of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// Every variable: what is not listed is unset.
    Closed,
    /// Nothing.
    Open,
}

/// All judgements, counted by package.
#[derive(Default)]
pub(crate) struct Figures {
    packages: BTreeMap<(Pass, String), Counts>,
    checked: BTreeMap<Pass, Counts>,
    /// What is unknown or wrong, each once, with the environments where it is so.
    not_known: BTreeMap<(Pass, String, Outcome, String), BTreeSet<String>>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    names: usize,
    known: usize,
    dependent: usize,
    unknown: usize,
    wrong: usize,
}

/// Least share of names that must be known or correctly dependent, in percent.
const LEAST_OF_ALL: f64 = 97.0;
/// The same for the names that checks read.
const LEAST_OF_CHECKED: f64 = 99.0;

/// Settings that checks read: Django's that bear on security, by name.
const CHECKED_NAMES: [&str; 46] = [
    "ADMINS",
    "ALLOWED_HOSTS",
    "AUTHENTICATION_BACKENDS",
    "AUTH_PASSWORD_VALIDATORS",
    "AUTH_USER_MODEL",
    "CACHES",
    "DATABASES",
    "DATABASE_ROUTERS",
    "DEBUG",
    "DEBUG_PROPAGATE_EXCEPTIONS",
    "DEBUG_TOOLBAR_CONFIG",
    "DEFAULT_EXCEPTION_REPORTER_FILTER",
    "DEFAULT_FILE_STORAGE",
    "DEFAULT_FROM_EMAIL",
    "INSTALLED_APPS",
    "INTERNAL_IPS",
    "LOGGING",
    "LOGGING_CONFIG",
    "LOGIN_REDIRECT_URL",
    "LOGIN_URL",
    "LOGOUT_REDIRECT_URL",
    "MAILERS",
    "MANAGERS",
    "MEDIA_ROOT",
    "MEDIA_URL",
    "MESSAGE_STORAGE",
    "MIDDLEWARE",
    "PASSWORD_HASHERS",
    "PASSWORD_RESET_TIMEOUT",
    "REST_FRAMEWORK",
    "ROOT_URLCONF",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SERVER_EMAIL",
    "SIGNING_BACKEND",
    "SIMPLE_JWT",
    "STATICFILES_DIRS",
    "STATICFILES_STORAGE",
    "STATIC_ROOT",
    "STATIC_URL",
    "STORAGES",
    "TEMPLATES",
    "USE_X_FORWARDED_HOST",
    "USE_X_FORWARDED_PORT",
    "WSGI_APPLICATION",
    "X_FRAME_OPTIONS",
];

/// Settings that checks read: families of names.
const CHECKED_PREFIXES: [&str; 11] = [
    "ACCOUNT_",
    "AXES_",
    "CONTENT_SECURITY_POLICY",
    "CORS_",
    "CSP_",
    "CSRF_",
    "DATA_UPLOAD_",
    "EMAIL_",
    "FILE_UPLOAD_",
    "SECURE_",
    "SESSION_",
];

impl Figures {
    pub(crate) fn add(
        &mut self,
        package: &str,
        environment: &str,
        pass: Pass,
        judgement: Judgement,
    ) {
        let Judgement { name, outcome } = judgement;
        let row = (pass, package.to_owned());
        self.packages.entry(row).or_default().add(&outcome);
        if is_checked(&name) {
            self.checked.entry(pass).or_default().add(&outcome);
        }
        if matches!(outcome, Outcome::Unknown(_) | Outcome::Wrong(_)) {
            self.not_known
                .entry((pass, package.to_owned(), outcome, name))
                .or_default()
                .insert(environment.to_owned());
        }
    }

    /// One row for each package, then the totals.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        for (pass, title) in [
            (Pass::Closed, "Environment given"),
            (Pass::Open, "No environment given"),
        ] {
            let _ = writeln!(
                table,
                "## {title}\n\n\
                 | settings package | names | known | dependent | unknown | wrong | known or dependent |\n\
                 |---|--:|--:|--:|--:|--:|--:|"
            );
            for ((_, package), counts) in self.rows(pass) {
                let _ = writeln!(table, "{}", counts.row(package));
            }
            let _ = writeln!(table, "{}", self.total(pass).row("**all names**"));
            let checked = self.checked.get(&pass).copied().unwrap_or_default();
            let _ = writeln!(table, "{}\n", checked.row("**names that checks read**"));
        }
        table
    }

    /// Every name that is unknown or wrong, with the reason and the environments.
    pub(crate) fn not_known(&self) -> String {
        let mut lines = String::new();
        for ((pass, package, outcome, name), environments) in &self.not_known {
            let (word, reason) = match outcome {
                Outcome::Unknown(reason) => ("unknown", reason),
                Outcome::Wrong(reason) => ("WRONG", reason),
                Outcome::Known | Outcome::Dependent => continue,
            };
            let environments: Vec<_> = environments.iter().map(String::as_str).collect();
            let _ = writeln!(
                lines,
                "{word} {package} {name} [{pass:?}: {}]: {reason}",
                environments.join(", ")
            );
        }
        lines
    }

    /// What is unknown in either pass, by the reason that the evaluator gives.
    fn reasons(&self) -> String {
        let mut by_reason: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (_, package, outcome, name) in self.not_known.keys() {
            if let Outcome::Unknown(reason) = outcome {
                // In front stand the keys that lead to the part.
                let reason = reason.rsplit("): ").next().unwrap_or(reason);
                let names = by_reason.entry(reason).or_default();
                names.insert(format!("{package} {name}"));
            }
        }
        let mut table = format!("{REASONS}\n| because | settings |\n|---|---|\n");
        for (reason, names) in by_reason {
            let names: Vec<_> = names.into_iter().collect();
            let _ = writeln!(table, "| {reason} | {} |", names.join(", "));
        }
        table
    }

    pub(crate) fn assert_accuracy(&self) {
        for pass in [Pass::Closed, Pass::Open] {
            assert_eq!(self.total(pass).wrong, 0, "wrong values, {pass:?}");
        }
        for pass in [Pass::Closed, Pass::Open] {
            let all = self.total(pass).share();
            assert!(
                all >= LEAST_OF_ALL,
                "{all:.2} % of all names, not {LEAST_OF_ALL} %, {pass:?}"
            );
            let checked = self.checked[&pass].share();
            assert!(
                checked >= LEAST_OF_CHECKED,
                "{checked:.2} % of the names that checks read, not {LEAST_OF_CHECKED} %, {pass:?}"
            );
        }
    }

    /// Fails where the figures in the documentation are not these; writes them when asked to.
    pub(crate) fn compare_with_docs(&self, page: &Path) {
        let text = format!("{PREFACE}\n{}{}", self.table(), self.reasons());
        let text = text.trim_end().to_owned() + "\n";
        if std::env::var_os("TIGHTSHIP_UPDATE").is_some() {
            std::fs::write(page, text).expect("docs/accuracy.md can be written");
            return;
        }
        let committed = std::fs::read_to_string(page).unwrap_or_default();
        assert!(
            committed == text,
            "docs/accuracy.md states other figures: run TIGHTSHIP_UPDATE=1 ./test --only settings_are"
        );
    }

    fn rows(&self, pass: Pass) -> impl Iterator<Item = (&(Pass, String), &Counts)> {
        self.packages
            .iter()
            .filter(move |((other, _), _)| *other == pass)
    }

    fn total(&self, pass: Pass) -> Counts {
        self.rows(pass)
            .fold(Counts::default(), |total, (_, counts)| Counts {
                names: total.names + counts.names,
                known: total.known + counts.known,
                dependent: total.dependent + counts.dependent,
                unknown: total.unknown + counts.unknown,
                wrong: total.wrong + counts.wrong,
            })
    }
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        self.names += 1;
        match outcome {
            Outcome::Known => self.known += 1,
            Outcome::Dependent => self.dependent += 1,
            Outcome::Unknown(_) => self.unknown += 1,
            Outcome::Wrong(_) => self.wrong += 1,
        }
    }

    /// Known or correctly dependent, in percent.
    fn share(&self) -> f64 {
        (self.known + self.dependent) as f64 * 100.0 / self.names.max(1) as f64
    }

    fn row(&self, title: &str) -> String {
        format!(
            "| {title} | {} | {} | {} | {} | {} | {:.2} % |",
            self.names,
            self.known,
            self.dependent,
            self.unknown,
            self.wrong,
            self.share()
        )
    }
}

fn is_checked(name: &str) -> bool {
    CHECKED_NAMES.contains(&name)
        || CHECKED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

const PREFACE: &str = "\
# Accuracy of the settings evaluator

Measured, not claimed: the test `settings_are_what_django_makes_of_them` imports every settings
package of `crates/read/tests/settings` in real Django 4.2, 5.2, 6.0 and 6.1 under each of its
environments, and compares every overridden setting with what the evaluator says without running
anything. This page is written by that test (`TIGHTSHIP_UPDATE=1 ./test --only settings_are`), and the
test fails when the figures on it are not the measured ones.

- *names*: overridden settings, counted once for each environment and Django version.
- *known*: the evaluator states a value, and it is the real one in type and content.
- *dependent*: it states several values, of which the real one is one, or leaves the value to
  environment variables that it was not told and that are set. While these are unset it must state
  what the value then is: leaving that open counts as unknown.
- *unknown*: it says that it does not know a part of the value. A random key is always unknown.
- *wrong*: it states something that is not so. One is a defect of the first order.
";

const REASONS: &str = "\
## What is not known

Each setting that is unknown in some environment, by the reason that the evaluator gives. What asks
the machine (its host name, its platform, the user's home folder), chance (a key made anew at each
start), the patch version of Django, or code and files that are not in the project, no reading of the
project can tell. The other reasons are Python that the evaluator does not follow; none of them guesses.
";
