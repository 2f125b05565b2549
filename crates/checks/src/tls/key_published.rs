use tightship_model::site::tls::SeenCertificate;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::{Seen, seen_certificate};

pub(super) static CHECK: Check = Check {
    id: "tls/key-published",
    title: "Everybody has the key of the site's certificate",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A8.2", "B2.6"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://chromium.googlesource.com/chromium/src/+/HEAD/net/data/ssl/blocklist/README.md",
        ),
        Reference::Cwe(321),
    ],
    doc: include_str!("key_published.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen_certificate(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    if seen.is_local() {
        return Outcome::NotApplicable(
            "on the machine itself nobody stands between who asks and who answers".to_owned(),
        );
    }
    let all = || seen.tls.chains.iter().flat_map(|chain| &chain.certificates);
    if all().any(|one| one.key_sha256.is_empty()) {
        return Outcome::Unknown {
            reason: "the capture is of before keys were noted".to_owned(),
            remedy: "look at the site again".to_owned(),
            trail: tightship_model::Trail::default(),
        };
    }
    // Of two chains with the same key one finding is enough.
    let known = seen.tls.chains.iter().find_map(|chain| {
        let mut at = chain.certificates.iter().enumerate();
        at.find_map(|(place, one)| Some((place, one, published(&one.key_sha256)?)))
    });
    match known {
        Some((place, one, software)) => Outcome::Fail(vec![finding(seen, place, one, software)]),
        None => seen.passes(
            "the keys are none of those that are known to be published",
            "sends certificates with keys of its own",
        ),
    }
}

fn finding(seen: Seen<'_>, place: usize, one: &SeenCertificate, software: &str) -> Finding {
    let what = match place {
        0 => {
            "whoever sits on the way reads and changes what visitors send: the key of the certificate"
        }
        _ => "whoever sits on the way shows a certificate of his own: the key of the authority",
    };
    let finding = seen.finding(
        "published-key",
        format!("{what} comes with {software}, for everybody to download"),
        &format!(
            "sends the certificate {} with the public key {}",
            one.subject, one.key_sha256
        ),
        "Make a key of the site's own and ask an authority that browsers know for its certificate (certbot \
         does both).",
    );
    Finding {
        labels: seen.label("ssl_certificate_key", "names the key"),
        ..finding
    }
}

/// Whose private half of a key is known to everybody.
fn published(key_sha256: &str) -> Option<&'static str> {
    let known = KNOWN.iter().find(|(hash, _)| *hash == key_sha256);
    known.map(|(_, software)| *software)
}

/// SHA-256 of public keys (SubjectPublicKeyInfo) whose private half was published, and with what. The keys of
/// packages are those in their archives; the others are of "Private Key Leakages" and "Superfish" in the list of
/// Chromium (net/data/ssl/blocklist, 2026), and of the test authority that badssl.com publishes.
const KNOWN: &[(&str, &str)] = &[
    (
        "91cb4bd1fc9717770bc13353fe13833d12530fea846f3b0249d764a84dc3deed",
        "django-sslserver",
    ),
    (
        "2bd1e667ec9ebbe02b9a7da264210c99b3eac1cc9141a0e30e3f623eaccec4e1",
        "webpack-dev-server 2.4",
    ),
    (
        "56ee62779ab5ef00d14909e073cc857f28623ce976242ccbd4bfc96a60309c39",
        "webpack-dev-server 1",
    ),
    (
        "ae90b57fcba826f7aec3be8eec4fa6b2c095dbb6be403226e043f31c241b4e54",
        "webpack-dev-server 1",
    ),
    (
        "680971cb44b0fd56592102a256e85c58e87109ad8044c2b90d8f3c6e9eeab897",
        "preact-cli",
    ),
    (
        "7b68480b9ce95a27cd6c663b705fd5352e4e564f8de3731b1e28c9b081cfba71",
        "preact-cli 1",
    ),
    (
        "3ff2809afbc23990716b819c67cf6fe20d6883f482eee210b495bb8a3f843c61",
        "preact-cli 2",
    ),
    (
        "4bb8f35ba1e126f8dde1b0c420625ed86dce61a7bddadbdea9aba578ff13145e",
        "Superfish, which was on Lenovo's computers",
    ),
    (
        "cdee9f3305572a677e1a6c82dc1e02a35b11cae6a684338c9f37fe1ac8daec23",
        "eDellRoot, which was on Dell's computers",
    ),
    (
        "130ad4e0633521290531b6651f5759b0bc7bc656709ff8f365c2143b0389b6f6",
        "DSDTestProvider, which was on Dell's computers",
    ),
    (
        "9d40513f43991af39fe413aff7608fc56463827137166547de0a1828d524ae98",
        "badssl.com, as that of a program that listens in",
    ),
    (
        "1af56c98ff043ef92bebff54cebb4dd67a25ba956c817f3e6dd3c1e52eb584c1",
        "Cyberoam's appliances",
    ),
    (
        "707d364e72ae521431dd953897f9c4846d5b8c324298fe53fbd4ada1f2d1157f",
        "Mitel's products",
    ),
    (
        "6adb8e3e055460922d1501cb97f94c6a02e39c8f2774ca408825b7b58379dc14",
        "Mitel's products",
    ),
    (
        "490b6ec6beb2d6034720b5149b6b29cd35515988cc16af854148b07b9b1f8a11",
        "Mitel's products",
    ),
    (
        "ef551284715232de92e246c323329362b132493bb16b589e4775520beb871a56",
        "Mitel's products",
    ),
    (
        "0c43ea8bcde9fc3bca165664ac8215567e3489d5393a0c81e1a79141992e1953",
        "Sennheiser's HeadSetup",
    ),
    (
        "8f591f7aa4dc3efe9490c38a4692c9011ed128f1de595569406d77b6fa1f6b4c",
        "Sennheiser's HeadSetup",
    ),
    (
        "7d5e3f50508197b9a478b11340b7dce20a3c4de49c48c9a294158a895c44a21b",
        "sslip.io's old wildcard",
    ),
    (
        "f2bbe04c5dc70d763e89c5a0527048cd9ecd39eb621e2072ff9a5f8432571aa0",
        "a certificate for xs4all.nl",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_stands_there_once_and_whole() {
        let mut hashes: Vec<_> = KNOWN.iter().map(|(hash, _)| *hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), KNOWN.len());
        for hash in hashes {
            let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert!(hash.len() == 64 && hash.bytes().all(is_hex), "{hash}");
        }
    }
}
