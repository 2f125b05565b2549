//! What the openssl program makes for tests.

use std::path::Path;
use std::process::Command;

use crate::program;

/// Runs openssl in a folder.
///
/// Panics where it fails.
pub fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new(program("openssl"))
        .args(arguments)
        .current_dir(folder)
        .output();
    let said = match &output {
        Ok(output) if output.status.success() => return,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    panic!("openssl {arguments:?}: {said}");
}

/// Makes `NAME.crt`, signed with its own `NAME.key`, for DNS names.
///
/// Panics where openssl fails.
pub fn self_signed(folder: &Path, name: &str, names: &[&str]) {
    let names: Vec<_> = names.iter().map(|name| format!("DNS:{name}")).collect();
    let names = format!("subjectAltName={}", names.join(","));
    let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
    let made = ["req", "-x509", "-nodes", "-days", "80", "-newkey", "ec"];
    let kind = ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=test"];
    let rest = ["-addext", &names, "-keyout", &key, "-out", &certificate];
    openssl(folder, &[&made[..], &kind, &rest].concat());
}

/// Makes `NAME.crt` and `NAME.key` with these extensions, as lines of OpenSSL's configuration: signed by
/// `signer` or else by itself, with a key of this kind (`ec` is P-256, `rsa:2048`).
///
/// Panics where openssl fails, or the folder takes no file.
pub fn issue(folder: &Path, name: &str, extensions: &str, signer: Option<&str>, kind: &str) {
    // OpenSSL's own configuration would make every certificate one of an authority.
    let text =
        format!("[req]\ndistinguished_name=n\nx509_extensions=own\n[n]\n[own]\n{extensions}\n");
    if let Err(error) = std::fs::write(folder.join("request.cnf"), text) {
        panic!("{}: {error}", folder.display());
    }
    let subject = format!("/CN={name}");
    let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
    let mut arguments = vec!["req", "-x509", "-nodes", "-days", "30", "-newkey", kind];
    if kind == "ec" {
        arguments.extend(["-pkeyopt", "ec_paramgen_curve:P-256"]);
    }
    arguments.extend(["-config", "request.cnf", "-subj", &subject]);
    arguments.extend(["-keyout", &key, "-out", &certificate]);
    let signer = signer.map(|signer| [format!("{signer}.crt"), format!("{signer}.key")]);
    if let Some([certificate, key]) = &signer {
        arguments.extend(["-CA", certificate, "-CAkey", key]);
    }
    openssl(folder, &arguments);
}

/// Parameters of 1024 bits whose prime is that of DSA parameters, its half not prime: openssl makes
/// no others in reasonable time.
pub const DH_1024: &str = "-----BEGIN DH PARAMETERS-----
MIGHAoGBAIB2ALlrbmTu/qZi/CWPwz01edvG6HjUMHh9+T2IVyk+jVj/lqkvrPJT
+oMcpQqAo5RZztAu3RyclT6MSg8+dpbx42KnZ0d4k321LG++QF6tCGGakOFigyLA
lm2guhmrUHk7GCiHuI332AZIHQHk/mQLv9sBVGWsFRzj5lycTXYzAgEC
-----END DH PARAMETERS-----
";
