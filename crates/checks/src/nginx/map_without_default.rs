use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{With, finding, judge};
use super::variables::entries;

pub(super) static CHECK: Check = Check {
    id: "nginx/map-without-default",
    title: "A map or geo says nothing about whatever it does not list",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_map_module.html#map"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("map_without_default.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "there is no map and no geo",
        |configuration, judgement| {
            for (context, table) in places(configuration, &["map", "geo"]) {
                let keys = entries(table).count();
                // A single key is a switch: on for it, off (empty) for all else.
                let is_switch = table.is("map") && keys == 1;
                if table.child("default").is_some() || is_switch || keys == 0 {
                    judgement.holds("every map and geo has a default", table);
                    continue;
                }
                if configuration.has_gap_in(Some(table)) || table.child("include").is_some() {
                    judgement.hidden(&context, &format!("the default of {}", table.heading()));
                    continue;
                }
                let name = table.arguments.last().map_or("", |name| &name.text);
                let found = finding(
                    &context,
                    table,
                    format!(
                        "{name} is empty for whatever the {} keys do not name: what it guards is \
                     decided by an empty text that nobody chose",
                        keys
                    ),
                    "Add a default that refuses.",
                );
                judgement.fails(found.with_confidence(Confidence::Medium));
            }
        },
    )
}
