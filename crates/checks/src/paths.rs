//! Paths of settings and of code, by their text alone.

/// How a first path lies to a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Same,
    Inside,
    Contains,
}

/// How `path` lies to `other`; `None` where they are apart, or one is relative and one is not, as
/// then the folder in which the process starts would decide.
pub(crate) fn relation(path: &str, other: &str) -> Option<Relation> {
    if path.starts_with('/') != other.starts_with('/') {
        return None;
    }
    let (path, other) = (parts(path), parts(other));
    if path == other {
        Some(Relation::Same)
    } else if path.starts_with(&other) {
        Some(Relation::Inside)
    } else if other.starts_with(&path) {
        Some(Relation::Contains)
    } else {
        None
    }
}

/// Whether a file of code is no part of the running site: tests, migrations, commands, seeds.
pub(crate) fn is_auxiliary(path: &str) -> bool {
    const FOLDERS: [&str; 10] = [
        "tests",
        "test",
        "testing",
        "migrations",
        "management",
        "fixtures",
        "factories",
        "scripts",
        "seeds",
        "examples",
    ];
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let name = file.trim_end_matches(".py");
    let is_test = name.starts_with("test") || name.ends_with("_test") || name.ends_with("_tests");
    is_test
        || matches!(name, "conftest" | "factories" | "fixtures")
        || name.contains("seed")
        || folder.split('/').any(|part| FOLDERS.contains(&part))
}

/// The parts of a path with `.` and `..` resolved; symbolic links are not known.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_tools_are_no_part_of_the_site() {
        for path in [
            "shop/tests/test_api.py",
            "shop/tests.py",
            "shop/management/commands/load.py",
            "conftest.py",
            "shop/seed_users.py",
        ] {
            assert!(is_auxiliary(path), "{path}");
        }
        for path in ["shop/serializers.py", "config/settings/production.py"] {
            assert!(!is_auxiliary(path), "{path}");
        }
    }

    #[test]
    fn paths_lie_to_each_other_by_their_parts() {
        for (path, other, expected) in [
            ("/a/b", "/a/b/", Some(Relation::Same)),
            ("/a/./c/../b", "/a/b", Some(Relation::Same)),
            ("/a/b/c", "/a/b", Some(Relation::Inside)),
            ("/a", "/a/b", Some(Relation::Contains)),
            ("/a/bc", "/a/b", None),
            ("/../a", "/a", Some(Relation::Same)),
            ("media/cache", "media", Some(Relation::Inside)),
            ("media", "/srv/media", None),
        ] {
            assert_eq!(relation(path, other), expected, "{path} {other}");
        }
    }
}
