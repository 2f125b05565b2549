use tightship_model::compose::ImageReference;
use tightship_model::{Check, Deployment, Evidence, Finding, Outcome, Reference, Severity, Trail};

use super::ends::{Ended, ended};
use super::images;
use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "docker/end-of-life",
    title: "An image gets no security updates any more",
    severity: Severity::High,
    needs: &[],
    items: &["X36", "X55"],
    django_ids: &[],
    references: &[
        Reference::Url("https://endoflife.date/"),
        Reference::Url("https://devguide.python.org/versions/"),
        Reference::Cwe(1104),
    ],
    doc: include_str!("end_of_life.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut used: Vec<(ImageReference, Trail)> = Vec::new();
    for image in images(deployment) {
        let bases = image.stages.iter().map(|stage| &stage.base);
        used.extend(
            bases
                .filter(|base| base.stage.is_none())
                .filter_map(|base| Some((base.image()?, Trail::at(base.span, "begins with it")))),
        );
    }
    for service in deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services)
    {
        let image = service
            .image
            .as_ref()
            .filter(|image| image.open.is_empty() && service.build.is_none());
        used.extend(image.and_then(|image| Some((service.reference()?, image.trail.clone()))));
    }
    if used.is_empty() {
        return Outcome::NotApplicable("no image is built or run".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for (reference, trail) in &used {
        for end in ended(reference, deployment.now) {
            let finding = finding(reference, trail, &end);
            if !findings
                .iter()
                .any(|known| known.subject == finding.subject)
            {
                findings.push(finding);
            }
        }
    }
    if findings.is_empty() {
        return Outcome::Pass(vec![Evidence {
            text: "no image is known to be past its last update".to_owned(),
            trail: Trail::default(),
        }]);
    }
    Outcome::Fail(findings)
}

fn finding(reference: &ImageReference, trail: &Trail, end: &Ended) -> Finding {
    let Ended { what, date } = end;
    Finding {
        message: format!(
            "{what} got its last security update on {date}: holes that are found since stay open in {}",
            reference.short_name()
        ),
        advice: format!("Move to a newer release than {what}."),
        ..finding_about(format!("image:{} {what}", reference.short_name()), trail)
    }
}
