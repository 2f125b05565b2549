use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, holds_true, pass};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "drf/page-size-unread",
    title: "The API's page size has no paginator that reads it",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("rest_framework")],
    items: &[],
    django_ids: &["rest_framework.W001"],
    references: &[
        Reference::Url("https://www.django-rest-framework.org/api-guide/pagination/"),
        Reference::Cwe(770),
    ],
    doc: include_str!("page_size_unread.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    const NAME: &str = "REST_FRAMEWORK.PAGE_SIZE";
    let size = super::option(deployment, "PAGE_SIZE", Value::None);
    let size_is_set = match size.ask(&Value::truthy) {
        Answer::Yes(value) => value,
        Answer::No(value) => return pass("no page size is set", &value.trail),
        Answer::Doubt(doubt) => return unknown(NAME, &doubt, &size.trail),
    };
    let paginator = super::option(deployment, "DEFAULT_PAGINATION_CLASS", Value::None);
    match holds_true(&paginator, &Value::truthy) {
        Some(true) => pass("a paginator reads the page size", &paginator.trail),
        None => Outcome::Unknown {
            reason: "DEFAULT_PAGINATION_CLASS is not known".to_owned(),
            remedy: "see `tightship inspect settings --only REST_FRAMEWORK`".to_owned(),
            trail: paginator.trail,
        },
        Some(false) => {
            let mut finding = finding(
                NAME,
                &size_is_set.trail,
                "one request of a list takes all rows at once: PAGE_SIZE is set and \
                 DEFAULT_PAGINATION_CLASS is not, so no list is cut into pages unless its view \
                 says so"
                    .to_owned(),
                "Set DEFAULT_PAGINATION_CLASS too.",
            );
            finding.django_id = Some("rest_framework.W001");
            Outcome::Fail(vec![finding])
        }
    }
}
