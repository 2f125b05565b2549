use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Need, Outcome, Program, Reference, Severity, Starter};

use super::seen::Seer;
use super::{evidence, finding, served, unknown};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/reload-missing",
    title: "nginx never takes the renewed certificate",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.4", "B4.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/control.html#reconfiguration"),
        Reference::Url(
            "https://eff-certbot.readthedocs.io/en/stable/using.html#renewing-certificates",
        ),
    ],
    doc: include_str!("reload_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let served = served(deployment);
    let Some(first) = served.first() else {
        return Outcome::NotApplicable("nginx reads no certificate of certbot's".to_owned());
    };
    let certbot = &deployment.certbot;
    let Some(renewer) = certbot.renewers.first() else {
        return Outcome::NotApplicable("nothing of the project renews certificates".to_owned());
    };
    if let Some(reloader) = certbot.reloaders.first() {
        return Outcome::Pass(vec![evidence("nginx is reloaded", reloader.span)]);
    }
    if let Some(reason) = may_reload(deployment, first.seer) {
        return unknown(
            format!("whether nginx is reloaded is not known: {reason}"),
            "compare the dates of the certificate on disk and of the one that is served",
            Some(first.directive.heading_span()),
        );
    }
    Outcome::Fail(vec![finding(
        "certbot:reload".to_owned(),
        "visitors meet an expired certificate although a new one lies on the disk: nginx reads it \
         when it starts, and nothing reloads nginx after a renewal"
            .to_owned(),
        vec![
            label(renewer.span, "renews, and tells nobody"),
            label(first.directive.heading_span(), "read when nginx starts"),
        ],
        "Give certbot a --deploy-hook that reloads nginx, or let nginx reload itself twice a day.",
    )])
}

/// What is not followed and may reload nginx.
fn may_reload(deployment: &Deployment, nginx: Option<Seer<'_>>) -> Option<String> {
    let certbot = &deployment.certbot;
    let is_plugin = |name: Option<&str>| name == Some("nginx");
    let text = |value: &Option<tightship_model::Traced<String>>| {
        value.as_ref().map(|value| value.value.clone())
    };
    let by_plugin = certbot
        .runs
        .iter()
        .any(|run| is_plugin(run.authenticator.as_deref()))
        || certbot.lineages.iter().any(|lineage| {
            is_plugin(text(&lineage.authenticator).as_deref())
                || is_plugin(text(&lineage.installer).as_deref())
        });
    if by_plugin {
        return Some("certbot's plugin for nginx reloads it".to_owned());
    }
    if let Some(path) = deployment
        .files
        .below("")
        .find(|path| path.contains("renewal-hooks/"))
    {
        return Some(format!("{path} may do it"));
    }
    let name = match nginx {
        Some(Seer::Service(name)) => name,
        Some(Seer::Host) | None => return Some("a hook of the host may do it".to_owned()),
    };
    let compose = deployment.compose.as_ref()?;
    let starter = Starter::Service(name.to_owned());
    let mut processes = deployment.processes_of(&starter);
    if !processes.any(|process| process.program == Program::Nginx)
        && deployment
            .images
            .iter()
            .any(|image| image.services.iter().any(|own| own == name))
    {
        return Some(format!("how {name} starts is not seen"));
    }
    let service = compose.service(name)?;
    if service
        .mounts
        .iter()
        .any(|mount| mount.target.value.contains("docker-entrypoint"))
    {
        return Some(format!("a script that {name} starts with may do it"));
    }
    let has_tool = compose.services.iter().find(|other| restarts(other));
    has_tool.map(|other| format!("{} may do it", other.name))
}

/// Whether a service can act upon others: it holds Docker's socket or jobs for a scheduler.
fn restarts(service: &Service) -> bool {
    service
        .labels
        .iter()
        .any(|label| label.key.starts_with("ofelia."))
        || service
            .mounts
            .iter()
            .any(|mount| mount.target.value.ends_with("docker.sock"))
}
