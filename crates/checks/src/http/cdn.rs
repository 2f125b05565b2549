//! Which network keeps copies of a site's files near its visitors, by what it writes into answers.

use tightship_model::site::http::Answer;

/// A field of the answer, what its value shows, and whose it is.
type Sign = (&'static str, fn(&str) -> bool, &'static str);

/// As the networks themselves describe them: Cloudflare's HTTP headers (fundamentals/reference/http-headers),
/// Fastly's `X-Served-By` (reference/http/http-headers/X-Served-By), Azure's "Protocol support for HTTP headers
/// in Azure Front Door", Vercel's "Response headers", and bunny.net's "Find your PoP". What `X-Amz-Cf-Id` means,
/// and the name of the field in which Akamai's Global Request Number stands, are told by http.dev alone.
const SIGNS: [Sign; 7] = [
    ("CF-Ray", any, "Cloudflare"),
    ("X-Amz-Cf-Id", any, "Amazon CloudFront"),
    ("X-Served-By", is_of_fastly, "Fastly"),
    ("Akamai-GRN", any, "Akamai"),
    ("X-Azure-Ref", any, "Azure Front Door"),
    ("X-Vercel-Id", any, "Vercel"),
    ("Server", is_of_bunny, "bunny.net"),
];

/// The network's name and the field that shows it. Values are other ones in each answer.
pub(super) fn named(answer: &Answer) -> Option<(&'static str, &'static str)> {
    let mut signs = SIGNS.iter();
    let (field, _, whose) = signs.find(|(field, shows, _)| answer.values(field).any(shows))?;
    Some((*whose, *field))
}

fn any(value: &str) -> bool {
    !value.is_empty()
}

/// `cache-lcy1128-LCY`, one or several: `cache-{datacenter}{node}-{datacenter}`. Other caches have names of
/// that kind too, without the code of an airport.
fn is_of_fastly(value: &str) -> bool {
    let mut nodes = value.split(',').map(str::trim);
    nodes.all(|node| {
        let inner = node.strip_prefix("cache-");
        inner
            .and_then(|inner| inner.rsplit_once('-'))
            .is_some_and(|(node, code)| {
                code.len() == 3
                    && code.bytes().all(|byte| byte.is_ascii_uppercase())
                    && node.starts_with(&code.to_ascii_lowercase())
            })
    })
}

/// `BunnyCDN-DE1-1078`: `BunnyCDN-{PoP}-{server}`.
fn is_of_bunny(value: &str) -> bool {
    value.starts_with("BunnyCDN-")
}

#[cfg(test)]
mod tests {
    use tightship_model::site::http::Header;

    use super::*;

    fn of(name: &str, value: &str) -> Option<&'static str> {
        let answer = Answer {
            headers: vec![Header {
                name: name.to_owned(),
                value: value.to_owned(),
            }],
            ..Answer::default()
        };
        named(&answer).map(|(whose, _)| whose)
    }

    #[test]
    fn networks_are_known_by_what_they_write() {
        for (name, value, whose) in [
            ("cf-ray", "8f1c2d3e4f5a6b7c-FRA", "Cloudflare"),
            (
                "x-amz-cf-id",
                "rEZ41zHijmTaPJrLdiavv7oU8g==",
                "Amazon CloudFront",
            ),
            ("X-Served-By", "cache-lcy1128-LCY", "Fastly"),
            (
                "X-Served-By",
                "cache-sjc3132-SJC, cache-fra-etou8220037-FRA",
                "Fastly",
            ),
            ("Akamai-GRN", "0.05313217.1567801841.1457a3", "Akamai"),
            (
                "x-azure-ref",
                "0zxV+XAAAAABKMMOjBv2NT4TY6SQVjC0z",
                "Azure Front Door",
            ),
            (
                "x-vercel-id",
                "fra1::iad1::abcde-1795305600000-0123456789ab",
                "Vercel",
            ),
            ("Server", "BunnyCDN-DE1-1078", "bunny.net"),
        ] {
            assert_eq!(of(name, value), Some(whose), "{name}: {value}");
        }
    }

    #[test]
    fn what_others_write_too_names_nobody() {
        for (name, value) in [
            ("X-Served-By", "cache-01"),
            ("X-Served-By", "cache-web-PRD"),
            ("X-Served-By", "shop-web-1"),
            ("Server", "nginx"),
            ("Server", "cloudflare-like"),
            ("Via", "1.1 varnish"),
            ("X-Cache", "HIT"),
            ("X-Varnish", "32770"),
            ("X-Amz-Request-Id", "4442587FB7D0A2F9"),
        ] {
            assert_eq!(of(name, value), None, "{name}: {value}");
        }
    }
}
