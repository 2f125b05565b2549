//! Bodies, within bounds.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
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
    let packed = body.bytes.as_slice();
    let plain: Box<dyn Read + '_> = match encoding.as_str() {
        "" | "identity" => return body,
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(packed)),
        "deflate" => Box::new(ZlibDecoder::new(packed)),
        "br" if !has_large_window(packed) => Box::new(Decompressor::new(packed, PIECE)),
        _ => {
            return Body {
                cut: Some("it is encoded in a way that is not read".to_owned()),
                bytes: Vec::new(),
            };
        }
    };
    let mut bytes = Vec::new();
    let result = plain.take(most as u64 + 1).read_to_end(&mut bytes);
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

/// Bytes that the reader of brotli takes at a time.
const PIECE: usize = 4096;

/// Whether a stream of brotli wants a window of up to 1 GB, which HTTP's may not: RFC 7932, 9.1, knows up to
/// 16 MB, and never begins so.
fn has_large_window(packed: &[u8]) -> bool {
    const LARGE: u8 = 0x11;
    packed.first().is_some_and(|first| first & 0x7f == LARGE)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

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
        assert!(decode(whole(vec![1]), Some("zstd"), 10).cut.is_some());
    }

    /// Fifty million zeros, as Node's `brotliCompressSync` packs them.
    const BOMB: &str = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//\
                        8g9eD/8EQBwWAOig6wE=";
    /// `<html>` a hundred times.
    const PAGE: &str = "G1cC+I1Utb/kQaNLH7a2qC0OwEAf";

    fn brotli(text: &str) -> Body {
        let bytes = STANDARD.decode(text).expect("base64");
        Body { bytes, cut: None }
    }

    #[test]
    fn brotli_is_read_within_the_same_bounds() {
        let page = "<html>".repeat(100).into_bytes();
        let read = decode(brotli(PAGE), Some("br"), 1000);
        assert_eq!((read.bytes.as_slice(), read.cut), (page.as_slice(), None));
        let read = decode(brotli(BOMB), Some("br"), 1000);
        assert_eq!(read.bytes, [0; 1000]);
        assert!(read.cut.is_some());
        // What breaks off is read as far as it is there.
        let mut half = brotli(BOMB);
        half.bytes.truncate(20);
        let read = decode(half, Some("br"), 1 << 30);
        assert!(!read.bytes.is_empty() && read.cut.is_some());
        // A window of 1 GB: no browser takes it.
        let mut large = brotli(PAGE);
        large.bytes.splice(..1, [0x11, 0x1e]);
        assert!(decode(large, Some("br"), 1000).bytes.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            encoding in prop_oneof![Just("br"), Just("gzip"), Just("deflate")],
        ) {
            let read = decode(Body { bytes, cut: None }, Some(encoding), 5000);
            prop_assert!(read.bytes.len() <= 5000);
        }

        #[test]
        fn brotli_with_wrong_bytes_is_read(
            wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            for text in [BOMB, PAGE] {
                let mut body = brotli(text);
                for (place, byte) in &wrong {
                    let place = place.index(body.bytes.len());
                    body.bytes[place] = *byte;
                }
                prop_assert!(decode(body, Some("br"), 5000).bytes.len() <= 5000);
            }
        }
    }
}
