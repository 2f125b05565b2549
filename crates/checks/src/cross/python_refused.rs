use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Image, Outcome, PythonDemand, Reference,
    Severity, Trail,
};

use super::python_unsupported::python;
use super::{between, label};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "cross/python-refused",
    title: "The image's Python is none that the project says it runs on",
    severity: Severity::Medium,
    needs: &[],
    items: &["X58"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://packaging.python.org/en/latest/specifications/pyproject-toml/#requires-python",
    )],
    doc: include_str!("python_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(demand) = &deployment.packages.python else {
        return Outcome::NotApplicable("no pyproject.toml says which Pythons it takes".to_owned());
    };
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    let images = deployment.images.iter();
    for image in images.filter(|image| holds(deployment, image, demand)) {
        let Some(base) = image.base() else { continue };
        let Some(minor) = base.image().and_then(|reference| python(&reference)) else {
            continue;
        };
        let text = format!("the project asks for Python {}", demand.text);
        let trail = Trail::at(demand.span, text.clone());
        if demand.minors.contains(&minor) {
            evidence.push(Evidence { text, trail });
            continue;
        }
        let path = &deployment.sources[image.file].path;
        findings.push(Finding {
            confidence: Confidence::Medium,
            ..between(
                format!("image:{path} requires-python"),
                format!(
                    "the next build installs nothing, or a version of the project's packages that \
                     was never tried: {text}, and the image runs 3.{minor}"
                ),
                label(base.span, format!("Python 3.{minor}")),
                &trail,
                "Begin the image with a Python that the project takes, or say that it takes this one.",
            )
        });
    }
    settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no image that holds the pyproject.toml begins with one of Python by its version"
                .to_owned(),
        ),
    )
}

/// Whether an image is built of the folder in which the demand stands. uv fetches the Python that is
/// asked for itself.
fn holds(deployment: &Deployment, image: &Image, demand: &PythonDemand) -> bool {
    let path = &deployment.sources[demand.span.source].path;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_inside = image.context.as_deref() == Some(folder);
    is_inside
        && !image.own_stages().any(|stage| {
            let mut instructions = stage.instructions.iter();
            instructions.any(|one| {
                let text = deployment.sources[one.span.source].raw();
                let range = one.span.start as usize..one.span.end as usize;
                text.get(range).is_some_and(|text| text.contains("uv "))
            })
        })
}
