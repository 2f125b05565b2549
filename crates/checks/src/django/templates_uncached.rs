use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::partly::{any, entry, is_known};
use crate::setting::{Demand, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/templates-uncached",
    title: "Each request reads its templates anew",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["X4"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/#templates"),
        Reference::Django("ref/templates/api/#django.template.loaders.cached.Loader"),
        Reference::Cwe(400),
    ],
    doc: include_str!("templates_uncached.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    const NONE: &str = "the project has no templates";
    if let Some(outcome) = unless(deployment, "TEMPLATES", &Value::truthy, NONE) {
        return outcome;
    }
    let outcome = judge(
        deployment,
        &Demand {
            setting: "TEMPLATES",
            refuses: &is_uncached,
            message: &|_| {
                "every page costs the reading and compiling of its templates, so that few visitors \
                 keep all workers busy: the loaders of TEMPLATES are named without the cached one"
                    .to_owned()
            },
            advice: "Leave out loaders (Django then caches by itself), or wrap them in \
                     django.template.loaders.cached.Loader.",
            django_id: None,
            mend: None,
        },
    );
    match outcome {
        Outcome::Pass(mut evidence) => {
            for one in &mut evidence {
                one.text = "Django keeps the templates that it has compiled".to_owned();
            }
            Outcome::Pass(evidence)
        }
        outcome => outcome,
    }
}

/// Whether one of Django's engines names its loaders and none of them keeps what it has compiled.
fn is_uncached(engines: &Value) -> Option<bool> {
    let engines = engines.as_items()?;
    any(engines.rest.is_some(), engines.items.iter(), |engine| {
        let Value::Dict(engine) = &engine.value else {
            return is_known(&engine.value).then_some(false);
        };
        let is_own = entry(engine, "BACKEND", |name| Some(name.as_str()? == ENGINE))?;
        if !is_own {
            return Some(false);
        }
        entry(engine, "OPTIONS", |options| {
            entry(options.as_dict()?, "loaders", |loaders| {
                if *loaders == Value::None {
                    return Some(false);
                }
                let mut is_cached = false;
                loaders.walk(&mut |value| is_cached |= value.as_str() == Some(CACHED));
                match is_cached {
                    true => Some(false),
                    false => is_known(loaders).then_some(true),
                }
            })
        })
    })
}

const ENGINE: &str = "django.template.backends.django.DjangoTemplates";
const CACHED: &str = "django.template.loaders.cached.Loader";
