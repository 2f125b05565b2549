use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Span, Trail, Value,
};

use crate::package::{finding, holds_true, pass, setting_value, strings};
use crate::proxy::{self, Handed};

pub(super) static CHECK: Check = Check {
    id: "axes/address-forged",
    title: "axes believes an address that the visitor writes",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-axes.readthedocs.io/en/latest/4_configuration.html#configuring-reverse-proxies",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("address_forged.md"),
    run,
};

/// The older names come second, as axes asks for them (`axes/conf.py`).
const SIDE: [&str; 2] = ["AXES_IPWARE_PROXY_ORDER", "AXES_PROXY_ORDER"];
const GUARDS: [&str; 4] = [
    "AXES_IPWARE_PROXY_COUNT",
    "AXES_PROXY_COUNT",
    "AXES_IPWARE_PROXY_TRUSTED_IPS",
    "AXES_PROXY_TRUSTED_IPS",
];

fn run(deployment: &Deployment) -> Outcome {
    let first = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| setting_value(deployment, name))
    };
    let Some(order) = first(&super::HEADER_ORDERS) else {
        return Outcome::NotApplicable("axes reads no header: it counts by REMOTE_ADDR".to_owned());
    };
    if setting_value(deployment, "AXES_CLIENT_IP_CALLABLE").is_some() {
        return Outcome::NotApplicable("a function names the visitor's address".to_owned());
    }
    let reads_chain = holds_true(&order, &|value| {
        Some(strings(value)?.contains(&"HTTP_X_FORWARDED_FOR"))
    });
    let rightmost = first(&SIDE)
        .map(|side| holds_true(&side, &|value| Some(value.as_str()? == "right-most")))
        .unwrap_or(Some(false));
    let guarded = GUARDS.iter().any(|name| {
        setting_value(deployment, name).is_some_and(|value| {
            holds_true(&value, &|value| Some(*value == Value::None)) != Some(true)
        })
    });
    match (reads_chain, rightmost) {
        (Some(false), _) => match real_ip_as_sent(deployment, &order.value) {
            Some(way) => Outcome::Fail(vec![proxy::beside(
                forged(
                    &order.trail,
                    "X-Real-IP",
                    "axes reads that header, and nginx hands on what the visitor sends",
                ),
                way,
            )]),
            None => pass("axes does not read X-Forwarded-For", &order.trail),
        },
        (_, Some(true)) => pass("axes reads the end of X-Forwarded-For", &order.trail),
        (Some(true), Some(false)) if guarded => pass(
            "proxies are counted or named, so a longer chain is refused",
            &order.trail,
        ),
        (Some(true), Some(false)) => {
            match proxy::handed(deployment, "X-Forwarded-For") {
                Some((Handed::Address, _)) => {
                    return pass("nginx overwrites what the visitor sends", &order.trail);
                }
                Some(way) => {
                    return Outcome::Fail(vec![proxy::beside(
                        forged(
                            &order.trail,
                            "X-Forwarded-For",
                            "axes takes the left-most entry, and nginx leaves that to the visitor",
                        ),
                        way,
                    )]);
                }
                None => {}
            }
            let Some(platform) = appending(deployment) else {
                return Outcome::Unknown {
                    reason: "axes takes the left-most entry of X-Forwarded-For, which is the \
                             visitor's own if the proxy appends to what it was sent"
                        .to_owned(),
                    remedy: "see what the proxy does: nginx's `proxy_set_header X-Forwarded-For` \
                             must be $remote_addr, not $proxy_add_x_forwarded_for"
                        .to_owned(),
                    trail: order.trail,
                };
            };
            let mut finding = forged(
                &order.trail,
                "X-Forwarded-For",
                &format!(
                    "axes takes the left-most entry, and {platform} leaves that to the visitor"
                ),
            );
            // Another proxy may stand before the platform's and overwrite the header.
            finding.confidence = Confidence::Medium;
            Outcome::Fail(vec![finding])
        }
        _ => Outcome::Unknown {
            reason: "the headers that axes reads are not known".to_owned(),
            remedy: "see `tightship inspect settings --only AXES_IPWARE_META_PRECEDENCE_ORDER`"
                .to_owned(),
            trail: order.trail,
        },
    }
}

/// Where nginx hands on a visitor's own X-Real-IP, and axes asks that header first.
fn real_ip_as_sent(deployment: &Deployment, order: &Value) -> Option<(Handed, Span)> {
    let first = *strings(order)?.first()?;
    let way = proxy::handed(deployment, "X-Real-IP")?;
    (first == "HTTP_X_REAL_IP" && way.0 == Handed::AsSent).then_some(way)
}

fn forged(trail: &Trail, header: &str, how: &str) -> Finding {
    finding(
        "AXES_IPWARE_META_PRECEDENCE_ORDER",
        trail,
        format!(
            "an attacker never gets locked out by writing another {header} with each guess, and \
             locks out whom he likes by writing theirs: {how}"
        ),
        "Let the proxy write a header and read that (`proxy_set_header X-Real-IP $remote_addr;`, \
         [\"HTTP_X_REAL_IP\"]), or set AXES_IPWARE_PROXY_ORDER = \"right-most\" behind a single \
         proxy.",
    )
}

/// The platform of the deployment whose router appends to X-Forwarded-For, by a package that only
/// deployments there ask for.
fn appending(deployment: &Deployment) -> Option<&'static str> {
    let mut platforms = APPENDING.into_iter();
    platforms.find_map(|(package, platform)| {
        deployment.packages.get(package)?;
        Some(platform)
    })
}

const APPENDING: [(&str, &str); 2] = [
    ("django-heroku", "the router of Heroku"),
    ("django-on-heroku", "the router of Heroku"),
];
