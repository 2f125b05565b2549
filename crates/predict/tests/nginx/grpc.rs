//! The server behind nginx over HTTP/2 without TLS, as gRPC is spoken.

use std::error::Error;
use std::fmt::Write as _;

use http::{HeaderMap, Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, join, split};
use tokio::runtime::Builder;

use crate::upstream::respond;

/// What a client of HTTP/2 begins with (RFC 9113, section 3.4).
pub(crate) const PREFACE: &[u8; 4] = b"PRI ";

/// Answers what comes over one connection, of which `start` is read, until it is closed.
pub(crate) fn serve<S>(
    start: [u8; 4],
    stream: impl FnOnce() -> std::io::Result<S>,
) -> Result<(), Box<dyn Error>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let (reader, writer) = split(stream()?);
        let whole = join((&start[..]).chain(reader), writer);
        let mut connection = h2::server::handshake(whole).await?;
        while let Some(asked) = connection.accept().await {
            let (request, mut answer) = asked?;
            let text = text(&request);
            let said = respond(
                request
                    .uri()
                    .path_and_query()
                    .map_or("", |path| path.as_str()),
            );
            let mut head = Response::builder().status(said.status);
            for (name, value) in &said.headers {
                let value = value.known().map_or(text.len().to_string(), str::to_owned);
                head = head.header(name, value);
            }
            let mut body = answer.send_response(head.body(())?, false)?;
            body.send_data(text.into(), false)?;
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", "0".parse()?);
            body.send_trailers(trailers)?;
        }
        Ok(())
    })
}

/// The request as it would be written in HTTP/1.1.
fn text<B>(request: &Request<B>) -> String {
    let (uri, mut text) = (request.uri(), String::new());
    let target = uri.path_and_query().map_or("", |path| path.as_str());
    let _ = write!(text, "{} {target} HTTP/1.1\r\n", request.method());
    if let Some(authority) = uri.authority() {
        let _ = write!(text, "host: {authority}\r\n");
    }
    for (name, value) in request.headers() {
        let _ = write!(
            text,
            "{name}: {}\r\n",
            String::from_utf8_lossy(value.as_bytes())
        );
    }
    text + "\r\n"
}

/// Names of headers are small in HTTP/2 (RFC 9113, section 8.2).
pub(crate) fn make_small(said: &mut tightship_predict::nginx::Response) {
    for (name, _) in &mut said.headers {
        name.make_ascii_lowercase();
    }
}
