use tightship_model::nginx::Directive;
use tightship_model::{CertbotRun, Check, Deployment, Evidence, Finding, Need, Outcome};
use tightship_model::{Reference, Severity};
use tightship_predict::nginx::{NameForm, Server};
use tightship_predict::ways::edges;

use super::{evidence, finding, unknown};
use crate::cross::label;
use crate::setting::together;

pub(super) static CHECK: Check = Check {
    id: "certbot/names-differ",
    title: "certbot is asked for other names than nginx serves",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["B2.5", "B2.6", "A8.1", "B17.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#changing-a-certificate-s-domains",
        ),
        Reference::Rfc(9525, "6.3"),
    ],
    doc: include_str!("names_differ.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let runs: Vec<&CertbotRun> = deployment
        .certbot
        .runs
        .iter()
        .filter(|run| matches!(run.subcommand.as_str(), "certonly" | "run") && !run.is_dry_run)
        .collect();
    let mut outcomes = Vec::new();
    for edge in &edges(deployment) {
        for server in edge.http.servers().filter(|server| server.has_tls()) {
            let certificates = server.scope.effective("ssl_certificate").directives;
            for directive in certificates {
                outcomes.extend(judge(deployment, &runs, server, directive));
            }
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "no command of certbot tells the names of a certificate that nginx reads".to_owned(),
    ));
    together(outcomes)
}

fn judge(
    deployment: &Deployment,
    runs: &[&CertbotRun],
    server: Server<'_, '_>,
    directive: &Directive,
) -> Option<Outcome> {
    let word = directive
        .arguments
        .first()
        .filter(|word| word.is_literal())?;
    let (_, rest) = word.text.split_once("/live/")?;
    let (lineage, _) = rest.split_once('/')?;
    let span = directive.heading_span();
    let first = runs.first()?;
    if runs.iter().any(|run| !tells_names(run)) {
        return Some(unknown(
            "the names that certbot is asked for depend on variables",
            "write the domains into the script",
            Some(first.span),
        ));
    }
    let is_kept = deployment
        .certbot
        .lineages
        .iter()
        .any(|known| known.name == lineage);
    let own = runs.iter().find(|run| lineage_of(run) == lineage);
    if is_kept || own.is_none() && runs.len() > 1 {
        // What is kept tells its own names, or another command, which is not here, has made it.
        return None;
    }
    let run = own.unwrap_or(first);
    let mut findings = Vec::new();
    if own.is_none() {
        findings.push(other_lineage(lineage, directive, run));
    }
    let missing = uncovered(server, &run.domains);
    if let Some(name) = missing.first() {
        findings.push(finding(
            format!("certbot:names {name}"),
            format!(
                "browsers turn visitors of {} away: nginx serves {} with a certificate that certbot \
                 is asked to make for {} alone",
                missing.join(", "),
                if missing.len() == 1 { "it" } else { "them" },
                run.domains.join(", ")
            ),
            vec![
                label(span, "nginx serves these names with it"),
                label(run.span, format!("asks for {}", run.domains.join(", "))),
            ],
            "Name every server_name with `-d`, or take the names away that nobody should ask for.",
        ));
    }
    Some(match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => Outcome::Pass(vec![holds(lineage, run)]),
    })
}

fn other_lineage(lineage: &str, directive: &Directive, run: &CertbotRun) -> Finding {
    let made = lineage_of(run);
    finding(
        format!("certbot:live/{lineage}"),
        format!(
            "nginx does not start: it reads live/{lineage}, and certbot is asked for a certificate \
             that it keeps in live/{made}"
        ),
        vec![
            label(directive.heading_span(), format!("reads live/{lineage}")),
            label(run.span, format!("makes live/{made}")),
        ],
        "Use the name of the first `-d`, or give certbot `--cert-name`.",
    )
}

fn holds(lineage: &str, run: &CertbotRun) -> Evidence {
    evidence(
        format!("certbot is asked for every name that nginx serves with live/{lineage}"),
        run.span,
    )
}

/// Whether the names stand in the command itself.
fn tells_names(run: &CertbotRun) -> bool {
    !run.domains.is_empty() && run.domains.iter().all(|name| is_name(name))
}

fn is_name(name: &str) -> bool {
    name.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '*'))
}

/// The folder below `live` that certbot makes: after `--cert-name`, or the first domain without the
/// asterisk (certbot's `main._get_certname` and `storage.lineagename_for_filename`).
fn lineage_of(run: &CertbotRun) -> &str {
    let first = run.domains.first().map_or("", String::as_str);
    let name = run.cert_name.as_deref().unwrap_or(first);
    name.strip_prefix("*.").unwrap_or(name)
}

/// The names of a server that no domain covers, in their order. An asterisk stands for one label
/// (RFC 9525, section 6.3).
fn uncovered(server: Server<'_, '_>, domains: &[String]) -> Vec<String> {
    let covers = |name: &str| {
        domains.iter().any(|domain| {
            domain.eq_ignore_ascii_case(name)
                || domain.strip_prefix("*.").is_some_and(|parent| {
                    name.split_once('.')
                        .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                })
        })
    };
    server
        .names()
        .iter()
        .filter_map(|name| match &name.form {
            NameForm::Exact(host)
                if host.contains('.') && host.parse::<std::net::IpAddr>().is_err() =>
            {
                Some(host.clone())
            }
            _ => None,
        })
        .filter(|host| !covers(host) && is_name(host))
        .collect()
}
