//! The middleware in its order: who answers before the view, and who adds what on the way out.

use tightship_model::{Cause, Deployment, Settings, Trail, Unknown};

use super::request::{self, Received, Scheme};
use super::routes::{Resolved, resolve};
use super::{Answer, Header, Known, Outcome, headers, settings};

/// The middleware whose part is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Security,
    Common,
    Framing,
    /// Django 6.0's.
    Policy,
    /// django-csp's.
    PackagePolicy,
    Cors,
    /// Changes neither status nor the headers that are predicted, unless a view asks for it.
    Neutral,
}

const LAYERS: [(&str, Layer); 24] = [
    (
        "django.middleware.security.SecurityMiddleware",
        Layer::Security,
    ),
    ("django.middleware.common.CommonMiddleware", Layer::Common),
    (
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        Layer::Framing,
    ),
    (
        "django.middleware.csp.ContentSecurityPolicyMiddleware",
        Layer::Policy,
    ),
    ("csp.middleware.CSPMiddleware", Layer::PackagePolicy),
    ("corsheaders.middleware.CorsMiddleware", Layer::Cors),
    ("django.middleware.csrf.CsrfViewMiddleware", Layer::Neutral),
    ("django.middleware.gzip.GZipMiddleware", Layer::Neutral),
    (
        "django.middleware.http.ConditionalGetMiddleware",
        Layer::Neutral,
    ),
    (
        "django.middleware.common.BrokenLinkEmailsMiddleware",
        Layer::Neutral,
    ),
    (
        "django.contrib.sessions.middleware.SessionMiddleware",
        Layer::Neutral,
    ),
    (
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        Layer::Neutral,
    ),
    (
        "django.contrib.messages.middleware.MessageMiddleware",
        Layer::Neutral,
    ),
    (
        "django.contrib.sites.middleware.CurrentSiteMiddleware",
        Layer::Neutral,
    ),
    (
        "django.contrib.admindocs.middleware.XViewMiddleware",
        Layer::Neutral,
    ),
    (
        "allauth.account.middleware.AccountMiddleware",
        Layer::Neutral,
    ),
    (
        "allauth.usersessions.middleware.UserSessionsMiddleware",
        Layer::Neutral,
    ),
    ("axes.middleware.AxesMiddleware", Layer::Neutral),
    ("whitenoise.middleware.WhiteNoiseMiddleware", Layer::Neutral),
    ("django_htmx.middleware.HtmxMiddleware", Layer::Neutral),
    ("django_otp.middleware.OTPMiddleware", Layer::Neutral),
    ("auditlog.middleware.AuditlogMiddleware", Layer::Neutral),
    (
        "simple_history.middleware.HistoryRequestMiddleware",
        Layer::Neutral,
    ),
    ("crum.CurrentRequestUserMiddleware", Layer::Neutral),
];

/// One request on its way.
pub(super) struct Run<'a> {
    deployment: &'a Deployment,
    settings: &'a Settings,
    received: &'a Received,
    scheme: Known<Scheme>,
    host: Known<Option<String>>,
}

/// What a layer does to a request on the way in.
enum Step {
    /// Hands it on.
    On,
    /// Answers it; its own way out follows.
    Answers(Outcome),
    /// Raises an error, which becomes an answer outside of it.
    Raises(Outcome),
}

impl<'a> Run<'a> {
    pub(super) fn new(
        deployment: &'a Deployment,
        settings: &'a Settings,
        received: &'a Received,
    ) -> Self {
        Self {
            deployment,
            settings,
            received,
            scheme: request::scheme(settings, received),
            host: request::host(settings, received),
        }
    }

