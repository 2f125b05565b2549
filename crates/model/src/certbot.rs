//! certbot: what was issued, what renews it, and what tells nginx.

use crate::{Argv, Repeated, SourceId, Span, Starter, Traced};

#[derive(Clone, Debug, Default)]
pub struct Certbot {
    /// Lineages that a renewal configuration or a folder below `live/` names.
    pub lineages: Vec<Lineage>,
    /// Every command line of certbot that was found.
    pub runs: Vec<CertbotRun>,
    /// What renews again and again.
    pub renewers: Vec<Repeated>,
    /// What makes nginx take new certificates, again and again or after each renewal.
    pub reloaders: Vec<Repeated>,
    /// Where a script makes a certificate of its own so that nginx starts before there is one.
    pub placeholders: Vec<Span>,
    /// Folders of the host that a script takes for certbot's `/etc/letsencrypt`: it mounts them there
    /// or makes `live/` in them. Absolute, or relative to where the script is run.
    pub laid_out: Vec<Traced<String>>,
    /// Certificates that lie in the repository.
    pub certificates: Vec<Certificate>,
    /// Private keys that lie in the repository.
    pub keys: Vec<PrivateKey>,
}

/// One certificate that certbot keeps, as `renewal/NAME.conf` tells.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    pub name: String,
    /// `None` where only its folder is known.
    pub file: Option<SourceId>,
    pub version: Option<Traced<String>>,
    pub archive_dir: Option<Traced<String>>,
    /// Paths of the links below `live/`.
    pub cert: Option<Traced<String>>,
    pub privkey: Option<Traced<String>>,
    pub chain: Option<Traced<String>>,
    pub fullchain: Option<Traced<String>>,
    /// `webroot`, `standalone`, `nginx`, `dns-…`.
    pub authenticator: Option<Traced<String>>,
    pub installer: Option<Traced<String>>,
    /// The address of the ACME directory.
    pub server: Option<Traced<String>>,
    pub key_type: Option<Traced<String>>,
    pub rsa_key_size: Option<Traced<String>>,
    pub renew_before_expiry: Option<Traced<String>>,
    pub webroot_path: Vec<Traced<String>>,
    /// Name and folder, of `[[webroot_map]]`.
    pub webroot_map: Vec<(String, Traced<String>)>,
    /// Commands; they may hold secrets.
    pub hooks: Vec<(HookKind, Argv)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookKind {
    Pre,
    Deploy,
    Post,
}

/// One command line of certbot.
#[derive(Clone, Debug)]
pub struct CertbotRun {
    /// What starts it; `None` for a script that a person runs.
    pub by: Option<Starter>,
    /// `certonly`, `renew`, `run`, …
    pub subcommand: String,
    pub domains: Vec<String>,
    /// Folders of `-w` and `--webroot-path`, in the container that certbot runs in.
    pub webroots: Vec<String>,
    /// `webroot`, `standalone`, `nginx`, `dns-…`, where an option names it.
    pub authenticator: Option<String>,
    pub cert_name: Option<String>,
    pub is_staging: bool,
    pub is_dry_run: bool,
    pub forces_renewal: bool,
    /// Who the account is registered for; `None` where no option tells.
    pub contact: Option<Contact>,
    pub rsa_key_size: Option<String>,
    pub key_type: Option<String>,
    pub hooks: Vec<(HookKind, String)>,
    pub span: Span,
}

/// The address of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// `--email`.
    Address(String),
    /// `--register-unsafely-without-email`.
    Nobody,
}

/// A certificate in the repository, as RFC 5280 names its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Path relative to the root.
    pub path: String,
    /// Position in the file, from 0: a chain holds several.
    pub position: usize,
    pub subject: String,
    pub issuer: String,
    /// DNS names and addresses of subjectAltName, as text.
    pub names: Vec<String>,
    /// Seconds since 1970-01-01 UTC.
    pub not_before: i64,
    pub not_after: i64,
    pub is_authority: bool,
    pub is_self_signed: bool,
    /// The bits of its subjectPublicKey (RFC 5280, section 4.1.2.7); `None` where they are of a form
    /// that one key can have beside others.
    pub public_key: Option<Vec<u8>>,
    pub span: Span,
}

/// A private key in the repository. Its text is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// Path relative to the root.
    pub path: String,
    /// Whether a passphrase protects it.
    pub is_encrypted: bool,
    /// The permission bits of the file; `None` on systems without them.
    pub mode: Option<u32>,
    /// The bits of the public key that belongs to it, as a certificate has them; `None` where the
    /// key is encrypted, broken or of a kind that is not read.
    pub public_key: Option<Vec<u8>>,
    pub span: Span,
}
