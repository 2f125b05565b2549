use tightship_model::{
    Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail, Value,
};

use super::secret_key::{is_weak, measured};
use crate::partly::{any, is_known};
use crate::setting::{Judged, about, consider, setting, shows};

pub(super) static CHECK: Check = Check {
    id: "django/secret-key-fallback-weak",
    title: "An old key that is still accepted can be guessed",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Django(4, 1)],
    items: &["A1.2", "B1.2", "X1"],
    django_ids: &["security.W025"],
    references: &[
        Reference::Django("ref/settings/#secret-key-fallbacks"),
        Reference::Cwe(330),
    ],
    doc: include_str!("secret_key_fallback_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(setting) = setting(deployment, NAME) else {
        return Outcome::Fail(vec![Finding {
            message: format!("{NAME} does not exist: Django stops when it looks for old keys"),
            ..finding(NAME, &Trail::default())
        }]);
    };
    match consider(&setting, &any_weak) {
        Judged::Good(value) => Outcome::Pass(vec![shows(NAME, value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let keys = bad.value.value.as_items().into_iter();
            Outcome::Fail(
                keys.flat_map(|keys| keys.items.iter().enumerate())
                    .filter(|(_, key)| is_known(&key.value) && is_weak(&key.value) == Some(true))
                    .map(|(index, key)| {
                        let subject = format!("{NAME}[{index}]");
                        Finding {
                            message: bad.worded(format!(
                                "{subject} {}: Django still accepts what is signed with it, so \
                                 guessing this one is enough to forge sessions",
                                measured(&key.value)
                            )),
                            confidence: bad.confidence,
                            ..finding(&subject, &key.trail)
                        }
                    })
                    .collect(),
            )
        }
    }
}

fn finding(subject: &str, trail: &Trail) -> Finding {
    Finding {
        django_id: Some("security.W025"),
        advice: "Remove the key once what it signed has expired; until then keep only strong ones."
            .to_owned(),
        ..about(subject, trail)
    }
}

fn any_weak(value: &Value) -> Option<bool> {
    let keys = value.as_items()?;
    any(keys.rest.is_some(), keys.items.iter(), |key| {
        is_known(&key.value).then(|| is_weak(&key.value)).flatten()
    })
}

const NAME: &str = "SECRET_KEY_FALLBACKS";
