//! Model to verdicts: pure functions of the [`Deployment`]. No file, no socket, no clock.
//!
//! [`catalog`] is the one list of checks; [`judge`] runs them. A check is a record and a function
//! in `src/<area>/<bad_thing>.rs`, beside its page `<bad_thing>.md`.

mod alike;
mod allauth;
mod axes;
mod catalog;
mod causes;
mod certbot;
mod code;
mod compose;
mod cors;
mod cross;
mod csp;
mod debug;
mod django;
mod dns;
mod docker;
mod docs;
mod domains;
mod drf;
mod env;
mod guessing;
pub mod http;
mod inside;
mod jwt;
mod logging;
mod mail;
mod media;
mod nginx;
mod package;
mod partly;
mod paths;
mod policy;
mod proxy;
mod saving;
mod secret_files;
mod secrets;
mod setting;
mod site_grades;
mod slip;
mod r#static;
mod stripe;
mod tcp;
pub mod tls;
mod told;
mod unset;
mod updates;

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;
use tightship_model::{Check, Deployment, Need, Outcome, Trail, Verdict, worst_first};

pub use catalog::catalog;
pub use site_grades::site_grades;

/// Runs the checks that `selected` accepts. Worst first: failures by severity, then unknowns, then
/// the rest, each by id. A check that breaks costs its own verdict, not the run.
pub fn judge(deployment: &Deployment, selected: impl Fn(&Check) -> bool) -> Vec<Verdict> {
    let checks: Vec<_> = catalog().filter(|check| selected(check)).collect();
    let mut verdicts: Vec<_> = checks
        .into_par_iter()
        // A few checks take as long as all others together: nothing waits behind one of them.
        .with_max_len(1)
        .map(|check| Verdict {
            check,
            outcome: run(check, deployment),
        })
        .collect();
    causes::told_once(&mut verdicts);
    worst_first(&mut verdicts);
    verdicts
}

fn run(check: &Check, deployment: &Deployment) -> Outcome {
    if let Some(outcome) = check.needs.iter().find_map(|need| unmet(*need, deployment)) {
        return outcome;
    }
    let run = || match (check.run)(deployment) {
        Outcome::Fail(findings) => {
            let findings = unset::with_places(deployment, findings);
            Outcome::Fail(alike::together(findings))
        }
        outcome => outcome,
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Outcome::Unknown {
        reason: format!("the check {} broke; this is a fault in tightship", check.id),
        remedy: "report it with the project's settings".to_owned(),
        trail: Trail::default(),
    })
}

/// The verdict when a source that the check stands on is absent.
fn unmet(need: Need, deployment: &Deployment) -> Option<Outcome> {
    let settings = deployment.settings.as_ref();
    match need {
        Need::Settings if settings.is_some() => None,
        Need::Settings if deployment.project.folder.is_none() => Some(Outcome::NotApplicable(
            "this is not a Django project".to_owned(),
        )),
        Need::Settings => Some(Outcome::Unknown {
            reason: deployment
                .project
                .no_settings
                .clone()
                .unwrap_or_else(|| "no settings module was evaluated".to_owned()),
            remedy: "name the settings module with --settings".to_owned(),
            trail: Trail::default(),
        }),
        Need::Nginx if !deployment.nginx.configurations.is_empty() => None,
        Need::Nginx => Some(no_nginx(deployment)),
        Need::App(app) => missing("INSTALLED_APPS", app, setting::has_app(deployment, app)),
        Need::Middleware(class) => missing(
            "MIDDLEWARE",
            class,
            setting::has_middleware(deployment, class),
        ),
        Need::Django(major, minor) => settings
            .filter(|settings| !settings.django_at_least(major, minor))
            .map(|_| Outcome::NotApplicable(format!("this begins with Django {major}.{minor}"))),
        Need::Thresholds => None,
        Need::Site if deployment.site.is_some() => None,
        Need::Site => Some(Outcome::Unknown {
            reason: "the live site was not looked at".to_owned(),
            remedy: "name the site with --url".to_owned(),
            trail: Trail::default(),
        }),
    }
}

/// The verdict where no configuration of nginx takes part.
fn no_nginx(deployment: &Deployment) -> Outcome {
    if let Some(reason) = &deployment.nginx.undecided {
        return Outcome::Unknown {
            reason: format!("what nginx serves is not known: {reason}"),
            remedy:
                "keep the file that production uses, or look at one with `tightship inspect nginx`"
                    .to_owned(),
            trail: Trail::default(),
        };
    }
    Outcome::NotApplicable(match deployment.nginx.unused.first() {
        Some(unused) => format!("{} {}", unused.path, unused.reason),
        None => "there is no configuration of nginx".to_owned(),
    })
}

/// The verdict when a list setting does not hold what a check stands on.
fn missing(setting: &str, name: &str, present: Option<bool>) -> Option<Outcome> {
    match present {
        Some(true) => None,
        Some(false) => Some(Outcome::NotApplicable(format!(
            "{name} is not in {setting}"
        ))),
        None => Some(Outcome::Unknown {
            reason: format!("whether {name} is in {setting} is not known"),
            remedy: format!("see `tightship inspect settings --only {setting}`"),
            trail: Trail::default(),
        }),
    }
}
