//! What the checks of OCSP stapling share.

use tightship_model::nginx::{Configuration, Directive};

use super::context::{Context, blocks};
use super::listen::listens;

/// The servers that staple, each with the `ssl_stapling` that says so.
pub(super) fn stapling(configuration: &Configuration) -> Vec<(Context<'_>, &Directive)> {
    blocks(configuration, "server")
        .into_iter()
        .filter(|server| server.is_http() && server.switch("ssl_stapling") == Some(true))
        .filter(|server| listens(server).iter().any(|listen| listen.ssl))
        .filter_map(|server| {
            let stapling = server.value("ssl_stapling")?;
            Some((server, stapling))
        })
        .collect()
}

/// The certificate of a server that Let's Encrypt has issued, by its path: that of certbot's
/// lineages.
pub(super) fn lets_encrypt<'a>(server: &Context<'a>) -> Option<&'a Directive> {
    let certificates = server.held("ssl_certificate");
    certificates.into_iter().find(|one| {
        one.argument(0)
            .is_some_and(|path| path.to_ascii_lowercase().contains("letsencrypt"))
    })
}
