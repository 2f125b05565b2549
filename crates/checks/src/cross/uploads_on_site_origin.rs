use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
};
use tightship_predict::nginx::Scope;
use tightship_predict::ways::edges;

use super::served::{Folder, url_path};
use super::{between, label};
use crate::setting::{setting, together, told_once};

pub(super) static CHECK: Check = Check {
    id: "cross/uploads-on-site-origin",
    title: "What users upload is a page of the site itself",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A5.3", "X5"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/security/#user-uploaded-content"),
        Reference::Cwe(79),
        Reference::Cwe(434),
    ],
    doc: include_str!("uploads_on_site_origin.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(url) = url_path(deployment, "MEDIA_URL") else {
        return Outcome::NotApplicable("MEDIA_URL names no path of the site".to_owned());
    };
    let mut outcomes = Vec::new();
    for edge in &edges(deployment) {
        let folders = Folder::all(edge);
        for folder in &folders {
            let is_public = !folder.is_internal && folder.answers(&url, &folders);
            if is_public && folder.is_beside_django(deployment) {
                outcomes.push(judge(deployment, folder, &url));
            }
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "nginx serves no uploads on a server that Django answers on".to_owned(),
    ));
    // A server for HTTP and one for HTTPS may take in the same lines.
    told_once(together(outcomes), |one, other| {
        one.labels.first() == other.labels.first()
    })
}

fn judge(deployment: &Deployment, folder: &Folder<'_, '_>, url: &str) -> Outcome {
    let span = folder.directive.heading_span();
    let scope = folder.leaf.scope;
    if let Some(how) = defused(scope) {
        return Outcome::Pass(vec![Evidence {
            text: format!("uploads {how}"),
            trail: Trail::at(span, "serves the uploads"),
        }]);
    }
    if scope.effective("add_header").gap.is_some() {
        return Outcome::Unknown {
            reason: "which headers nginx adds to uploads is not known".to_owned(),
            remedy: "run tightship where the files lie that nginx includes".to_owned(),
            trail: Trail::at(span, "serves the uploads"),
        };
    }
    let media = setting(deployment, "MEDIA_URL").map(|setting| setting.value.trail.clone());
    let nosniff = has_header(scope, "X-Content-Type-Options", "nosniff");
    let also = match nosniff {
        true => "",
        false => ", and without nosniff a file of any name may count as one",
    };
    Outcome::Fail(vec![Finding {
        confidence: Confidence::Medium,
        ..between(
            format!("nginx:{}", scope.heading()),
            format!(
                "whoever may upload a file runs scripts as the site: an .html or .svg below {url} is \
                 opened on the site's own origin, with the session of whoever follows the link{also}"
            ),
            label(span, "nginx serves uploads as they are"),
            &media.unwrap_or_default(),
            "Serve uploads from a name of their own, or add `add_header Content-Security-Policy \
             sandbox always;` and `add_header X-Content-Type-Options nosniff always;` there.",
        )
    }])
}

/// What keeps a browser from running an upload as a page of the site.
fn defused(scope: Scope<'_, '_>) -> Option<&'static str> {
    let has_types = scope.effective("types");
    let no_types = has_types
        .directives
        .last()
        .is_some_and(|types| types.directives().is_empty());
    let plain = matches!(
        scope.value("default_type"),
        Some("application/octet-stream" | "text/plain")
    );
    if has_header(scope, "Content-Disposition", "attachment") {
        Some("are downloaded, not shown")
    } else if has_header(scope, "Content-Security-Policy", "sandbox") {
        Some("are shown in a sandbox")
    } else if no_types && plain {
        Some("are sent without a type that browsers run")
    } else {
        None
    }
}

fn has_header(scope: Scope<'_, '_>, name: &str, word: &str) -> bool {
    let added = scope.effective("add_header").directives;
    added.iter().any(|header| {
        header
            .argument(0)
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
            && header.argument(1).is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                value
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    .any(|part| part == word)
            })
    })
}
