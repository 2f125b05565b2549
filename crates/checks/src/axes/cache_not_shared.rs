use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{entry_of, finding, pass, value_of};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "axes/cache-not-shared",
    title: "axes counts failures in a cache that processes do not share",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3", "X3"],
    django_ids: &["axes.W001"],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("cache_not_shared.md"),
    run,
};

/// The backends that `axes.checks.axes_cache_check` refuses, and what each does to the count.
const UNFIT: [(&str, &str); 3] = [
    (
        "django.core.cache.backends.locmem.LocMemCache",
        "each worker process counts for itself and forgets at each restart",
    ),
    (
        "django.core.cache.backends.dummy.DummyCache",
        "the cache keeps nothing, so no failure is ever counted",
    ),
    (
        "django.core.cache.backends.filebased.FileBasedCache",
        "failures at the same moment overwrite each other's count",
    ),
];

fn run(deployment: &Deployment) -> Outcome {
    let handler = value_of(
        deployment,
        "AXES_HANDLER",
        super::PACKAGE,
        Value::Str("axes.handlers.database.AxesDatabaseHandler".to_owned()),
    );
    match handler.ask(&|value| Some(value.as_str()? == "axes.handlers.cache.AxesCacheHandler")) {
        Answer::No(value) => return pass("axes counts outside of the cache", &value.trail),
        Answer::Doubt(doubt) => return unknown("AXES_HANDLER", &doubt, &handler.trail),
        Answer::Yes(_) => {}
    }
    let alias = value_of(
        deployment,
        "AXES_CACHE",
        super::PACKAGE,
        Value::Str("default".to_owned()),
    );
    let Value::Str(alias) = &alias.value else {
        return Outcome::Unknown {
            reason: "AXES_CACHE is not known".to_owned(),
            remedy: "see `tightship inspect settings --only AXES_CACHE`".to_owned(),
            trail: alias.trail,
        };
    };
    let cache = entry_of(deployment, "CACHES", alias, "Django", Value::None);
    let backend = |value: &Value| {
        let backend = value.as_dict()?.get("BACKEND")?.value.as_str()?.to_owned();
        Some(UNFIT.into_iter().find(|(unfit, _)| *unfit == backend))
    };
    match cache.ask(&|value| match value {
        Value::None => Some(false),
        value => backend(value).map(|unfit| unfit.is_some()),
    }) {
        Answer::No(value) => pass("axes counts in a shared cache", &value.trail),
        Answer::Doubt(doubt) => unknown("CACHES", &doubt, &cache.trail),
        Answer::Yes(value) => {
            let effect = backend(&value.value)
                .flatten()
                .map_or("", |(_, effect)| effect);
            let mut finding = finding(
                "AXES_HANDLER",
                &value.trail,
                format!(
                    "an attacker has many times the allowed guesses: {effect} (cache {alias:?})"
                ),
                "Point AXES_CACHE at a Redis, Memcached or database cache, or use the database \
                 handler.",
            );
            finding.django_id = Some("axes.W001");
            Outcome::Fail(vec![finding])
        }
    }
}
