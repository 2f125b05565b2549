use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/worker-as-root",
    title: "Workers of nginx run as root",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A13.4", "X45"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/ngx_core_module.html#user"),
        Reference::Cwe(250),
    ],
    doc: include_str!("worker_as_root.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "user is not set, and the default of nginx is no administrator";
    judge(deployment, otherwise, |configuration, judgement| {
        for (context, user) in places(configuration, &["user"]) {
            if context.block().is_some() {
                continue;
            }
            if user.argument(0) == Some("root") {
                judgement.fails(finding(
                    &context,
                    user,
                    "a fault in nginx or one of its modules gives the attacker the whole machine \
                     or container: the workers that read requests are root",
                    "Remove the line, or name a user of its own such as nginx.",
                ));
            } else {
                judgement.holds("workers are no administrators", user);
            }
        }
    })
}
