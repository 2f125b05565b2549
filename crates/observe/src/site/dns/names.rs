//! Which names there are to ask about.

use std::net::IpAddr;

use tightship_model::site::dns::{Dns, MailDomain};
use tightship_predict::domains::{is_public_suffix, registered};

use crate::site::Options;

/// The names of a target, or why nothing is asked about them.
pub(super) fn names(options: &Options) -> Dns {
    let host = options.target.host().trim_end_matches('.').to_owned();
    let unasked = |reason: &str| Dns {
        unasked: Some(reason.to_owned()),
        host: host.clone(),
        ..Dns::default()
    };
    if host.parse::<IpAddr>().is_ok() {
        return unasked("the site was named by its address, which has no records of its own");
    }
    if is_local(&host) {
        return unasked("the name means this machine, and no server of the DNS");
    }
    if !host.contains('.') {
        return unasked("a name of one word belongs to no domain");
    }
    // Who names a resolver knows what it is to be asked.
    if options.dns.resolvers.is_empty() {
        if RESERVED.iter().any(|top| is_below(&host, top)) {
            return unasked(
                "the name is reserved: no public server knows it; --resolver names one",
            );
        }
        let port = options.target.port().unwrap_or(0);
        let mut given = options.connect_to.iter();
        if given.any(|one| one.is_for(&host, port)) {
            return unasked("--connect-to gave the address; --resolver asks the DNS all the same");
        }
    }
    let base = host.strip_prefix("www.").filter(|rest| rest.contains('.'));
    let own = base.unwrap_or(&host);
    let domain = registered(own).unwrap_or(own);
    let twin = match base {
        Some(base) => Some(base.to_owned()),
        // Nobody types `www.app.shop.example`.
        None => (own == domain).then(|| format!("www.{host}")),
    };
    Dns {
        unasked: None,
        twin,
        mail: mail(own, domain, &options.dns.senders),
        relay: options.dns.relay.as_deref().and_then(relay),
        selectors: selectors(&options.dns.selectors),
        host: host.clone(),
        views: Vec::new(),
    }
}

/// Names that mean this machine (RFC 6761, section 6.3).
fn is_local(host: &str) -> bool {
    is_below(host, "localhost")
}

/// Names that the public DNS does not know: RFC 6761, RFC 2606 (section 3), RFC 6762, RFC 7686, RFC
/// 8375, and `internal`, which ICANN reserved in 2024.
const RESERVED: [&str; 11] = [
    "test",
    "example",
    "invalid",
    "localhost",
    "example.com",
    "example.net",
    "example.org",
    "local",
    "onion",
    "home.arpa",
    "internal",
];

fn is_below(name: &str, top: &str) -> bool {
    name.strip_suffix(top)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Domains that are looked at for mail.
const MOST_DOMAINS: usize = 4;

/// The domains of senders, as far as they are the site's: below the same registered name, or its name,
/// one above or one below it. Where there is none, the registered name stands for them.
fn mail(own: &str, registered_own: &str, senders: &[String]) -> Vec<MailDomain> {
    let mut domains: Vec<_> = senders
        .iter()
        .filter_map(|sender| sender.rsplit_once('@'))
        .map(|(_, domain)| {
            domain
                .trim_end_matches(['>', ' ', '.'])
                .to_ascii_lowercase()
        })
        .filter(|domain| domain.contains('.'))
        .filter(|domain| match registered(domain) {
            Some(name) => name == registered_own,
            None => !is_public_suffix(domain) && (is_below(own, domain) || is_below(domain, own)),
        })
        .map(|name| MailDomain { name, sends: true })
        .collect();
    domains.sort_by(|one, other| one.name.cmp(&other.name));
    domains.dedup();
    domains.truncate(MOST_DOMAINS);
    if domains.is_empty() {
        domains.push(MailDomain {
            name: registered_own.to_owned(),
            sends: false,
        });
    }
    domains
}

/// A relay that the DNS may know.
fn relay(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_name = host.contains('.') && host.parse::<IpAddr>().is_err() && !is_local(&host);
    is_name.then_some(host)
}

/// Selectors that can be asked for: labels of a name (RFC 6376, section 3.1).
fn selectors(named: &[String]) -> Vec<String> {
    const MOST: usize = 8;
    let is_label = |text: &str| (1..=63).contains(&text.len());
    let mut selectors: Vec<_> = named
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .filter(|name| name.split('.').all(is_label))
        .collect();
    selectors.dedup();
    selectors.truncate(MOST);
    selectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{ConnectTo, Target};

    fn of(url: &str, change: impl FnOnce(&mut Options)) -> Dns {
        let mut options = Options::new(Target::parse(url).expect(url));
        change(&mut options);
        names(&options)
    }

    #[test]
    fn names_without_public_answers_are_not_asked_about() {
        for url in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "http://localhost:8000/",
            "https://shop.localhost/",
            "https://shop.test/",
            "https://www.example.com/",
            "https://intranet/",
        ] {
            assert!(of(url, |_| {}).unasked.is_some(), "{url}");
        }
        assert_eq!(of("https://shop.dev/", |_| {}).unasked, None);
        let given = |options: &mut Options| {
            let to = ConnectTo::parse("shop.dev:443:127.0.0.1:8443").expect("an address");
            options.connect_to.push(to);
        };
        assert!(of("https://shop.dev/", given).unasked.is_some());
        assert_eq!(of("https://shop.dev:8443/", given).unasked, None);
        let named = |options: &mut Options| {
            let resolver = "127.0.0.1:53".parse().expect("an address");
            options.dns.resolvers.push(resolver);
        };
        assert_eq!(of("https://shop.test/", named).unasked, None);
        assert!(of("https://shop.localhost/", named).unasked.is_some());
    }

    #[test]
    fn a_name_has_a_twin_and_mail() {
        let dns = of("https://www.shop.dev/", |_| {});
        assert_eq!(dns.twin.as_deref(), Some("shop.dev"));
        assert_eq!(dns.mail[0].name, "shop.dev");
        assert!(!dns.mail[0].sends);
        let senders = |options: &mut Options| {
            for sender in [
                "Shop <no-reply@mail.shop.dev>",
                "me@gmail.com",
                "root@localhost",
            ] {
                options.dns.senders.push(sender.to_owned());
            }
        };
        let dns = of("https://shop.dev/", senders);
        assert_eq!(dns.twin.as_deref(), Some("www.shop.dev"));
        let [mail] = &dns.mail[..] else {
            panic!("{:?}", dns.mail);
        };
        assert_eq!((mail.name.as_str(), mail.sends), ("mail.shop.dev", true));
        // Below a registered name there is no twin, and mail is its.
        let dns = of("https://app.shop.co.uk/", |_| {});
        assert_eq!((dns.twin, dns.mail[0].name.as_str()), (None, "shop.co.uk"));
        let dns = of("https://app.shop.co.uk/", |options| {
            let senders = ["a@news.shop.co.uk", "a@other.co.uk", "a@co.uk"];
            options.dns.senders = senders.map(str::to_owned).into();
        });
        let names: Vec<_> = dns.mail.iter().map(|mail| mail.name.as_str()).collect();
        assert_eq!(names, ["news.shop.co.uk"]);
    }
}
