use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail, Value,
};

use super::front::Tally;
use super::hops::{
    Hop, Line, Taken, Told, Whose, by_allauth, by_ipware, by_ratelimit, by_throttle, lines, told,
};
use super::{edges_to_django, label};
use crate::axes;
use crate::package::{entry_of, finding, holds_true, setting_value, strings};
use crate::proxy::may_set_address;
use crate::setting::has_app;

pub(super) static CHECK: Check = Check {
    id: "cross/proxies-miscounted",
    title: "The settings count another number of proxies than there are",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A3.3", "A10.3", "A14.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-axes.readthedocs.io/en/latest/4_configuration.html#configuring-reverse-proxies",
        ),
        Reference::Url(
            "https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified",
        ),
        Reference::Url("https://docs.allauth.org/en/latest/common/rate_limits.html"),
        Reference::Cwe(348),
        Reference::Cwe(645),
    ],
    doc: include_str!("proxies_miscounted.md"),
    run,
};

/// A setting that tells where the visitor's address stands, and who goes by it.
struct Counter {
    setting: &'static str,
    trail: Trail,
    /// As the project writes it.
    value: String,
    header: Header,
    take: Box<dyn Fn(&Told) -> Taken>,
    /// What happens to visitors who count as one, to one whose address cannot be told, and by one
    /// who writes his own.
    shared: &'static str,
    failing: &'static str,
    forging: &'static str,
    advice: &'static str,
}

/// What a counter reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    ForwardedFor,
    RealIp,
    Peer,
}

/// Entries that a visitor may write in front of the true ones.
const MOST_FORGED: usize = 3;

fn run(deployment: &Deployment) -> Outcome {
    let mut tally = Tally::default();
    let Some(counters) = counters(deployment, &mut tally) else {
        return tally.outcome("no setting that is read counts proxies");
    };
    if let Err(outcome) = edges_to_django(deployment) {
        return outcome;
    }
    let lines = match lines(deployment) {
        Ok(lines) => lines,
        Err((reason, span)) => {
            tally.unseen(
                format!("how many proxies stand before Django is not known: {reason}"),
                span,
            );
            return tally.outcome("");
        }
    };
    for counter in &counters {
        for line in &lines {
            judge(deployment, counter, line, &mut tally);
        }
    }
    tally.outcome("no nginx of the deployment hands requests to Django")
}

/// Whether the check has a finding about this setting, so that others need not speak of it.
pub(crate) fn accuses(deployment: &Deployment, setting: &str) -> bool {
    let is_it = |finding: &Finding| finding.subject == format!("settings:{setting}");
    matches!(run(deployment), Outcome::Fail(findings) if findings.iter().any(is_it))
}

fn judge(deployment: &Deployment, counter: &Counter, line: &Line, tally: &mut Tally) {
    let Some(last) = line.last() else { return };
    let honest = (counter.take)(&told(line, 0));
    let is_forged = (1..=MOST_FORGED)
        .any(|forged| (counter.take)(&told(line, forged)) == Taken::Address(Whose::Forged));
    let harm = match (honest, is_forged) {
        (Taken::Address(Whose::Visitor), false) => {
            let text = format!(
                "{} finds the visitor's address behind nginx",
                counter.setting
            );
            return tally.holds(text, last.pass);
        }
        (Taken::Address(Whose::Proxy), _) if may_set_address(deployment).is_some() => {
            let reason = may_set_address(deployment).unwrap_or_default();
            return tally.unseen(reason, last.pass);
        }
        (Taken::Address(Whose::Proxy), false) => counter.shared.to_owned(),
        (Taken::Nothing | Taken::Error, false) => counter.failing.to_owned(),
        (Taken::Address(Whose::Visitor | Whose::Forged), true) => counter.forging.to_owned(),
        (Taken::Nothing | Taken::Error, true) => {
            format!("{}, and {}", counter.failing, counter.forging)
        }
        (Taken::Address(_), _) => format!("{}, and {}", counter.shared, counter.forging),
    };
    let is_short = matches!(honest, Taken::Address(Whose::Proxy));
    let may_be_more = counter.header == Header::ForwardedFor && !is_short;
    let but = match may_be_more {
        true => ", unless a proxy that no file shows stands before it",
        false => "",
    };
    let mut finding = finding(
        counter.setting,
        &counter.trail,
        format!(
            "{harm}: {} is {}, and {}{but}",
            counter.setting,
            counter.value,
            seen(counter.header, line)
        ),
        counter.advice,
    );
    if may_be_more {
        finding.confidence = Confidence::Medium;
    }
    finding
        .labels
        .extend(line.iter().map(|hop| place(counter.header, hop)));
    tally.fails(finding);
}

