use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Value};

use crate::package::pass;
use crate::paths::relation;
use crate::setting::{about, overridden, unclear};

pub(super) static CHECK: Check = Check {
    id: "media/root-shared",
    title: "Uploads and static files share a folder",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A5.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#media-root"),
        Reference::Cwe(434),
    ],
    doc: include_str!("root_shared.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let (Some(media), Some(statics)) = (
        overridden(deployment, "MEDIA_ROOT"),
        overridden(deployment, "STATIC_ROOT"),
    ) else {
        return Outcome::NotApplicable("MEDIA_ROOT and STATIC_ROOT are not both set".to_owned());
    };
    if [media, statics]
        .iter()
        .any(|root| root.value.truthy() == Some(false) || root.value == Value::None)
    {
        return Outcome::NotApplicable("MEDIA_ROOT and STATIC_ROOT are not both set".to_owned());
    }
    let Some(media_path) = media.value.as_path() else {
        return unclear("MEDIA_ROOT", media);
    };
    let Some(static_path) = statics.value.as_path() else {
        return unclear("STATIC_ROOT", statics);
    };
    if relation(media_path, static_path).is_none() {
        return pass("uploads and static files lie apart", &media.trail);
    }
    let mut finding = Finding {
        message:
            "MEDIA_ROOT and STATIC_ROOT lie one in the other: a visitor's upload can take the \
                  place of a script of the site, and is served as one"
                .to_owned(),
        advice: "Give uploads and static files folders that lie beside each other.".to_owned(),
        ..about("MEDIA_ROOT", &media.trail)
    };
    finding
        .labels
        .extend(crate::setting::labels(&statics.trail));
    Outcome::Fail(vec![finding])
}
