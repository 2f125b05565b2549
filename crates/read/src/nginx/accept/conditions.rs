//! What single directives of nginx's own modules ask beyond the kind of their parameters.

use foldhash::HashSet;
use tightship_model::nginx::{self, Directive, Fault, Word};

use super::table::{Context, Release};
use super::{Found, invalid, names, patterns, sockets};

/// What is wrong with one directive.
pub(super) fn of(
    directive: &Directive,
    context: Context,
    around: Option<&Directive>,
    release: Option<Release>,
) -> Vec<Found> {
    let arguments = directive.arguments.as_slice();
    if !arguments.iter().all(|word| word.is_known) {
        return Vec::new();
    }
    let found = match (context, directive.name.text.as_str()) {
        (Context::Server | Context::Location, "location") => location(directive, around),
        (Context::Server, "listen") => sockets::refused(directive),
        (Context::StreamServer, "listen") => sockets::refused_address(directive),
        (Context::Server, "server_name") => arguments.iter().find_map(server_name),
        (_, "if") => condition(directive),
        (_, "rewrite") => rewrite(arguments),
        (_, "return") if context.is_http() => return_code(arguments),
        (_, "set" | "auth_request_set" | "map" | "split_clients" | "geo") => defined(directive),
        (_, "error_page") => error_page(arguments),
        (Context::Location, "alias") => alias(directive, around),
        (_, "root" | "alias") => own_root(directive),
        (_, "proxy_pass") if context.is_http() => proxy_pass(directive, context, around),
        (_, "limit_except") => arguments.iter().find_map(method),
        (Context::Events, "use") => event_method(arguments),
        (_, "limit_req_zone" | "limit_conn_zone") => zone(directive),
        (_, "limit_req") => limit_req(directive),
        (_, "allow" | "deny") => network(arguments),
        (_, "set_real_ip_from") => real_ip_from(arguments),
        (_, "error_log") => error_log(arguments),
        (_, "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "memcached_pass") => address(arguments),
        (_, "server") if context == Context::Upstream => upstream_server(arguments, release),
        (_, "worker_processes") => arguments
            .iter()
            .filter(|word| word.text != "auto")
            .find_map(number),
        (_, "worker_connections") => arguments.iter().find_map(number),
        (_, "keepalive_timeout") => arguments.iter().take(1).find_map(time),
        (_, "resolver") => resolver(arguments),
        (_, "add_header" | "add_trailer") => always(arguments),
        (_, "ssl_session_cache") => session_cache(arguments),
        _ => None,
    };
    found.into_iter().collect()
}

/// What is wrong among the directives of one block.
pub(super) fn among(directives: &[Directive], context: Context) -> Vec<Found> {
    let mut found = Vec::new();
    if matches!(context, Context::Server | Context::Location) {
        duplicate_locations(directives, &mut found);
    }
    if let Some([root, alias]) = both(directives, "root", "alias") {
        let second = if root.span.start < alias.span.start {
            alias
        } else {
            root
        };
        let message = "\"root\" and \"alias\" stand in one block".to_owned();
        found.push((second.heading_span(), Fault::Duplicate, message));
    }
    for map in directives.iter().filter(|one| one.is("map")) {
        if let Some(second) = map.children("default").nth(1) {
            let message = "duplicate default map parameter".to_owned();
            found.push((second.heading_span(), Fault::Duplicate, message));
        }
    }
    for upstream in directives.iter().filter(|one| one.is("upstream")) {
        // Another word there is a fault of its own, and may be meant for a server.
        let is_empty = upstream.block.as_ref().is_some_and(|block| {
            let mut inside = block.directives.iter();
            inside.all(|one| super::is_directive(&one.name.text))
        });
        if context == Context::Http && upstream.child("server").is_none() && is_empty {
            let message = "no servers are inside upstream".to_owned();
            found.push((upstream.heading_span(), Fault::Missing, message));
        }
    }
    found
}

/// What is wrong with a line of a `map` and the like.
pub(super) fn of_pair(list: &Directive, pair: &Directive) -> Option<Found> {
    let count = pair.arguments.len();
    let text = pair.name.text.as_str();
    let wrong = |message: String| Some((pair.span, Fault::WrongArguments, message));
    if pair.block.is_some() {
        return wrong(format!("directive \"{text}\" is not terminated by \";\""));
    }
    match list.name.text.as_str() {
        "map" if matches!((text, count), ("hostnames" | "volatile", 0)) => None,
        "map" if count != 1 => wrong("invalid number of the map parameters".to_owned()),
        "map" => text
            .strip_prefix('~')
            .and_then(|_| patterns::refused(&pair.name)),
        "geo"
            if matches!(
                (text, count),
                ("ranges" | "proxy_recursive" | "volatile", 0)
            ) =>
        {
            None
        }
        "geo" if count != 1 => wrong("invalid number of the geo parameters".to_owned()),
        "geo" if matches!(text, "default" | "include" | "delete") => None,
        "geo" if list.child("ranges").is_some() => None,
        "geo" if text == "proxy" => network(&pair.arguments),
        "geo" if !is_network(text) => {
            Some(invalid(&pair.name, format!("invalid network \"{text}\"")))
        }
        "split_clients" if count != 1 => {
            wrong("invalid number of the split_clients parameters".to_owned())
        }
        "types" if count == 0 => {
            wrong("invalid number of arguments in \"types\" directive".to_owned())
        }
        _ => None,
    }
}

/// How a location is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Modifier {
    Exact,
    Prefix,
    NoRegex,
    Regex,
    Named,
}

