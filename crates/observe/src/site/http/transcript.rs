//! A capture written by hand: the readable form in which examples state what a site answers.
//!
//! Each exchange begins with `# ` and its purpose; then come the request line with an absolute
//! address and its own fields, an empty line, the answer as HTTP sends it, an empty line and the
//! body. `no answer: refused` stands for an answer that did not come. Certificates verify unless
//! the purpose is followed by `not verified: ` and the reason; `# skipped ` and a purpose with
//! `: ` and a reason is a request that was not sent, and ` times 12` after the purpose as many equal
//! exchanges. What is not written was not asked. In a body `tightship-account` is the account that a
//! probe made up; the `Content-Length` of an answer that is compressed is its length as it came.
//!
//! ```text
//! # page
//! GET https://shop.example/
//!
//! HTTP/1.1 200 OK
//! Content-Type: text/html
//!
//! <html>
//! ```

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use tightship_model::site::Site;
use tightship_model::site::http::{
    Answer, Exchange, Failure, FailureKind, Header, Http, Purpose, Reply, Request, Skipped, Trust,
};
use url::Url;

use super::breach::Tokens;
use super::{digest, head};

/// Reads a transcript.
///
/// # Errors
///
/// What is wrong with the first exchange that is not of the form above.
pub fn read(text: &str) -> Result<Site, String> {
    let mut http = Http::default();
    let mut tokens = Tokens::default();
    let mut exchange: Option<(&str, Vec<&str>)> = None;
    for line in text.lines().chain(["# end"]) {
        match line.strip_prefix("# ").filter(|words| begins(words)) {
            Some(words) => {
                if let Some((title, lines)) = exchange.take() {
                    add(title, &lines, &mut http, &mut tokens)?;
                }
                exchange = Some((words, Vec::new()));
            }
            None => match &mut exchange {
                Some((_, lines)) => lines.push(line),
                None if line.trim().is_empty() => {}
                None => return Err(format!("{line:?} stands before the first purpose")),
            },
        }
    }
    let url = http
        .exchanges
        .first()
        .map(|first| first.request.url.clone());
    Ok(Site {
        url: url.unwrap_or_default(),
        http: Some(http),
        ..Site::default()
    })
}

/// A capture of one page, `https://shop.example/`, from an answer as it comes on the wire; `None`
/// where the bytes are no whole head of HTTP/1.1.
pub fn received(bytes: &[u8]) -> Option<Site> {
    let url = Url::parse("https://shop.example/").ok()?;
    let mut fields = [httparse::EMPTY_HEADER; super::MOST_HEADERS];
    let mut read = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(length) = read.parse(bytes).ok()? else {
        return None;
    };
    let mut map = HeaderMap::new();
    for field in read.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        map.append(name, HeaderValue::from_bytes(field.value).ok()?);
    }
    let answer = Answer {
        version: "HTTP/1.1".to_owned(),
        status: read.code?,
        headers: head::fields(bytes)?,
        content: digest::content(Purpose::Page, &bytes[length..], None, &url, &map),
        certificate: Some(Trust::Verified),
    };
    Some(Site {
        url: url.to_string(),
        http: Some(Http {
            exchanges: vec![Exchange {
                purpose: Purpose::Page,
                request: Request {
                    method: "GET".to_owned(),
                    url: url.to_string(),
                    ..Request::default()
                },
                reply: Reply::Answer(Box::new(answer)),
            }],
            ..Http::default()
        }),
        ..Site::default()
    })
}

fn begins(words: &str) -> bool {
    words == "end" || words.starts_with("skipped ") || purpose(words).is_some()
}

/// The purpose at the beginning of a title.
fn purpose(words: &str) -> Option<Purpose> {
    let name = words.split(' ').next()?;
    Purpose::ALL.into_iter().find(|one| one.name() == name)
}

fn add(title: &str, lines: &[&str], http: &mut Http, tokens: &mut Tokens) -> Result<(), String> {
    if let Some(skipped) = title.strip_prefix("skipped ") {
        let (name, reason) = skipped.split_once(": ").unwrap_or((skipped, ""));
        http.skipped.push(Skipped {
            purpose: purpose(name).ok_or_else(|| format!("{name:?} is no purpose"))?,
            reason: reason.to_owned(),
        });
        return Ok(());
    }
    let purpose = purpose(title).ok_or_else(|| format!("{title:?} is no purpose"))?;
    let refusal = title
        .split_once(" not verified: ")
        .map(|(_, reason)| reason.to_owned());
    let mut parts = lines.splitn(3, |line| line.is_empty());
    let request = request(parts.next().unwrap_or_default())?;
    let top = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default().join("\n");
    let mut reply = reply(purpose, &request, top, body.trim_end(), refusal)?;
    if let Reply::Answer(answer) = &mut reply
        && purpose.is_weighed()
    {
        weigh(answer, &request, &body, tokens);
    }
    let exchange = Exchange {
        purpose,
        request,
        reply,
    };
    let times = match title.split_once(" times ") {
        Some((_, times)) => times.parse().map_err(|_| format!("{times:?} times"))?,
        None => 1,
    };
    http.exchanges.extend(std::iter::repeat_n(exchange, times));
    Ok(())
}

