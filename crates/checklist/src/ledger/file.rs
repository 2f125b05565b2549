//! The ledger as a file that several processes and branches write.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::chain::{Chain, LONGEST_LINE};
use super::line::{self, hex};
use crate::Act;

/// What a ledger may hold at most: some millions of lines.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// A ledger by its path.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{path} cannot be {verb}: {error}")]
    Io {
        path: PathBuf,
        verb: &'static str,
        error: io::Error,
    },
    /// Nothing is written behind lines that are not true.
    #[error("{path}: {fault}")]
    Faulty { path: PathBuf, fault: String },
    #[error("the entry is longer than 64 KiB")]
    TooLong,
}

impl Ledger {
    /// The ledger of a project, whether it is there or not.
    pub fn of(project: &Path) -> Self {
        Self {
            path: project.join(".tightship").join("ledger.jsonl"),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All lines; an empty chain where there is no file.
    pub fn read(&self) -> Result<Chain, LedgerError> {
        match File::open(&self.path) {
            Ok(mut file) => Ok(Chain::read(&self.text(&mut file)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Chain::default()),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Writes acts behind the last lines, all or none: under a lock, so that no other process writes
    /// between reading and writing, and with one call. A last line that was torn is set aside in a
    /// file beside the ledger first. `sign` makes the signature of an act's bytes.
    pub fn append(
        &self,
        acts: &[Act],
        sign: impl Fn(&str) -> Option<String>,
    ) -> Result<(), LedgerError> {
        self.prepare().map_err(|error| self.failed("made", error))?;
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)
            .map_err(|error| self.failed("opened", error))?;
        file.lock().map_err(|error| self.failed("locked", error))?;
        let mut text = self.text(&mut file)?;
        let chain = Chain::read(&text);
        if let Some(fault) = chain.faults.first() {
            return Err(LedgerError::Faulty {
                path: self.path.clone(),
                fault: fault.to_string(),
            });
        }
        if chain.torn > 0 {
            self.set_aside(&mut file, &mut text, chain.torn)
                .map_err(|error| self.failed("repaired", error))?;
        }
        let mut lines = String::new();
        if !text.is_empty() && !text.ends_with('\n') {
            lines.push('\n');
        }
        let mut ends = chain.end_hashes().to_vec();
        for act in acts {
            let payload = serde_json::to_string(act).map_err(|_| LedgerError::TooLong)?;
            let new = line::write(&ends, &payload, sign(&payload))
                .filter(|line| line.len() <= LONGEST_LINE)
                .ok_or(LedgerError::TooLong)?;
            let hash = line::Line::read(new.trim_end()).map(|line| line.hash);
            ends = hash.into_iter().collect();
            lines.push_str(&new);
        }
        file.write_all(lines.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| self.failed("written", error))
    }

    /// The folder, and in it what makes git merge ledgers without a conflict.
    fn prepare(&self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        // The project's own folder is there, or its name is wrong.
        match std::fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let attributes = folder.join(".gitattributes");
        match File::create_new(attributes) {
            Ok(mut file) => file.write_all(b"ledger.jsonl merge=union -text\n"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps the torn end beside the ledger, byte by byte, and takes it off.
    fn set_aside(&self, file: &mut File, text: &mut String, torn: usize) -> io::Result<()> {
        let whole = text.len() - torn;
        let mut rest = Vec::with_capacity(torn + 1);
        file.seek(SeekFrom::Start(whole as u64))?;
        file.read_to_end(&mut rest)?;
        rest.push(b'\n');
        let mut beside = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path.with_extension("jsonl.torn"))?;
        beside.write_all(&rest)?;
        beside.sync_all()?;
        file.set_len(whole as u64)?;
        text.truncate(whole);
        Ok(())
    }

    fn text(&self, file: &mut File) -> Result<String, LedgerError> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(|error| self.failed("read", error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(self.failed("read", io::ErrorKind::FileTooLarge.into()));
        }
        Ok(decode(bytes))
    }

    fn failed(&self, verb: &'static str, error: io::Error) -> LedgerError {
        LedgerError::Io {
            path: self.path.clone(),
            verb,
            error,
        }
    }
}

/// The text, as long as the bytes. A tear may go through a character of the last line; bytes that are
/// no text before it make their line a broken one.
fn decode(bytes: Vec<u8>) -> String {
    let visible = |byte: &u8| {
        if byte.is_ascii() {
            char::from(*byte)
        } else {
            '?'
        }
    };
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |last| last + 1);
    let (lines, rest) = bytes.split_at(whole);
    let mut text = match str::from_utf8(lines) {
        Ok(lines) => lines.to_owned(),
        Err(_) => lines.iter().map(visible).collect(),
    };
    text.extend(rest.iter().map(visible));
    text
}

/// The SHA-256 of a file's content, in hexadecimal digits.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize().into())),
            read => digest.update(&buffer[..read]),
        }
    }
}