/// The modifier and name of a location, which may stand in one word.
fn parts(location: &Directive) -> Option<(Modifier, &str)> {
    match location.arguments.as_slice() {
        [modifier, name] => {
            let modifier = match modifier.text.as_str() {
                "=" => Modifier::Exact,
                "^~" => Modifier::NoRegex,
                "~" | "~*" => Modifier::Regex,
                _ => return None,
            };
            Some((modifier, &name.text))
        }
        [name] => {
            let name = name.text.as_str();
            let joined = [
                ("=", Modifier::Exact),
                ("^~", Modifier::NoRegex),
                ("~*", Modifier::Regex),
                ("~", Modifier::Regex),
            ];
            let joined = joined
                .into_iter()
                .find_map(|(mark, modifier)| Some((modifier, name.strip_prefix(mark)?)));
            Some(joined.unwrap_or(match name.starts_with('@') {
                true => (Modifier::Named, name),
                false => (Modifier::Prefix, name),
            }))
        }
        _ => None,
    }
}

fn location(location: &Directive, around: Option<&Directive>) -> Option<Found> {
    let wrong = |message: String| Some((location.heading_span(), Fault::InvalidValue, message));
    let Some((modifier, name)) = parts(location) else {
        let modifier = location.argument(0).unwrap_or_default();
        return wrong(format!("invalid location modifier \"{modifier}\""));
    };
    if modifier == Modifier::Regex
        && let Some(found) = location.arguments.last().and_then(patterns::refused)
    {
        return Some(found);
    }
    let outer = around.filter(|around| around.is("location"))?;
    let (outer_modifier, outer_name) = parts(outer)?;
    if matches!(outer_modifier, Modifier::Exact | Modifier::Named) {
        let kind = if outer_modifier == Modifier::Exact {
            "exact"
        } else {
            "named"
        };
        return wrong(format!(
            "location \"{name}\" cannot be inside the {kind} location \"{outer_name}\""
        ));
    }
    match modifier {
        Modifier::Named => wrong(format!(
            "named location \"{name}\" can be on the server level only"
        )),
        Modifier::Regex => None,
        _ if name.starts_with(outer_name) => None,
        _ => wrong(format!(
            "location \"{name}\" is outside location \"{outer_name}\""
        )),
    }
}

fn duplicate_locations(directives: &[Directive], found: &mut Vec<Found>) {
    let mut seen = HashSet::default();
    for location in directives.iter().filter(|one| one.is("location")) {
        let Some((modifier, name)) = parts(location) else {
            continue;
        };
        // `^~ /x` and `/x` are the same place in the tree of prefixes.
        let kind = match modifier {
            Modifier::Regex | Modifier::Named => continue,
            Modifier::NoRegex => Modifier::Prefix,
            other => other,
        };
        if !seen.insert((kind, name)) {
            let message = format!("duplicate location \"{name}\"");
            found.push((location.heading_span(), Fault::Duplicate, message));
        }
    }
}

fn both<'a>(directives: &'a [Directive], one: &str, other: &str) -> Option<[&'a Directive; 2]> {
    let first = |name: &str| directives.iter().find(|directive| directive.is(name));
    Some([first(one)?, first(other)?])
}

fn server_name(word: &Word) -> Option<Found> {
    let name = word.text.as_str();
    let is_wrong =
        name.starts_with('*') && (name.len() < 3 || !name.starts_with("*.")) || name == ".";
    if is_wrong {
        return Some(invalid(word, format!("server name \"{name}\" is invalid")));
    }
    match name.strip_prefix('~') {
        Some("") => Some(invalid(
            word,
            format!("empty regex in server name \"{name}\""),
        )),
        Some(_) => patterns::refused(word),
        None => None,
    }
}