/// What Django gets of an honest visitor, in words.
fn seen(header: Header, line: &Line) -> String {
    let proxies = match line.len() {
        1 => "one nginx".to_owned(),
        number => format!("{number} nginx in a row"),
    };
    let entries = |name: &str, number: usize| match number {
        0 => format!("{proxies} hands on no {name} of its own"),
        1 => format!("behind {proxies} {name} has one address"),
        number => format!("behind {proxies} {name} has {number} addresses"),
    };
    let honest = told(line, 0);
    match header {
        Header::ForwardedFor => entries("X-Forwarded-For", honest.forwarded_for.len()),
        Header::RealIp => entries("X-Real-IP", honest.real_ip.len()),
        Header::Peer => format!("behind {proxies} REMOTE_ADDR is the proxy's"),
    }
}

fn place(header: Header, hop: &Hop) -> tightship_model::Label {
    let (handed, span) = match header {
        Header::ForwardedFor => hop.forwarded_for,
        Header::RealIp => hop.real_ip,
        Header::Peer => return label(hop.pass, "nginx hands requests on"),
    };
    label(span, handed.in_words())
}

/// The settings that count; `None` where there is none. What is not known of them goes to the tally.
fn counters(deployment: &Deployment, tally: &mut Tally) -> Option<Vec<Counter>> {
    let found = [
        axes_counter(deployment, tally),
        throttle_counter(deployment),
        allauth_counter(deployment),
        ratelimit_counter(deployment),
    ];
    let found: Vec<_> = found.into_iter().flatten().collect();
    (!found.is_empty()).then_some(found)
}

fn axes_counter(deployment: &Deployment, tally: &mut Tally) -> Option<Counter> {
    const SETTING: &str = "AXES_IPWARE_PROXY_COUNT";
    let first = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| setting_value(deployment, name))
    };
    let is_set = |names: &[&str]| first(names).is_some_and(|value| value.value != Value::None);
    let count = first(&[SETTING, "AXES_PROXY_COUNT"])?;
    let decides_otherwise = is_set(&["AXES_CLIENT_IP_CALLABLE"])
        || is_set(&["AXES_IPWARE_PROXY_TRUSTED_IPS", "AXES_PROXY_TRUSTED_IPS"])
        || first(&["AXES_IPWARE_PROXY_ORDER", "AXES_PROXY_ORDER"])
            .is_some_and(|order| order.value != Value::Str("left-most".to_owned()));
    if has_app(deployment, "axes") != Some(true) || decides_otherwise || !has_ipware(deployment) {
        return None;
    }
    let parameters = axes::lockout_parameters(deployment);
    let combinations = axes::combinations(&parameters.value)?;
    let goes_by_address = combinations
        .iter()
        .any(|names| names.contains(&"ip_address"));
    if !goes_by_address {
        return None;
    }
    let number = usize::try_from(count.value.as_int()?).ok()?;
    let order = first(&axes::HEADER_ORDERS);
    let order: Vec<String> = match &order {
        None => vec!["REMOTE_ADDR".to_owned()],
        Some(order) => match strings(&order.value) {
            Some(names) => names.into_iter().map(str::to_owned).collect(),
            None => {
                let span = order.trail.first_span()?;
                tally.unseen("the headers that axes reads are not known", span);
                return None;
            }
        },
    };
    let header = match () {
        () if order.iter().any(|name| name == "HTTP_X_FORWARDED_FOR") => Header::ForwardedFor,
        () if order.iter().any(|name| name == "HTTP_X_REAL_IP") => Header::RealIp,
        () => Header::Peer,
    };
    let is_alone = combinations.contains(&vec!["ip_address"]);
    let all_at_once = match is_alone {
        true => "a few failed logins lock out every visitor at once",
        false => "anybody locks anybody out by the name alone",
    };
    Some(Counter {
        setting: SETTING,
        value: format!(
            "{number}, which asks for {} in one header",
            match number {
                0 => "one address".to_owned(),
                more => format!("{} addresses", more + 1),
            }
        ),
        trail: count.trail,
        header,
        take: Box::new(move |told| {
            let order: Vec<_> = order.iter().map(String::as_str).collect();
            by_ipware(told, &order, number)
        }),
        shared: all_at_once,
        failing: all_at_once,
        forging: "whoever writes another X-Forwarded-For with each guess is never locked out",
        advice: "Let nginx write the address (`proxy_set_header X-Real-IP $remote_addr;`), set \
                 AXES_IPWARE_META_PRECEDENCE_ORDER = [\"HTTP_X_REAL_IP\"] and leave the count out.",
    })
}

