use tightship_model::{
    Check, Confidence, Deployment, HookKind, Need, Outcome, Reference, Severity, Span,
};
use tightship_predict::nginx::{Handler, Http, Matcher};
use tightship_predict::ways::edges;

use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/port-taken",
    title: "certbot wants the port that nginx holds",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.4", "B4.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://eff-certbot.readthedocs.io/en/stable/using.html#standalone"),
        Reference::Rfc(8555, "8.3"),
    ],
    doc: include_str!("port_taken.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(wish) = wish(deployment) else {
        return Outcome::NotApplicable("certbot opens no port of its own to renew".to_owned());
    };
    let edges = edges(deployment);
    let listen = edges.iter().find_map(|edge| {
        let mut servers = edge.http.servers();
        servers.find_map(|server| {
            let mut listens = server.listens().iter();
            let listen = listens.find(|one| !one.address.is_local() && one.ports.contains(&80))?;
            Some((&edge.http, listen.directive?.heading_span()))
        })
    });
    let Some((http, listen)) = listen else {
        return Outcome::Pass(vec![evidence(
            "nginx does not listen on port 80",
            wish.span,
        )]);
    };
    if let Some(passed) = passes_proofs_on(http) {
        return Outcome::Pass(vec![evidence(
            "nginx hands the proofs on to certbot",
            passed,
        )]);
    }
    if wish.has_hook {
        return Outcome::Pass(vec![evidence(
            "a hook makes room before each renewal",
            wish.span,
        )]);
    }
    let mut finding = finding(
        "certbot:standalone".to_owned(),
        "the certificate is not renewed and the site goes dark when it expires: with standalone \
         certbot answers on port 80 itself, where nginx already listens"
            .to_owned(),
        vec![
            label(wish.span, "opens port 80 itself"),
            label(listen, "nginx listens there"),
        ],
        "Use --webroot with a folder that nginx serves below /.well-known/acme-challenge/.",
    );
    finding.confidence = wish.confidence;
    Outcome::Fail(vec![finding])
}

/// That renewals go by the authenticator `standalone`, and where it is said.
struct Wish {
    span: Span,
    /// Whether something runs before each renewal, which may stop nginx.
    has_hook: bool,
    confidence: Confidence,
}

fn wish(deployment: &Deployment) -> Option<Wish> {
    const STANDALONE: &str = "standalone";
    let certbot = &deployment.certbot;
    let kept = certbot.lineages.iter().find_map(|lineage| {
        let authenticator = lineage.authenticator.as_ref()?;
        (authenticator.value == STANDALONE).then_some(())?;
        Some(Wish {
            span: authenticator.trail.first_span()?,
            has_hook: lineage.hooks.iter().any(|(kind, _)| *kind == HookKind::Pre),
            confidence: Confidence::High,
        })
    });
    // certbot renews by what it was told the first time.
    let is_renewed = !certbot.renewers.is_empty();
    kept.or_else(|| {
        let mut runs = certbot.runs.iter();
        let run = runs.find(|run| run.authenticator.as_deref() == Some(STANDALONE))?;
        let in_loop = run.subcommand == "renew";
        let is_other = |other: &tightship_model::CertbotRun| {
            other
                .authenticator
                .as_deref()
                .is_some_and(|name| name != STANDALONE)
        };
        let is_overruled = certbot.runs.iter().any(is_other);
        (in_loop || is_renewed && !is_overruled).then_some(Wish {
            span: run.span,
            has_hook: certbot
                .runs
                .iter()
                .flat_map(|run| &run.hooks)
                .any(|(kind, _)| *kind == HookKind::Pre),
            confidence: Confidence::Medium,
        })
    })
}

/// Where nginx hands on what asks for a proof.
fn passes_proofs_on(http: &Http<'_>) -> Option<Span> {
    http.leaves().into_iter().find_map(|leaf| {
        let (Matcher::Prefix { path, .. } | Matcher::Exact(path)) = leaf.scope.matcher()? else {
            return None;
        };
        match leaf.handler {
            Handler::Upstream(pass) if path.starts_with("/.well-known") => {
                Some(pass.heading_span())
            }
            _ => None,
        }
    })
}
