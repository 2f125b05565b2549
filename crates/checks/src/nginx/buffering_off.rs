use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/buffering-off",
    title: "Slow clients hold the application's workers",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3", "X46"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering"),
        Reference::Url("https://docs.gunicorn.org/en/stable/deploy.html"),
        Reference::Cwe(400),
    ],
    doc: include_str!("buffering_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "buffering is not touched",
        |configuration, judgement| {
            let names = [
                "proxy_buffering",
                "uwsgi_buffering",
                "proxy_request_buffering",
            ];
            for (context, buffering) in places(configuration, &names) {
                if buffering.argument(0) != Some("off") || is_stream(&context) {
                    judgement.holds("nginx takes up what slow clients leave", buffering);
                    continue;
                }
                let found = finding(
                    &context,
                    buffering,
                    format!(
                        "a client that {} keeps a worker of the application busy as long as it likes: \
                     a few of them stop the site",
                        if buffering.is("proxy_request_buffering") {
                            "sends slowly"
                        } else {
                            "reads slowly"
                        }
                    ),
                    "Leave buffering on; let the one view that streams send X-Accel-Buffering: no.",
                );
                judgement.fails(found.with_confidence(Confidence::Medium));
            }
        },
    )
}

/// Whether the place is made for streams or websockets, where buffering would hold events back.
fn is_stream(context: &super::context::Context<'_>) -> bool {
    const SIGNS: [&str; 6] = ["stream", "sse", "event", "ws", "socket", "upload"];
    let upgrades = context.held("proxy_set_header").iter().any(|header| {
        header
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case("upgrade"))
    });
    let path = context
        .around("location")
        .and_then(|location| location.block());
    let named = path.is_some_and(|block| {
        let path = block.heading().to_ascii_lowercase();
        SIGNS.iter().any(|sign| {
            path.split(['/', '_', '-', ' ', '.'])
                .any(|part| part.starts_with(sign))
        })
    });
    upgrades || named
}
