use tightship_model::{Check, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity};

use crate::docker::ends::is_past;
use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "django/end-of-life",
    title: "Django gets no security updates any more",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["X58"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.djangoproject.com/download/#supported-versions"),
        Reference::Url("https://endoflife.date/django"),
        Reference::Cwe(1104),
    ],
    doc: include_str!("end_of_life.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(package) = deployment.packages.get("django") else {
        return Outcome::NotApplicable("no file asks for Django by version".to_owned());
    };
    let Some((major, minor, _)) = package.release() else {
        return Outcome::NotApplicable("the version of Django is not pinned".to_owned());
    };
    let end = ENDS.iter().find(|(release, _)| *release == (major, minor));
    match end.filter(|(_, date)| is_past(date, deployment.now)) {
        Some((_, date)) => Outcome::Fail(vec![Finding {
            message: format!(
                "Django {major}.{minor} got its last security update on {date}: holes that were \
                 published since are open in this site, with a description of each"
            ),
            advice: "Move to a release that is supported, one feature release after the other."
                .to_owned(),
            ..finding_about("package:django end of life".to_owned(), &package.trail)
        }]),
        None => Outcome::Pass(vec![Evidence {
            text: format!("Django {major}.{minor} is not known to be past its last update"),
            trail: package.trail.clone(),
        }]),
    }
}

/// Last day of security updates, as of November 2026 (djangoproject.com/download and endoflife.date).
const ENDS: [((u32, u32), &str); 15] = [
    ((1, 8), "2018-04-01"),
    ((1, 9), "2017-04-04"),
    ((1, 10), "2017-12-02"),
    ((1, 11), "2020-04-01"),
    ((2, 0), "2019-04-01"),
    ((2, 1), "2019-12-02"),
    ((2, 2), "2022-04-11"),
    ((3, 0), "2021-04-06"),
    ((3, 1), "2021-12-07"),
    ((3, 2), "2024-04-01"),
    ((4, 0), "2023-04-01"),
    ((4, 1), "2023-12-01"),
    ((4, 2), "2026-04-07"),
    ((5, 0), "2025-04-02"),
    ((5, 1), "2025-12-03"),
];
