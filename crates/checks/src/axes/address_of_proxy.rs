use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::cross::proxies_miscounted;
use crate::package::{finding, holds_true, pass, setting_value, strings};
use crate::proxy::{self, Front};
use crate::setting::{beside, labels};

pub(super) static CHECK: Check = Check {
    id: "axes/address-of-proxy",
    title: "axes takes the proxy's address for the visitor's",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-axes.readthedocs.io/en/latest/4_configuration.html#configuring-reverse-proxies",
        ),
        Reference::Cwe(645),
    ],
    doc: include_str!("address_of_proxy.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(front) = proxy::front(deployment) else {
        return Outcome::NotApplicable("nothing says that a proxy stands in front".to_owned());
    };
    if proxies_miscounted::accuses(deployment, "AXES_IPWARE_PROXY_COUNT") {
        return Outcome::NotApplicable(
            "axes sees no address at all, as cross/proxies-miscounted says".to_owned(),
        );
    }
    if setting_value(deployment, "AXES_CLIENT_IP_CALLABLE").is_some() {
        return unseen("a function of the project names the visitor's address");
    }
    for name in super::HEADER_ORDERS {
        if let Some(order) = setting_value(deployment, name) {
            let named = holds_true(&order, &|value| {
                Some(
                    strings(value)?
                        .iter()
                        .any(|header| *header != "REMOTE_ADDR"),
                )
            });
            match named {
                Some(true) if !may_have_ipware(deployment) => {
                    return Outcome::Fail(vec![unread(deployment, name, &order.trail)]);
                }
                Some(true) => {
                    return pass(
                        "axes reads the visitor's address from a header",
                        &order.trail,
                    );
                }
                Some(false) => break,
                None => return unseen("the headers that axes reads are not known"),
            }
        }
    }
    let parameters = super::lockout_parameters(deployment);
    match holds_true(&parameters, &|value| {
        Some(super::combinations(value)?.contains(&vec!["ip_address"]))
    }) {
        Some(false) => return pass("no lock hangs on the address alone", &parameters.trail),
        None => return unseen("what axes counts by is not known"),
        Some(true) => {}
    }
    if let Some(reason) = proxy::may_set_address(deployment) {
        return unseen(&reason);
    }
    Outcome::Fail(vec![lock_for_all(deployment, &front)])
}

fn lock_for_all(deployment: &Deployment, front: &Front) -> tightship_model::Finding {
    let count = setting_value(deployment, "AXES_IPWARE_PROXY_COUNT")
        .or_else(|| setting_value(deployment, "AXES_PROXY_COUNT"));
    let (trail, but) = match count {
        Some(count) => (
            count.trail,
            "; AXES_IPWARE_PROXY_COUNT alone does not make axes read a header",
        ),
        None => (front.trail.clone(), ""),
    };
    let mut finding = finding(
        "AXES_IPWARE_META_PRECEDENCE_ORDER",
        &trail,
        format!(
            "a few failed logins lock out every visitor at once: {}, and axes counts by \
             REMOTE_ADDR, which is the proxy's address{but}",
            front.sentence
        ),
        "Install django-axes[ipware] and set AXES_IPWARE_META_PRECEDENCE_ORDER to a header that \
         your proxy always sets, such as [\"HTTP_X_REAL_IP\"].",
    );
    for label in labels(&front.trail) {
        finding = beside(finding, Some(label.span), label.text);
    }
    if !front.is_seen {
        finding.confidence = Confidence::Medium;
    }
    finding
}

/// Whether something may install django-ipware, without which axes reads no header.
fn may_have_ipware(deployment: &Deployment) -> bool {
    let is_listed = deployment.packages.get("django-axes").is_some();
    !is_listed || proxies_miscounted::has_ipware(deployment)
}

fn unread(deployment: &Deployment, name: &str, trail: &Trail) -> tightship_model::Finding {
    let mut finding = finding(
        name,
        trail,
        format!(
            "a few failed logins lock out every visitor at once: {name} does nothing, as \
             django-ipware is not installed, and axes counts by REMOTE_ADDR, which is the proxy's \
             address"
        ),
        "Install django-axes[ipware].",
    );
    let axes = deployment.packages.get("django-axes");
    finding
        .labels
        .extend(axes.into_iter().flat_map(|axes| labels(&axes.trail)));
    finding.confidence = Confidence::Medium;
    finding
}

fn unseen(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.to_owned(),
        remedy: "fail a login on the site and look at the address in the axes log".to_owned(),
        trail: Trail::default(),
    }
}
