//! Stapled answers of OCSP, made by openssl and sent by its server.

use std::fs;
use std::path::Path;

use tightship_model::site::tls::{OcspStatus, Proof, Staple};
use tightship_testbed::openssl as run;

use crate::servers::{look, openssl};
use tightship_testbed::tls::Keys;

#[test]
fn answers_are_read_and_their_signatures_verified() {
    let keys = Keys::make();
    let folder = keys.folder();
    authority(folder);
    let direct = ["-rsigner", "ca.crt", "-rkey", "ca.key"];
    let delegate = ["-rsigner", "delegate.crt", "-rkey", "delegate.key"];
    // One that the authority signed, but not for this.
    let stranger = ["-rsigner", "leaf.crt", "-rkey", "leaf.key"];
    let good = |staple: &Staple| {
        staple.says == OcspStatus::Good
            && staple.proof == Proof::Good
            && staple.next_update.is_some()
    };
    answer(folder, "V", "leaf.crt", &direct);
    assert!(good(&seen(&keys)), "{:?}", seen(&keys));
    answer(folder, "V", "leaf.crt", &delegate);
    assert!(good(&seen(&keys)), "{:?}", seen(&keys));
    answer(folder, "R", "leaf.crt", &direct);
    let revoked = seen(&keys);
    assert_eq!(
        revoked.says,
        OcspStatus::Revoked {
            at: Some(1_767_225_600)
        }
    );
    assert_eq!(revoked.proof, Proof::Good);
    answer(folder, "V", "leaf.crt", &stranger);
    assert!(
        matches!(seen(&keys).proof, Proof::Wrong { .. }),
        "{:?}",
        seen(&keys)
    );
    answer(folder, "V", "delegate.crt", &direct);
    let other = seen(&keys);
    assert!(
        matches!(&other.says, OcspStatus::Unread { reason } if reason.contains("another")),
        "{other:?}"
    );
    fs::write(folder.join("answer.der"), [0x30, 3, 0x0a, 1, 3]).expect("written");
    let later = seen(&keys);
    assert!(
        matches!(&later.says, OcspStatus::Unread { reason } if reason.contains("refused")),
        "{later:?}"
    );
}

fn seen(keys: &Keys) -> Staple {
    let text = "-cert leaf.crt -key leaf.key -cert_chain ca.crt -status_file answer.der";
    let (_server, address) = openssl(keys, &text.split(' ').collect::<Vec<_>>());
    let tls = look(address);
    tls.chains[0].staple.clone().expect("a staple")
}

/// `ca`, and signed by it `leaf` (1000) and `delegate` (1001), which may answer for it.
fn authority(folder: &Path) {
    let new = ["-nodes", "-newkey", "rsa:2048", "-subj"];
    let ca = [
        "req", "-x509", "-days", "30", "-keyout", "ca.key", "-out", "ca.crt",
    ];
    run(folder, &[&ca[..], &new, &["/CN=ca"]].concat());
    for (name, number, extension) in [
        ("leaf", "0x1000", "subjectAltName=DNS:tls.example"),
        ("delegate", "0x1001", "extendedKeyUsage=OCSPSigning"),
    ] {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let subject = format!("/CN={name}");
        let made = ["req", "-keyout", &key, "-out", &request];
        run(folder, &[&made[..], &new, &[subject.as_str()]].concat());
        fs::write(folder.join("extension"), extension).expect("written");
        let signed = format!(
            "x509 -req -in {request} -days 30 -CA ca.crt -CAkey ca.key -set_serial {number} \
             -extfile extension -out {name}.crt"
        );
        run(folder, &signed.split(' ').collect::<Vec<_>>());
    }
}

/// Writes `answer.der`, which says of both certificates that they are valid (V) or revoked (R).
fn answer(folder: &Path, status: &str, about: &str, signer: &[&str]) {
    let revoked = if status == "R" { "260101000000Z" } else { "" };
    let index: String = ["1000", "1001"]
        .iter()
        .map(|number| {
            format!("{status}\t491231235959Z\t{revoked}\t{number}\tunknown\t/CN={number}\n")
        })
        .collect();
    fs::write(folder.join("index"), index).expect("written");
    let asked = [
        "ocsp",
        "-issuer",
        "ca.crt",
        "-cert",
        about,
        "-no_nonce",
        "-reqout",
        "ask.der",
    ];
    run(folder, &asked);
    let answered = "ocsp -index index -CA ca.crt -reqin ask.der -respout answer.der -ndays 5";
    run(
        folder,
        &[&answered.split(' ').collect::<Vec<_>>()[..], signer].concat(),
    );
}
