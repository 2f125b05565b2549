//! The tests of single headers, and of redirects.

use tightship_model::site::http::{Exchange, Purpose, Trust};

use super::{View, csp, joined};

/// Six months of thirty days, which the Observatory takes for half a year.
const SIX_MONTHS: i128 = 15_552_000;

pub(super) fn hsts(view: &View<'_>) -> &'static str {
    let Some(answer) = view.secure() else {
        return "hsts-not-implemented-no-https";
    };
    if matches!(answer.certificate, Some(Trust::NotVerified(_))) {
        return "hsts-invalid-cert";
    }
    let Some(value) = joined(answer, "strict-transport-security") else {
        return "hsts-not-implemented";
    };
    if value.contains(',') {
        return "hsts-header-invalid";
    }
    let lower = value.to_ascii_lowercase();
    let mut ages = lower
        .split(';')
        .filter_map(|part| part.trim().strip_prefix("max-age="));
    match ages.next_back().map(leading_number) {
        None => "hsts-header-invalid",
        // A number that is none is not less than six months in JavaScript.
        Some(Some(age)) if age < SIX_MONTHS => "hsts-implemented-max-age-less-than-six-months",
        Some(_) => "hsts-implemented-max-age-at-least-six-months",
    }
}

/// What JavaScript's `parseInt` reads: blanks, a sign, digits, and the rest does not matter.
fn leading_number(text: &str) -> Option<i128> {
    let text = text.trim_start();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    match digits.len() {
        0 => None,
        1..30 => digits.parse::<i128>().ok().map(|number| sign * number),
        _ => Some(sign * i128::MAX),
    }
}

pub(super) fn sniffing(view: &View<'_>) -> &'static str {
    match view
        .header("x-content-type-options")
        .as_deref()
        .map(str::trim)
    {
        None | Some("") => "x-content-type-options-not-implemented",
        Some(value) if value.eq_ignore_ascii_case("nosniff") => "x-content-type-options-nosniff",
        Some(_) => "x-content-type-options-header-invalid",
    }
}

pub(super) fn framing(view: &View<'_>) -> &'static str {
    if csp::names_frame_ancestors(view) {
        return "x-frame-options-implemented-via-csp";
    }
    let value = view.header("x-frame-options");
    let value = value.map(|value| value.trim().to_ascii_lowercase());
    match value.as_deref() {
        None | Some("") => "x-frame-options-not-implemented",
        Some("deny" | "sameorigin") => "x-frame-options-sameorigin-or-deny",
        Some(value) if value.starts_with("allow-from") => "x-frame-options-allow-from-origin",
        Some(_) => "x-frame-options-header-invalid",
    }
}

pub(super) fn referrer(view: &View<'_>) -> &'static str {
    let values: Vec<String> = view
        .header("referrer-policy")
        .into_iter()
        .chain(view.referrer_in_page().map(str::to_owned))
        .collect();
    if values.is_empty() {
        return "referrer-policy-not-implemented";
    }
    let words = values.iter().flat_map(|value| value.split(','));
    // The last word that is known decides.
    let mut decides = words.filter_map(|word| match word.trim().to_ascii_lowercase().as_str() {
        "no-referrer" | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => {
            Some("referrer-policy-private")
        }
        "origin" | "origin-when-cross-origin" | "unsafe-url" | "no-referrer-when-downgrade" => {
            Some("referrer-policy-unsafe")
        }
        _ => None,
    });
    decides
        .next_back()
        .unwrap_or("referrer-policy-header-invalid")
}

pub(super) fn cors(view: &View<'_>) -> &'static str {
    let exchange = view.http.last(Purpose::Options);
    let answered = exchange.and_then(|exchange| Some((exchange, exchange.answer()?)));
    let Some((exchange, answer)) = answered else {
        return "cross-origin-resource-sharing-not-implemented";
    };
    let sent = exchange
        .request
        .headers
        .iter()
        .find(|header| header.name == "Origin");
    let with_login = answer
        .value("access-control-allow-credentials")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    match answer.value("access-control-allow-origin") {
        None | Some("") => "cross-origin-resource-sharing-not-implemented",
        Some("*") => "cross-origin-resource-sharing-implemented-with-public-access",
        Some(value) if with_login && sent.is_some_and(|sent| sent.value == value) => {
            "cross-origin-resource-sharing-implemented-with-universal-access"
        }
        Some(_) => "cross-origin-resource-sharing-implemented-with-restricted-access",
    }
}

pub(super) fn resource_policy(view: &View<'_>) -> &'static str {
    match word(view, "cross-origin-resource-policy").as_deref() {
        None => "corp-not-implemented",
        Some("same-site") => "corp-implemented-with-same-site",
        Some("same-origin") => "corp-implemented-with-same-origin",
        Some("cross-origin") => "corp-implemented-with-cross-origin",
        Some(_) => "corp-header-invalid",
    }
}

pub(super) fn embedder_policy(view: &View<'_>) -> &'static str {
    match word(view, "cross-origin-embedder-policy").as_deref() {
        None => "coep-not-implemented",
        Some("require-corp") => "coep-implemented-with-require-corp",
        Some("credentialless") => "coep-implemented-with-credentialless",
        Some("unsafe-none") => "coep-implemented-with-unsafe-none",
        Some(_) => "coep-header-invalid",
    }
}

pub(super) fn opener_policy(view: &View<'_>) -> &'static str {
    match word(view, "cross-origin-opener-policy").as_deref() {
        None => "coop-not-implemented",
        Some("same-origin") => "coop-implemented-with-same-origin",
        Some("same-origin-allow-popups") => "coop-implemented-with-same-origin-allow-popups",
        Some("noopener-allow-popups") => "coop-implemented-with-noopener-allow-popups",
        Some("unsafe-none") => "coop-implemented-with-unsafe-none",
        Some(_) => "coop-header-invalid",
    }
}

fn word(view: &View<'_>, name: &str) -> Option<String> {
    let value = view.header(name)?.trim().to_ascii_lowercase();
    (!value.is_empty()).then_some(value)
}

pub(super) fn redirection(view: &View<'_>) -> &'static str {
    let route = route(view);
    let Some(first) = route.first() else {
        return "redirection-not-needed-no-http";
    };
    let invalid = route
        .iter()
        .filter_map(|hop| hop.answer())
        .any(|answer| matches!(answer.certificate, Some(Trust::NotVerified(_))));
    if invalid {
        return "redirection-invalid-cert";
    }
    let mut hops: Vec<&str> = route.iter().map(|hop| hop.request.url.as_str()).collect();
    // Where it leads to another host nobody followed, but the address is known.
    let led = route.last().and_then(|last| {
        let answer = last.answer()?;
        answer.value("location").filter(|_| answer.is_redirect())
    });
    if let Some(led) = led.filter(|led| led.contains("://")) {
        hops.push(led);
    }
    let is_secure = |url: &str| url.starts_with("https:");
    match hops[..] {
        [_] => "redirection-missing",
        [.., last] if !is_secure(last) => "redirection-not-to-https",
        [_, second, ..] if !is_secure(second) => "redirection-not-to-https-on-initial-redirection",
        [_, second, ..] if View::host(second) != View::host(&first.request.url) => {
            "redirection-off-host-from-http"
        }
        _ => "redirection-to-https",
    }
}

/// The way of a visit that begins over plain HTTP; empty where nothing answers there.
fn route<'a>(view: &View<'a>) -> Vec<&'a Exchange> {
    let plain: Vec<_> = view.http.all(Purpose::Plain).collect();
    let route = match plain.is_empty() {
        false => plain,
        true => view
            .http
            .all(Purpose::Page)
            .skip_while(|exchange| exchange.is_secure())
            .collect(),
    };
    let answers = route.first().is_some_and(|first| first.answer().is_some());
    if answers { route } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_javascript_does() {
        for (text, expected) in [
            ("31536000", Some(31_536_000)),
            (" 12 months", Some(12)),
            ("-5", Some(-5)),
            ("", None),
            ("one", None),
            ("\"31536000\"", None),
        ] {
            assert_eq!(leading_number(text), expected, "{text}");
        }
    }
}
