//! The head of an answer as it stood on the wire.

use hyper::header::HeaderMap;
use tightship_model::site::http::{Header, redact_cookie};

use super::MOST_HEADERS;

/// The fields of the final answer in `received`, in their order; those of informational answers
/// before it are passed over. `None` where it is not whole.
pub(super) fn fields(received: &[u8]) -> Option<Vec<Header>> {
    let mut rest = received;
    loop {
        let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut answer = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(length) = answer.parse(rest).ok()? else {
            return None;
        };
        if answer.code.is_some_and(|code| (100..200).contains(&code)) {
            rest = &rest[length..];
            continue;
        }
        let read = answer.headers.iter();
        return Some(read.map(|one| header(one.name, one.value)).collect());
    }
}

/// The fields as the library gives them: by name.
pub(super) fn sorted(map: &HeaderMap) -> Vec<Header> {
    map.iter()
        .map(|(name, value)| header(name.as_str(), value.as_bytes()))
        .collect()
}

/// A field, without the values of cookies.
pub(super) fn header(name: &str, value: &[u8]) -> Header {
    let value = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    };
    let value = match name.eq_ignore_ascii_case("set-cookie") {
        true => redact_cookie(&value),
        false => value,
    };
    Header {
        name: name.to_owned(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_case_and_duplicates_stay() {
        let wire = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
            HTTP/1.1 200 OK\r\nB: 1\r\nx-A: 2\r\nB: \xe9\r\nSet-Cookie: s=secret; Path=/\r\n\r\nbody";
        let read = fields(wire).expect("a head");
        let shown: Vec<_> = read
            .iter()
            .map(|one| format!("{}: {}", one.name, one.value))
            .collect();
        assert_eq!(
            shown,
            ["B: 1", "x-A: 2", "B: é", "Set-Cookie: s=<6>; Path=/"]
        );
        assert_eq!(fields(&wire[..50]), None, "half a head");
    }
}
