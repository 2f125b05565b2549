//! Bodies, within bounds.

use std::io::Read as _;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// What was read of a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Why the rest was not read.
    pub(super) cut: Option<String>,
}

/// Reads up to `most` bytes. An end in the middle is a cut, not a failure: the head was an answer.
pub(super) async fn read(mut incoming: Incoming, most: usize) -> Body {
    let mut body = Body::default();
    while let Some(frame) = incoming.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => {
                body.cut = Some(format!("the body breaks off: {error}"));
                break;
            }
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = most - body.bytes.len();
        body.bytes.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            body.cut = Some(format!("only its first {most} bytes were read"));
            break;
        }
    }
    body
}

/// Undoes the compression that a header names, up to `most` bytes of what comes out.
pub(super) fn decode(body: Body, encoding: Option<&str>, most: usize) -> Body {
    let encoding = encoding.unwrap_or("").trim().to_ascii_lowercase();
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    let result = match encoding.as_str() {
        "" | "identity" => return body,
        "gzip" | "x-gzip" => flate2::read::MultiGzDecoder::new(&body.bytes[..])
            .take(limit)
            .read_to_end(&mut bytes),
        "deflate" => flate2::read::ZlibDecoder::new(&body.bytes[..])
            .take(limit)
            .read_to_end(&mut bytes),
        _ => {
            return Body {
                cut: Some("it is encoded in a way that is not read".to_owned()),
                bytes,
            };
        }
    };
    let cut = match result {
        _ if bytes.len() > most => {
            bytes.truncate(most);
            Some(format!("only its first {most} bytes were unpacked"))
        }
        Err(_) if body.cut.is_none() => Some("its compression is broken".to_owned()),
        _ => body.cut,
    };
    Body { bytes, cut }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = packed(&vec![0; 50_000_000]);
        assert!(bomb.len() < 100_000);
        let whole = Body {
            bytes: bomb,
            cut: None,
        };
        let read = decode(whole, Some("gzip"), 1000);
        assert_eq!(read.bytes.len(), 1000);
        assert!(read.cut.is_some());
    }

    #[test]
    fn what_is_whole_is_whole() {
        let whole = |bytes| Body { bytes, cut: None };
        let read = decode(whole(packed(b"<html>")), Some(" GZIP "), 1000);
        assert_eq!(read, whole(b"<html>".to_vec()));
        let read = decode(whole(b"no gzip at all".to_vec()), Some("gzip"), 1000);
        assert!(read.cut.is_some());
        assert!(decode(whole(vec![1]), Some("br"), 10).cut.is_some());
    }
}
