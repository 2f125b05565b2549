//! The table. Each row names the clause from which its letter follows.

use tightship_checks::tls::grade::Hsts;
use tightship_model::site::tls::Letter::{self, A, AMinus, APlus, B, C, F, M, T};
use tightship_model::site::tls::{
    Found, KeyKind, Missing, OcspStatus, Proof, SignatureHash, Staple, Support, Tls, Trust,
    Version, WeaknessKind,
};

use crate::capture::{DAY, NOW, accept, accept_any, curve, dhe, own, probe, rsa};

pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) clause: &'static str,
    pub(crate) fires: bool,
    pub(crate) change: fn(&mut Tls),
    pub(crate) hsts: Hsts,
    pub(crate) letter: Letter,
    pub(crate) if_trusted: Option<Letter>,
}

const YEAR: Hsts = Hsts::For(31_536_000);

const GCM: &str = "ECDHE-RSA-AES128-GCM-SHA256";

const SSL2: &str = "2009c: SSL 2.0";
const SSL3_BEST: &str = "2009i: nothing better than SSL 3.0";
const POODLE: &str = "2009h: POODLE";
const SSL3: &str = "2009h: SSL 3.0";
pub(crate) const NO_12: &str = "2009j: no TLS 1.2";
pub(crate) const OLD: &str = "2009q: TLS 1.0 or 1.1";
pub(crate) const NO_13: &str = "2009r: no TLS 1.3";
pub(crate) const ANONYMOUS: &str = "2009c: anonymous suites";
pub(crate) const NULL: &str = "2009c: suites that do not encrypt";
const EXPORT: &str = "2009i: export suites (FREAK, Logjam)";
const WEAK: &str = "2009i: ciphers below 112 bits";
const RC4: &str = "2009i: RC4";
const RC4_ONLY: &str = "2009k: nothing but RC4";
const RC4_NEW: &str = "2009j: RC4 with TLS 1.1 and newer";
const SWEET32: &str = "2009n: blocks of 64 bits with TLS 1.1 and newer (SWEET32)";
pub(crate) const NO_FS: &str = "2009p: no forward secrecy";
const SOME_FS: &str = "2009p: forward secrecy with some clients only";
pub(crate) const NO_AEAD: &str = "2009p: no authenticated encryption (AEAD)";
const KEY_1024: &str = "2009e: a key below 1024 bits";
pub(crate) const KEY_2048: &str = "2009e: a key below 2048 bits";
const EXPONENT: &str = "2009c: an RSA exponent of 1";
const INCOMPLETE: &str = "2009i: an incomplete chain";
const MD5: &str = "2009e: a signature with MD2 or MD5";
const DH_1024: &str = "2009i: Diffie-Hellman below 1024 bits";
pub(crate) const DH_2048: &str = "2009j: Diffie-Hellman below 2048 bits";
const CRIME: &str = "2009j: TLS compression (CRIME)";
const RENEGOTIATION: &str = "2009e: no secure renegotiation";
const UNTIED: &str = "2009c: insecure renegotiation";
const HEARTBLEED: &str = "2009f: Heartbleed";
const CCS: &str = "2009f: CVE-2014-0224 (early ChangeCipherSpec)";
const TICKETBLEED: &str = "2009o: Ticketbleed";
const ROBOT: &str = "2009p: ROBOT";
const POODLE_TLS: &str = "2009h: POODLE over TLS";
const AES_NI: &str = "2009m: CVE-2016-2107";
const ORACLE: &str = "2009q: a padding oracle (GOLDENDOODLE, Zombie POODLE, Sleeping POODLE)";
const ZERO_LENGTH: &str = "2009q: CVE-2019-1559";
const HSTS_BONUS: &str = "2009e: A+ asks for HSTS of 180 days";
const HSTS_BROKEN: &str = "2009r: HSTS that is invalid, off or too short";
const NAME: &str = "M: the certificate is for another name";
pub(crate) const TRUST: &str = "T: the certificate is not trusted";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = protocols();
    rows.extend(ciphers());
    rows.extend(clients());
    rows.extend(keys());
    rows.extend(features());
    rows.extend(special());
    rows.extend(scores());
    rows
}

