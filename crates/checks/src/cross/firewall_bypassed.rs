use tightship_model::compose::{Port, Service};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Firewall, FirewallRule, Outcome, Reference, Severity,
    Span, Trail, Value,
};

use super::{between, label, proxy_bypassed};
use crate::compose::{
    admin_tool_published, app_server_published, database_published, is_public, services,
};
use crate::package::pass;
use crate::told;

pub(super) static CHECK: Check = Check {
    id: "cross/firewall-bypassed",
    title: "The firewall is told to close a port that Docker opens",
    severity: Severity::Medium,
    needs: &[],
    items: &["B5.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw",
        ),
        Reference::Cwe(1327),
    ],
    doc: include_str!("firewall_bypassed.md"),
    run,
};

/// Checks that tell of a published port by what answers there.
const TOLD_BY_MORE: [&Check; 4] = [
    &database_published::CHECK,
    &admin_tool_published::CHECK,
    &app_server_published::CHECK,
    &proxy_bypassed::CHECK,
];

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let rules = &deployment.host.firewall;
    let Some(wall) = Wall::of(rules) else {
        return Outcome::NotApplicable("no script of the project closes ports".to_owned());
    };
    if filters_docker(rules) || leaves_packets_alone(deployment) {
        return pass(
            "what Docker publishes goes through the firewall too",
            &Trail::at(wall.span, "closes ports"),
        );
    }
    let findings: Vec<Finding> = services
        .iter()
        .flat_map(|service| service.ports.iter().map(move |port| (service, port)))
        .filter(|(_, port)| is_public(port))
        .filter_map(|(service, port)| judge(service, port, &wall))
        .collect();
    if findings.is_empty() {
        return pass(
            "no port is published that the firewall is told to close",
            &Trail::at(wall.span, "closes ports"),
        );
    }
    TOLD_BY_MORE
        .into_iter()
        .fold(Outcome::Fail(findings), |outcome, check| {
            told::leave_out(outcome, &told::places_of(deployment, check), check)
        })
}

fn judge(service: &Service, port: &Port, wall: &Wall) -> Option<Finding> {
    let published = port.published.filter(|range| range.width() == 1)?.first;
    let closes = wall.closes(published)?;
    let finding = between(
        format!("service:{} port {published}", service.name),
        format!(
            "port {published} of {} is open to everyone, though the firewall looks closed: Docker \
             writes its own rules before those of {}, which never sees these packets",
            service.name, wall.tool
        ),
        label(port.span, "published on every address"),
        &Trail::at(closes, "is to close it"),
        "Publish it on 127.0.0.1, or leave `ports` out and let the proxy reach it by its name; a rule \
         for published ports belongs in the chain DOCKER-USER.",
    );
    // The script may be of another machine.
    Some(Finding {
        confidence: Confidence::Medium,
        ..finding
    })
}

/// What the scripts make of a firewall that lets nothing in but what they name.
struct Wall {
    /// The rule that closes what no other opens.
    span: Span,
    tool: &'static str,
    closes_the_rest: bool,
    /// Ports that a rule closes by number.
    closed: Vec<(u16, Span)>,
    /// Ports that are open to everyone.
    open: Vec<u16>,
}

/// What every site opens, and nobody means to close: HTTP and HTTPS.
const OF_SITES: [u16; 2] = [80, 443];

impl Wall {
    fn of(rules: &[FirewallRule]) -> Option<Self> {
        let of_ufw = |rule: &&FirewallRule| rule.tool == Firewall::Ufw;
        let of_iptables = |rule: &&FirewallRule| rule.tool == Firewall::Iptables;
        Self::read(rules.iter().filter(of_ufw), "ufw", ufw)
            .or_else(|| Self::read(rules.iter().filter(of_iptables), "iptables", iptables))
    }

    fn read<'a>(
        rules: impl Iterator<Item = &'a FirewallRule>,
        tool: &'static str,
        act: fn(&[&str]) -> Act,
    ) -> Option<Self> {
        let mut rest = None;
        let mut closed = Vec::new();
        let mut open = Vec::new();
        for rule in rules {
            let words: Vec<&str> = rule.argv.words.iter().map(String::as_str).collect();
            match act(&words) {
                Act::CloseRest => rest = rest.or(Some(rule.span)),
                Act::Close(ports) => closed.extend(ports.into_iter().map(|port| (port, rule.span))),
                Act::Open(ports) => open.extend(ports),
                Act::OpenRest => return None,
                Act::Other => {}
            }
        }
        let span = rest.or_else(|| closed.first().map(|(_, span)| *span))?;
        Some(Self {
            span,
            tool,
            closes_the_rest: rest.is_some(),
            closed,
            open,
        })
    }

    /// The rule that is to close a port.
    fn closes(&self, port: u16) -> Option<Span> {
        let named = self.closed.iter().find(|(closed, _)| *closed == port);
        let is_open = OF_SITES.contains(&port) || self.open.contains(&port);
        match named {
            Some((_, span)) => Some(*span),
            None => (self.closes_the_rest && !is_open).then_some(self.span),
        }
    }
}

