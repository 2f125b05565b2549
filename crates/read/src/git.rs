//! What git keeps of a folder, by the names in its index.
//!
//! Hand-written, as no more than the names is wanted: the formats 2, 3 and 4 of the index
//! (git's `Documentation/gitformat-index.adoc`). Nothing of git is run, and no object is read.

use std::path::{Path, PathBuf};

use tightship_model::Git;

/// Bytes of an index that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Folders above the root that are asked for `.git`.
const HIGHEST: usize = 16;

/// Bytes before the flags of an entry: ten numbers of 32 bits and an object id of SHA-1.
const BEFORE_FLAGS: usize = 60;

/// The files below `root` that the repository around it tracks.
pub(crate) fn read(root: &Path) -> Option<Git> {
    let root = root.canonicalize().ok()?;
    let top = root
        .ancestors()
        .take(HIGHEST)
        .find(|folder| folder.join(".git").exists())?;
    let index = folder_of(top)?.join("index");
    if std::fs::metadata(&index).ok()?.len() > LARGEST {
        return None;
    }
    let names = names(&std::fs::read(index).ok()?)?;
    let below = root.strip_prefix(top).ok()?;
    let tracked = names
        .iter()
        .filter_map(|name| {
            let path = Path::new(name).strip_prefix(below).ok()?;
            Some(path.to_str()?.to_owned())
        })
        .collect();
    Some(Git { tracked })
}

/// The folder with the index: `.git`, or where a file of that name points to, as in a worktree.
fn folder_of(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = std::fs::read_to_string(&git).ok()?;
    let path = text.strip_prefix("gitdir:")?.trim();
    Some(top.join(path))
}

/// The names of an index; `None` where it is none, or is broken or of a form that is not known.
fn names(bytes: &[u8]) -> Option<Vec<String>> {
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(bytes, 4)?;
    let count = number(bytes, 8)? as usize;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut at = 12;
    let mut names: Vec<String> = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        let flags = u16::from_be_bytes(bytes.get(at + BEFORE_FLAGS..)?.get(..2)?.try_into().ok()?);
        // The bit for more flags, which version 2 does not have.
        let is_extended = version > 2 && flags & 0x4000 != 0;
        let mut end = at + BEFORE_FLAGS + if is_extended { 4 } else { 2 };
        if version == 4 {
            let (kept, length) = offset(bytes.get(end..)?)?;
            name.truncate(name.len().checked_sub(kept)?);
            end += length;
        } else {
            name.clear();
        }
        let rest = bytes.get(end..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(&rest[..length]);
        end += length;
        names.push(String::from_utf8_lossy(&name).into_owned());
        at = match version {
            4 => end + 1,
            // One to eight zero bytes fill the entry up to a multiple of eight.
            _ => at + (end - at) / 8 * 8 + 8,
        };
    }
    Some(names)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(
        bytes.get(at..)?.get(..4)?.try_into().ok()?,
    ))
}

/// The number of bytes that version 4 takes off the name before, and how many bytes say so: as
/// `OFS_DELTA` of packs writes them.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    const LONGEST: usize = 5;
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().take(LONGEST).enumerate() {
        if at > 0 {
            value += 1;
        }
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t.example"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("git is installed");
        assert!(done.status.success(), "{done:?}");
    }

    #[test]
    fn each_version_of_the_index_names_what_git_lists() {
        for version in ["2", "3", "4"] {
            let folder = tempfile::tempdir().expect("a folder");
            let root = folder.path();
            git(root, &["init", "--quiet"]);
            for path in [
                "shop/.env",
                "shop/app/views.py",
                "shop/app/view.py",
                "a",
                "shop/ä b.py",
            ] {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
                std::fs::write(path, "x").expect("a file");
            }
            std::fs::write(root.join("shop/left-out"), "x").expect("a file");
            git(root, &["add", "a", "shop/.env", "shop/app", "shop/ä b.py"]);
            git(root, &["update-index", "--index-version", version]);
            if version == "3" {
                // What makes an entry carry more flags.
                git(root, &["add", "--intent-to-add", "shop/left-out"]);
            }
            let mut expected = vec![".env", "app/view.py", "app/views.py", "ä b.py"];
            if version == "3" {
                expected.insert(3, "left-out");
            }
            let found = read(&root.join("shop")).expect("an index");
            assert_eq!(
                found.tracked.iter().map(String::as_str).collect::<Vec<_>>(),
                expected,
                "version {version}"
            );
        }
    }

    #[test]
    fn a_folder_of_no_repository_and_a_broken_index_say_nothing() {
        assert_eq!(names(b"DIRC\0\0\0\x02\0\0\0\x05"), None);
        assert_eq!(names(b"DIRC\0\0\0\x09\0\0\0\0"), None);
        assert_eq!(names(b""), None);
        let mut huge = b"DIRC\0\0\0\x04\xff\xff\xff\xff".to_vec();
        huge.resize(4096, 0xff);
        assert_eq!(names(&huge), None);
    }
}
