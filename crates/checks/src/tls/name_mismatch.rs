use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::seen_certificate;

pub(super) static CHECK: Check = Check {
    id: "tls/name-mismatch",
    title: "The site's certificate is for another name",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A1.3", "A8.1", "B2.6"],
    django_ids: &[],
    references: &[Reference::Rfc(9525, "6.3"), Reference::Cwe(297)],
    doc: include_str!("name_mismatch.md"),
    run,
};

const SHOWN: usize = 4;

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let place = seen.place();
    let wrong = seen
        .own()
        .find(|(chain, _)| chain.name_matches == Some(false));
    if let Some((_, own)) = wrong {
        let names: Vec<_> = own.names.iter().take(SHOWN).map(String::as_str).collect();
        let names = match own.names.len().max(own.name_count) {
            0 => "no name at all (the common name counts no longer)".to_owned(),
            count if count > SHOWN => format!("{} and {} more", names.join(", "), count - SHOWN),
            _ => names.join(", "),
        };
        let finding = seen.finding(
            "certificate-name",
            format!(
                "visitors of {place} see a warning instead of the site: its certificate is for \
                 {names}"
            ),
            &format!("sends the certificate {}", own.subject),
            "Ask for a certificate with this name too (`certbot --expand -d NAME`), and name it in \
             the server that answers for the name.",
        );
        return Outcome::Fail(vec![Finding {
            labels: seen.label("ssl_certificate", "names the certificate"),
            ..finding
        }]);
    }
    if seen.own().any(|(chain, _)| chain.name_matches.is_none()) {
        return Outcome::Unknown {
            reason: format!("the names of the certificate could not be held against {place}"),
            remedy: "name the site as visitors do".to_owned(),
            trail: Trail::default(),
        };
    }
    seen.passes(
        "the certificate is for the name that was asked for",
        "sends a certificate for its name",
    )
}
