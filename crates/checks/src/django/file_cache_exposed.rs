use tightship_model::{
    Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail, Value,
};

use super::caches::{FileCache, file_caches};
use crate::paths::{Relation, relation};
use crate::setting::{about, setting};

pub(super) static CHECK: Check = Check {
    id: "django/file-cache-exposed",
    title: "A file cache shares a folder with files that are served",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &["caches.W002"],
    references: &[
        Reference::Django("topics/cache/#filesystem-caching"),
        Reference::Cwe(552),
        Reference::Cwe(502),
    ],
    doc: include_str!("file_cache_exposed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    file_caches(deployment).map_or_else(|outcome| outcome, |caches| judge(deployment, &caches))
}

fn judge(deployment: &Deployment, caches: &[FileCache<'_>]) -> Outcome {
    let mut findings = Vec::new();
    let mut open = None;
    for name in SERVED {
        let Some(setting) = setting(deployment, name) else {
            continue;
        };
        if setting.value.value.truthy() == Some(false) {
            continue;
        }
        let Some(folders) = folders(&setting.value.value) else {
            open = Some((name, setting.value.trail.clone()));
            continue;
        };
        for FileCache { alias, location } in caches {
            let Some(place) = location.value.as_path() else {
                open = Some(("CACHES", location.trail.clone()));
                continue;
            };
            let Some(relation) = worst(place, &folders) else {
                continue;
            };
            findings.push(Finding {
                subject: format!("settings:CACHES[{alias:?}] {name}"),
                message: format!(
                    "the cache {alias:?} {} {name}: visitors can fetch its entries, and whoever \
                     uploads a file there has it unpickled, which runs code",
                    match relation {
                        Relation::Same => "lies in",
                        Relation::Inside => "lies inside",
                        Relation::Contains => "contains",
                    }
                ),
                django_id: Some("caches.W002"),
                advice: "Keep the cache in a folder of its own that nothing serves.".to_owned(),
                ..about(name, &location.trail)
            });
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((name, trail))) => Outcome::Unknown {
            reason: format!("where {name} lies is not known"),
            remedy: format!("see `tightship inspect settings --only {name}`"),
            trail,
        },
        (true, None) => Outcome::Pass(vec![Evidence {
            text: "no file cache shares a folder with media or static files".to_owned(),
            trail: Trail::default(),
        }]),
    }
}

/// As Django asks: first whether one is the same, then whether one holds the cache, then the reverse.
fn worst(cache: &str, folders: &[&str]) -> Option<Relation> {
    let relations: Vec<_> = folders
        .iter()
        .filter_map(|folder| relation(cache, folder))
        .collect();
    [Relation::Same, Relation::Inside, Relation::Contains]
        .into_iter()
        .find(|wanted| relations.contains(wanted))
}

/// The folders of MEDIA_ROOT, STATIC_ROOT or STATICFILES_DIRS, whose entries may be
/// `(prefix, folder)`.
fn folders(value: &Value) -> Option<Vec<&str>> {
    let Some(items) = value.as_items() else {
        return Some(vec![value.as_path()?]);
    };
    if items.rest.is_some() {
        return None;
    }
    items
        .items
        .iter()
        .map(|item| match item.value.as_items() {
            Some(pair) => pair.items.get(1)?.value.as_path(),
            None => item.value.as_path(),
        })
        .collect()
}

const SERVED: [&str; 3] = ["MEDIA_ROOT", "STATIC_ROOT", "STATICFILES_DIRS"];
