//! A root, an intermediate, and a certificate for each host, made by openssl.

use std::path::Path;

use tightship_testbed::{DH_1024, openssl};

/// A folder with `NAME.pem` (the chain that is sent) and `NAME.key` for each certificate, `root.crt`,
/// and primes.
pub(crate) struct Authority(tempfile::TempDir);

const SAN: &str = "subjectAltName=DNS:shop.example";

impl Authority {
    pub(crate) fn found() -> Self {
        let own = Self(tempfile::tempdir().expect("a folder"));
        own.authorities();
        for (name, algorithm, subject, extension, more) in [
            ("rsa2048", "rsa:2048", "/CN=shop.example", SAN, "-sha256"),
            ("sha384", "rsa:2048", "/CN=shop.example", SAN, "-sha384"),
            ("sha512", "rsa:2048", "/CN=shop.example", SAN, "-sha512"),
            ("rsa1024", "rsa:1024", "/CN=shop.example", SAN, "-sha256"),
            ("rsa512", "rsa:512", "/CN=shop.example", SAN, "-sha256"),
            ("rsa3072", "rsa:3072", "/CN=shop.example", SAN, "-sha256"),
            ("rsa4096", "rsa:4096", "/CN=shop.example", SAN, "-sha256"),
            ("rsa8192", "rsa:8192", "/CN=shop.example", SAN, "-sha256"),
            ("revoked", "P-256", "/CN=shop.example", SAN, "-sha256"),
            ("ecc256", "P-256", "/CN=shop.example", SAN, "-sha256"),
            ("ecc384", "P-384", "/CN=shop.example", SAN, "-sha384"),
            ("no-common-name", "P-256", "/O=Shop", SAN, "-sha256"),
            (
                "no-subject",
                "P-256",
                "/",
                "subjectAltName=critical,DNS:shop.example",
                "-sha256",
            ),
            ("expired", "P-256", "/CN=shop.example", SAN, "-sha256"),
            (
                "wrong-host",
                "P-256",
                "/CN=other.example",
                "subjectAltName=DNS:other.example",
                "-sha256",
            ),
            (
                "wildcard",
                "P-256",
                "/CN=x",
                "subjectAltName=DNS:*.shop.example,DNS:shop.example",
                "-sha256",
            ),
            (
                "two-labels",
                "P-256",
                "/CN=x",
                "subjectAltName=DNS:*.shop.example",
                "-sha256",
            ),
            (
                "no-san",
                "P-256",
                "/CN=shop.example",
                "keyUsage=digitalSignature",
                "-sha256",
            ),
            ("sha1", "P-256", "/CN=shop.example", SAN, "-sha1"),
            ("md5", "rsa:2048", "/CN=shop.example", SAN, "-md5"),
        ] {
            // RSA takes every hash.
            let signer = match name {
                "md5" | "sha384" | "sha512" => "rsa-middle",
                _ => "middle",
            };
            own.issue(name, algorithm, subject, &[extension], more, signer);
            own.chain(name, &[name, signer]);
        }
        for (name, count) in [("sans1000", 1000), ("sans10000", 10_000)] {
            let many: Vec<String> = (0..count)
                .map(|number| format!("DNS:h{number}.example"))
                .collect();
            let many = format!("{SAN},{}", many.join(","));
            own.issue(name, "P-256", "/CN=x", &[&many], "-sha256", "middle");
            own.chain(name, &[name, "middle"]);
        }
        // The policy of extended validation: CA/Browser Forum, EV Guidelines, 9.3.2.
        let policy = "certificatePolicies=2.23.140.1.1";
        own.issue(
            "ev",
            "P-256",
            "/O=Shop",
            &[SAN, policy],
            "-sha256",
            "middle",
        );
        own.chain("ev", &["ev", "middle"]);
        let staple = "tlsfeature=status_request";
        own.issue(
            "must-staple",
            "P-256",
            "/CN=x",
            &[SAN, staple],
            "-sha256",
            "middle",
        );
        own.chain("must-staple", &["must-staple", "middle"]);
        own.issue(
            "leaf",
            "P-256",
            "/CN=shop.example",
            &[SAN],
            "-sha256",
            "middle",
        );
        own.alias("leaf", "incomplete", &["leaf"]);
        own.alias("leaf", "reversed", &["leaf", "root", "middle"]);
        own.issue(
            "untrusted-root",
            "P-256",
            "/CN=x",
            &[SAN],
            "-sha256",
            "foreign",
        );
        own.chain("untrusted-root", &["untrusted-root", "foreign"]);
        own.issue(
            "sha1-intermediate",
            "P-256",
            "/CN=x",
            &[SAN],
            "-sha256",
            "old-middle",
        );
        own.chain("sha1-intermediate", &["sha1-intermediate", "old-middle"]);
        own.self_signed("self-signed", "/CN=shop.example", SAN);
        own.chain("self-signed", &["self-signed"]);
        own.primes();
        own.revoke("revoked", "middle");
        own
    }