fn row(
    what: &'static str,
    clause: &'static str,
    fires: bool,
    letter: Letter,
    change: fn(&mut Tls),
) -> Row {
    Row {
        what,
        clause,
        fires,
        change,
        hsts: YEAR,
        letter,
        if_trusted: None,
    }
}

fn protocols() -> Vec<Row> {
    use Version::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};
    vec![
        row("nothing old", SSL2, false, APlus, |_| {}),
        row("SSL 2.0 too", SSL2, true, F, |tls| {
            accept(tls, Ssl2, "RC4-MD5")
        }),
        row("SSL 2.0 without a cipher", SSL2, true, F, |tls| {
            tls.protocols[0].support = Support::Yes;
        }),
        row("SSL 3.0 alone", SSL3_BEST, true, F, |tls| {
            accept(tls, Ssl3, "AES128-SHA");
            accept(tls, Tls12, "");
            accept(tls, Tls13, "");
        }),
        row(
            "TLS 1.0 is better than SSL 3.0",
            SSL3_BEST,
            false,
            C,
            |tls| {
                accept(tls, Ssl3, "RC4-SHA");
                accept(tls, Tls10, "ECDHE-RSA-AES128-SHA");
                accept(tls, Tls12, "");
                accept(tls, Tls13, "");
            },
        ),
        row("SSL 3.0 with CBC", POODLE, true, C, |tls| {
            accept(tls, Ssl3, "AES128-SHA")
        }),
        row(
            "SSL 3.0 without CBC is not open to POODLE",
            POODLE,
            false,
            B,
            |tls| {
                accept(tls, Ssl3, "RC4-SHA");
            },
        ),
        row("CBC in TLS is not POODLE", POODLE, false, APlus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA",
            );
        }),
        row("SSL 3.0 without CBC", SSL3, true, B, |tls| {
            accept(tls, Ssl3, "RC4-SHA")
        }),
        row("no SSL 3.0", SSL3, false, APlus, |_| {}),
        row("TLS 1.1 is the newest", NO_12, true, C, |tls| {
            accept(tls, Tls11, "ECDHE-RSA-AES128-SHA");
            accept(tls, Tls12, "");
            accept(tls, Tls13, "");
        }),
        row("TLS 1.3 without 1.2", NO_12, false, APlus, |tls| {
            accept(tls, Tls12, "")
        }),
        row("TLS 1.2 without 1.3", NO_12, false, AMinus, |tls| {
            accept(tls, Tls13, "")
        }),
        row("TLS 1.0 too", OLD, true, B, |tls| {
            accept(tls, Tls10, "ECDHE-RSA-AES128-SHA")
        }),
        row("TLS 1.1 too", OLD, true, B, |tls| {
            accept(tls, Tls11, "ECDHE-RSA-AES128-SHA")
        }),
        row("TLS 1.0 and 1.1 too", OLD, true, B, |tls| {
            accept(tls, Tls10, "ECDHE-RSA-AES128-SHA");
            accept(tls, Tls11, "ECDHE-RSA-AES128-SHA");
        }),
        row("TLS 1.2 and 1.3", OLD, false, APlus, |_| {}),
        row("no TLS 1.3", NO_13, true, AMinus, |tls| {
            accept(tls, Tls13, "")
        }),
        row("TLS 1.3", NO_13, false, APlus, |_| {}),
    ]
}

