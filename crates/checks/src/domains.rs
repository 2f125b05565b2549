//! Domains that many share, and what of a name is one's own.

use tightship_predict::domains::{is_public_suffix, registered};

/// Domains under which anyone can have a host within minutes; each, or a name right below it, is in the
/// private section of the Public Suffix List.
pub(crate) const SHARED_DOMAINS: [&str; 25] = [
    "amplifyapp.com",
    "appspot.com",
    "azurestaticapps.net",
    "azurewebsites.net",
    "cloudfront.net",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "onrender.com",
    "pages.dev",
    "pythonanywhere.com",
    "run.app",
    "surge.sh",
    "up.railway.app",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// Whether a browser takes two hosts for one site, so that a cookie of `SameSite=Lax` goes along
/// (RFC 6265bis, section 5.2): they share a name that somebody has registered. Below a top that the
/// Public Suffix List does not know, a name of two parts is taken for one, as browsers do.
pub(crate) fn is_one_site(one: &str, other: &str) -> bool {
    site(one).is_some_and(|site_of_one| Some(site_of_one) == site(other))
}

/// The part of a host that makes it one site with others; `None` for a public suffix.
pub(crate) fn site(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Some(host);
    }
    if is_public_suffix(&host) {
        return None;
    }
    if let Some(name) = registered(&host) {
        return Some(name.to_owned());
    }
    let last: Vec<_> = host.rsplit('.').take(2).collect();
    Some(last.into_iter().rev().collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_domains_are_in_the_list() {
        // Hosts of Cloud Run stand below `a.run.app`.
        let listed =
            |domain: &str| is_public_suffix(domain) || is_public_suffix(&format!("a.{domain}"));
        for domain in SHARED_DOMAINS {
            assert!(listed(domain), "{domain}");
        }
    }

    #[test]
    fn hosts_of_one_registered_name_are_one_site() {
        assert!(is_one_site("app.shop.example", "api.Shop.example"));
        assert!(is_one_site("shop.example", "api.shop.example"));
        assert!(is_one_site("a.shop.co.uk", "b.shop.co.uk"));
        assert!(!is_one_site("shop.co.uk", "other.co.uk"));
        assert!(!is_one_site("shop.com.br", "other.com.br"));
        assert!(!is_one_site("co.uk", "co.uk"));
        assert!(is_one_site("127.0.0.1", "127.0.0.1") && !is_one_site("10.0.0.1", "192.0.0.1"));
        assert!(!is_one_site("shop.example", "other.example"));
        assert!(!is_one_site("shop.vercel.app", "other.vercel.app"));
        assert!(is_one_site("a.shop.vercel.app", "shop.vercel.app"));
    }
}
