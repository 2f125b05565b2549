use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::caa::{self, Relevant};

use super::look::{lacking, public, shown, unknown};

pub(super) static CHECK: Check = Check {
    id: "dns/caa-forbids-issuer",
    title: "CAA forbids the authority of the certificate",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["X28", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8659, "4.2"),
        Reference::Url("https://letsencrypt.org/docs/caa/"),
    ],
    doc: include_str!("caa_forbids_issuer.md"),
    run,
};

/// An authority, by the organisation in its certificates, with the domains that it goes by in CAA
/// records.
struct Authority {
    organisation: &'static str,
    domains: &'static [&'static str],
}

/// Authorities that document all their domains: Let's Encrypt ("CAA", letsencrypt.org/docs/caa),
/// Google Trust Services ("DNS debugging", developers.google.com/public-key-infrastructure; `google.com` is
/// that of older practice statements), Amazon ("Configure a CAA record", ACM user guide), Buypass ("ACME CAA
/// notification", community.buypass.com). Others have more than can be told.
const AUTHORITIES: [Authority; 4] = [
    Authority {
        organisation: "Let's Encrypt",
        domains: &["letsencrypt.org"],
    },
    Authority {
        organisation: "Google Trust Services",
        domains: &["pki.goog", "google.com"],
    },
    Authority {
        organisation: "Amazon",
        domains: &[
            "amazon.com",
            "amazontrust.com",
            "awstrust.com",
            "amazonaws.com",
        ],
    },
    Authority {
        organisation: "Buypass AS",
        domains: &["buypass.com", "buypass.no"],
    },
];

/// Where certbot goes unless it is told otherwise.
const LETS_ENCRYPT: &Authority = &AUTHORITIES[0];

fn run(deployment: &Deployment) -> Outcome {
    let seen = match public(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let host = &seen.dns.host;
    let relevant = match caa::relevant(host, seen.view) {
        Ok(Some(relevant)) => relevant,
        Ok(None) => return Outcome::NotApplicable(format!("no CAA record holds for {host}")),
        Err(gap) => return lacking(gap),
    };
    let uses = match uses(deployment, host) {
        Ok(uses) => uses,
        Err(outcome) => return outcome,
    };
    let Some(issuers) = allowed(&relevant, uses.is_wildcard) else {
        return Outcome::NotApplicable(format!("the CAA records of {} name nobody", relevant.name));
    };
    let is_named = issuers.iter().any(|issuer| {
        let mut domains = uses.authority.domains.iter();
        domains.any(|domain| issuer.eq_ignore_ascii_case(domain))
    });
    let names = match issuers[..] {
        [] => "nobody".to_owned(),
        _ => shown(&issuers.join(", ")),
    };
    let says = format!("CAA of {} allows {names}", relevant.name);
    let organisation = uses.authority.organisation;
    if is_named {
        return seen.passes(format!("{organisation} may issue for {host}"), &says);
    }
    seen.fails(
        "CAA",
        format!(
            "the next renewal is refused and the site ends with its certificate: {} is from \
             {organisation}, and CAA of {} allows {names}",
            uses.what, relevant.name
        ),
        &says,
        &format!(
            "Add `CAA 0 {} \"{}\"` at {}, or take the certificate from whom it names.",
            if uses.is_wildcard {
                "issuewild"
            } else {
                "issue"
            },
            uses.authority.domains.first().copied().unwrap_or_default(),
            relevant.name
        ),
    )
}

fn allowed(relevant: &Relevant, is_wildcard: bool) -> Option<Vec<&str>> {
    match is_wildcard {
        true => relevant.wildcard_issuers(),
        false => relevant.issuers(),
    }
}

/// Who issues, as far as it is known.
struct Uses {
    authority: &'static Authority,
    /// What shows it: `the certificate that is sent`.
    what: &'static str,
    /// Whether only a wildcard stands for the name.
    is_wildcard: bool,
}

fn uses(deployment: &Deployment, host: &str) -> Result<Uses, Outcome> {
    let site = deployment.site.as_ref();
    let tls = site.and_then(|site| site.tls.as_ref());
    let sent = tls.and_then(|tls| tls.chains.first()?.certificates.first());
    if let Some(sent) = sent {
        let authority = AUTHORITIES.iter().find(|one| {
            let mut parts = sent.issuer.split([',', '+']).map(str::trim);
            parts.any(|part| part.strip_prefix("O=") == Some(one.organisation))
        });
        return match authority {
            Some(authority) => Ok(Uses {
                authority,
                what: "the certificate that is sent",
                is_wildcard: !sent.names.iter().any(|name| name == host),
            }),
            None => Err(unknown(format!(
                "the domains of {} in CAA records are not known",
                shown(&sent.issuer)
            ))),
        };
    }
    let mut lineages = deployment.certbot.lineages.iter();
    let is_ours = lineages.any(|lineage| {
        lineage
            .server
            .as_ref()
            .is_some_and(|server| server.value.contains("letsencrypt.org"))
    });
    match is_ours {
        true => Ok(Uses {
            authority: LETS_ENCRYPT,
            what: "what certbot renews",
            is_wildcard: false,
        }),
        false => Err(unknown(format!("no certificate of {host} was seen"))),
    }
}
