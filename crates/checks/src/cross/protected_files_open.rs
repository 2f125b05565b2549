use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Need, Outcome, Reference, Severity,
    Trail, Value,
};
use tightship_predict::ways::edges;

use super::label;
use super::served::Folder;
use crate::paths::is_auxiliary;
use crate::setting::{labels, overridden, together, told_once};

pub(super) static CHECK: Check = Check {
    id: "cross/protected-files-open",
    title: "Files that Django guards are open to whoever knows their path",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A5.3", "B7.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#internal"),
        Reference::Url("https://django-sendfile2.readthedocs.io/en/latest/backends.html#nginx"),
        Reference::Cwe(425),
    ],
    doc: include_str!("protected_files_open.md"),
    run,
};

/// A path that Django has nginx hand out, after its own checks.
struct Guarded {
    path: String,
    labels: Vec<Label>,
}

fn run(deployment: &Deployment) -> Outcome {
    let mut outcomes = Vec::new();
    for guarded in guarded(deployment) {
        for edge in &edges(deployment) {
            let folders = Folder::all(edge);
            let mut own = folders.iter().filter(|folder| {
                folder.answers(&guarded.path, &folders) && folder.is_beside_django(deployment)
            });
            // Only a place made for these files: `/` answers every path.
            outcomes.extend(
                own.by_ref()
                    .filter(|folder| folder.prefix != "/")
                    .map(|folder| judge(&guarded, folder)),
            );
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "Django has nginx hand out no file from a place that is seen".to_owned(),
    ));
    told_once(together(outcomes), |one, other| {
        one.subject == other.subject
    })
}

fn judge(guarded: &Guarded, folder: &Folder<'_, '_>) -> Outcome {
    let span = folder.directive.heading_span();
    if folder.is_internal {
        return Outcome::Pass(vec![Evidence {
            text: format!("{} is internal", folder.prefix),
            trail: Trail::at(span, "answers Django only"),
        }]);
    }
    let mut labels = vec![label(span, "answers everybody: `internal` is missing")];
    labels.extend(guarded.labels.iter().cloned());
    Outcome::Fail(vec![Finding {
        subject: format!("nginx:{}", folder.leaf.scope.heading()),
        message: format!(
            "whoever knows or guesses a name reads {} without logging in: Django checks who asks \
             and hands over to {}, and nginx answers that path to everybody",
            guarded.path, folder.prefix
        ),
        severity: None,
        confidence: Confidence::High,
        labels,
        trail: Trail::at(span, "answers everybody"),
        django_id: None,
        advice: "Write `internal;` into that location: nginx then answers it only by \
                 X-Accel-Redirect."
            .to_owned(),
        fix: None,
    }])
}

fn guarded(deployment: &Deployment) -> Vec<Guarded> {
    let redirects = deployment.facts.accel_redirects.iter();
    let mut found: Vec<Guarded> = redirects
        .filter(|(_, span)| !is_auxiliary(&deployment.sources[span.source].path))
        .map(|(path, span)| Guarded {
            path: path.clone(),
            labels: vec![label(*span, "Django hands over to it after its checks")],
        })
        .collect();
    let uses_nginx = overridden(deployment, "SENDFILE_BACKEND").is_some_and(|backend| {
        backend
            .value
            .as_str()
            .is_some_and(|path| path.ends_with(".nginx"))
    });
    if uses_nginx
        && let Some(setting) = overridden(deployment, "SENDFILE_URL")
        && let Value::Str(url) = &setting.value
        && url.starts_with('/')
    {
        found.push(Guarded {
            path: format!("{}/", url.trim_end_matches('/')),
            labels: labels(&setting.trail),
        });
    }
    found
}
