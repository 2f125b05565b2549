//! Domains that many share.

/// Domains under which anyone can have a host within minutes; each is in the private section of the
/// Public Suffix List.
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
/// (RFC 6265bis, section 5.2): they share a name that somebody has registered. Below a suffix that is
/// not known here the answer may be wrong for names of two strangers.
pub(crate) fn is_one_site(one: &str, other: &str) -> bool {
    let shared: Vec<_> = one
        .rsplit('.')
        .zip(other.rsplit('.'))
        .take_while(|(one, other)| one.eq_ignore_ascii_case(other))
        .map(|(label, _)| label.to_ascii_lowercase())
        .collect();
    let is_national = |labels: &[String]| matches!(labels, [country, kind] if country.len() == 2 && kind.len() <= 3);
    let name: Vec<_> = shared.iter().rev().map(String::as_str).collect();
    shared.len() >= 2 && !is_national(&shared) && !SHARED_DOMAINS.contains(&name.join(".").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_registered_name_are_one_site() {
        assert!(is_one_site("app.shop.example", "api.Shop.example"));
        assert!(is_one_site("shop.example", "api.shop.example"));
        assert!(is_one_site("a.shop.co.uk", "b.shop.co.uk"));
        assert!(!is_one_site("shop.co.uk", "other.co.uk"));
        assert!(!is_one_site("shop.example", "other.example"));
        assert!(!is_one_site("shop.vercel.app", "other.vercel.app"));
        assert!(is_one_site("a.shop.vercel.app", "shop.vercel.app"));
    }
}
