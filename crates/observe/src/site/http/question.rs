//! What is asked, and the request that asks it.

use std::net::{IpAddr, SocketAddr};

use http_body_util::{Either, Full};
use hyper::{Request as Wire, Uri};
use tightship_model::site::http::{Failure, FailureKind, Header, Purpose, Request};
use url::Url;

use super::connect::{Body, Withheld, failure};

/// One question.
#[derive(Clone, Debug)]
pub(in crate::site) struct Question {
    pub(in crate::site) purpose: Purpose,
    pub(in crate::site) method: &'static str,
    pub(in crate::site) url: Url,
    /// A `Host` other than that of the URL.
    pub(in crate::site) host: Option<String>,
    pub(in crate::site) headers: Vec<Field>,
    /// The form that is sent; none where it is empty.
    pub(in crate::site) form: Vec<Field>,
    /// Whether it is sent as JSON, an empty one too.
    pub(in crate::site) is_json: bool,
    /// The account that was made up for it.
    pub(in crate::site) account: Option<String>,
    /// Whether `Content-Length` among the headers announces a body that is not sent.
    pub(in crate::site) announces: bool,
    pub(in crate::site) way: Way,
}

/// A field of a head or of a form.
#[derive(Clone, Debug)]
pub(in crate::site) struct Field {
    pub(in crate::site) name: String,
    pub(in crate::site) value: String,
    /// What is noted instead of the value.
    pub(in crate::site) shown: Option<String>,
}

/// How a request reaches the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::site) enum Way {
    #[default]
    Usual,
    /// From this address of this machine.
    From(IpAddr),
    /// To this address of the site.
    To(SocketAddr),
}

impl Field {
    /// A field of whose value only `what` it is is noted.
    pub(in crate::site) fn secret(name: &str, value: &str, what: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            shown: Some(format!("<{what}>")),
        }
    }

    fn noted(&self) -> Header {
        Header {
            name: self.name.clone(),
            value: self.shown.as_ref().unwrap_or(&self.value).clone(),
        }
    }
}

impl Question {
    pub(in crate::site) fn get(purpose: Purpose, url: Url) -> Self {
        Self {
            purpose,
            method: "GET",
            url,
            host: None,
            headers: Vec::new(),
            form: Vec::new(),
            is_json: false,
            account: None,
            announces: false,
            way: Way::Usual,
        }
    }

    /// Asks for the answer to be compressed, in a way that is read here.
    pub(in crate::site) fn compressed(self) -> Self {
        self.with("Accept-Encoding", "gzip, br")
    }

    pub(in crate::site) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(Field {
            name: name.to_owned(),
            value: value.into(),
            shown: None,
        });
        self
    }

    /// What is noted: the fields that not every request has.
    pub(super) fn noted(&self) -> Request {
        let host = self.host.iter().map(|host| Header {
            name: "Host".to_owned(),
            value: host.clone(),
        });
        Request {
            method: self.method.to_owned(),
            url: self.url.to_string(),
            headers: host.chain(self.headers.iter().map(Field::noted)).collect(),
            form: self.form.iter().map(Field::noted).collect(),
            from: match self.way {
                Way::Usual => None,
                Way::From(address) => Some(address.to_string()),
                Way::To(SocketAddr::V4(_)) => Some("IPv4".to_owned()),
                Way::To(SocketAddr::V6(_)) => Some("IPv6".to_owned()),
            },
        }
    }

    /// Whether it is sent on a connection of its own: where sending it twice would count twice, and
    /// where it matters from where it comes.
    pub(super) fn is_alone(&self) -> bool {
        self.method == "POST" || self.way != Way::Usual
    }

    fn body(&self) -> String {
        if self.is_json {
            let text = |value: &str| serde_json::Value::String(value.to_owned());
            let fields = self.form.iter();
            let fields = fields.map(|field| (field.name.clone(), text(&field.value)));
            return serde_json::Value::Object(fields.collect()).to_string();
        }
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for field in &self.form {
            body.append_pair(&field.name, &field.value);
        }
        body.finish()
    }
}

/// Sent with every request.
const USER_AGENT: &str = concat!("tightship/", env!("CARGO_PKG_VERSION"));

/// The request as hyper sends it over HTTP/1.1.
pub(super) fn wire(question: &Question) -> Result<Wire<Body>, Failure> {
    let url = &question.url;
    let own = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let accepted = match question.is_json {
        true => "application/json",
        false => "text/html,application/xhtml+xml,*/*;q=0.8",
    };
    let mut request = Wire::builder()
        .method(question.method)
        .uri(path)
        .header("Host", question.host.as_deref().unwrap_or(&own))
        .header("User-Agent", USER_AGENT)
        .header("Accept", accepted);
    if question.purpose.is_compared() {
        // Refusals are known by their words, and those are known in English.
        request = request.header("Accept-Language", "en");
    }
    for field in &question.headers {
        request = request.header(&field.name, &field.value);
    }
    if question.is_json {
        request = request.header("Content-Type", "application/json");
    } else if !question.form.is_empty() {
        request = request.header("Content-Type", "application/x-www-form-urlencoded");
    }
    let body = match question.announces {
        true => Either::Right(Withheld),
        false => Either::Left(Full::from(question.body())),
    };
    request
        .body(body)
        .map_err(|error| failure(FailureKind::NotHttp, error.to_string()))
}

/// The request as hyper sends it over HTTP/2: the address stands in the request itself (RFC 9113,
/// section 8.3.1).
pub(super) fn wire2(question: &Question) -> Result<Wire<Body>, Failure> {
    let mut request = wire(question)?;
    request.headers_mut().remove(hyper::header::HOST);
    *request.uri_mut() = Uri::try_from(question.url.as_str())
        .map_err(|error| failure(FailureKind::NotHttp, error.to_string()))?;
    Ok(request)
}
