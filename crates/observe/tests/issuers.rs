//! Chains of which a site sends a part, and where the rest is found.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tightship_model::site::Site;
use tightship_model::site::http::{Purpose, Reply};
use tightship_model::site::tls::{Found, Tls, Trust};
use tightship_observe::site::{ConnectTo, MOST_ISSUERS, Options, Target, certificates, observe};
use tightship_testbed::{Server, free_port, issue, nginx, openssl, program};

/// A root, `middle` below it, `lower` below that, and what an authority serves at `issuer.example`.
struct Authority {
    folder: TempDir,
    port: u16,
    _nginx: Option<Server>,
}

impl Authority {
    /// Each of `sites` is the certificate that a server of its own sends first, what it sends after it, and
    /// what nginx is told beside. Gives their ports too.
    fn with(certificates: &[Issued], sites: &[&[&str]]) -> (Self, Vec<u16>) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let is_authority = "basicConstraints=critical,CA:TRUE";
        issue(root, "root", is_authority, None, "ec");
        issue(root, "middle", is_authority, Some("root"), "ec");
        let at_middle = format!("{is_authority}\n{}", at("http://issuer.example/middle.p7c"));
        issue(root, "lower", &at_middle, Some("middle"), "ec");
        for (name, url, signer, kind) in certificates {
            let names = "subjectAltName=DNS:shop.example";
            issue(
                root,
                name,
                &format!("{names}\n{}", at(url)),
                Some(signer),
                kind,
            );
        }
        serve(root);
        let port = free_port().expect("a port");
        let ports: Vec<u16> = sites.iter().map(|_| free_port().expect("a port")).collect();
        let authority = format!(
            "server {{ listen 127.0.0.1:{port}; server_name issuer.example; root {}/served;\n\
             location = /moved {{ return 302 http://issuer.example/middle.der; }} }}\n",
            root.display()
        );
        let servers: String = sites
            .iter()
            .zip(&ports)
            .map(|(sent, port)| site(root, sent, *port))
            .collect();
        let mut command = nginx(root, &format!("{authority}{servers}")).expect("written");
        command.env("OPENSSL_CONF", "/dev/null");
        let all: Vec<u16> = ports.iter().copied().chain([port]).collect();
        let server = Server::listening(&mut command, &all).expect("nginx listens");
        let own = Self {
            folder,
            port,
            _nginx: Some(server),
        };
        (own, ports)
    }

    /// The look at a site; `known` are files that complete its chain, and `fetches` whether others are asked.
    fn look(&self, port: u16, known: &[&str], fetches: bool) -> Site {
        let ways = [
            format!("shop.example:443:127.0.0.1:{port}"),
            format!("issuer.example:80:127.0.0.1:{}", self.port),
        ];
        let read = |name: &str| {
            let file = self.folder.path().join(format!("{name}.crt"));
            certificates(&std::fs::read(file).expect("it was made")).expect("PEM")
        };
        let options = Options {
            rate: 10_000.0,
            max_requests: Options::MAX_REQUESTS + MOST_ISSUERS,
            connect_to: ways
                .iter()
                .map(|way| ConnectTo::parse(way).expect("of that form"))
                .collect(),
            roots: read("root"),
            known_issuers: known.iter().flat_map(|name| read(name)).collect(),
            fetch_issuers: fetches,
            ..Options::new(Target::parse("https://shop.example/").expect("an address"))
        };
        observe(&options).expect("a runtime")
    }
}

/// A certificate: its name, where it says that its issuer's is found, who signs it, and the kind of its key.
type Issued = (&'static str, &'static str, &'static str, &'static str);

fn at(url: &str) -> String {
    match url {
        "" => String::new(),
        url => format!("authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:{url}"),
    }
}

/// What the authority gives away: certificates in each form.
fn serve(folder: &Path) {
    std::fs::create_dir(folder.join("served")).expect("a folder");
    for name in ["middle", "lower"] {
        let (own, der) = (format!("{name}.crt"), format!("served/{name}.der"));
        openssl(
            folder,
            &["x509", "-in", &own, "-outform", "DER", "-out", &der],
        );
        let message = format!("served/{name}.p7c");
        let pack = ["crl2pkcs7", "-nocrl", "-certfile", &own, "-outform", "DER"];
        openssl(folder, &[&pack[..], &["-out", &message]].concat());
        let copied = std::fs::copy(folder.join(&own), folder.join(format!("served/{name}.pem")));
        copied.expect("copied");
    }
    std::fs::write(folder.join("served/page.html"), "<html>no certificate").expect("written");
    std::fs::write(folder.join("served/large.der"), vec![0x30; 3 << 20]).expect("written");
}

