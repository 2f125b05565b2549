use tightship_model::documents::{Claim, Promise};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::promises::{Kept, kept};
use crate::package::pass;
use crate::setting::labels;

pub(super) static CHECK: Check = Check {
    id: "docs/claim-unmet",
    title: "A security document promises what the deployment does not do",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B9.1", "X59"],
    django_ids: &[],
    references: &[Reference::Cwe(1059), Reference::Cwe(684)],
    doc: include_str!("claim_unmet.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let claims = &deployment.documents.claims;
    if claims.is_empty() {
        return Outcome::NotApplicable("no document promises protection".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut open: Option<&Claim> = None;
    for claim in claims {
        match kept(deployment, &claim.promise) {
            Kept::Yes => {}
            Kept::Open => open = open.or(Some(claim)),
            Kept::No(instead, trail) => {
                let finding = finding(deployment, claim, &instead, &trail);
                if !findings
                    .iter()
                    .any(|known| known.subject == finding.subject)
                {
                    findings.push(finding);
                }
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(claim)) => Outcome::Unknown {
            reason: format!(
                "whether the promise of {} is kept is not known",
                name(&claim.promise)
            ),
            remedy: "see `tightship inspect settings`".to_owned(),
            trail: Trail::at(claim.span, "promises this"),
        },
        (true, None) => pass(
            "what the security documents promise is so",
            &Trail::default(),
        ),
    }
}

fn finding(deployment: &Deployment, claim: &Claim, instead: &str, trail: &Trail) -> Finding {
    let what = name(&claim.promise);
    let path = &deployment.sources[claim.span.source].path;
    let mut finding = super::at(
        format!("claim:{what}"),
        claim.span,
        &format!("promises {what}"),
    );
    finding.labels.extend(labels(trail));
    Finding {
        message: format!("{path} promises {what}, and {instead}: who relies on it is unprotected"),
        confidence: Confidence::Medium,
        advice: "Do what the document says, or take the sentence out.".to_owned(),
        ..finding
    }
}

/// What is promised, as the object of a sentence.
fn name(promise: &Promise) -> String {
    match promise {
        Promise::HttpsRedirect => "a redirect to https".to_owned(),
        Promise::Hsts {
            seconds: Some(seconds),
            ..
        } => format!("HSTS for {seconds} s"),
        Promise::Hsts { .. } => "HSTS".to_owned(),
        Promise::SecureCookies => "Secure cookies".to_owned(),
        Promise::ReadableByServerOnly => "HttpOnly cookies".to_owned(),
        Promise::Framing(value) => format!("X-Frame-Options: {value}"),
        Promise::ContentSecurityPolicy => "a content security policy".to_owned(),
        Promise::Lockout {
            attempts: Some(attempts),
        } => {
            format!("a lock after {attempts} failed logins")
        }
        Promise::Lockout { .. } => "a lock after failed logins".to_owned(),
        Promise::TwoFactors => "two factors".to_owned(),
        Promise::PasswordLength(least) => format!("passwords of {least} characters"),
        Promise::Hasher(hasher) => format!("passwords stored with {hasher}"),
        Promise::TokenLifetime(seconds) => format!("tokens that live for {seconds} s"),
        Promise::TokenBlacklist => "blacklisted tokens".to_owned(),
        Promise::RateLimit => "rate limits".to_owned(),
        Promise::DebugOff => "that DEBUG is off".to_owned(),
        Promise::Package(package) => format!("the package {package}"),
        Promise::Setting {
            name,
            literal: Some(literal),
        } => format!("{name} = {literal}"),
        Promise::Setting { name, .. } => format!("the setting {name}"),
    }
}