/// Notes what is noted of an answer that a probe weighs.
fn weigh(answer: &mut Answer, request: &Request, body: &str, tokens: &mut Tokens) {
    if answer.value("content-encoding").is_some() {
        let length = answer.value("content-length");
        answer.content.packed = length.and_then(|length| length.parse().ok());
    }
    if let Ok(url) = Url::parse(&request.url) {
        answer.content.tokens = tokens.of(body, &url);
    }
}

fn request(lines: &[&str]) -> Result<Request, String> {
    let (first, rest) = lines.split_first().ok_or("a request line is missing")?;
    let (method, url) = first
        .split_once(' ')
        .ok_or_else(|| format!("{first:?} is no request line"))?;
    let url = Url::parse(url).map_err(|error| format!("{url:?}: {error}"))?;
    Ok(Request {
        method: method.to_owned(),
        url: url.into(),
        headers: fields(rest)?,
        ..Request::default()
    })
}

fn reply(
    purpose: Purpose,
    request: &Request,
    lines: &[&str],
    body: &str,
    refusal: Option<String>,
) -> Result<Reply, String> {
    let (first, rest) = lines.split_first().ok_or("an answer is missing")?;
    if let Some(failure) = first.strip_prefix("no answer: ") {
        let (name, detail) = failure.split_once(": ").unwrap_or((failure, failure));
        let kind = FAILURES.into_iter().find(|kind| kind.name() == name);
        return Ok(Reply::None(Failure {
            kind: kind.ok_or_else(|| format!("{name:?} is no kind of failure"))?,
            detail: detail.to_owned(),
        }));
    }
    let mut words = first.splitn(3, ' ');
    let version = words.next().unwrap_or_default().to_owned();
    let status = words.next().and_then(|status| status.parse().ok());
    let headers = fields(rest)?;
    let url = Url::parse(&request.url).map_err(|error| error.to_string())?;
    let is_secure = url.scheme() == "https";
    let trust = refusal.map_or(Trust::Verified, Trust::NotVerified);
    Ok(Reply::Answer(Box::new(Answer {
        version,
        status: status.ok_or_else(|| format!("{first:?} is no status line"))?,
        content: digest::content(purpose, body.as_bytes(), None, &url, &map(&headers)),
        headers,
        certificate: is_secure.then_some(trust),
    })))
}

const FAILURES: [FailureKind; 8] = [
    FailureKind::Unresolved,
    FailureKind::AddressForbidden,
    FailureKind::Refused,
    FailureKind::Unreachable,
    FailureKind::TimedOut,
    FailureKind::Tls,
    FailureKind::NotHttp,
    FailureKind::Closed,
];

fn fields(lines: &[&str]) -> Result<Vec<Header>, String> {
    lines
        .iter()
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| format!("{line:?} is no field"))?;
            Ok(head::header(name, value.trim().as_bytes()))
        })
        .collect()
}

fn map(headers: &[Header]) -> HeaderMap {
    headers
        .iter()
        .filter_map(|header| {
            let name = HeaderName::try_from(&header.name).ok()?;
            Some((name, HeaderValue::try_from(&header.value).ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_a_capture() {
        let site = read(
            "# page\nGET https://shop.example\n\nHTTP/1.1 200 OK\nB: 1\nA: 2\n\
             Set-Cookie: a=secret\nContent-Type: text/html\n\n<title>x</title>\n\n# no purpose\n\
             # plain\nGET http://shop.example\nOrigin: null\n\nno answer: refused\n\
             # skipped trace: spent\n",
        )
        .expect("a transcript");
        assert_eq!(site.url, "https://shop.example/");
        let http = site.http.expect("exchanges");
        let answer = http.exchanges[0].answer().expect("an answer");
        assert_eq!(answer.value("set-cookie"), Some("a=<6>"));
        assert_eq!(answer.certificate, Some(Trust::Verified));
        let page = answer.content.page.as_ref().expect("a page");
        assert_eq!(page.title, "x");
        let failure = http.exchanges[1].failure().expect("a failure");
        assert_eq!(failure.kind, FailureKind::Refused);
        assert_eq!(http.why_skipped(Purpose::Trace), Some("spent"));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "hello",
            "# page\n",
            "# page\nGET nowhere\n\nHTTP/1.1 200 OK",
            "# page\nGET https://a.example/\n\nHTTP/1.1 OK",
            "# page\nGET https://a.example/\n\nno answer: tired",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
