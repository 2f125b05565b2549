use std::collections::BTreeSet;

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
    let mut used: Vec<Used> = Vec::new();
    for image in images(deployment) {
        for base in image.stages.iter().map(|stage| &stage.base) {
            let Some(reference) = base.image().filter(|_| base.stage.is_none()) else {
                continue;
            };
            used.push(Used {
                reference,
                trail: Trail::at(base.span, "begins with it"),
                runs: image
                    .base()
                    .is_some_and(|final_base| final_base.span == base.span),
            });
        }
    }
    // What runs first, so that it is told of that rather than of what builds.
    used.sort_by_key(|used| !used.runs);
    for service in deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services)
    {
        let image = service
            .image
            .as_ref()
            .filter(|image| image.open.is_empty() && service.build.is_none());
        used.extend(image.and_then(|image| {
            Some(Used {
                reference: service.reference()?,
                trail: image.trail.clone(),
                runs: true,
            })
        }));
    }
    if used.is_empty() {
        return Outcome::NotApplicable("no image is built or run".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut told = BTreeSet::new();
    for used in &used {
        let mut ends = ended(&used.reference, deployment.now);
        ends.retain(|end| told.insert(subject(used, end)));
        findings.extend(finding(used, &ends));
    }
    if findings.is_empty() {
        return Outcome::Pass(vec![Evidence {
            text: "no image is known to be past its last update".to_owned(),
            trail: Trail::default(),
        }]);
    }
    Outcome::Fail(findings)
}

/// An image that something begins with.
struct Used {
    reference: ImageReference,
    trail: Trail,
    /// Whether it is in what runs; else it only builds a part of that.
    runs: bool,
}

fn subject(used: &Used, end: &Ended) -> String {
    format!("image:{} {}", used.reference.short_name(), end.what)
}

/// One finding for an image: its program and the system below it come with one line.
fn finding(used: &Used, ends: &[Ended]) -> Option<Finding> {
    let (first, rest) = ends.split_first()?;
    let Used {
        reference, trail, ..
    } = used;
    let rest: String = rest
        .iter()
        .map(|end| format!(", and {} on {}", end.what, end.date))
        .collect();
    let Ended { what, date } = first;
    let name = reference.short_name();
    let loss = match used.runs {
        true => format!("holes that are found since stay open in {name}"),
        false => format!(
            "what {name} builds of the image passes through a system with holes, and one day \
             nothing installs there any more"
        ),
    };
    Some(Finding {
        message: format!("{what} got its last security update on {date}{rest}: {loss}"),
        severity: (!used.runs).then_some(Severity::Low),
        advice: format!("Move to a newer release than {what}."),
        ..finding_about(subject(used, first), trail)
    })
}
