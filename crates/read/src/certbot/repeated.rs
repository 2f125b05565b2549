//! What renews again and again, and what tells nginx.

use tightship_model::{Certbot, Repeated, RepeatedBy, Span};

/// Adds renewers and reloaders among what is repeated, and those of hooks.
pub(super) fn find(certbot: &mut Certbot, repeated: &[Repeated]) {
    for one in repeated {
        add(certbot, one);
    }
    let of_lineages = certbot.lineages.iter().flat_map(|lineage| &lineage.hooks);
    let of_lineages = of_lineages.map(|(_, argv)| (argv.words.join(" "), argv.span));
    let of_runs = certbot.runs.iter().flat_map(|run| {
        run.hooks
            .iter()
            .map(|(_, command)| (command.clone(), run.span))
    });
    let hooks: Vec<(String, Span)> = of_lineages.chain(of_runs).collect();
    for (command, span) in hooks {
        if reloads(&command) {
            certbot.reloaders.push(Repeated {
                by: RepeatedBy::Hook,
                every: None,
                command,
                span,
            });
        }
    }
}

fn add(certbot: &mut Certbot, repeated: &Repeated) {
    let text = &repeated.command;
    let renews =
        text.contains("certbot") && text.contains("renew") || text.contains("certbot-auto renew");
    if renews {
        certbot.renewers.push(repeated.clone());
    }
    if reloads(text) {
        let by = match renews {
            // `certbot renew --deploy-hook "nginx -s reload"`: it reloads when it renewed.
            true if text.contains("hook") => RepeatedBy::Hook,
            _ => repeated.by.clone(),
        };
        let repeated = repeated.clone();
        certbot.reloaders.push(Repeated { by, ..repeated });
    }
}

/// Whether a command makes nginx read its certificates again.
fn reloads(text: &str) -> bool {
    let names_nginx = text.contains("nginx") || text.contains("proxy") || text.contains("web");
    text.contains("nginx -s reload")
        || text.contains("nginx reload")
        || names_nginx
            && ["reload", "restart", "HUP", "SIGHUP"]
                .iter()
                .any(|word| text.contains(word))
}