/// Whether django-ipware is there: django-axes brings it up to version 5, and by the extra since.
pub(crate) fn has_ipware(deployment: &Deployment) -> bool {
    let packages = &deployment.packages;
    let axes = packages.get("django-axes");
    packages.get("django-ipware").is_some()
        || axes.is_some_and(|axes| {
            axes.requirement.contains("ipware")
                || axes.release().is_some_and(|release| release < (6, 0, 0))
        })
}

fn throttle_counter(deployment: &Deployment) -> Option<Counter> {
    const PACKAGE: &str = "REST framework";
    let entry = |key: &str| entry_of(deployment, "REST_FRAMEWORK", key, PACKAGE, Value::None);
    let count = entry("NUM_PROXIES");
    let limits = ["DEFAULT_THROTTLE_CLASSES", "DEFAULT_THROTTLE_RATES"]
        .into_iter()
        .any(|key| holds_true(&entry(key), &Value::truthy) == Some(true));
    if has_app(deployment, "rest_framework") == Some(false) || !limits {
        return None;
    }
    let number = usize::try_from(count.value.as_int()?).ok()?;
    Some(Counter {
        setting: "REST_FRAMEWORK.NUM_PROXIES",
        trail: count.trail,
        value: number.to_string(),
        header: Header::ForwardedFor,
        take: Box::new(move |told| by_throttle(told, number)),
        shared: "one caller uses up the limits of all others: throttles count by the address of a \
                 proxy",
        failing: "throttles find no address",
        forging: "a caller escapes every throttle by writing another X-Forwarded-For with each \
                  request",
        advice: "Set NUM_PROXIES to the number of addresses that your proxies write into \
                 X-Forwarded-For.",
    })
}

fn allauth_counter(deployment: &Deployment) -> Option<Counter> {
    const SETTING: &str = "ALLAUTH_TRUSTED_PROXY_COUNT";
    /// The version that began to read it.
    const READS_SINCE: (u32, u32, u32) = (65, 14, 2);
    let release = deployment.packages.get("django-allauth")?.release();
    if release.is_some_and(|release| release < READS_SINCE)
        || setting_value(deployment, "ALLAUTH_TRUSTED_CLIENT_IP_HEADER").is_some()
        || setting_value(deployment, "ACCOUNT_ADAPTER").is_some_and(|_| names_address(deployment))
    {
        return None;
    }
    let count = setting_value(deployment, SETTING)?;
    // 0 is the default, of which `allauth/address-of-proxy` speaks.
    let number = usize::try_from(count.value.as_int()?).ok()?;
    (number > 0).then(|| Counter {
        setting: SETTING,
        trail: count.trail,
        value: number.to_string(),
        header: Header::ForwardedFor,
        take: Box::new(move |told| by_allauth(told, number)),
        shared: "failed logins of one visitor stop all others from logging in: allauth counts by \
                 the address of a proxy",
        failing: "every login and sign-up ends in an error of status 500, as allauth finds fewer \
                  addresses than it is told",
        forging: "whoever writes another X-Forwarded-For with each guess escapes allauth's limits",
        advice: "Set ALLAUTH_TRUSTED_PROXY_COUNT to the number of addresses that your proxies \
                 write into X-Forwarded-For.",
    })
}

/// Whether code of the project has a say in the visitor's address.
fn names_address(deployment: &Deployment) -> bool {
    deployment
        .sources
        .iter()
        .any(|(_, source)| source.path.ends_with(".py") && source.raw().contains("get_client_ip"))
}

fn ratelimit_counter(deployment: &Deployment) -> Option<Counter> {
    const SETTING: &str = "RATELIMIT_IP_META_KEY";
    deployment.packages.get("django-ratelimit")?;
    let key = setting_value(deployment, SETTING)?;
    let name = key.value.as_str()?.to_owned();
    let header = match name.as_str() {
        "HTTP_X_FORWARDED_FOR" => Header::ForwardedFor,
        "HTTP_X_REAL_IP" => Header::RealIp,
        "REMOTE_ADDR" => Header::Peer,
        _ => return None,
    };
    Some(Counter {
        setting: SETTING,
        trail: key.trail,
        value: name.clone(),
        header,
        take: Box::new(move |told| by_ratelimit(told, &name)),
        shared: "one visitor uses up the limits of all others: django-ratelimit counts by the \
                 address of a proxy",
        failing: "every limited page ends in an error of status 500, as django-ratelimit takes the \
                  whole header for one address",
        forging: "whoever writes the header himself escapes the limits of django-ratelimit",
        advice: "Let nginx write the address (`proxy_set_header X-Real-IP $remote_addr;`) and set \
                 RATELIMIT_IP_META_KEY = \"HTTP_X_REAL_IP\".",
    })
}
