//! Signatures by ssh keys: `ssh-keygen -Y` makes and verifies them (OpenSSH 8.2 and newer).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tightship_checklist::ledger::Chain;

use crate::failure::Failure;

/// What signatures are made for: none of another use passes.
const NAMESPACE: &str = "tightship";

/// Who may sign with which key, in the form of ssh-keygen(1), section ALLOWED SIGNERS.
const ALLOWED: &str = ".tightship/allowed_signers";

pub(super) struct Signer {
    key: PathBuf,
}

/// What the signatures of a ledger are worth.
#[derive(Default)]
pub(super) struct Signatures {
    pub(super) wrong: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl Signer {
    pub(super) fn of(key: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(key) = key else { return Ok(None) };
        if !key.is_file() {
            return Err(Failure::new(
                format!("--key {} is no file", key.display()),
                "give a private key, or a public one whose key ssh-agent holds",
            ));
        }
        Ok(Some(Self {
            key: key.to_owned(),
        }))
    }

    pub(super) fn sign(&self, payload: &str) -> Result<String, Failure> {
        let mut command = Command::new("ssh-keygen");
        command
            .args(["-Y", "sign", "-n", NAMESPACE, "-f"])
            .arg(&self.key);
        let failed = |reason: String| {
            Failure::new(
                format!("ssh-keygen did not sign: {reason}"),
                "try `ssh-keygen -Y sign -n tightship -f KEY` by hand, or sign without --key",
            )
        };
        let (is_good, out, told) = fed(&mut command, payload).map_err(failed)?;
        match is_good && out.starts_with("-----BEGIN SSH SIGNATURE-----") {
            true => Ok(out),
            false => Err(failed(told.lines().next().unwrap_or_default().to_owned())),
        }
    }
}

/// Verifies each signature against the keys that its name may sign with.
pub(super) fn verify(project: &Path, chain: &Chain) -> Result<Signatures, Failure> {
    let mut signatures = Signatures::default();
    let signed: Vec<_> = chain
        .entries
        .iter()
        .filter_map(|entry| Some((entry, entry.signature.as_deref()?)))
        .collect();
    if signed.is_empty() {
        return Ok(signatures);
    }
    let allowed = project.join(ALLOWED);
    if !allowed.is_file() {
        signatures.notes.push(format!(
            "signatures by ssh keys that are not verified, as {ALLOWED} is not there: {}",
            signed.len()
        ));
        return Ok(signatures);
    }
    let mut good = 0;
    for (entry, signature) in signed {
        let by = entry.act.by.as_deref().unwrap_or_default();
        match holds(&allowed, by, signature, &entry.payload) {
            Ok(true) => good += 1,
            Ok(false) => signatures.wrong.push(format!(
                "the entry {} is not signed by a key of {by}",
                &entry.hash[..12]
            )),
            Err(reason) => {
                let note = format!("signatures by ssh keys are not verified: {reason}");
                signatures.notes.push(note);
                return Ok(signatures);
            }
        }
    }
    signatures
        .notes
        .push(format!("signatures by ssh keys that hold: {good}"));
    Ok(signatures)
}

fn holds(allowed: &Path, by: &str, signature: &str, payload: &str) -> Result<bool, String> {
    // ssh-keygen reads the signature from a file only.
    let folder = std::env::temp_dir();
    let name = format!("tightship-{}-{}.sig", std::process::id(), payload.len());
    let file = folder.join(name);
    let mut written = std::fs::File::create_new(&file).map_err(|error| error.to_string())?;
    let verified = written
        .write_all(signature.as_bytes())
        .map_err(|error| error.to_string())
        .and_then(|()| {
            let mut command = Command::new("ssh-keygen");
            command
                .args(["-Y", "verify", "-n", NAMESPACE, "-I"])
                .arg(principal(by))
                .arg("-f")
                .arg(allowed)
                .arg("-s")
                .arg(&file);
            fed(&mut command, payload)
        });
    let _ = std::fs::remove_file(&file);
    verified.map(|(is_good, ..)| is_good)
}

/// A name as allowed signers hold it: they cannot hold spaces.
fn principal(by: &str) -> String {
    by.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Runs a command with a text on its stdin: whether it succeeded, its stdout and its stderr.
fn fed(command: &mut Command, text: &str) -> Result<(bool, String, String), String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "ssh-keygen is not installed".to_owned(),
            _ => error.to_string(),
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // Whether it read all of it shows in what it answers.
        let _ = stdin.write_all(text.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    ))
}