    pub(super) fn answer(self) -> Answer {
        let mut answer = Answer {
            outcome: Outcome::NotFound,
            headers: Vec::new(),
            scheme: self.scheme.clone(),
            host: self.host.clone(),
            not_modelled: Vec::new(),
        };
        let middleware = match settings::value(self.settings, "MIDDLEWARE") {
            Ok(_) => settings::texts(self.settings, "MIDDLEWARE").unwrap_or_default(),
            Err(unknown) => {
                answer.outcome = Outcome::Unknown(unknown);
                return answer;
            }
        };
        let mut entered = Vec::new();
        let mut ended = None;
        for path in &middleware {
            let layer = LAYERS.iter().find(|(known, _)| known == path);
            let Some((_, layer)) = layer else {
                answer.not_modelled.push(path.clone());
                continue;
            };
            match self.enter(*layer) {
                Step::On => entered.push(*layer),
                Step::Answers(outcome) => {
                    entered.push(*layer);
                    ended = Some(outcome);
                    break;
                }
                Step::Raises(outcome) => {
                    ended = Some(outcome);
                    break;
                }
            }
        }
        answer.outcome = ended.unwrap_or_else(|| self.view());
        if self.is_debug_page(&answer.outcome)
            && matches!(answer.outcome, Outcome::NotFound)
            && let (Ok(None), Ok(refused)) = (&self.host, self.host_refused())
        {
            // The page names the address, and stumbles over the host while it is being made:
            // outside of the innermost layer.
            entered.pop();
            answer.outcome = refused;
        }
        for layer in entered.into_iter().rev() {
            self.leave(layer, &mut answer);
        }
        answer
    }

    fn enter(&self, layer: Layer) -> Step {
        let step = match layer {
            Layer::Security => self.enter_security(),
            Layer::Common => self.enter_common(),
            Layer::Cors => self.enter_cors(),
            Layer::Framing | Layer::Policy | Layer::PackagePolicy | Layer::Neutral => Ok(Step::On),
        };
        step.unwrap_or_else(|unknown| Step::Answers(Outcome::Unknown(unknown)))
    }

    /// `SecurityMiddleware.process_request`.
    fn enter_security(&self) -> Known<Step> {
        const NAME: &str = "SECURE_SSL_REDIRECT";
        if !settings::is_on(self.settings, NAME)? || self.scheme.clone()? == Scheme::Https {
            return Ok(Step::On);
        }
        let path = self.received.path.trim_start_matches('/');
        for exempt in settings::texts(self.settings, "SECURE_REDIRECT_EXEMPT")? {
            let is_exempt = headers::is_found(&exempt, path).ok_or_else(|| {
                Unknown::new(
                    Cause::Code,
                    "a regular expression of SECURE_REDIRECT_EXEMPT is not understood",
                    settings::trail(self.settings, "SECURE_REDIRECT_EXEMPT").first_span(),
                )
            })?;
            if is_exempt {
                return Ok(Step::On);
            }
        }
        let host = match settings::text(self.settings, "SECURE_SSL_HOST")? {
            Some(host) => host,
            None => match self.host.clone()? {
                Some(host) => host,
                None => return Ok(Step::Raises(self.host_refused()?)),
            },
        };
        Ok(Step::Answers(Outcome::Redirect {
            status: 301,
            location: format!("https://{host}{}", self.received.full_path("")),
            by: "SecurityMiddleware",
            trail: self.trail(NAME),
        }))
    }

    /// `CommonMiddleware.process_request`.
    fn enter_common(&self) -> Known<Step> {
        const NAME: &str = "PREPEND_WWW";
        let Some(host) = self.host.clone()? else {
            return Ok(Step::Raises(self.host_refused()?));
        };
        if !settings::is_on(self.settings, NAME)? || host.starts_with("www.") {
            return Ok(Step::On);
        }
        let slash = if self.wants_slash()? { "/" } else { "" };
        Ok(Step::Answers(Outcome::Redirect {
            status: 301,
            location: format!(
                "{}://www.{host}{}",
                self.scheme.clone()?.name(),
                self.received.full_path(slash)
            ),
            by: "CommonMiddleware",
            trail: self.trail(NAME),
        }))
    }

