use tightship_model::site::http::{Exchange, Purpose};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Need, Outcome, Reference, Severity,
    Trail,
};
use tightship_predict::nginx::{Header, Text};
use tightship_predict::visit::{Hop, first_hop_with, is_named};
use tightship_predict::ways::{Edge, edges};
use url::Url;

use super::front::in_front;
use super::look::{Answered, http, is_refusal, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/differs-from-files",
    title: "The site does not answer what the files say",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.4", "B6.3", "B10.4", "B17.2", "B17.5"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/control.html#reconfiguration",
    )],
    doc: include_str!("differs_from_files.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Headers that hold for a whole site, and whether a view may give them a value of its own.
const HEADERS: [(&str, bool); 4] = [
    ("Strict-Transport-Security", false),
    ("X-Content-Type-Options", false),
    ("Referrer-Policy", true),
    ("Cross-Origin-Opener-Policy", true),
];

/// What lets the frontend in that the settings name.
const LETS_IN: [(&str, bool); 1] = [("Access-Control-Allow-Origin", false)];

const ADVICE: &str = "Deploy what the files say: `nginx -t`, then `nginx -s reload`, and restart \
                      Django; or find who changes the answer on the way.";

/// Status codes of RFC 9110, sections 15.2.1 and 15.5.14.
const CONTINUE: u16 = 100;
const TOO_LARGE: u16 = 413;

/// So many differences and nothing that agrees are one cause.
const MANY: usize = 3;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let edges = edges(deployment);
    if edges.is_empty() {
        return Err(Outcome::NotApplicable(
            "no nginx of the files answers visitors".to_owned(),
        ));
    }
    // What a network in front answers by itself says nothing about nginx.
    let asked: &[Purpose] = match in_front(http) {
        Some(_) => &[Purpose::Page],
        None => &[
            Purpose::Page,
            Purpose::Plain,
            Purpose::NotFound,
            Purpose::Login,
            Purpose::Admin,
            Purpose::OriginFrontend,
        ],
    };
    let mut seen = Seen::default();
    let mut first = None;
    for exchange in &http.exchanges {
        let is_asked = asked.contains(&exchange.purpose);
        let Some((answered, hop)) = is_asked
            .then(|| both(deployment, &edges, exchange))
            .flatten()
        else {
            continue;
        };
        first = first.or(Some(answered));
        seen.headers(&answered, &hop);
        seen.redirect(&answered, &hop);
    }
    // A network in front takes bodies by itself.
    if in_front(http).is_none() {
        for exchange in http.all(Purpose::BodyAnnounced) {
            first = first.or(seen.body(deployment, &edges, exchange));
        }
    }
    let Some(first) = first else {
        return Err(unseen(
            "no answer was seen under a name that the files know",
            "name an address of the deployment's own with --url",
        ));
    };
    Ok(match (seen.differ.len(), seen.agree.is_empty()) {
        (0, true) => Outcome::NotApplicable(
            "the files surely say none of the headers and redirects that are compared".to_owned(),
        ),
        (0, false) => Outcome::Pass(seen.agree),
        (MANY.., true) => Outcome::Fail(vec![nothing_agrees(&first, &seen.differ)]),
        _ => Outcome::Fail(seen.differ),
    })
}

/// What agrees with the files, and what does not, each once.
#[derive(Default)]
struct Seen {
    agree: Vec<Evidence>,
    differ: Vec<Finding>,
}

impl Seen {
    /// The headers that the files surely promise, unless the status is another one than they tell:
    /// nginx adds some to some statuses only.
    fn headers(&mut self, seen: &Answered<'_>, hop: &Hop<'_, '_>) {
        if hop.status().is_some_and(|told| told != seen.answer.status) {
            return;
        }
        let predicted = hop.headers();
        let compared: &[(&str, bool)] = match seen.exchange.purpose {
            Purpose::OriginFrontend => &LETS_IN,
            _ => &HEADERS,
        };
        for (name, is_free) in compared.iter().copied() {
            let mut own = predicted
                .iter()
                .filter(|header| header.name.eq_ignore_ascii_case(name));
            match (own.next(), own.next()) {
                (None, _) => self.surplus(seen, hop, name),
                (Some(header), None) => self.promised(seen, hop, name, header, is_free),
                // Twice: told of the files by themselves.
                (Some(_), Some(_)) => {}
            }
        }
    }

