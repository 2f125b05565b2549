use tightship_model::{Check, Deployment, Evidence, Outcome, Reference, Severity, Trail};

use super::{between, label};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "cross/python-unsupported",
    title: "The image's Python is none that this Django supports",
    severity: Severity::Medium,
    needs: &[],
    items: &["X58"],
    django_ids: &[],
    references: &[
        Reference::Django("faq/install/#what-python-version-can-i-use-with-django"),
        Reference::Cwe(1104),
    ],
    doc: include_str!("python_unsupported.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(package) = deployment.packages.get("django") else {
        return Outcome::NotApplicable("no file asks for Django by version".to_owned());
    };
    let Some((major, minor, _)) = package.release() else {
        return Outcome::NotApplicable("the version of Django is not pinned".to_owned());
    };
    let supported = SUPPORTED
        .iter()
        .find(|(django, ..)| *django == (major, minor));
    let Some((_, first, last)) = supported else {
        return Outcome::NotApplicable(format!(
            "which Pythons Django {major}.{minor} supports is not in the table"
        ));
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for image in &deployment.images {
        // The stage that the container runs is the one that counts.
        let Some(base) = image.base() else {
            continue;
        };
        let Some(python) = base.image().and_then(|reference| python(&reference)) else {
            continue;
        };
        if (*first..=*last).contains(&python) {
            evidence.push(Evidence {
                text: format!("Django {major}.{minor} supports Python 3.{python}"),
                trail: Trail::at(base.span, "the image's Python"),
            });
            continue;
        }
        let lost = match python < *first {
            true => "the build installs no such Django, or stays on an older one without its mends",
            false => {
                "it was never tested there: what breaks, security mends included, is nobody's \
                      to repair"
            }
        };
        let path = &deployment.sources[image.file].path;
        findings.push(between(
            format!("image:{path} python"),
            format!(
                "{lost}: Django {major}.{minor} supports Python 3.{first} to 3.{last}, and the \
                 image runs 3.{python}"
            ),
            label(base.span, format!("Python 3.{python}")),
            &package.trail,
            "Choose a Python and a Django that go together.",
        ));
    }
    settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no image of the project begins with one of Python by its version".to_owned(),
        ),
    )
}

/// The minor version of an official image of Python 3.
pub(super) fn python(reference: &tightship_model::compose::ImageReference) -> Option<u32> {
    if reference.repository != "library/python" {
        return None;
    }
    let rest = reference.tag.as_deref()?.strip_prefix("3.")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Django, and the first and last minor version of Python 3 that its last release supports, by the
/// classifiers of 4.2.30, 5.2.19, 6.0.10 and 6.1.3 and Django's page "FAQ: Installation".
const SUPPORTED: [((u32, u32), u32, u32); 9] = [
    ((3, 2), 6, 10),
    ((4, 0), 8, 10),
    ((4, 1), 8, 11),
    ((4, 2), 8, 12),
    ((5, 0), 10, 12),
    ((5, 1), 10, 13),
    ((5, 2), 10, 14),
    ((6, 0), 12, 14),
    ((6, 1), 12, 15),
];
