use tightship_model::{Check, Deployment, Label, Need, Outcome, Reference, Severity, Span};
use tightship_predict::nginx::{NameForm, http_blocks};

use super::look::seen;
use super::unresolved::dangling;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "dns/www-unanswered",
    title: "The name with www, or without, leads nowhere",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B2.1"],
    django_ids: &[],
    references: &[Reference::Rfc(1034, "3.6")],
    doc: include_str!("www_unanswered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let Some(twin) = &seen.dns.twin else {
        return Outcome::NotApplicable("the name has no other form".to_owned());
    };
    let found = match seen.addresses(twin) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    if !found.is_empty() {
        return seen.passes(
            format!("{twin} has an address"),
            &format!("{twin} is {}", found[0]),
        );
    }
    if dangling(seen.view, twin).is_some() {
        return Outcome::NotApplicable(format!(
            "{twin} is an alias of a name that does not exist: dns/alias-dangling"
        ));
    }
    let Some(promise) = promise(deployment, twin) else {
        return Outcome::NotApplicable(format!(
            "neither files nor certificate name {twin}, which has no address"
        ));
    };
    let mut finding = seen.finding(
        twin,
        format!(
            "visitors who type {twin} see an error of their browser: it has no address, though {} \
             names it",
            promise.by
        ),
        &format!("{twin} has neither A nor AAAA"),
        &format!("Give {twin} an address, or take the name out where it is promised."),
    );
    finding.labels.extend(promise.span.map(|span| Label {
        span,
        text: "this name is promised".to_owned(),
    }));
    Outcome::Fail(vec![finding])
}

/// Who counts on a name.
struct Promise {
    by: &'static str,
    span: Option<Span>,
}

/// nginx, Django or the certificate: whichever writes the name out.
fn promise(deployment: &Deployment, name: &str) -> Option<Promise> {
    for http in http_blocks(&deployment.nginx) {
        for server in http.servers() {
            let own = server.names().iter().find(|own| match &own.form {
                NameForm::Exact(host) | NameForm::AtOrBelow(host) => host == name,
                _ => false,
            });
            if let Some(own) = own {
                return Some(Promise {
                    by: "server_name",
                    span: own.word.map(|word| word.span),
                });
            }
        }
    }
    let hosts = overridden(deployment, "ALLOWED_HOSTS");
    let items = hosts.and_then(|hosts| hosts.value.as_items());
    for item in items.iter().flat_map(|items| &items.items) {
        if item.value.as_str() == Some(name) {
            return Some(Promise {
                by: "ALLOWED_HOSTS",
                span: item.trail.first_span(),
            });
        }
    }
    let tls = deployment.site.as_ref()?.tls.as_ref()?;
    let mut own = tls
        .chains
        .iter()
        .filter_map(|chain| chain.certificates.first());
    let is_named = own.any(|certificate| certificate.names.iter().any(|own| own == name));
    is_named.then_some(Promise {
        by: "the certificate",
        span: None,
    })
}
