//! `Alt-Svc`: where else a site says that it is served (RFC 7838, section 3).

/// One place, such as `h3=":443"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// As ALPN names it: `h3`, `h2`.
    pub protocol: String,
    /// Empty where it is the site's own host.
    pub host: String,
    pub port: u16,
}

/// Places that are read of one value: those in use have a handful.
const MOST: usize = 16;

/// The places of a value, in their order; none of `clear`. What is no place is passed over.
pub fn alternatives(value: &str) -> Vec<Alternative> {
    parts(value, ',').filter_map(place).take(MOST).collect()
}

fn place(text: &str) -> Option<Alternative> {
    // Behind it stand parameters: how long it holds, whether it outlives a change of network.
    let (protocol, authority) = parts(text, ';').next()?.trim().split_once('=')?;
    let authority = authority.trim().strip_prefix('"')?.strip_suffix('"')?;
    let (host, port) = authority.rsplit_once(':')?;
    Some(Alternative {
        protocol: protocol.trim().to_owned(),
        host: host.to_ascii_lowercase(),
        port: port.parse().ok()?,
    })
}

/// The parts between separators that do not stand in quotes.
fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        let of = |text| {
            let found = alternatives(text).into_iter();
            let shown = found.map(|one| format!("{} {}:{}", one.protocol, one.host, one.port));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(of(r#"h3=":443"; ma=86400"#), ["h3 :443"]);
        assert_eq!(
            of(r#"h3=":443"; ma=86400,h3-29="Alt.example:8443"; persist=1 , h2=":443""#),
            ["h3 :443", "h3-29 alt.example:8443", "h2 :443"]
        );
        assert_eq!(of(r#"h3="a,b;c:1""#), ["h3 a,b;c:1"]);
        for none in [
            "clear",
            "",
            "h3",
            "h3=:443",
            "h3=\":x\"",
            "h3=\"443\"",
            "\"",
            ",;,",
        ] {
            assert!(of(none).is_empty(), "{none}");
        }
        assert_eq!(alternatives(&"h3=\":1\",".repeat(1000)).len(), MOST);
    }
}
