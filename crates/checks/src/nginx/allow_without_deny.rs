use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::access::{any_is_enough, proof, rules};
use super::context::holders;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/allow-without-deny",
    title: "allow without deny keeps nobody out",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A13.1", "B7.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_access_module.html"),
        Reference::Cwe(284),
    ],
    doc: include_str!("allow_without_deny.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no address is allowed or denied",
        |configuration, judgement| {
            for context in holders(configuration, &["allow"]) {
                let Some(first) = context.own("allow").next() else {
                    continue;
                };
                let denies = rules(&context).iter().any(|rule| rule.is("deny"));
                let is_any = first.argument(0) == Some("all");
                let has_proof = any_is_enough(&context) && proof(&context).is_some();
                if denies || is_any || has_proof {
                    judgement.holds("whoever is not allowed is denied", first);
                } else if context.configuration.has_gap_in(context.block()) {
                    judgement.hidden(&context, "whether others are denied");
                } else {
                    judgement.fails(finding(
                        &context,
                        first,
                        format!(
                            "{} is open to everyone: nginx lets in whom no rule names, and no rule \
                         denies",
                            context.name()
                        ),
                        "Add `deny all;` behind the last allow.",
                    ));
                }
            }
        },
    )
}
