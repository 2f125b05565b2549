use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value, lists};

pub(super) static CHECK: Check = Check {
    id: "jwt/blacklist-missing",
    title: "The token blacklist is asked for and not installed",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B7.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/blacklist_app.html",
        ),
        Reference::Cwe(613),
    ],
    doc: include_str!("blacklist_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::absent(deployment) {
        return outcome;
    }
    const NAME: &str = "SIMPLE_JWT.BLACKLIST_AFTER_ROTATION";
    let blacklist = super::option(deployment, "BLACKLIST_AFTER_ROTATION", Value::Bool(false));
    let bad = match consider_value(NAME, &blacklist, &Value::truthy) {
        Judged::Good(_) => {
            return Outcome::NotApplicable("no token is to be blacklisted".to_owned());
        }
        Judged::Open(outcome) => return outcome,
        Judged::Bad(bad) => bad,
    };
    // SimpleJWT looks for this very string (`tokens.py`); a configuration class does not count.
    match lists(deployment, "INSTALLED_APPS", &|name| {
        name == super::BLACKLIST_APP
    }) {
        Some(true) => pass("the blacklist is installed", &bad.value.trail),
        None => Outcome::Unknown {
            reason: "whether the blacklist app is installed is not known".to_owned(),
            remedy: "see `tightship inspect settings --only INSTALLED_APPS`".to_owned(),
            trail: bad.value.trail.clone(),
        },
        Some(false) => {
            let mut finding = finding(
                NAME,
                &bad.value.trail,
                bad.worded(format!(
                    "a stolen refresh token works on after rotation and logout: \
                     BLACKLIST_AFTER_ROTATION is on, {} is not in INSTALLED_APPS, and SimpleJWT \
                     passes over that without a word",
                    super::BLACKLIST_APP
                )),
                "Add the app to INSTALLED_APPS and run migrate.",
            );
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}
