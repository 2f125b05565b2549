//! What nginx sends by FastCGI, SCGI and uwsgi, as text: the request's line, then one line for each
//! parameter.

use std::io::Read;

/// Types of records of FastCGI (FastCGI Specification 1.0, section 8).
const END_REQUEST: u8 = 3;
const PARAMS: u8 = 4;
const STDIN: u8 = 5;
const STDOUT: u8 = 6;

/// The rest of a uwsgi packet after its head: each text has its length before it, in two bytes.
pub(crate) fn uwsgi(start: [u8; 4], stream: &mut impl Read) -> Option<String> {
    let mut packet = vec![0; usize::from(u16::from_le_bytes([start[1], start[2]]))];
    stream.read_exact(&mut packet).ok()?;
    let mut packet = &packet[..];
    let mut take = || {
        let (length, rest) = packet.split_first_chunk::<2>()?;
        let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        packet = rest;
        Some(text.to_vec())
    };
    let mut found = Vec::new();
    while let Some(name) = take() {
        found.push((name, take()?));
    }
    Some(lines(&found))
}

/// The rest of a request of SCGI: a text with its length before it, and in it names and values that a
/// zero ends.
pub(crate) fn scgi(start: [u8; 4], stream: &mut impl Read) -> Option<String> {
    let mut head = start.to_vec();
    while !head.contains(&b':') {
        head.push(byte(stream)?);
    }
    let colon = head.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&head[..colon]).ok()?.parse().ok()?;
    let mut texts = head.split_off(colon + 1);
    // And the comma behind it.
    while texts.len() <= length {
        texts.push(byte(stream)?);
    }
    let mut parts = texts[..length].split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        found.push((name.to_vec(), value.to_vec()));
    }
    Some(lines(&found))
}

/// A request of FastCGI, up to the end of what is sent along.
pub(crate) fn fastcgi(start: [u8; 4], stream: &mut impl Read) -> Option<String> {
    let mut head = start.to_vec();
    let mut named = Vec::new();
    loop {
        while head.len() < 8 {
            head.push(byte(stream)?);
        }
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        let mut content = vec![0; length + usize::from(head[6])];
        stream.read_exact(&mut content).ok()?;
        match head[1] {
            PARAMS => named.extend_from_slice(&content[..length]),
            STDIN if length == 0 => break,
            _ => {}
        }
        head.clear();
    }
    let mut rest = &named[..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let name = length(&mut rest)?;
        let value = length(&mut rest)?;
        let (name, others) = rest.split_at_checked(name)?;
        let (value, others) = others.split_at_checked(value)?;
        found.push((name.to_vec(), value.to_vec()));
        rest = others;
    }
    Some(lines(&found))
}

/// An answer as FastCGI sends it.
pub(crate) fn fastcgi_answer(answer: &[u8]) -> Vec<u8> {
    let record = |kind: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("a short answer");
        let [high, low] = length.to_be_bytes();
        [&[1, kind, 0, 1, high, low, 0, 0], content].concat()
    };
    [
        record(STDOUT, answer),
        record(STDOUT, &[]),
        record(END_REQUEST, &[0; 8]),
    ]
    .concat()
}

/// One byte below 128, or four with the highest bit set.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let (first, others) = rest.split_first()?;
    if first & 0x80 == 0 {
        *rest = others;
        return Some(usize::from(*first));
    }
    let (four, others) = rest.split_first_chunk::<4>()?;
    *rest = others;
    usize::try_from(u32::from_be_bytes(*four) & 0x7fff_ffff).ok()
}

fn byte(stream: &mut impl Read) -> Option<u8> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    Some(byte[0])
}

fn lines(parameters: &[(Vec<u8>, Vec<u8>)]) -> String {
    let mut lines = String::new();
    let (mut uri, mut method) = (String::new(), String::new());
    for (name, value) in parameters {
        let (name, value) = (
            String::from_utf8_lossy(name),
            String::from_utf8_lossy(value),
        );
        match &*name {
            "REQUEST_URI" => uri = value.clone().into_owned(),
            "REQUEST_METHOD" => method = value.clone().into_owned(),
            _ => {}
        }
        lines.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{method} {uri} HTTP/1.0\r\n{lines}\r\n")
}
