//! What requests are for.

use serde::{Deserialize, Serialize};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The address that was named, and where it redirects on the same host.
    Page,
    /// The same host over plain HTTP, and where it redirects on the same host.
    Plain,
    /// The page over HTTP/2, where TLS agrees on it.
    Http2,
    /// A path that no site has.
    NotFound,
    /// The page with a `Host` that is not the site's.
    ForgedHost,
    Login,
    Admin,
    /// A page that the project's routes keep for those who are logged in.
    Guarded,
    Robots,
    /// `/.well-known/security.txt`
    SecurityText,
    /// A static file that the page names.
    Asset,
    /// The page, asked for compressed.
    Compressed,
    /// The folder of static files.
    StaticFolder,
    /// The folder of uploads.
    MediaFolder,
    /// What a browser asks before a foreign origin sends something.
    Options,
    Trace,
    /// With an `Origin` that has nothing to do with the site.
    OriginForeign,
    /// With an `Origin` that begins with the site's name and ends elsewhere.
    OriginSuffix,
    /// With an `Origin` that ends with the site's name and belongs to somebody else.
    OriginPrefix,
    /// With the `Origin` of a sandboxed frame: `null`.
    OriginNull,
    /// What a browser asks before the frontend that the settings name sends something.
    OriginFrontend,
    /// `/.git/HEAD`
    Repository,
    /// `/.env`
    Environment,
    /// A file that people leave behind: a dump, a copy of the settings.
    Backup,
    /// A certificate that the site should have sent, from where its own names it.
    Issuer,
    /// The login, as it is opened before its form is sent; that of an API with nothing in it.
    LoginForm,
    /// What the login of an API takes.
    LoginOptions,
    /// The form of the login as a foreign page would send it: from another origin, without a token.
    FormForeign,
    /// The form of the login as a browser sends it, for an account that nobody has.
    FormOwn,
    /// As a browser sends it, without `Origin`.
    FormNoOrigin,
    /// As a browser sends it, with the origin of plain HTTP.
    FormPlainOrigin,
    /// The head of a request that announces a body, which is not sent.
    BodyAnnounced,
    /// A page as a visitor opens it, asked for compressed.
    BreachOpen,
    /// The same with a made-up word in the query.
    BreachWord,
    /// The same with the name of a secret of the page instead, which is as long.
    BreachName,
    /// The page as another visitor opens it.
    BreachStranger,
    /// One of many requests in a row.
    Burst,
    /// A wrong password from another address, before anything is refused.
    LockoutControl,
    /// A wrong password for always the same account.
    LockoutTry,
    /// A wrong password for another account each time, once the first is refused.
    LockoutOther,
    /// As [`Purpose::LockoutOther`], from another address.
    LockoutElsewhere,
    /// A wrong password for the first account, with another `X-Forwarded-For` each time.
    LockoutForged,
}

impl Purpose {
    /// All of them, in the order of the plan.
    pub const ALL: [Self; 42] = [
        Self::Page,
        Self::Plain,
        Self::Http2,
        Self::NotFound,
        Self::ForgedHost,
        Self::Login,
        Self::Admin,
        Self::Guarded,
        Self::Robots,
        Self::SecurityText,
        Self::Asset,
        Self::Compressed,
        Self::StaticFolder,
        Self::MediaFolder,
        Self::Options,
        Self::Trace,
        Self::OriginForeign,
        Self::OriginSuffix,
        Self::OriginPrefix,
        Self::OriginNull,
        Self::OriginFrontend,
        Self::Repository,
        Self::Environment,
        Self::Backup,
        Self::Issuer,
        Self::LoginForm,
        Self::LoginOptions,
        Self::FormForeign,
        Self::FormOwn,
        Self::FormNoOrigin,
        Self::FormPlainOrigin,
        Self::BodyAnnounced,
        Self::BreachOpen,
        Self::BreachWord,
        Self::BreachName,
        Self::BreachStranger,
        Self::Burst,
        Self::LockoutControl,
        Self::LockoutTry,
        Self::LockoutOther,
        Self::LockoutElsewhere,
        Self::LockoutForged,
    ];

    /// As it is serialised: `not-found`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Plain => "plain",
            Self::Http2 => "http2",
            Self::NotFound => "not-found",
            Self::ForgedHost => "forged-host",
            Self::Login => "login",
            Self::Admin => "admin",
            Self::Guarded => "guarded",
            Self::Robots => "robots",
            Self::SecurityText => "security-text",
            Self::Asset => "asset",
            Self::Compressed => "compressed",
            Self::StaticFolder => "static-folder",
            Self::MediaFolder => "media-folder",
            Self::Options => "options",
            Self::Trace => "trace",
            Self::OriginForeign => "origin-foreign",
            Self::OriginSuffix => "origin-suffix",
            Self::OriginPrefix => "origin-prefix",
            Self::OriginNull => "origin-null",
            Self::OriginFrontend => "origin-frontend",
            Self::Repository => "repository",
            Self::Environment => "environment",
            Self::Backup => "backup",
            Self::Issuer => "issuer",
            Self::LoginForm => "login-form",
            Self::LoginOptions => "login-options",
            Self::FormForeign => "form-foreign",
            Self::FormOwn => "form-own",
            Self::FormNoOrigin => "form-no-origin",
            Self::FormPlainOrigin => "form-plain-origin",
            Self::BodyAnnounced => "body-announced",
            Self::BreachOpen => "breach-open",
            Self::BreachWord => "breach-word",
            Self::BreachName => "breach-name",
            Self::BreachStranger => "breach-stranger",
            Self::Burst => "burst",
            Self::LockoutControl => "lockout-control",
            Self::LockoutTry => "lockout-try",
            Self::LockoutOther => "lockout-other",
            Self::LockoutElsewhere => "lockout-elsewhere",
            Self::LockoutForged => "lockout-forged",
        }
    }

    /// Whether it belongs to an ordinary look at a site, and to no probe.
    pub fn is_browsing(self) -> bool {
        self < Self::Issuer
    }

    /// Whether its answer is held against those to other forms: then what it says is noted, see
    /// [`super::http::Content::wording`].
    pub fn is_compared(self) -> bool {
        matches!(
            self,
            Self::LoginForm
                | Self::FormForeign
                | Self::FormOwn
                | Self::FormNoOrigin
                | Self::FormPlainOrigin
                | Self::LockoutControl
                | Self::LockoutTry
                | Self::LockoutOther
                | Self::LockoutElsewhere
                | Self::LockoutForged
        )
    }

    /// Whether its answer is weighed: then its length and its secrets are noted, see
    /// [`super::http::Content::packed`].
    pub fn is_weighed(self) -> bool {
        matches!(
            self,
            Self::BreachOpen | Self::BreachWord | Self::BreachName | Self::BreachStranger
        )
    }
}