fn ciphers() -> Vec<Row> {
    use Version::{Tls10, Tls12, Tls13};
    vec![
        row("anonymous DH", ANONYMOUS, true, F, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 ADH-AES128-SHA");
        }),
        row("anonymous ECDH", ANONYMOUS, true, F, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 AECDH-AES128-SHA");
        }),
        row("all with certificates", ANONYMOUS, false, APlus, |_| {}),
        row("no encryption", NULL, true, F, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 NULL-SHA256");
        }),
        row("all encrypt", NULL, false, APlus, |_| {}),
        row("RC4 of 40 bits", EXPORT, true, F, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 EXP-RC4-MD5");
        }),
        row("DES of 40 bits with DHE", EXPORT, true, F, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 EXP-EDH-RSA-DES-CBC-SHA",
            );
        }),
        row(
            "DES of 56 bits is weak, not for export",
            EXPORT,
            false,
            F,
            |tls| {
                accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 DES-CBC-SHA");
            },
        ),
        row("DES", WEAK, true, F, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 DES-CBC-SHA");
        }),
        row("3DES has 112 bits", WEAK, false, AMinus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-DES-CBC3-SHA",
            );
            accept(tls, Tls13, "");
        }),
        row("RC4 for old clients", RC4, true, B, |tls| {
            accept(tls, Tls10, "RC4-SHA");
        }),
        row("RC4 at the end of the list", RC4, true, B, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA RC4-SHA",
            );
        }),
        row("no RC4", RC4, false, APlus, |_| {}),
        row("RC4 alone", RC4_ONLY, true, F, |tls| {
            accept(tls, Tls12, "RC4-SHA");
            accept(tls, Tls13, "");
        }),
        row("RC4 is not alone", RC4_ONLY, false, B, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-RC4-SHA");
        }),
        row("RC4 first", RC4_NEW, true, C, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-RC4-SHA ECDHE-RSA-AES128-GCM-SHA256");
        }),
        row("RC4 last", RC4_NEW, false, B, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-RC4-SHA");
        }),
        row("RC4 first, and clients choose", RC4_NEW, false, B, |tls| {
            accept_any(tls, Tls12, "ECDHE-RSA-RC4-SHA ECDHE-RSA-AES128-GCM-SHA256");
        }),
        row("RC4 with TLS 1.0 alone", RC4_NEW, false, B, |tls| {
            accept(tls, Tls10, "RC4-SHA");
        }),
        row("3DES first", SWEET32, true, C, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-DES-CBC3-SHA ECDHE-RSA-AES128-GCM-SHA256",
            );
        }),
        row("3DES alone", SWEET32, true, C, |tls| {
            accept(tls, Tls12, "DES-CBC3-SHA")
        }),
        row("3DES last", SWEET32, false, APlus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-DES-CBC3-SHA",
            );
        }),
        row("3DES with TLS 1.0", SWEET32, false, B, |tls| {
            accept(tls, Tls10, "DES-CBC3-SHA")
        }),
    ]
}

fn clients() -> Vec<Row> {
    use Version::{Tls12, Tls13};
    vec![
        row("RSA for the key alone", NO_FS, true, B, |tls| {
            accept(tls, Tls12, "AES128-GCM-SHA256");
            accept(tls, Tls13, "");
        }),
        row("RSA for the key first", NO_FS, true, B, |tls| {
            accept(tls, Tls12, "AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256");
            accept(tls, Tls13, "");
        }),
        row("RSA for the key last", NO_FS, false, AMinus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA AES128-GCM-SHA256",
            );
            accept(tls, Tls13, "");
        }),
        row("with TLS 1.3 alone", SOME_FS, true, AMinus, |tls| {
            accept(tls, Tls12, "AES128-GCM-SHA256");
        }),
        row(
            "not with what has GCM and ECDHE for ECDSA alone",
            SOME_FS,
            true,
            AMinus,
            |tls| {
                accept(tls, Tls12, "ECDHE-RSA-AES128-GCM-SHA256 AES128-GCM-SHA256");
            },
        ),
        row("with all", SOME_FS, false, APlus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA256",
            );
        }),
        row("DHE is enough", SOME_FS, false, APlus, |tls| {
            dhe(tls, 2048);
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 DHE-RSA-AES128-GCM-SHA256",
            );
        }),
        row("CBC alone", NO_AEAD, true, B, |tls| {
            accept(tls, Tls12, "ECDHE-RSA-AES128-SHA256");
            accept(tls, Tls13, "");
        }),
        row("CBC first", NO_AEAD, true, B, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-SHA ECDHE-RSA-AES128-GCM-SHA256",
            );
            accept(tls, Tls13, "");
        }),
        row("GCM with some", NO_AEAD, false, AMinus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA",
            );
            accept(tls, Tls13, "");
        }),
        row("ChaCha is authenticated", NO_AEAD, false, AMinus, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-CHACHA20-POLY1305 ECDHE-RSA-AES128-SHA",
            );
            accept(tls, Tls13, "");
        }),
    ]
}