fn site(folder: &Path, sent: &[&str], port: u16) -> String {
    let root = folder.display();
    // Names with `+` are certificates for other keys of the same server.
    let chains: Vec<Vec<&str>> = sent
        .split(|name| *name == "+")
        .map(<[&str]>::to_vec)
        .collect();
    let files: String = chains
        .iter()
        .map(|chain| {
            let text: Vec<u8> = chain
                .iter()
                .flat_map(|name| std::fs::read(folder.join(format!("{name}.crt"))).expect("made"))
                .collect();
            let file = format!("{root}/{port}-{}.pem", chain[0]);
            std::fs::write(&file, text).expect("written");
            format!(
                "ssl_certificate {file}; ssl_certificate_key {root}/{}.key;\n",
                chain[0]
            )
        })
        .collect();
    format!(
        "server {{ listen 127.0.0.1:{port} ssl; server_name shop.example;\n{files} return 200 shop; }}\n"
    )
}

fn tls(site: &Site) -> &Tls {
    site.tls.as_ref().expect("TLS was asked for")
}

/// What is said of the only chain: `trusted`, or what is missing and where it was found.
fn said(site: &Site) -> String {
    let [chain] = tls(site).chains.as_slice() else {
        panic!("{:?}", tls(site).chains);
    };
    match &chain.trust {
        Trust::Trusted => "trusted".to_owned(),
        Trust::Incomplete { missing } => missing
            .iter()
            .map(|one| format!("{} {:?}", one.subject, one.found))
            .collect::<Vec<_>>()
            .join(", "),
        Trust::UnknownIssuer { issuer, url } => {
            format!("unknown {issuer} {}", url.as_deref().unwrap_or("-"))
        }
        other => format!("{other:?}"),
    }
}

const DER: &str = "http://issuer.example/middle.der";

#[test]
fn a_chain_is_completed_by_what_is_known_or_fetched() {
    let (authority, ports) = Authority::with(
        &[
            ("der", DER, "middle", "ec"),
            ("pem", "http://issuer.example/middle.pem", "middle", "ec"),
            ("deep", "http://issuer.example/lower.der", "lower", "ec"),
            ("mute", "", "middle", "ec"),
        ],
        &[&["der"], &["pem"], &["deep"], &["mute"], &["der", "middle"]],
    );
    let [der, pem, deep, mute, whole] = ports[..] else {
        panic!("{ports:?}");
    };

    // Nobody is asked unless that was wished.
    let site = authority.look(der, &[], false);
    assert_eq!(said(&site), format!("unknown CN=middle {DER}"));
    assert!(site.issuers.is_empty());
    let site = authority.look(der, &["lower", "middle"], false);
    assert_eq!(said(&site), "CN=middle Given");
    // OpenSSL agrees, with the file and without it.
    assert!(!verifies(&authority, "der", None) && verifies(&authority, "der", Some("middle")));

    let site = authority.look(der, &[], true);
    assert_eq!(said(&site), format!("CN=middle Fetched({DER:?})"));
    let [exchange] = site.issuers.as_slice() else {
        panic!("{:?}", site.issuers);
    };
    assert_eq!(exchange.purpose, Purpose::Issuer);
    assert_eq!(exchange.request.url, DER);
    assert!(matches!(&exchange.reply, Reply::Answer(answer) if answer.status == 200));
    // It is noted apart from what the site said.
    let http = site.http.expect("the page was asked for");
    assert!(http.all(Purpose::Issuer).next().is_none());

    let site = authority.look(pem, &[], true);
    assert!(said(&site).ends_with("middle.pem\")"), "{}", said(&site));

    // Two are missing, and each tells where the next one is.
    let site = authority.look(deep, &[], true);
    assert_eq!(
        said(&site),
        "CN=lower Fetched(\"http://issuer.example/lower.der\"), \
         CN=middle Fetched(\"http://issuer.example/middle.p7c\")"
    );
    assert_eq!(site.issuers.len(), 2);
    let site = authority.look(deep, &["lower"], false);
    assert_eq!(
        said(&site),
        "unknown CN=middle http://issuer.example/middle.p7c"
    );

    assert_eq!(
        said(&authority.look(mute, &[], true)),
        "unknown CN=middle -"
    );
    let site = authority.look(whole, &["middle"], true);
    assert_eq!((said(&site).as_str(), site.issuers.len()), ("trusted", 0));
}

