//! Keys and certificates for TLS servers, made by openssl.

use std::path::{Path, PathBuf};

use crate::openssl::{DH_1024, openssl};

/// A folder with keys and self-signed certificates for [`super::NAME`].
#[derive(Debug)]
pub struct Keys(tempfile::TempDir);

impl Keys {
    /// Makes one pair for each kind (`rsa`, `rsa1024`, `p256`, `p384`, `p521`, `ed25519`) and parameters.
    ///
    /// Panics where openssl fails.
    pub fn make() -> Self {
        let folder = tempfile::tempdir();
        let keys = Self(folder.unwrap_or_else(|error| panic!("a folder: {error}")));
        for (name, algorithm) in [
            ("rsa", vec!["rsa:2048"]),
            ("rsa1024", vec!["rsa:1024"]),
            ("p256", vec!["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            ("p384", vec!["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
            ("p521", vec!["ec", "-pkeyopt", "ec_paramgen_curve:P-521"]),
            ("ed25519", vec!["ed25519"]),
        ] {
            let mut arguments = vec!["req", "-x509", "-nodes", "-days", "30", "-newkey"];
            arguments.extend(algorithm);
            arguments.extend(["-subj", "/CN=tls.example"]);
            arguments.extend(["-addext", "subjectAltName=DNS:tls.example"]);
            let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
            arguments.extend(["-keyout", &key, "-out", &certificate]);
            keys.openssl(&arguments);
        }
        for (file, text) in [("dh1024.pem", DH_1024), ("dh2048.pem", DH_2048)] {
            if let Err(error) = std::fs::write(keys.path(file), text) {
                panic!("{file}: {error}");
            }
        }
        keys.openssl(&[
            "genpkey",
            "-genparam",
            "-algorithm",
            "DH",
            "-pkeyopt",
            "group:ffdhe3072",
            "-out",
            "ffdhe3072.pem",
        ]);
        keys
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The file of this name among them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        openssl(self.0.path(), arguments);
    }
}

// As [`DH_1024`], of 2048 bits.
const DH_2048: &str = "-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEAmlRA3l0kdkBXMIaF5eG+ZEjmGSEIUK17CByJofkcAvw7AFFkGYNM
ZPRvbjM/S+zIEIXdVz50uBRa90guXVVKU8wUYBLGBpMBKvR6y52vdCVoZgwZ65/j
xyeJSJwdzcFYImKibJtt5MUQlAdvgAP2W0KnQhEBydiSJzvtXrPFauEATpar+1/e
P15tvjezYdgzy8WBOPA7IGSOXWp4a08mWtQyoYy08XGqvAhr/XxJEExFVZVQ5He1
ugGMfiFo5coGhpSfSxdnX0hxO3jXszGO9b18YRC/nhmCb4uBDV3gqDeUlKD7MTLh
a4+0dUi0gjhJWjbJnRgKrZmJzBg13UvfTwIBAg==
-----END DH PARAMETERS-----
";