    fn promised(
        &mut self,
        seen: &Answered<'_>,
        hop: &Hop<'_, '_>,
        name: &str,
        header: &Header,
        is_free: bool,
    ) {
        let Text::Known(promised) = &header.value else {
            return;
        };
        if !header.is_certain || promised.is_empty() {
            return;
        }
        let url = shown(&seen.exchange.request.url);
        let mut values = seen.answer.values(name);
        let message = match values.next() {
            None => format!(
                "the files say that {name}: {promised} is sent, and {url} answers without it: what \
                 runs is not what was reviewed"
            ),
            Some(first) => {
                let is_there = plain(first) == plain(promised)
                    || values.any(|value| plain(value) == plain(promised));
                // Django's middleware leaves a header alone that the view has set.
                let is_own = is_free && header.span.is_none();
                if is_there || is_own {
                    self.agree
                        .push(seen.evidence(format!("{name} is what the files say")));
                    return;
                }
                format!(
                    "the files say {name}: {promised}, and {url} sends {:?}: what runs is not what \
                     was reviewed",
                    shown(first)
                )
            }
        };
        self.differs(Finding {
            trail: promised_by(hop, header),
            ..seen.on_header(name, message, ADVICE)
        });
    }

    /// A header that no file says. Only where nginx answers by itself: views and middleware may
    /// send what they like.
    fn surplus(&mut self, seen: &Answered<'_>, hop: &Hop<'_, '_>, name: &str) {
        let Some(value) = seen.answer.value(name) else {
            return;
        };
        let Some(place) = answered_by_nginx(hop) else {
            return;
        };
        let message = format!(
            "{} sends {name}: {}, which no file says: what runs is not what was reviewed",
            shown(&seen.exchange.request.url),
            shown(value)
        );
        self.differs(Finding {
            severity: Some(Severity::Low),
            confidence: Confidence::Medium,
            trail: place,
            ..seen.on_header(name, message, ADVICE)
        });
    }

    /// Where both redirect, and to another address. A redirect to HTTPS that is not there at all is
    /// told by `http/https-redirect-missing`.
    fn redirect(&mut self, seen: &Answered<'_>, hop: &Hop<'_, '_>) {
        let Some(Text::Known(promised)) = hop.location() else {
            return;
        };
        let is_certain = hop
            .nginx
            .as_ref()
            .is_none_or(|nginx| nginx.doubts.is_empty())
            && (hop.django.as_ref()).is_none_or(|asked| asked.answer.not_modelled.is_empty());
        let url = &seen.exchange.request.url;
        let against = |location: &str| Url::parse(url).ok()?.join(location).ok();
        let (Some(promised), Some(sent), true) = (
            against(&promised),
            seen.answer.value("location").and_then(against),
            is_certain && seen.answer.is_redirect(),
        ) else {
            return;
        };
        if promised == sent {
            self.agree
                .push(seen.evidence("the redirect is what the files say"));
            return;
        }
        let headers = hop.headers();
        let mut locations = headers.iter();
        let trail = locations
            .find(|header| header.name.eq_ignore_ascii_case("location"))
            .map(|header| promised_by(hop, header))
            .filter(|trail| !trail.is_empty());
        let message = format!(
            "the files say that {} leads to {}, and it leads to {}: what runs is not what was \
             reviewed",
            shown(url),
            shown(promised.as_str()),
            shown(sent.as_str())
        );
        let path = Url::parse(url).map_or_else(|_| url.clone(), |url| url.path().to_owned());
        let scheme = url.split(':').next().unwrap_or_default();
        self.differs(Finding {
            trail: trail.unwrap_or_else(|| seen.header_trail("Location")),
            ..seen.finding(&format!("redirect {scheme} {path}"), message, ADVICE)
        });
    }

    /// A body that was announced, where nginx surely refuses it by its length: gives the answer then.
    fn body<'a>(
        &mut self,
        deployment: &'a Deployment,
        edges: &[Edge<'a>],
        exchange: &'a Exchange,
    ) -> Option<Answered<'a>> {
        let (answer, request) = (exchange.answer()?, &exchange.request);
        let seen = Answered { exchange, answer };
        let fields = request.headers.iter();
        let fields = fields.map(|field| (field.name.clone(), field.value.clone()));
        let (url, fields) = (&request.url, fields.collect());
        let host = Url::parse(url).ok()?.host_str()?.to_owned();
        if !is_named(edges, &host) && !is_allowed(deployment, &host) {
            return None;
        }
        let hop = first_hop_with(deployment, edges, url, &request.method, fields)?;
        let nginx = hop.nginx.as_ref().filter(|nginx| nginx.doubts.is_empty())?;
        if nginx.status != Some(TOO_LARGE) {
            return None;
        }
        match answer.status {
            TOO_LARGE => self
                .agree
                .push(seen.evidence("a large body is refused as the files say")),
            CONTINUE => {
                let span = nginx.steps.iter().rev().find_map(|step| step.span)?;
                self.differs(Finding {
                    trail: Trail::at(span, "refuses such a body, as the files say"),
                    ..seen.finding(
                        "body",
                        format!(
                            "the files say that nginx refuses a body of this length, and {} asks for it: \
                             what runs is not what was reviewed",
                            shown(url)
                        ),
                        ADVICE,
                    )
                });
            }
            // Somebody else refused it, for another reason.
            _ => return None,
        }
        Some(seen)
    }

    fn differs(&mut self, mut finding: Finding) {
        if self
            .differ
            .iter()
            .any(|known| known.subject == finding.subject)
        {
            return;
        }
        let links = finding.trail.links().iter();
        finding.labels = links
            .filter_map(|link| {
                Some(Label {
                    span: link.span?,
                    text: link.text.clone(),
                })
            })
            .take(1)
            .collect();
        self.differ.push(finding);
    }
}