fn keys() -> Vec<Row> {
    vec![
        row("RSA of 512 bits", KEY_1024, true, F, |tls| {
            own(tls).key = rsa(512)
        }),
        row("RSA of 1023 bits", KEY_1024, true, F, |tls| {
            own(tls).key = rsa(1023)
        }),
        row("RSA of 1024 bits", KEY_1024, false, B, |tls| {
            own(tls).key = rsa(1024)
        }),
        row("RSA of 2047 bits", KEY_2048, true, B, |tls| {
            own(tls).key = rsa(2047)
        }),
        row("RSA of 2048 bits", KEY_2048, false, APlus, |tls| {
            own(tls).key = rsa(2048)
        }),
        row("RSA of 4096 bits", KEY_2048, false, APlus, |tls| {
            own(tls).key = rsa(4096)
        }),
        row("P-192 is worth 1024 bits", KEY_2048, true, B, |tls| {
            own(tls).key = curve(192)
        }),
        row("P-256 is worth 3072 bits", KEY_2048, false, APlus, |tls| {
            own(tls).key = curve(256)
        }),
        row("Ed25519", KEY_2048, false, APlus, |tls| {
            own(tls).key = KeyKind::Ed25519
        }),
        row("an exponent of 1", EXPONENT, true, F, |tls| {
            own(tls).key = KeyKind::Rsa {
                bits: 2048,
                exponent: Some(1),
            };
        }),
        row("an exponent of 3", EXPONENT, false, APlus, |tls| {
            own(tls).key = KeyKind::Rsa {
                bits: 2048,
                exponent: Some(3),
            };
        }),
        row("the middle is not sent", INCOMPLETE, true, B, |tls| {
            tls.chains[0].trust = Trust::Incomplete {
                missing: vec![Missing {
                    subject: "CN=Middle".to_owned(),
                    sha256: String::new(),
                    found: Found::Given,
                }],
            };
        }),
        row("all is sent", INCOMPLETE, false, APlus, |_| {}),
        row("MD5", MD5, true, F, |tls| {
            own(tls).signature = SignatureHash::Md5
        }),
        row("MD2 between", MD5, true, F, |tls| {
            tls.chains[0].certificates[1].signature = SignatureHash::Md2;
        }),
        row(
            "MD5 under a root, which nobody verifies",
            MD5,
            false,
            APlus,
            |tls| {
                let root = &mut tls.chains[0].certificates[1];
                root.signature = SignatureHash::Md5;
                root.subject = root.issuer.clone();
            },
        ),
        row("DH of 1023 bits", DH_1024, true, F, |tls| dhe(tls, 1023)),
        row("DH of 512 bits", DH_1024, true, F, |tls| dhe(tls, 512)),
        row("DH of 1024 bits", DH_1024, false, B, |tls| dhe(tls, 1024)),
        row(
            "DH of 1024 bits that others share",
            DH_2048,
            true,
            B,
            |tls| dhe(tls, 1024),
        ),
        row("DH of 2047 bits", DH_2048, true, B, |tls| dhe(tls, 2047)),
        row("DH of 2048 bits", DH_2048, false, APlus, |tls| {
            dhe(tls, 2048)
        }),
    ]
}

