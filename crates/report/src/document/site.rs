//! The live site in the report: what was asked, and what came back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tightship_model as model;
use tightship_model::site::http::{Exchange, Purpose, Reply, Skipped};
use tightship_model::site::quic::{Handshake, Quic};

/// The live site as it was looked at.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Site {
    pub(crate) url: String,
    /// What its name resolves to.
    pub(crate) addresses: Vec<String>,
    /// Every request that was sent, in the order of the plan; last those for certificates that the site
    /// should have sent, which go to its authority.
    pub(crate) requests: Vec<RequestEntry>,
    /// What was not asked, and why.
    skipped: Vec<SkippedEntry>,
    /// Where the page promises HTTP/3, and what a handshake there came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quic: Option<QuicEntry>,
    /// What services that grade sites would give it.
    #[serde(default)]
    pub(crate) grades: Vec<SiteGrade>,
}

/// A place at which the page says that HTTP/3 is spoken.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct QuicEntry {
    /// The value of `Alt-Svc`.
    promise: String,
    host: String,
    /// Of UDP.
    port: u16,
    /// How the handshake ended.
    handshake: QuicEnd,
    /// The protocol that was agreed on (`h3`), or why there is none.
    detail: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum QuicEnd {
    Done,
    /// Nothing listens there.
    Closed,
    /// Nothing came back in time.
    Silent,
    Failed,
    Unasked,
}

/// The grade that a service would give, computed from what was seen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SiteGrade {
    /// The service: `SSL Labs`.
    pub(crate) by: String,
    /// `A+`; null where it is not known.
    pub(crate) grade: Option<String>,
    /// How it comes about, or why it is not known.
    pub(crate) detail: String,
    /// Id of the check that judges it.
    pub(crate) check: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RequestEntry {
    purpose: Purpose,
    method: String,
    url: String,
    /// What not every request holds: fields of its head (`Origin: null`) and of a form
    /// (`username=<an account that nobody has>`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sent: Vec<String>,
    /// The address of this machine, or the version of IP, that it came from, where that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The status of the answer; null where none came.
    status: Option<u16>,
    /// Bytes of the body that were read; null where no answer came.
    bytes: Option<usize>,
    /// Why no answer came.
    pub(crate) failure: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct SkippedEntry {
    purpose: Purpose,
    reason: String,
}

impl Site {
    pub(super) fn of(site: &model::site::Site, grades: &[model::SiteGrade]) -> Self {
        let http = site.http.as_ref();
        let exchanges = http.map_or(&[][..], |http| &http.exchanges);
        let skipped = http.map_or(&[][..], |http| &http.skipped);
        Self {
            url: site.url.clone(),
            addresses: site.addresses.clone(),
            requests: exchanges
                .iter()
                .chain(&site.issuers)
                .map(RequestEntry::of)
                .collect(),
            skipped: skipped.iter().map(SkippedEntry::of).collect(),
            quic: site.quic.as_ref().map(QuicEntry::of),
            grades: grades.iter().map(SiteGrade::of).collect(),
        }
    }
}

impl QuicEntry {
    fn of(quic: &Quic) -> Self {
        let (handshake, detail) = match &quic.handshake {
            Handshake::Done { protocol, .. } => (QuicEnd::Done, protocol.clone()),
            Handshake::Closed => (QuicEnd::Closed, None),
            Handshake::Silent => (QuicEnd::Silent, None),
            Handshake::Failed(reason) => (QuicEnd::Failed, Some(reason.clone())),
            Handshake::Unasked(reason) => (QuicEnd::Unasked, Some(reason.clone())),
        };
        Self {
            promise: quic.promise.clone(),
            host: quic.host.clone(),
            port: quic.port,
            handshake,
            detail,
        }
    }
}

impl SiteGrade {
    fn of(grade: &model::SiteGrade) -> Self {
        let (letter, detail) = match &grade.grade {
            Ok(letter) => (Some(letter.clone()), &grade.detail),
            Err(reason) => (None, reason),
        };
        Self {
            by: grade.by.to_owned(),
            grade: letter,
            detail: detail.clone(),
            check: grade.check.to_owned(),
        }
    }
}

impl RequestEntry {
    fn of(exchange: &Exchange) -> Self {
        let (status, bytes, failure) = match &exchange.reply {
            Reply::Answer(answer) => (Some(answer.status), Some(answer.content.bytes), None),
            Reply::None(failure) => {
                let failure = format!("{}: {}", failure.kind.name(), failure.detail);
                (None, None, Some(failure))
            }
        };
        let request = &exchange.request;
        let headers = request.headers.iter();
        let headers = headers.map(|header| format!("{}: {}", header.name, header.value));
        let form = request.form.iter();
        let form = form.map(|field| format!("{}={}", field.name, field.value));
        Self {
            purpose: exchange.purpose,
            method: request.method.clone(),
            url: request.url.clone(),
            sent: headers.chain(form).collect(),
            from: request.from.clone(),
            status,
            bytes,
            failure,
        }
    }
}

impl SkippedEntry {
    fn of(skipped: &Skipped) -> Self {
        Self {
            purpose: skipped.purpose,
            reason: skipped.reason.clone(),
        }
    }
}