    /// A certificate of the middle for the key of this file.
    pub(crate) fn certify(&self, name: &str, key: &Path) {
        let key = std::fs::read(key).expect("a key");
        std::fs::write(self.0.path().join(format!("{name}.key")), key).expect("written");
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        self.openssl(&[
            "req",
            "-x509",
            "-days",
            "30",
            "-key",
            &key,
            "-subj",
            "/CN=shop.example",
            "-addext",
            SAN,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            "middle.crt",
            "-CAkey",
            "middle.key",
            "-out",
            &certificate,
        ]);
        self.chain(name, &[name, "middle"]);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).expect("it was made")
    }

    fn authorities(&self) {
        let is_authority = "basicConstraints=critical,CA:TRUE";
        self.self_signed("root", "/CN=Root", is_authority);
        self.self_signed("foreign", "/CN=Foreign root", is_authority);
        for (name, algorithm, hash) in [
            ("middle", "P-256", "-sha256"),
            ("rsa-middle", "rsa:2048", "-sha256"),
            ("old-middle", "P-256", "-sha1"),
        ] {
            let subject = format!("/CN=Authority {name}");
            self.issue(name, algorithm, &subject, &[is_authority], hash, "root");
        }
    }

    fn self_signed(&self, name: &str, subject: &str, extension: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        self.openssl(&[
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            subject,
            "-addext",
            extension,
            "-keyout",
            &key,
            "-out",
            &certificate,
        ]);
    }

    fn issue(
        &self,
        name: &str,
        algorithm: &str,
        subject: &str,
        extensions: &[&str],
        hash: &str,
        signer: &str,
    ) {
        let curve = format!("ec_paramgen_curve:{algorithm}");
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let (authority, secret) = (format!("{signer}.crt"), format!("{signer}.key"));
        let mut arguments = vec!["req", "-x509", "-nodes", "-days", "30", hash, "-newkey"];
        if algorithm.starts_with("rsa") {
            arguments.push(algorithm);
            if algorithm == "rsa:8192" {
                // Four primes are found sooner than two, and nobody sees them.
                arguments.extend(["-pkeyopt", "rsa_keygen_primes:4"]);
            }
        } else {
            arguments.extend(["ec", "-pkeyopt", &curve]);
        }
        // OpenSSL's own configuration would add an authority to every certificate.
        arguments.extend(["-config", "request.cnf", "-subj", subject]);
        arguments.extend(["-CA", &authority, "-CAkey", &secret]);
        arguments.extend(["-keyout", &key, "-out", &certificate]);
        // Ten thousand names are too long for an argument.
        let configuration = format!(
            "[req]\ndistinguished_name = name\nx509_extensions = own\n[name]\n[own]\n{}\n",
            extensions.join("\n")
        );
        let request = self.0.path().join("request.cnf");
        std::fs::write(request, configuration).expect("written");
        self.openssl(&arguments);
    }

    /// The chain that is sent for a certificate.
    fn chain(&self, name: &str, parts: &[&str]) {
        let chain: Vec<u8> = parts
            .iter()
            .flat_map(|part| self.read(&format!("{part}.crt")))
            .collect();
        std::fs::write(self.0.path().join(format!("{name}.pem")), chain).expect("written");
    }

    /// Another chain for the key of a certificate.
    fn alias(&self, of: &str, name: &str, parts: &[&str]) {
        let key = self.read(&format!("{of}.key"));
        std::fs::write(self.0.path().join(format!("{name}.key")), key).expect("written");
        self.chain(name, parts);
    }

    /// Writes `NAME.ocsp`, in which the authority says that it has revoked the certificate.
    fn revoke(&self, name: &str, signer: &str) {
        let certificate = format!("{name}.crt");
        let output = std::process::Command::new(tightship_testbed::program("openssl"))
            .args(["x509", "-noout", "-serial", "-in", &certificate])
            .current_dir(self.0.path())
            .output()
            .expect("openssl runs");
        let number = String::from_utf8(output.stdout).expect("text");
        let number = number.trim().trim_start_matches("serial=");
        let line = format!("R\t491231235959Z\t260101000000Z\t{number}\tunknown\t/CN={name}\n");
        std::fs::write(self.0.path().join("index"), line).expect("written");
        let (issuer, key) = (format!("{signer}.crt"), format!("{signer}.key"));
        let asked = ["ocsp", "-issuer", &issuer, "-cert", &certificate];
        self.openssl(&[&asked[..], &["-no_nonce", "-reqout", "ask.der"]].concat());
        let answer = format!("{name}.ocsp");
        let told = ["ocsp", "-index", "index", "-CA", &issuer, "-ndays", "5"];
        let signed = ["-rsigner", &issuer, "-rkey", &key, "-reqin", "ask.der"];
        self.openssl(&[&told[..], &signed, &["-respout", &answer]].concat());
    }

    fn primes(&self) {
        for (file, text) in [("dh1024.pem", DH_1024), ("ffdhe2048.pem", "")] {
            if text.is_empty() {
                self.openssl(&[
                    "genpkey",
                    "-genparam",
                    "-algorithm",
                    "DH",
                    "-pkeyopt",
                    "group:ffdhe2048",
                    "-out",
                    file,
                ]);
            } else {
                std::fs::write(self.0.path().join(file), text).expect("written");
            }
        }
    }

    fn openssl(&self, arguments: &[&str]) {
        openssl(self.0.path(), arguments);
    }
}