/// What was answered and what is predicted, under a name that the files know.
fn both<'a, 'h>(
    deployment: &'a Deployment,
    edges: &'h [Edge<'a>],
    exchange: &'a Exchange,
) -> Option<(Answered<'a>, Hop<'h, 'a>)> {
    let answer = exchange
        .answer()
        .filter(|answer| !is_refusal(answer.status))?;
    let url = Url::parse(&exchange.request.url).ok()?;
    let host = url.host_str()?;
    if !is_named(edges, host) && !is_allowed(deployment, host) {
        return None;
    }
    let request = &exchange.request;
    let fields = request.headers.iter();
    let fields = fields.map(|field| (field.name.clone(), field.value.clone()));
    let fields = fields.collect();
    let hop = first_hop_with(deployment, edges, &request.url, &request.method, fields)?;
    Some((Answered { exchange, answer }, hop))
}

/// Whether `ALLOWED_HOSTS` holds this very name: servers of nginx often take every name.
fn is_allowed(deployment: &Deployment, host: &str) -> bool {
    let hosts = deployment
        .settings
        .as_ref()
        .and_then(|settings| settings.get("ALLOWED_HOSTS"));
    let items = hosts
        .as_ref()
        .and_then(|hosts| hosts.value.value.as_items());
    items.is_some_and(|items| {
        let mut texts = items.items.iter().filter_map(|item| item.value.as_str());
        texts.any(|own| own.eq_ignore_ascii_case(host))
    })
}

/// The place of nginx that makes an answer all by itself.
fn answered_by_nginx(hop: &Hop<'_, '_>) -> Option<Trail> {
    use tightship_predict::nginx::Body;
    let nginx = hop.nginx.as_ref().filter(|nginx| nginx.doubts.is_empty())?;
    let is_own = matches!(nginx.body, Body::File(_) | Body::Text(_) | Body::Page);
    let span = nginx.steps.iter().rev().find_map(|step| step.span)?;
    (is_own && hop.django.is_none()).then(|| Trail::at(span, "answers here, as the files say"))
}

/// The line of nginx that promises a header, or the way of the setting.
fn promised_by(hop: &Hop<'_, '_>, header: &Header) -> Trail {
    if let Some(span) = header.span {
        return Trail::at(span, "sends it, as the files say");
    }
    let of_django = hop.django.as_ref().and_then(|asked| {
        let mut own = asked.answer.headers.iter();
        own.find(|own| own.name.eq_ignore_ascii_case(&header.name))
    });
    let by_nginx = || {
        let steps = hop.nginx.iter().flat_map(|nginx| nginx.steps.iter().rev());
        let span = steps.filter_map(|step| step.span).next()?;
        Some(Trail::at(span, "answers here, as the files say"))
    };
    match of_django {
        Some(own) => own.trail.clone(),
        None => by_nginx().unwrap_or_default(),
    }
}

fn plain(value: &str) -> String {
    value.to_ascii_lowercase().replace(' ', "")
}

/// One finding for a site that has nothing of what the files say.
fn nothing_agrees(first: &Answered<'_>, differ: &[Finding]) -> Finding {
    let names: Vec<_> = differ
        .iter()
        .map(|one| one.subject.trim_start_matches("site:"))
        .collect();
    Finding {
        labels: differ.iter().flat_map(|one| one.labels.clone()).collect(),
        ..first.finding(
            "files",
            format!(
                "what runs at {} is not what was reviewed: of what the files say nothing holds ({})",
                shown(&first.exchange.request.url),
                names.join(", ")
            ),
            "Deploy the files, or name the site that runs them with --url.",
        )
    }
}
