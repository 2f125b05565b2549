use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::visit::visit;

use super::front::{judge_edges, origin, public_ports};
use super::{between, label};

pub(crate) static CHECK: Check = Check {
    id: "cross/unknown-host-answered",
    title: "A name that nobody serves reaches Django and is answered",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A1.3", "A10.3", "X44"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#allowed-hosts"),
        Reference::Url("https://nginx.org/en/docs/http/request_processing.html"),
        Reference::Cwe(644),
    ],
    doc: include_str!("unknown_host_answered.md"),
    run,
};

/// A name of RFC 6761 that nobody has.
const STRANGER: &str = "stranger.invalid";

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let hosts = settings.get("ALLOWED_HOSTS");
    judge_edges(deployment, "no port leads to nginx", |edges, tally| {
        for edge in edges {
            for socket in edge.http.sockets() {
                let Some(server) = edge.http.server(socket.default) else {
                    continue;
                };
                let Some(heading) = server.directive().map(Directive::heading_span) else {
                    continue;
                };
                for port in public_ports(deployment, edge, socket) {
                    let url = format!("{}/", origin(socket.ssl, STRANGER, port));
                    let visit = visit(deployment, edges, &url);
                    let Some(hop) = visit.as_ref().and_then(|visit| visit.hops.first()) else {
                        continue;
                    };
                    if !hop
                        .edge
                        .is_some_and(|taken| std::ptr::eq(taken.configuration, edge.configuration))
                    {
                        continue;
                    }
                    let asked = hop.django.as_ref();
                    let Some(asked) =
                        asked.filter(|_| server.scope.flag("ssl_reject_handshake") != Some(true))
                    else {
                        tally.holds(
                            format!("port {port}: Django is not asked for unknown names"),
                            heading,
                        );
                        continue;
                    };
                    match &asked.answer.host {
                        Err(unknown) => tally.unseen(unknown.reason.clone(), heading),
                        Ok(Some(host)) if host.starts_with(STRANGER) => {
                            tally.fails(between(
                                format!("nginx:port {port}"),
                                format!(
                                    "whoever asks port {port} for any name gets Django's pages, with \
                                     links and password mails that lead to that name: no server of \
                                     nginx turns unknown names away, and ALLOWED_HOSTS allows every one"
                                ),
                                label(heading, "answers every name that no other server has"),
                                &hosts.as_ref().map(|hosts| hosts.value.trail.clone()).unwrap_or_default(),
                                "Add a default server that answers nothing (`listen 443 ssl \
                                 default_server; ssl_reject_handshake on;`, `return 444;` on port \
                                 80), and list the names in ALLOWED_HOSTS.",
                            ));
                        }
                        Ok(_) => tally.holds(
                            format!("port {port}: Django refuses unknown names"),
                            heading,
                        ),
                    }
                }
            }
        }
    })
}
