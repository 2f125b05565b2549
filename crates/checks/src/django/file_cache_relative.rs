use tightship_model::{Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity};

use super::caches::{FileCache, file_caches};
use crate::setting::about;

pub(super) static CHECK: Check = Check {
    id: "django/file-cache-relative",
    title: "A file cache lies wherever the process was started",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &["caches.W003"],
    references: &[Reference::Django("topics/cache/#filesystem-caching")],
    doc: include_str!("file_cache_relative.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    file_caches(deployment).map_or_else(|outcome| outcome, judge)
}

fn judge(caches: Vec<FileCache<'_>>) -> Outcome {
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for FileCache { alias, location } in caches {
        let Some(path) = location.value.as_path() else {
            return Outcome::Unknown {
                reason: format!("the place of the cache {alias:?} is not known"),
                remedy: "see `tightship inspect settings --only CACHES`".to_owned(),
                trail: location.trail.clone(),
            };
        };
        if path.starts_with('/') {
            evidence.push(Evidence {
                text: format!("the cache {alias:?} lies in {path}"),
                trail: location.trail.clone(),
            });
            continue;
        }
        findings.push(Finding {
            message: format!(
                "the cache {alias:?} lies in {path:?}, relative to where each process starts: a \
                 command and the server use different ones, and entries end up where they may be served"
            ),
            django_id: Some("caches.W003"),
            advice: "Give LOCATION as an absolute path outside of what is served.".to_owned(),
            ..about(&format!("CACHES[{alias:?}]"), &location.trail)
        });
    }
    if findings.is_empty() {
        Outcome::Pass(evidence)
    } else {
        Outcome::Fail(findings)
    }
}