fn features() -> Vec<Row> {
    let with = |what, clause, fires, letter, hsts| Row {
        hsts,
        ..row(what, clause, fires, letter, |_| {})
    };
    vec![
        row("compression", CRIME, true, C, |tls| {
            tls.extensions.compression = Some(true)
        }),
        row("no compression", CRIME, false, APlus, |_| {}),
        row(
            "compression was not asked for",
            CRIME,
            false,
            APlus,
            |tls| {
                tls.extensions.compression = None;
            },
        ),
        row("old renegotiation", RENEGOTIATION, true, AMinus, |tls| {
            tls.extensions.renegotiation_info = Some(false);
        }),
        row("secure renegotiation", RENEGOTIATION, false, APlus, |_| {}),
        row(
            "TLS 1.3 knows no renegotiation",
            RENEGOTIATION,
            false,
            APlus,
            |tls| {
                accept(tls, Version::Tls12, "");
                tls.extensions.renegotiation_info = None;
            },
        ),
        row("Heartbleed", HEARTBLEED, true, F, |tls| {
            probe(tls, WeaknessKind::Heartbleed, true)
        }),
        row("no Heartbleed", HEARTBLEED, false, APlus, |tls| {
            probe(tls, WeaknessKind::Heartbleed, false);
        }),
        row("CCS", CCS, true, F, |tls| {
            probe(tls, WeaknessKind::CcsInjection, true)
        }),
        row("no CCS", CCS, false, APlus, |tls| {
            probe(tls, WeaknessKind::CcsInjection, false)
        }),
        row("Ticketbleed", TICKETBLEED, true, F, |tls| {
            probe(tls, WeaknessKind::Ticketbleed, true);
        }),
        row("no Ticketbleed", TICKETBLEED, false, APlus, |tls| {
            probe(tls, WeaknessKind::Ticketbleed, false);
        }),
        row("ROBOT", ROBOT, true, F, |tls| {
            probe(tls, WeaknessKind::Robot, true)
        }),
        row("no ROBOT", ROBOT, false, APlus, |tls| {
            probe(tls, WeaknessKind::Robot, false)
        }),
        row(
            "a further handshake that is not tied",
            UNTIED,
            true,
            F,
            |tls| {
                tls.extensions.renegotiation_info = Some(false);
                tls.sessions.renegotiation = Some(true);
            },
        ),
        row(
            "a further handshake that is tied",
            UNTIED,
            false,
            APlus,
            |tls| {
                tls.sessions.renegotiation = Some(true);
            },
        ),
        row("no further handshake", UNTIED, false, AMinus, |tls| {
            tls.extensions.renegotiation_info = Some(false);
            tls.sessions.renegotiation = Some(false);
        }),
        row("POODLE over TLS", POODLE_TLS, true, F, |tls| {
            probe(tls, WeaknessKind::PoodleTls, true)
        }),
        row("not POODLE over TLS", POODLE_TLS, false, APlus, |tls| {
            probe(tls, WeaknessKind::PoodleTls, false)
        }),
        row("CVE-2016-2107", AES_NI, true, F, |tls| {
            probe(tls, WeaknessKind::AesNiPadding, true)
        }),
        row("not CVE-2016-2107", AES_NI, false, APlus, |tls| {
            probe(tls, WeaknessKind::AesNiPadding, false)
        }),
        row("a padding oracle", ORACLE, true, F, |tls| {
            probe(tls, WeaknessKind::PaddingOracle, true)
        }),
        row("not a padding oracle", ORACLE, false, APlus, |tls| {
            probe(tls, WeaknessKind::PaddingOracle, false)
        }),
        row("CVE-2019-1559", ZERO_LENGTH, true, F, |tls| {
            probe(tls, WeaknessKind::ZeroLength, true)
        }),
        row("not CVE-2019-1559", ZERO_LENGTH, false, APlus, |tls| {
            probe(tls, WeaknessKind::ZeroLength, false)
        }),
        with("180 days", HSTS_BONUS, false, APlus, Hsts::For(15_552_000)),
        with("no HSTS", HSTS_BONUS, true, A, Hsts::Absent),
        with("the page was not seen", HSTS_BONUS, true, A, Hsts::Unseen),
        with(
            "180 days but a second",
            HSTS_BROKEN,
            true,
            AMinus,
            Hsts::For(15_551_999),
        ),
        with("HSTS taken back", HSTS_BROKEN, true, AMinus, Hsts::For(0)),
        with(
            "HSTS that is not understood",
            HSTS_BROKEN,
            true,
            AMinus,
            Hsts::Invalid,
        ),
        with(
            "no HSTS is not broken HSTS",
            HSTS_BROKEN,
            false,
            A,
            Hsts::Absent,
        ),
    ]
}

