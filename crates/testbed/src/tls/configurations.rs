//! Configurations of servers, from the usual to the odd.

/// One server.
#[derive(Debug)]
pub struct Configuration {
    pub program: Program,
    name: &'static str,
    /// The arguments of `s_server`, or what stands in the server of nginx. `RSA` at its place stands for
    /// the usual key.
    text: &'static str,
    /// The curve that its certificate needs in TLS 1.2, as openssl calls it.
    pub curve: Option<&'static str>,
}

/// What serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    OpenSsl,
    Nginx,
}

impl Configuration {
    /// `s_server, defaults`
    pub fn title(&self) -> String {
        let program = match self.program {
            Program::OpenSsl => "s_server",
            Program::Nginx => "nginx",
        };
        format!("{program}, {}", self.name)
    }

    /// All of its text.
    pub(super) fn whole(&self) -> String {
        match self.program {
            Program::OpenSsl => match self.text.strip_prefix("RSA") {
                Some(rest) => format!("-cert rsa.crt -key rsa.key{rest}"),
                None => self.text.to_owned(),
            },
            Program::Nginx => self.text.replace(
                "; RSA",
                "; ssl_certificate KEYS/rsa.crt; ssl_certificate_key KEYS/rsa.key;",
            ),
        }
    }
}

const fn configuration(
    program: Program,
    name: &'static str,
    text: &'static str,
    curve: Option<&'static str>,
) -> Configuration {
    Configuration {
        program,
        name,
        text,
        curve,
    }
}

/// 41 of `openssl s_server` 3.0 and 7 of nginx.
pub const CONFIGURATIONS: &[Configuration] = &[
    configuration(Program::OpenSsl, "defaults", "RSA", None),
    configuration(Program::OpenSsl, "1.2 alone", "RSA -tls1_2", None),
    configuration(Program::OpenSsl, "1.3 alone", "RSA -tls1_3", None),
    configuration(Program::OpenSsl, "1.0 alone", "RSA -tls1 -cipher ALL:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "1.1 alone", "RSA -tls1_1 -cipher ALL:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "everything", "RSA -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "everything, the server chooses", "RSA -cipher ALL:COMPLEMENTOFALL:!ARIA:!CAMELLIA:!AESCCM:@SECLEVEL=0 -serverpref", None),
    configuration(Program::OpenSsl, "the client chooses", "RSA -tls1_2", None),
    configuration(Program::OpenSsl, "anonymous", "-nocert -cipher aNULL:@SECLEVEL=0 -tls1_2", None),
    configuration(Program::OpenSsl, "no encryption", "RSA -tls1_2 -cipher NULL:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "one suite", "RSA -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", None),
    configuration(Program::OpenSsl, "no forward secrecy", "RSA -tls1_2 -cipher kRSA:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "CBC alone", "RSA -cipher AES128-SHA:ECDHE-RSA-AES256-SHA384:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "Camellia and ARIA", "RSA -tls1_2 -cipher CAMELLIA:ARIA:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "CCM", "RSA -tls1_2 -cipher AESCCM", None),
    configuration(Program::OpenSsl, "ChaCha alone", "RSA -cipher CHACHA20 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", None),
    configuration(Program::OpenSsl, "ChaCha for those who like it", "RSA -serverpref -prioritize_chacha", None),
    configuration(Program::OpenSsl, "all five of TLS 1.3", "RSA -tls1_3 -ciphersuites TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256 -serverpref", None),
    configuration(Program::OpenSsl, "P-256", "-cert p256.crt -key p256.key", Some("P-256")),
    configuration(Program::OpenSsl, "P-384", "-cert p384.crt -key p384.key -serverpref", Some("P-384")),
    configuration(Program::OpenSsl, "P-521", "-cert p521.crt -key p521.key", Some("P-521")),
    configuration(Program::OpenSsl, "Ed25519", "-cert ed25519.crt -key ed25519.key", None),
    configuration(Program::OpenSsl, "two certificates", "RSA -dcert p256.crt -dkey p256.key", None),
    configuration(Program::OpenSsl, "two certificates, old suites", "RSA -dcert p256.crt -dkey p256.key -cipher kECDHE+AES:@SECLEVEL=0 -serverpref", None),
    configuration(Program::OpenSsl, "short RSA", "-cert rsa1024.crt -key rsa1024.key -cipher AES+SHA1:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "X25519 alone", "RSA -groups X25519", None),
    configuration(Program::OpenSsl, "X448 and P-521", "RSA -groups X448:P-521 -serverpref", None),
    configuration(Program::OpenSsl, "ffdhe", "RSA -groups ffdhe3072:ffdhe2048 -tls1_3", None),
    configuration(Program::OpenSsl, "old curves", "RSA -groups P-192:P-224:secp256k1:brainpoolP256r1 -tls1_2 -cipher ECDHE:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "DH 1024", "RSA -dhparam dh1024.pem -cipher DHE:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "DH 2048", "RSA -dhparam dh2048.pem -cipher DHE:@SECLEVEL=0 -tls1_2", None),
    configuration(Program::OpenSsl, "ffdhe3072", "RSA -dhparam ffdhe3072.pem -tls1_2", None),
    configuration(Program::OpenSsl, "one signature", "RSA -tls1_2 -sigalgs RSA-PSS+SHA384", None),
    configuration(Program::OpenSsl, "old signatures", "RSA -tls1_2 -sigalgs RSA+SHA1:RSA+SHA512 -cipher ALL:@SECLEVEL=0", None),
    configuration(Program::OpenSsl, "no tickets", "RSA -no_ticket -tls1_2", None),
    configuration(Program::OpenSsl, "no encrypt-then-mac", "RSA -tls1_2 -no_etm -cipher AES128-SHA", None),
    configuration(Program::OpenSsl, "encrypt-then-mac", "RSA -tls1_2 -cipher AES128-SHA", None),
    configuration(Program::OpenSsl, "ALPN", "RSA -alpn http/1.1", None),
    configuration(Program::OpenSsl, "ALPN in 1.3", "RSA -alpn h2,http/1.1 -tls1_3", None),
    configuration(Program::OpenSsl, "client certificates", "RSA -Verify 1 -tls1_2", None),
    configuration(Program::OpenSsl, "a cookie in 1.3", "RSA -stateless -tls1_3", None),
    configuration(Program::Nginx, "defaults", "listen PORT ssl; RSA", None),
    configuration(Program::Nginx, "Mozilla's intermediate", "listen PORT ssl http2; RSA ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off;
         ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
         ssl_ecdh_curve X25519:prime256v1:secp384r1;", None),
    configuration(Program::Nginx, "the server chooses", "listen PORT ssl; RSA ssl_prefer_server_ciphers on;
         ssl_ciphers AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256;", None),
    configuration(Program::Nginx, "modern", "listen PORT ssl http2; RSA ssl_protocols TLSv1.3;", None),
    configuration(Program::Nginx, "old", "listen PORT ssl; RSA ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AES:@SECLEVEL=0;
         ssl_dhparam KEYS/dh2048.pem;", None),
    configuration(Program::Nginx, "two certificates", "listen PORT ssl; RSA ssl_certificate KEYS/p256.crt; ssl_certificate_key KEYS/p256.key;", None),
    configuration(Program::Nginx, "client certificates", "listen PORT ssl; RSA ssl_verify_client on; ssl_client_certificate KEYS/rsa.crt;
         ssl_protocols TLSv1.2; ssl_session_tickets off;", None),
];
