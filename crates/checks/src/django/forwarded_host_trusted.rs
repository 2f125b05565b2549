use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use crate::setting::{Demand, holds, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/forwarded-host-trusted",
    title: "Any X-Forwarded-Host is believed",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A1.3", "B1.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#use-x-forwarded-host"),
        Reference::Cwe(644),
    ],
    doc: include_str!("forwarded_host_trusted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "ALLOWED_HOSTS",
        &|hosts| holds(hosts, &|host| host == "*"),
        "ALLOWED_HOSTS limits what a forwarded host can be",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "USE_X_FORWARDED_HOST",
            refuses: &Value::truthy,
            message: &|_| {
                "USE_X_FORWARDED_HOST is on and ALLOWED_HOSTS allows every host: a header that \
                 proxies pass on unseen decides where the links in mails lead"
                    .to_owned()
            },
            advice: "List the hosts, and leave USE_X_FORWARDED_HOST off: pass the Host header on.",
            django_id: None,
            mend: Some((Safety::Unsafe, "False")),
        },
    )
}
