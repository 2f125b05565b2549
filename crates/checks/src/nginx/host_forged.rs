use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::places;
use super::header::added;
use super::judgement::{finding, judge};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/host-forged",
    title: "A client chooses the Host that Django sees",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host"),
        Reference::Django("topics/security/#host-header-validation"),
        Reference::Cwe(348),
    ],
    doc: include_str!("host_forged.md"),
    run,
};

/// The directives that set headers of the request that is handed on.
const SETTERS: [&str; 3] = ["proxy_set_header", "grpc_set_header", "fastcgi_param"];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no request is handed on with a Host",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            for (context, directive) in places(configuration, &SETTERS) {
                let wanted = if directive.is("fastcgi_param") {
                    "HTTP_HOST"
                } else {
                    "host"
                };
                for header in added(directive).filter(|header| header.is(wanted)) {
                    let forged = parts(header.value).into_iter().find_map(|part| match part {
                        Part::Variable(name) => {
                            let content = variables.part(part, &context, directive);
                            content
                                .made_of
                                .into_iter()
                                .find(|one| is_clients(one))
                                .map(|one| (name, one))
                        }
                        Part::Literal(_) => None,
                    });
                    match forged {
                    Some((name, source)) => judgement.fails(Finding {
                        // gunicorn's own guide shows it, and Django still compares the name with
                        // ALLOWED_HOSTS.
                        severity: (source == "http_host").then_some(Severity::Low),
                        ..finding(
                            &context,
                            directive,
                            format!(
                                "{} hands on ${name} as Host, which {}: links in password mails \
                                 and cached pages lead to a stranger's name",
                                context.name(),
                                whose(&source),
                            ),
                            "Hand on $host, which nginx has matched with its server names.",
                        )
                    }),
                    None => judgement.holds("the Host that is handed on is nginx's own", directive),
                }
                }
            }
        },
    )
}

fn is_clients(variable: &str) -> bool {
    const STARTS: [&str; 3] = ["http_", "arg_", "cookie_"];
    STARTS.iter().any(|start| variable.starts_with(start))
}

fn whose(variable: &str) -> String {
    match variable {
        "http_host" => "is the client's header unchecked, also where the request line names \
                        another host"
            .to_owned(),
        other => format!("a client writes as it likes (${other})"),
    }
}