/// The parts of a condition, without its parentheses, which may be words of their own.
pub(super) fn parts_of_condition(directive: &Directive) -> Result<Vec<(&str, &Word)>, &Word> {
    let mut parts: Vec<(&str, &Word)> = directive
        .arguments
        .iter()
        .map(|word| (word.text.as_str(), word))
        .collect();
    let Some((text, word)) = parts.first_mut() else {
        return Ok(parts);
    };
    *text = text.strip_prefix('(').ok_or(*word)?;
    if text.is_empty() {
        parts.remove(0);
    }
    if let Some((text, word)) = parts.last_mut() {
        *text = text.strip_suffix(')').ok_or(*word)?;
        if text.is_empty() && word.text == ")" {
            parts.pop();
        }
    }
    Ok(parts)
}

fn condition(directive: &Directive) -> Option<Found> {
    let wrong = |word: &Word| {
        Some(invalid(
            word,
            format!("invalid condition \"{}\"", word.text),
        ))
    };
    let parts = match parts_of_condition(directive) {
        Ok(parts) => parts,
        Err(word) => return wrong(word),
    };
    match parts.as_slice() {
        [(variable, _)] if is_variable(variable) => None,
        [(variable, _), (operator, word), (value, last)] if is_variable(variable) => {
            match *operator {
                "=" | "!=" => None,
                "~" | "~*" | "!~" | "!~*" => patterns::refused_text(value)
                    .map(|message| (last.span, Fault::InvalidValue, message)),
                _ => Some(invalid(
                    word,
                    format!("unexpected \"{operator}\" in condition"),
                )),
            }
        }
        [(test, _), _] if matches!(test.trim_start_matches('!'), "-f" | "-d" | "-e" | "-x") => None,
        _ => wrong(directive.arguments.first()?),
    }
}

fn is_variable(text: &str) -> bool {
    text.len() > 1 && text.starts_with('$')
}

fn rewrite(arguments: &[Word]) -> Option<Found> {
    let [pattern, replacement, rest @ ..] = arguments else {
        return None;
    };
    if replacement.text.is_empty() {
        return Some(invalid(replacement, "empty replacement".to_owned()));
    }
    let flag = rest.first().filter(|flag| {
        !matches!(
            flag.text.as_str(),
            "last" | "break" | "redirect" | "permanent"
        )
    });
    patterns::refused(pattern)
        .or_else(|| flag.map(|flag| invalid(flag, format!("invalid parameter \"{}\"", flag.text))))
}

fn return_code(arguments: &[Word]) -> Option<Found> {
    let code = arguments.first()?;
    let is_redirect = ["http://", "https://", "$scheme"]
        .iter()
        .any(|start| code.text.starts_with(start));
    let is_code = digits(&code.text).is_some_and(|code| code <= 999);
    if is_code || is_redirect && arguments.len() == 1 {
        return None;
    }
    Some(invalid(
        code,
        format!("invalid return code \"{}\"", code.text),
    ))
}

fn defined(directive: &Directive) -> Option<Found> {
    let name = names::definition(directive).filter(|name| !is_variable(&name.text))?;
    Some(invalid(
        name,
        format!("invalid variable name \"{}\"", name.text),
    ))
}

fn error_page(arguments: &[Word]) -> Option<Found> {
    let (_, codes) = arguments.split_last()?;
    let codes = match codes.split_last() {
        Some((answer, rest)) if answer.text.starts_with('=') => {
            let is_code = answer.text == "=" || digits(&answer.text[1..]).is_some();
            if rest.is_empty() || !is_code {
                return Some(invalid(
                    answer,
                    format!("invalid value \"{}\"", answer.text),
                ));
            }
            rest
        }
        _ => codes,
    };
    codes.iter().find_map(|word| match digits(&word.text) {
        None | Some(499) => Some(invalid(word, format!("invalid value \"{}\"", word.text))),
        Some(300..=599) => None,
        Some(_) => Some(invalid(
            word,
            format!("value \"{}\" must be between 300 and 599", word.text),
        )),
    })
}

fn alias(directive: &Directive, around: Option<&Directive>) -> Option<Found> {
    let is_named = around
        .and_then(parts)
        .is_some_and(|(modifier, _)| modifier == Modifier::Named);
    if is_named {
        let message = "the \"alias\" directive cannot be used inside the named location".to_owned();
        return Some((directive.heading_span(), Fault::WrongContext, message));
    }
    own_root(directive)
}