fn special() -> Vec<Row> {
    let distrusted = |what, clause, letter, if_trusted, change| Row {
        if_trusted: Some(if_trusted),
        ..row(what, clause, true, letter, change)
    };
    vec![
        distrusted("another name", NAME, M, APlus, |tls| {
            tls.chains[0].name_matches = Some(false);
        }),
        distrusted("another name, and TLS 1.0", NAME, M, B, |tls| {
            tls.chains[0].name_matches = Some(false);
            accept(tls, Version::Tls10, "ECDHE-RSA-AES128-SHA");
        }),
        row("its name", NAME, false, APlus, |_| {}),
        distrusted("revoked", TRUST, T, APlus, |tls| {
            staple(tls, REVOKED, Proof::Good)
        }),
        row("revoked by somebody else", TRUST, false, APlus, |tls| {
            staple(
                tls,
                REVOKED,
                Proof::Wrong {
                    reason: "another key".to_owned(),
                },
            );
        }),
        row("not revoked", TRUST, false, APlus, |tls| {
            staple(tls, OcspStatus::Good, Proof::Good);
        }),
        distrusted("signed by itself", TRUST, T, APlus, |tls| {
            tls.chains[0].trust = Trust::SelfSigned;
        }),
        distrusted("signed by itself, and RC4", TRUST, T, B, |tls| {
            tls.chains[0].trust = Trust::SelfSigned;
            accept(
                tls,
                Version::Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-SHA RC4-SHA",
            );
        }),
        distrusted("a middle that nobody knows", TRUST, T, APlus, |tls| {
            tls.chains[0].trust = Trust::UnknownIssuer {
                issuer: "CN=Middle".to_owned(),
                url: Some("http://middle.example/".to_owned()),
            };
        }),
        distrusted("an unknown root", TRUST, T, APlus, |tls| {
            tls.chains[0].trust = Trust::UnknownIssuer {
                issuer: "CN=Own".to_owned(),
                url: None,
            };
        }),
        distrusted("a chain that is refused", TRUST, T, APlus, |tls| {
            tls.chains[0].trust = Trust::Broken {
                reason: "a path too long".to_owned(),
            };
        }),
        distrusted("expired a second ago", TRUST, T, APlus, |tls| {
            own(tls).not_after = NOW - 1
        }),
        row("expires this second", TRUST, false, APlus, |tls| {
            own(tls).not_after = NOW
        }),
        distrusted("valid from the next second on", TRUST, T, APlus, |tls| {
            own(tls).not_before = NOW + 1;
        }),
        row("valid from this second on", TRUST, false, APlus, |tls| {
            own(tls).not_before = NOW
        }),
        row("expires tomorrow", TRUST, false, APlus, |tls| {
            own(tls).not_after = NOW + DAY
        }),
        distrusted("SHA-1", TRUST, T, APlus, |tls| {
            own(tls).signature = SignatureHash::Sha1
        }),
        distrusted("SHA-1 between", TRUST, T, APlus, |tls| {
            tls.chains[0].certificates[1].signature = SignatureHash::Sha1;
        }),
        row(
            "SHA-1 under a root, which nobody verifies",
            TRUST,
            false,
            APlus,
            |tls| {
                let root = &mut tls.chains[0].certificates[1];
                root.signature = SignatureHash::Sha1;
                root.subject = root.issuer.clone();
            },
        ),
    ]
}

