//! What unbound says of a signed zone of Knot DNS.

use tightship_model::site::dns::{Answer, Code, Data, Dns, Kind, Question, Reply};

use crate::look;
use crate::servers::Zone;

const RECORDS: &str = r#"
shop            A       203.0.113.7
shop            A       203.0.113.8
shop            AAAA    2001:db8::7
shop            MX      10 mail.shop
shop            TXT     "v=spf1 mx include:_spf" ".relay.test -all"
shop            TXT     "another text"
shop            CAA     0 issue "letsencrypt.org; validationmethods=http-01"
shop            CAA     128 iodef "mailto:caa@shop.test"
www.shop        CNAME   shop
mail.shop       A       203.0.113.9
_dmarc.shop     TXT     "v=DMARC1; p=reject"
s1._domainkey.shop TXT  "v=DKIM1; p=AAAA"
_spf.relay      TXT     "v=spf1 ip4:198.51.100.0/24 -all"
dangling        CNAME   given-up
round           CNAME   about
about           CNAME   round
huge            TXT     ( "v=spf1 ip4:192.0.2.1 -all" )
quiet           TXT     "no address"
endless         TXT     "v=spf1 include:endless.test -all"
"#;

fn answer<'a>(dns: &'a Dns, name: &str, kind: Kind) -> &'a Answer {
    let answer = dns.views[0].answer(name, kind);
    answer.unwrap_or_else(|| panic!("{} {name}: {dns:#?}", kind.name()))
}

fn found(dns: &Dns, name: &str, kind: Kind) -> Vec<Data> {
    answer(dns, name, kind).of(name, kind).cloned().collect()
}

#[test]
fn records_are_what_the_zone_says() {
    let long: String = (0..40)
        .map(|n| format!("huge TXT \"{n:0200}\"\n"))
        .collect();
    let zone = Zone::start(&format!("{RECORDS}{long}"));
    let resolver = zone.resolver(Some(&zone.anchor));
    let dns = look("https://www.shop.test/", &[resolver.address], |options| {
        options.dns.selectors = vec!["s1".to_owned(), "s2".to_owned()];
    });
    assert_eq!(
        (dns.host.as_str(), dns.unasked.as_deref()),
        ("www.shop.test", None)
    );
    let addresses = found(&dns, "www.shop.test", Kind::A);
    let expected = [[203, 0, 113, 7], [203, 0, 113, 8]].map(|ip| Data::A(ip.into()));
    assert_eq!(addresses, expected);
    assert!(answer(&dns, "www.shop.test", Kind::A).authentic);
    assert_eq!(
        found(&dns, "www.shop.test", Kind::Aaaa),
        [Data::Aaaa("2001:db8::7".parse().unwrap())]
    );
    // www is an alias: the resolver follows it, as an authority would (RFC 8659, section 3).
    assert_eq!(
        found(&dns, "www.shop.test", Kind::Caa),
        [
            Data::Caa {
                critical: false,
                tag: "issue".to_owned(),
                value: "letsencrypt.org; validationmethods=http-01".to_owned(),
            },
            Data::Caa {
                critical: true,
                tag: "iodef".to_owned(),
                value: "mailto:caa@shop.test".to_owned(),
            }
        ]
    );
    let texts = found(&dns, "shop.test", Kind::Txt);
    let spf = Data::Txt("v=spf1 mx include:_spf.relay.test -all".to_owned());
    assert!(texts.contains(&spf), "{texts:?}");
    for (name, kind, count) in [
        ("_spf.relay.test", Kind::Txt, 1),
        ("mail.shop.test", Kind::A, 1),
        ("_dmarc.shop.test", Kind::Txt, 1),
        ("s1._domainkey.shop.test", Kind::Txt, 1),
        ("s2._domainkey.shop.test", Kind::Txt, 0),
    ] {
        assert_eq!(found(&dns, name, kind).len(), count, "{name}");
    }
    assert_eq!(answer(&dns, "_dmarc.test", Kind::Txt).code, Code::NxDomain);
    assert_eq!(dns.views[0].gaps, Vec::<String>::new());
    // The same look is the same capture.
    let again = look("https://www.shop.test/", &[resolver.address], |options| {
        options.dns.selectors = vec!["s1".to_owned(), "s2".to_owned()];
    });
    assert_eq!(dns, again);
    // What the documentation says of their number.
    let questions = dns.views[0].lookups.len();
    assert!((12..=24).contains(&questions), "{questions}");

    // What is too long for UDP comes over TCP.
    let dns = look("https://huge.test/", &[resolver.address], |_| {});
    assert_eq!(found(&dns, "huge.test", Kind::Txt).len(), 41);

    // An alias that leads nowhere, one that leads round, a name without addresses.
    let dns = look("https://dangling.test/", &[resolver.address], |_| {});
    let dangling = answer(&dns, "dangling.test", Kind::A);
    assert_eq!(dangling.code, Code::NxDomain);
    assert_eq!(dangling.end("dangling.test"), "given-up.test");
    let dns = look("https://round.test/", &[resolver.address], |_| {});
    let round = answer(&dns, "round.test", Kind::A);
    assert_eq!(round.of("round.test", Kind::A).count(), 0);
    let dns = look("https://quiet.test/", &[resolver.address], |_| {});
    let quiet = answer(&dns, "quiet.test", Kind::A);
    assert_eq!((quiet.code, quiet.records.len()), (Code::NoError, 0));

    // A record that includes itself ends.
    let dns = look("https://endless.test/", &[resolver.address], |_| {});
    assert_eq!(found(&dns, "endless.test", Kind::Txt).len(), 1);
}

#[test]
fn what_does_not_validate_is_told_apart() {
    let zone = Zone::start(RECORDS);
    // The digest of another key.
    let (rest, digest) = zone.anchor.rsplit_once(' ').unwrap();
    let forged: String = digest.chars().rev().collect();
    let strict = zone.resolver(Some(&format!("{rest} {forged}")));
    let dns = look("https://shop.test/", &[strict.address], |_| {});
    assert_eq!(answer(&dns, "shop.test", Kind::A).code, Code::ServFail);
    let unchecked = Question {
        unchecked: true,
        ..Question::new("shop.test", Kind::A)
    };
    let Some(Reply::Answer(unchecked)) = dns.views[0].reply(&unchecked) else {
        panic!("{dns:#?}");
    };
    assert_eq!(unchecked.of("shop.test", Kind::A).count(), 2);
    assert!(!unchecked.authentic);

    // A resolver that validates nothing answers, and says so.
    let plain = zone.resolver(None);
    let dns = look(
        "https://shop.test/",
        &[plain.address, strict.address],
        |_| {},
    );
    let seen = answer(&dns, "shop.test", Kind::A);
    assert_eq!((seen.code, seen.authentic), (Code::NoError, false));
    // The second resolver is asked for addresses alone.
    let other = &dns.views[1];
    assert_eq!(other.lookups.len(), 4, "{other:#?}");
    let code = other.answer("shop.test", Kind::A).unwrap().code;
    assert_eq!(code, Code::ServFail);
}
