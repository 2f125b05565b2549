use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use super::front::judge_fronts;
use super::hsts::{nginx_adds, of_django, of_files};
use super::{between, label};
use crate::setting::answers;

pub(super) static CHECK: Check = Check {
    id: "cross/hsts-differs",
    title: "Pages and files of one name tell browsers different policies",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A2.4", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "8.1"),
        Reference::Url("https://hstspreload.org/#submission-requirements"),
    ],
    doc: include_str!("hsts_differs.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let by_django = answers(deployment, "SECURE_HSTS_SECONDS", &Value::truthy);
    if by_django == Some(false) || !nginx_adds(deployment, |_| true) {
        return Outcome::NotApplicable(
            "Django or nginx alone sends Strict-Transport-Security".to_owned(),
        );
    }
    judge_fronts(
        deployment,
        "Django or nginx alone sends Strict-Transport-Security",
        |edges, fronts, tally| {
            for front in fronts.iter().filter(|front| front.is_tls) {
                let files = of_files(front);
                if files.is_empty() {
                    continue;
                }
                let Some((django, pass)) = of_django(front, deployment, edges) else {
                    continue;
                };
                let differs = files.iter().find(|(sent, _)| sent.policy != django.policy);
                let Some((sent, folder)) = differs else {
                    tally.holds(format!("{} has one policy", front.origin), pass);
                    continue;
                };
                let header = sent.trail.first_span().unwrap_or(*folder);
                tally.fails(between(
                    format!("nginx:{} Strict-Transport-Security", front.host),
                    format!(
                        "a browser keeps the policy that it got last, and each file takes back what \
                         a page has said: {} sends {:?} with Django's pages and {:?} with nginx's \
                         files",
                        front.origin, django.text, sent.text
                    ),
                    label(header, "nginx sends this with files"),
                    &django.trail,
                    "Write the same policy in both, or let nginx send it for all and set \
                     SECURE_HSTS_SECONDS to 0.",
                ));
            }
        },
    )
}