const REVOKED: OcspStatus = OcspStatus::Revoked { at: None };

fn staple(tls: &mut Tls, says: OcspStatus, proof: Proof) {
    tls.chains[0].staple = Some(Staple {
        length: 500,
        says,
        this_update: Some(NOW - DAY),
        next_update: Some(NOW + DAY),
        proof,
    });
}

/// Grades that come from the scores alone. Where a clause caps too, its letter is no better.
fn scores() -> Vec<Row> {
    use Version::{Ssl2, Tls12, Tls13};
    vec![
        // 100 · 0.3 + 90 · 0.3 + (20 + 80) / 2 · 0.4 = 77
        row("3DES beside 128 bits is 77: B", NO_13, true, B, |tls| {
            accept(
                tls,
                Tls12,
                "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-DES-CBC3-SHA",
            );
            accept(tls, Tls13, "");
        }),
        // 100 · 0.3 + 90 · 0.3 + (20 + 100) / 2 · 0.4 = 81
        row(
            "3DES beside 256 bits is 81: A",
            NO_13,
            true,
            AMinus,
            |tls| {
                accept(
                    tls,
                    Tls12,
                    "ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-SHA ECDHE-RSA-DES-CBC3-SHA",
                );
                accept(tls, Tls13, "");
            },
        ),
        // 100 · 0.3 + 90 · 0.3 + 20 · 0.4 = 65
        row(
            "3DES alone is 65: B, and capped at C",
            SWEET32,
            true,
            C,
            |tls| {
                accept(tls, Tls12, "ECDHE-RSA-DES-CBC3-SHA");
                accept(tls, Tls13, "");
            },
        ),
        // 100 · 0.3 + 80 · 0.3 + 20 · 0.4 = 62
        row(
            "3DES alone with RSA of 1024 bits is 62: C",
            KEY_2048,
            true,
            C,
            |tls| {
                own(tls).key = rsa(1024);
                accept(tls, Tls12, "ECDHE-RSA-DES-CBC3-SHA");
                accept(tls, Tls13, "");
            },
        ),
        // (100 + 90) / 2 · 0.3 + 90 · 0.3 + (20 + 80) / 2 · 0.4 = 75.5
        row(
            "TLS 1.0 with 3DES beside 1.2 with 128 bits is 75: B",
            OLD,
            true,
            B,
            |tls| {
                accept(tls, Version::Tls10, "ECDHE-RSA-DES-CBC3-SHA");
                accept(tls, Tls12, GCM);
                accept(tls, Tls13, "");
            },
        ),
        // 0: the key exchange of anonymous suites
        row("anonymous alone is 0", ANONYMOUS, true, F, |tls| {
            accept(tls, Tls12, "ADH-AES128-SHA");
            accept(tls, Tls13, "");
        }),
        // 0: SSL 2.0 alone
        row("SSL 2.0 alone is 0", SSL2, true, F, |tls| {
            accept(tls, Ssl2, "DES-CBC3-MD5");
            accept(tls, Tls12, "");
            accept(tls, Tls13, "");
        }),
        // 100 · 0.3 + 80 · 0.3 + 80 · 0.4 = 86
        row(
            "RSA of 1024 bits is 86, and capped at B",
            KEY_2048,
            true,
            B,
            |tls| {
                own(tls).key = rsa(1024);
                accept(tls, Tls12, GCM);
                accept(tls, Tls13, "");
            },
        ),
    ]
}