    /// `CorsMiddleware.check_preflight`.
    fn enter_cors(&self) -> Known<Step> {
        let is_preflight = headers::cors_covers(self.settings, self.received)?
            && self.received.method == "OPTIONS"
            && self
                .received
                .header("Access-Control-Request-Method")
                .is_some();
        Ok(match is_preflight {
            true => Step::Answers(Outcome::Preflight),
            false => Step::On,
        })
    }

    fn leave(&self, layer: Layer, answer: &mut Answer) {
        let headers = match layer {
            Layer::Security => headers::security(self.settings, &self.scheme),
            Layer::Framing => headers::framing(self.settings),
            Layer::Policy if self.is_debug_page(&answer.outcome) => Vec::new(),
            Layer::Policy => headers::policy(self.settings),
            Layer::PackagePolicy => headers::package_policy(self.settings),
            Layer::Cors => headers::cors(self.settings, self.received),
            Layer::Common => {
                self.append_slash(answer);
                Vec::new()
            }
            Layer::Neutral => Vec::new(),
        };
        let is_new = |header: &Header| answer.headers.iter().all(|known| known.name != header.name);
        let new: Vec<_> = headers.into_iter().filter(is_new).collect();
        answer.headers.extend(new);
    }

    /// Whether Django's page for developers answers, which takes the policy off itself
    /// (`django.views.debug`).
    fn is_debug_page(&self, outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::NotFound | Outcome::HostRefused { .. })
            && settings::is_on(self.settings, "DEBUG") == Ok(true)
    }

    /// `CommonMiddleware.process_response`: a path that is missing and exists with a slash. The
    /// answer then made anew has none of the headers that inner layers added.
    fn append_slash(&self, answer: &mut Answer) {
        if !matches!(answer.outcome, Outcome::NotFound) {
            return;
        }
        match self.wants_slash() {
            Ok(false) => {}
            Ok(true) => {
                answer.headers.clear();
                let path = self.received.full_path("/");
                answer.outcome = Outcome::Redirect {
                    status: 301,
                    // `escape_leading_slashes`: no `//evil.example/`.
                    location: match path.strip_prefix("//") {
                        Some(rest) => format!("/%2F{rest}"),
                        None => path,
                    },
                    by: "CommonMiddleware",
                    trail: self.trail("APPEND_SLASH"),
                };
            }
            Err(unknown) => answer.outcome = Outcome::Unknown(unknown),
        }
    }

    /// `CommonMiddleware.should_redirect_with_slash`.
    fn wants_slash(&self) -> Known<bool> {
        let path = &self.received.path;
        if path.ends_with('/') || !settings::is_on(self.settings, "APPEND_SLASH")? {
            return Ok(false);
        }
        let Some(routes) = &self.deployment.routes else {
            return Err(self.no_routes());
        };
        let leads = |path: &str| {
            let resolved = resolve(routes, self.settings, path)?;
            Ok(matches!(resolved, Resolved::To(_)))
        };
        Ok(!leads(path)? && leads(&format!("{path}/"))?)
    }

    fn view(&self) -> Outcome {
        let Some(routes) = &self.deployment.routes else {
            return Outcome::Unknown(self.no_routes());
        };
        match resolve(routes, self.settings, &self.received.path) {
            Ok(Resolved::To(route)) => Outcome::View(Box::new(route.clone())),
            Ok(Resolved::Nowhere) => Outcome::NotFound,
            Err(unknown) => Outcome::Unknown(unknown),
        }
    }

    fn no_routes(&self) -> Unknown {
        Unknown::new(
            Cause::File,
            "the URL configuration is not in the project",
            None,
        )
    }

    fn host_refused(&self) -> Known<Outcome> {
        Ok(Outcome::HostRefused {
            host: request::raw_host(self.settings, self.received)?,
            trail: self.trail("ALLOWED_HOSTS"),
        })
    }

    fn trail(&self, name: &str) -> Trail {
        settings::trail(self.settings, name)
    }
}