#[test]
fn the_chain_of_one_key_completes_that_of_another() {
    let (authority, ports) = Authority::with(
        &[
            ("own", "", "middle", "ec"),
            ("old", "", "middle", "rsa:2048"),
        ],
        &[&["own", "+", "old", "middle"]],
    );
    // nginx hands the chain of one certificate to the other where that has none: OpenSSL does so for
    // what SSL_CTX_add_extra_chain_cert took. Either way there is a path.
    let site = authority.look(ports[0], &[], false);
    let chains = &tls(&site).chains;
    assert_eq!(chains.len(), 2);
    for chain in chains {
        let is_good = match &chain.trust {
            Trust::Trusted => chain.certificates.len() == 2,
            Trust::Incomplete { missing } => missing[0].found == Found::Site,
            _ => false,
        };
        assert!(is_good, "{:?}", chain.trust);
    }
    assert!(chains.iter().any(|chain| chain.trust != Trust::Trusted));
}

/// A certificate is a stranger's, and so is what it says.
#[test]
fn not_everything_that_a_certificate_names_is_asked() {
    const ODD: [(&str, &str, &str); 9] = [
        ("secure", "https://issuer.example/middle.der", "-"),
        ("file", "file:///etc/passwd", "-"),
        ("port", "http://issuer.example:6379/", "no plain address"),
        ("user", "http://a:b@issuer.example/", "no plain address"),
        ("here", "http://127.0.0.1/middle.der", "names no host"),
        ("cloud", "http://169.254.169.254/latest/", "names no host"),
        ("six", "http://[::1]/middle.der", "names no host"),
        ("local", "http://localhost/middle.der", "localhost leads to"),
        ("odd", "http://issuer .example/", "invalid"),
    ];
    let issued = ODD.map(|(name, url, _)| (name, url, "middle", "ec"));
    let names = ODD.map(|(name, ..)| [name]);
    let sites: Vec<&[&str]> = names.iter().map(<[&str; 1]>::as_slice).collect();
    let (authority, ports) = Authority::with(&issued, &sites);
    for ((name, url, reason), port) in ODD.into_iter().zip(ports) {
        let site = authority.look(port, &[], true);
        assert!(site.issuers.is_empty(), "{name}: {:?}", site.issuers);
        let gaps = &tls(&site).gaps;
        match reason {
            "-" => assert_eq!(gaps, &Vec::<String>::new(), "{name}"),
            reason => assert!(
                gaps.len() == 1 && gaps[0].starts_with(url) && gaps[0].contains(reason),
                "{name}: {gaps:?}"
            ),
        }
        assert!(said(&site).starts_with("unknown CN=middle"), "{name}");
    }
}

#[test]
fn what_is_no_certificate_is_passed_over() {
    const ODD: [(&str, &str); 5] = [
        ("page", "http://issuer.example/page.html"),
        ("none", "http://issuer.example/none"),
        ("moved", "http://issuer.example/moved"),
        ("large", "http://issuer.example/large.der"),
        // The certificate of somebody else: the chain still ends nowhere.
        ("wrong", "http://issuer.example/lower.der"),
    ];
    let issued = ODD.map(|(name, url)| (name, url, "middle", "ec"));
    let names = ODD.map(|(name, _)| [name]);
    let sites: Vec<&[&str]> = names.iter().map(<[&str; 1]>::as_slice).collect();
    let (authority, ports) = Authority::with(&issued, &sites);
    for ((name, url), port) in ODD.into_iter().zip(ports) {
        let site = authority.look(port, &[], true);
        assert_eq!(site.issuers.len(), 1, "{name}");
        assert_eq!(said(&site), format!("unknown CN=middle {url}"), "{name}");
        let gaps = &tls(&site).gaps;
        assert_eq!(gaps.is_empty(), name == "wrong", "{name}: {gaps:?}");
    }
}

/// Whether OpenSSL verifies a certificate, with another that it was given and does not trust.
fn verifies(authority: &Authority, name: &str, known: Option<&str>) -> bool {
    let mut command = Command::new(program("openssl"));
    command.current_dir(authority.folder.path());
    command.args(["verify", "-CAfile", "root.crt"]);
    if let Some(known) = known {
        command.args(["-untrusted", &format!("{known}.crt")]);
    }
    let output = command.arg(format!("{name}.crt")).output();
    output.expect("openssl runs").status.success()
}