/// What one rule does.
enum Act {
    CloseRest,
    OpenRest,
    Close(Vec<u16>),
    /// To everyone: a rule for some addresses leaves the port closed for the others.
    Open(Vec<u16>),
    Other,
}

/// A command of ufw(8). `enable` and `default deny` close what is not allowed; its policy for incoming
/// packets is to deny them unless it is changed.
fn ufw(words: &[&str]) -> Act {
    let options = |word: &&&str| !word.starts_with("--");
    let words: Vec<&str> = words.iter().filter(options).copied().collect();
    match words.as_slice() {
        ["default", "deny" | "reject", rest @ ..] if !rest.contains(&"outgoing") => Act::CloseRest,
        ["default", "allow", rest @ ..] if !rest.contains(&"outgoing") => Act::OpenRest,
        ["enable"] => Act::CloseRest,
        ["allow" | "limit", rest @ ..] if !is_for_some(rest) => Act::Open(ports(rest)),
        ["deny" | "reject", rest @ ..] if !is_for_some(rest) => Act::Close(ports(rest)),
        _ => Act::Other,
    }
}

/// Whether a rule is about some addresses or one card only.
fn is_for_some(words: &[&str]) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == "from" && pair[1] != "any")
        || words.contains(&"on")
        || words.contains(&"out")
}

/// A command of iptables(8) about packets for this machine.
fn iptables(words: &[&str]) -> Act {
    let after = |options: &[&str]| {
        let mut pairs = words.windows(2);
        pairs.find_map(|pair| options.contains(&pair[0]).then_some(pair[1]))
    };
    let has_policy = words
        .windows(3)
        .any(|three| matches!(three, ["-P" | "--policy", "INPUT", "DROP" | "REJECT"]));
    // The second is the form of iptables-save(8).
    if has_policy || matches!(words, [":INPUT", "DROP", ..]) {
        return Act::CloseRest;
    }
    if after(&["-A", "--append", "-I", "--insert"]) != Some("INPUT")
        || after(&["-s", "--source", "--src", "-i", "--in-interface"]).is_some()
    {
        return Act::Other;
    }
    let ports = after(&["--dport", "--dports", "--destination-port"]).map(numbers);
    match (after(&["-j", "--jump"]), ports) {
        (Some("ACCEPT"), Some(ports)) => Act::Open(ports),
        (Some("DROP" | "REJECT"), Some(ports)) => Act::Close(ports),
        _ => Act::Other,
    }
}

/// The ports that the words of a rule of ufw name: `8000`, `8000/tcp`, `80,443/tcp`,
/// `from any to any port 8000`.
fn ports(words: &[&str]) -> Vec<u16> {
    let named = words
        .windows(2)
        .find_map(|pair| (pair[0] == "port").then_some(pair[1]));
    let word = named.or_else(|| {
        words
            .iter()
            .copied()
            .find(|word| !matches!(*word, "in" | "proto"))
    });
    let word = word.unwrap_or_default();
    numbers(word.split('/').next().unwrap_or_default())
}

/// `80`, `80,443`, `6000:6007`.
fn numbers(text: &str) -> Vec<u16> {
    text.split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once(':').unwrap_or((part, part));
            // A name, as of a service, stands for no port here.
            let range = first.parse().ok().zip(last.parse().ok());
            range.map(|(first, last)| first..=last)
        })
        .flatten()
        .collect()
}

/// Whether a rule stands where packets for containers come by.
fn filters_docker(rules: &[FirewallRule]) -> bool {
    rules.iter().any(|rule| {
        let words = &rule.argv.words;
        let is_route =
            rule.tool == Firewall::Ufw && words.first().is_some_and(|word| word == "route");
        is_route
            || words
                .iter()
                .any(|word| word.contains("DOCKER-USER") || word == "FORWARD")
    })
}

/// Whether Docker is told to write no rules of its own (dockerd(8), `--iptables=false`).
fn leaves_packets_alone(deployment: &Deployment) -> bool {
    let daemon = deployment.host.docker_daemon.as_ref();
    let set = daemon.and_then(|daemon| daemon.settings.get("iptables"));
    set.is_some_and(|set| set.value == Value::Bool(false))
}
