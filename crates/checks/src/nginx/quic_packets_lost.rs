use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::{Context, blocks};
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/quic-packets-lost",
    title: "After a reload nginx loses half of its QUIC connections",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_v3_module.html"),
        Reference::Url("https://github.com/nginx/nginx/issues/425"),
    ],
    doc: include_str!("quic_packets_lost.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "quic_bpf is not set",
        |configuration, judgement| {
            let main = Context::inside(configuration, &[]);
            let Some(bpf) = main.value("quic_bpf") else {
                return;
            };
            let workers = main.value("worker_processes");
            let several = workers.filter(|workers| workers.argument(0) != Some("1"));
            let servers = blocks(configuration, "server");
            let shared = servers
                .iter()
                .flat_map(|server| server.own("listen"))
                .find(|listen| {
                    let has = |wanted: &str| listen.texts().any(|text| text == wanted);
                    has("quic") && has("reuseport")
                });
            match (main.switch("quic_bpf"), several, shared) {
            (Some(true), Some(workers), Some(listen)) => judgement.fails(
                finding(
                    &main,
                    bpf,
                    "after every reload packets go to workers that do not know their connection: \
                     about half of the visitors with HTTP/3 wait until they time out",
                    "Remove quic_bpf, or reuseport.",
                )
                .beside(listen, "shares the socket among the workers")
                .beside(workers, "more than one worker"),
            ),
            _ => judgement.holds("quic_bpf and reuseport do not meet", bpf),
        }
        },
    )
}