fn own_root(directive: &Directive) -> Option<Found> {
    let word = directive.arguments.first()?;
    let name = word
        .variables()
        .find(|name| matches!(*name, "document_root" | "realpath_root"))?;
    let message = format!(
        "the ${name} variable cannot be used in the \"{}\" directive",
        directive.name.text
    );
    Some(invalid(word, message))
}

fn proxy_pass(
    directive: &Directive,
    context: Context,
    around: Option<&Directive>,
) -> Option<Found> {
    let target = directive.arguments.first()?;
    if target.text.contains('$') {
        return None;
    }
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let start = target.text.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| &target.text[scheme.len()..])
    });
    let Some(rest) = rest else {
        return Some(invalid(target, "invalid URL prefix".to_owned()));
    };
    if let Some(message) = sockets::refused_upstream(rest) {
        return Some(invalid(target, format!("{message} in upstream \"{rest}\"")));
    }
    let has_uri = match rest.strip_prefix("unix:") {
        Some(path) => path.contains(':'),
        None => rest.contains(['/', '?']),
    };
    let is_fixed = match context {
        Context::Location => around
            .and_then(parts)
            .is_some_and(|(modifier, _)| matches!(modifier, Modifier::Regex | Modifier::Named)),
        _ => true,
    };
    (has_uri && is_fixed).then(|| {
        let message = "\"proxy_pass\" cannot have URI part in location given by regular \
                       expression, or inside named location, or inside \"if\" statement, or \
                       inside \"limit_except\" block";
        invalid(target, message.to_owned())
    })
}

/// The address of a server that speaks another protocol than HTTP.
fn address(arguments: &[Word]) -> Option<Found> {
    let word = arguments.first().filter(|word| !word.text.contains('$'))?;
    let text = sockets::without_scheme(&word.text);
    let message = match sockets::refused_upstream(text) {
        None if text.contains('/') && !text.starts_with("unix:") => "invalid host",
        message => message?,
    };
    Some(invalid(word, format!("{message} in upstream \"{text}\"")))
}

fn method(word: &Word) -> Option<Found> {
    const METHODS: [&str; 15] = [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "MKCOL",
        "COPY",
        "MOVE",
        "OPTIONS",
        "PROPFIND",
        "PROPPATCH",
        "LOCK",
        "UNLOCK",
        "PATCH",
        "TRACE",
    ];
    let is_known = METHODS
        .iter()
        .any(|method| method.eq_ignore_ascii_case(&word.text));
    (!is_known).then(|| invalid(word, format!("invalid method \"{}\"", word.text)))
}

fn event_method(arguments: &[Word]) -> Option<Found> {
    const METHODS: [&str; 3] = ["epoll", "poll", "select"];
    let word = arguments.first()?;
    let is_known = METHODS.contains(&word.text.as_str());
    (!is_known).then(|| invalid(word, format!("invalid event type \"{}\"", word.text)))
}

fn zone(directive: &Directive) -> Option<Found> {
    for word in directive.arguments.iter().skip(1) {
        let (key, value) = word.text.split_once('=')?;
        let is_right = match key {
            "zone" => value.split_once(':').is_some_and(|(name, size)| {
                // At least eight pages of 4096 bytes.
                let size = nginx::bytes(size);
                !name.is_empty() && size.is_some_and(|size| size >= 8 * 4096)
            }),
            "rate" => value
                .strip_suffix("r/s")
                .or_else(|| value.strip_suffix("r/m"))
                .or(Some(value))
                .and_then(digits)
                .is_some_and(|rate| rate > 0),
            "sync" => true,
            _ => {
                return Some(invalid(
                    word,
                    format!("invalid parameter \"{}\"", word.text),
                ));
            }
        };
        if !is_right {
            return Some(invalid(word, format!("invalid {key} \"{value}\"")));
        }
    }
    if directive.option("zone").is_none() {
        let message = format!("\"{}\" must have \"zone\" parameter", directive.name.text);
        return Some((directive.heading_span(), Fault::WrongArguments, message));
    }
    None
}

fn limit_req(directive: &Directive) -> Option<Found> {
    for word in &directive.arguments {
        let is_right = match word.text.split_once('=') {
            Some(("zone", name)) => !name.is_empty(),
            Some(("burst", burst)) => digits(burst).is_some_and(|burst| burst > 0),
            Some(("delay", delay)) => digits(delay).is_some_and(|delay| delay > 0),
            _ => word.text == "nodelay",
        };
        if !is_right {
            return Some(invalid(
                word,
                format!("invalid parameter \"{}\"", word.text),
            ));
        }
    }
    if directive.option("zone").is_none() {
        let message = "\"limit_req\" directive must have \"zone\" parameter".to_owned();
        return Some((directive.heading_span(), Fault::WrongArguments, message));
    }
    None
}

