use tightship_model::site::tls::{Mode, Support, Tls, Version};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity, Trail};

use super::look::seen;

pub(super) static CHECK: Check = Check {
    id: "tls/protocol-old",
    title: "The site speaks versions of TLS that are broken",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B6.1"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8996, "1"),
        Reference::Rfc(7568, "1"),
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
        Reference::Cwe(327),
    ],
    doc: include_str!("protocol_old.md"),
    run,
};

/// Mozilla's guideline 6.0: TLS 1.2 and 1.3 (intermediate), or 1.3 alone (modern).
const FLOOR: Version = Version::Tls12;

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let old: Vec<_> = seen
        .tls
        .versions()
        .filter(|version| *version < FLOOR)
        .collect();
    if let Some(oldest) = old.first() {
        let names: Vec<_> = old.iter().map(|version| version.name()).collect();
        let names = names.join(" and ");
        let finding = seen.finding(
            "protocols",
            format!(
                "an attacker on the way makes clients fall back to {names} and uses their known \
                 faults{} to read or change what is sent",
                faults(seen.tls)
            ),
            &format!("answers a hello of {names}"),
            "Speak TLS 1.2 and 1.3 alone: `ssl_protocols TLSv1.2 TLSv1.3;` in nginx.",
        );
        return Outcome::Fail(vec![Finding {
            labels: seen.label("ssl_protocols", "decides the versions"),
            severity: (*oldest <= Version::Ssl3).then_some(Severity::High),
            ..finding
        }]);
    }
    let unseen = seen
        .tls
        .protocols
        .iter()
        .find_map(|protocol| match &protocol.support {
            Support::Unknown { reason } if protocol.version < FLOOR => {
                Some(format!("{}: {reason}", protocol.version.name()))
            }
            _ => None,
        });
    match unseen {
        Some(reason) => Outcome::Unknown {
            reason,
            remedy: "look at the site again".to_owned(),
            trail: Trail::default(),
        },
        None => seen.passes(
            "only TLS 1.2 and newer is spoken",
            "refuses every hello of SSL 2.0 to TLS 1.1",
        ),
    }
}

/// The names of what the accepted versions are open to: DROWN needs nothing but SSL 2.0, the two others a
/// suite in CBC mode.
fn faults(tls: &Tls) -> String {
    let has_cbc = |version: Version| {
        tls.accepted()
            .any(|(spoken, suite)| spoken == version && suite.mode == Mode::Cbc)
    };
    let faults: Vec<_> = [
        ("DROWN", tls.speaks(Version::Ssl2)),
        ("POODLE", has_cbc(Version::Ssl3)),
        ("BEAST", has_cbc(Version::Tls10)),
    ]
    .into_iter()
    .filter_map(|(name, is_open)| is_open.then_some(name))
    .collect();
    match faults.as_slice() {
        [] => String::new(),
        names => format!(" ({})", names.join(", ")),
    }
}
