//! The calls of deployment checks that Django's own tests make give the ids that Django gives.

use std::collections::BTreeMap;

use tightship_checks::judge;
use tightship_model::{
    Deployment, EnvOrigin, Environment, Module, Settings, Signature, Source, Sources, Span, Symbol,
    Traced, Trail, Value,
};

use crate::cases::{self, Case, cases, checks_of};

#[test]
fn every_recorded_call_gives_the_expected_ids() {
    let cases = cases();
    assert_eq!(cases.len(), 158);
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let got = ids(&deployment(case), case);
            (got != case.expect).then(|| format!("{case:?}\n  gave {got:?}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn settings_files_give_the_same_ids() {
    let mut written = 0;
    let wrong: Vec<_> = cases()
        .iter()
        .filter_map(|case| {
            let got = ids(&case.project("6.1.3")?.read(), case);
            written += 1;
            (got != case.expect).then(|| format!("{case:?}\n  gave {got:?}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // A settings file cannot take a default of Django away, as one case does.
    assert_eq!(written, 157);
}

/// The ids that the checks of the called function give, sorted.
fn ids(deployment: &Deployment, case: &Case) -> Vec<&'static str> {
    let checks = checks_of(&case.function);
    let mut ids: Vec<_> = judge(deployment, |check| checks.contains(&check.id))
        .iter()
        .flat_map(|verdict| cases::django_ids(&verdict.outcome))
        .collect();
    ids.sort_unstable();
    ids
}

/// Django 6.1 with a case's settings, variables and views.
fn deployment(case: &Case) -> Deployment {
    let mut sources = Sources::default();
    let source = sources.add(Source::new("shop/views.py", ""));
    let mut defaults = tightship_read::django_defaults((6, 1));
    for name in &case.removed {
        defaults.remove(name);
    }
    let mut deployment = Deployment {
        sources,
        environment: Environment {
            origin: EnvOrigin::Given("the case".to_owned()),
            variables: traced(case.environment.clone()),
            ..Environment::default()
        },
        settings: Some(Settings {
            module: Module {
                name: "settings".to_owned(),
                source,
                trail: Trail::default(),
            },
            overridden: traced(case.settings.clone()),
            defaults,
            django: (6, 1),
            django_is_assumed: false,
            stops: Vec::new(),
            rest: None,
        }),
        ..Deployment::default()
    };
    deployment.project.folder = Some(String::new());
    let parameter = |name: &str| (name.to_owned(), false);
    deployment.facts.symbols = BTreeMap::from([
        (
            "shop.views.without_reason".to_owned(),
            Symbol::Function {
                signature: Signature {
                    positional_or_keyword: vec![parameter("request")],
                    ..Signature::default()
                },
                span: Span::new(source, 0, 0),
            },
        ),
        (
            "shop.views.class_based".to_owned(),
            Symbol::Function {
                signature: Signature {
                    positional_or_keyword: vec![parameter("request")],
                    takes_any_positional: true,
                    takes_any_keyword: true,
                    ..Signature::default()
                },
                span: Span::new(source, 0, 0),
            },
        ),
    ]);
    deployment
}

fn traced(values: BTreeMap<String, Value>) -> BTreeMap<String, Traced<Value>> {
    values
        .into_iter()
        .map(|(name, value)| (name, Traced::new(value, Trail::default())))
        .collect()
}