fn network(arguments: &[Word]) -> Option<Found> {
    let word = arguments.first()?;
    let is_right = matches!(word.text.as_str(), "all" | "unix:") || is_network(&word.text);
    (!is_right).then(|| invalid(word, format!("invalid parameter \"{}\"", word.text)))
}

/// Names of hosts are asked for when nginx starts.
fn real_ip_from(arguments: &[Word]) -> Option<Found> {
    let word = arguments.first()?;
    let looks_like_address =
        word.text.contains([':', '/']) || word.text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_right = word.text == "unix:" || !looks_like_address || is_network(&word.text);
    (!is_right).then(|| invalid(word, format!("invalid parameter \"{}\"", word.text)))
}

/// An address, or a network in the notation with a slash and a number or mask.
fn is_network(text: &str) -> bool {
    use std::net::{IpAddr, Ipv4Addr};
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| {
        digits(length).is_some_and(|length| length <= most)
            || address.is_ipv4() && length.parse::<Ipv4Addr>().is_ok()
    })
}

fn error_log(arguments: &[Word]) -> Option<Found> {
    const LEVELS: [&str; 8] = [
        "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug",
    ];
    arguments.iter().skip(1).find_map(|word| {
        let is_level = LEVELS.contains(&word.text.as_str()) || word.text.starts_with("debug_");
        (!is_level).then(|| invalid(word, format!("invalid log level \"{}\"", word.text)))
    })
}

fn upstream_server(arguments: &[Word], release: Option<Release>) -> Option<Found> {
    let (address, options) = arguments.split_first()?;
    if let Some(message) = sockets::refused_upstream(&address.text) {
        return Some(invalid(
            address,
            format!("{message} in upstream \"{}\"", address.text),
        ));
    }
    // Free since 1.27.3, of the commercial nginx before.
    let resolves = release.is_none_or(|release| release >= (1, 27, 3));
    options.iter().find_map(|word| {
        let is_right = match word.text.split_once('=') {
            Some(("weight", weight)) => digits(weight).is_some_and(|weight| weight > 0),
            Some(("max_fails" | "max_conns", number)) => digits(number).is_some(),
            Some(("fail_timeout" | "slow_start", time)) => nginx::seconds(time).is_some(),
            Some(("service", _)) => resolves,
            Some(("route", _)) => true,
            Some(_) => false,
            None if word.text == "resolve" => resolves,
            None => matches!(word.text.as_str(), "backup" | "down" | "drain"),
        };
        (!is_right).then(|| invalid(word, format!("invalid parameter \"{}\"", word.text)))
    })
}

fn number(word: &Word) -> Option<Found> {
    let is_number = digits(&word.text).is_some();
    (!is_number).then(|| invalid(word, format!("invalid number \"{}\"", word.text)))
}

fn time(word: &Word) -> Option<Found> {
    let is_time = nginx::milliseconds(&word.text).is_some();
    (!is_time).then(|| invalid(word, format!("invalid value \"{}\"", word.text)))
}

fn resolver(arguments: &[Word]) -> Option<Found> {
    arguments.iter().find_map(|word| {
        let is_right = match word.text.split_once('=') {
            Some(("valid", time)) => nginx::seconds(time).is_some(),
            Some(("ipv4" | "ipv6", switch)) => matches!(switch, "on" | "off"),
            Some(("status_zone", _)) => true,
            Some(_) => false,
            None => sockets::refused_upstream(&word.text).is_none(),
        };
        (!is_right).then(|| invalid(word, format!("invalid parameter: {}", word.text)))
    })
}

fn always(arguments: &[Word]) -> Option<Found> {
    let word = arguments.get(2).filter(|word| word.text != "always")?;
    Some(invalid(
        word,
        format!("invalid parameter \"{}\"", word.text),
    ))
}

fn session_cache(arguments: &[Word]) -> Option<Found> {
    arguments.iter().find_map(|word| {
        let mut parts = word.text.split(':');
        let is_right = match parts.next() {
            Some("off" | "none") => parts.next().is_none(),
            Some("builtin") => parts.next().is_none_or(|size| digits(size).is_some()),
            Some("shared") => {
                let name = parts.next().unwrap_or_default();
                let size = parts.next().and_then(nginx::bytes);
                !name.is_empty() && size.is_some_and(|size| size >= 8 * 4096)
            }
            _ => false,
        };
        (!is_right).then(|| invalid(word, format!("invalid session cache \"{}\"", word.text)))
    })
}

pub(super) fn digits(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}
