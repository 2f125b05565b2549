//! Paths as nginx takes them apart and puts them together, from `ngx_http_parse_complex_uri` and
//! `ngx_escape_uri` of nginx 1.22.1.

/// A request target taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Decoded, without dot segments.
    pub(super) path: String,
    /// After the `?`.
    pub(super) args: String,
    /// Whether the path held an escape.
    pub(super) is_quoted: bool,
    pub(super) has_plus: bool,
}

/// Why a target has no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// nginx answers 400.
    Bad,
    /// Its bytes are no text, which is not modelled.
    NotText,
}

/// Which characters are written as `%XX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    Path,
    Args,
}

/// Decodes and normalises a target that begins with a slash.
pub(super) fn normalise(target: &str, merges_slashes: bool) -> Result<Target, Refusal> {
    let (raw, args) = split_args(target);
    let raw = raw.split('#').next().unwrap_or_default();
    let is_cut = raw.len() < split_args(target).0.len();
    let args = if is_cut { "" } else { args };
    let args = args.split('#').next().unwrap_or_default();
    if !raw.starts_with('/') || target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(Refusal::Bad);
    }
    let mut is_quoted = false;
    let mut has_plus = false;
    // Segments as bytes, each with its place in `path`.
    let mut path: Vec<u8> = Vec::with_capacity(raw.len());
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                is_quoted = true;
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else {
                    return Err(Refusal::Bad);
                };
                let value = (high * 16 + low) as u8;
                if value == 0 {
                    return Err(Refusal::Bad);
                }
                has_plus |= value == b'+';
                value
            }
            byte => {
                has_plus |= byte == b'+';
                byte
            }
        };
        decoded.push(byte);
    }
    // Escaped dots and slashes count like plain ones.
    let mut rest = decoded.as_slice();
    while let Some(behind) = rest.strip_prefix(b"/") {
        let end = behind.iter().position(|byte| *byte == b'/');
        let (segment, next) = behind.split_at(end.unwrap_or(behind.len()));
        let is_last = next.is_empty();
        match segment {
            b"" if !is_last && merges_slashes => {}
            b"." if !is_last => {}
            b"." => path.push(b'/'),
            b".." => {
                let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else {
                    return Err(Refusal::Bad);
                };
                path.truncate(slash);
                if is_last {
                    path.push(b'/');
                }
            }
            segment => {
                path.push(b'/');
                path.extend_from_slice(segment);
            }
        }
        rest = next;
    }
    Ok(Target {
        path: String::from_utf8(path).map_err(|_| Refusal::NotText)?,
        args: args.to_owned(),
        is_quoted,
        has_plus,
    })
}

/// The text before the first `?`, and what follows it.
pub(super) fn split_args(text: &str) -> (&str, &str) {
    text.split_once('?').unwrap_or((text, ""))
}

pub(super) fn escape(text: &str, kind: Escape) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_bad = match byte {
            b'"' | b'#' | b'%' | b'<' | b'>' | b'?' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                true
            }
            b'&' | b'+' | b';' => kind == Escape::Args,
            byte => byte <= b' ' || byte >= 0x7f,
        };
        if is_bad {
            escaped.push('%');
            escaped.push(char::from(HEX[usize::from(byte >> 4)]));
            escaped.push(char::from(HEX[usize::from(byte & 15)]));
        } else {
            escaped.push(char::from(byte));
        }
    }
    escaped
}

/// What a rewritten redirect goes through: escapes of plain characters are undone before the first
/// `?`.
pub(super) fn unescape_redirect(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '?']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('?') {
            break;
        }
        let code = rest
            .get(1..3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(b'?') => {
                plain.push('?');
                rest = &rest[3..];
                break;
            }
            Some(byte) if byte > b'%' && byte < 0x7f => {
                plain.push(char::from(byte));
                rest = &rest[3..];
            }
            Some(_) => {
                plain.push_str(&rest[..3]);
                rest = &rest[3..];
            }
            // A broken escape loses its percent sign, and a digit before what is none.
            None => {
                let first = rest.as_bytes().get(1).is_some_and(u8::is_ascii_hexdigit);
                rest = rest.get(if first { 2 } else { 1 }..).unwrap_or_default();
                if first {
                    let mut chars = rest.chars();
                    chars.next();
                    rest = chars.as_str();
                }
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// What follows the last dot of the last segment, as `ngx_http_set_exten` finds it.
pub(super) fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rfind('.') {
        Some(dot) if dot > 0 => &name[dot + 1..],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(target: &str) -> Option<String> {
        Some(normalise(target, true).ok()?.path)
    }

    #[test]
    fn targets_are_normalised() {
        assert_eq!(path("/a//b/./c/../d").as_deref(), Some("/a/b/d"));
        assert_eq!(path("/a/..").as_deref(), Some("/"));
        assert_eq!(path("/a/.").as_deref(), Some("/a/"));
        assert_eq!(path("/a/%2e%2e/b").as_deref(), Some("/b"));
        assert_eq!(path("/a%2fb%20c").as_deref(), Some("/a/b c"));
        assert_eq!(path("/../a"), None);
        assert_eq!(path("/a/../../b"), None);
        assert_eq!(path("/%zz"), None);
        assert_eq!(path("/a%00"), None);
        assert_eq!(path("//"), Some("/".into()));
        let target = normalise("/a%2Bb?c=%20#d", true).expect("a target");
        assert_eq!((target.args.as_str(), target.is_quoted), ("c=%20", true));
        assert!(target.has_plus);
        assert_eq!(normalise("/a//b", false).expect("a target").path, "/a//b");
        assert_eq!(normalise("/%ff", true), Err(Refusal::NotText));
    }

    #[test]
    fn escapes() {
        assert_eq!(escape("/a b?ü&", Escape::Path), "/a%20b%3F%C3%BC&");
        assert_eq!(escape("a&b+c", Escape::Args), "a%26b%2Bc");
        assert_eq!(unescape_redirect("/%61%20%3f%61"), "/a%20?%61");
        assert_eq!(extension("/a.b/c.tar.gz"), "gz");
        assert_eq!(extension("/.hidden"), "");
    }
}
