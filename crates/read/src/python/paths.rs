//! POSIX paths as text, as `os.path` and `pathlib` treat them.

/// `os.path.join(base, part)`.
pub(crate) fn join(base: &str, part: &str) -> String {
    if part.starts_with('/') || base.is_empty() {
        part.to_owned()
    } else if part.is_empty() {
        base.to_owned()
    } else if base.ends_with('/') {
        format!("{base}{part}")
    } else {
        format!("{base}/{part}")
    }
}

/// `os.path.normpath(path)`.
pub(crate) fn normal(path: &str) -> String {
    let root = if path.starts_with("//") && !path.starts_with("///") {
        "//"
    } else if path.starts_with('/') {
        "/"
    } else {
        ""
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let text = format!("{root}{}", parts.join("/"));
    if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

/// `str(pathlib.Path(path))`: no `.` parts, no doubled or trailing slashes, `..` kept.
pub(crate) fn pathlib(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let text = format!("{root}{}", parts.join("/"));
    if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

/// `str(pathlib.Path(path).parent)`.
pub(crate) fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None => ".".to_owned(),
    }
}

/// `os.path.dirname(path)`.
pub(crate) fn dirname(path: &str) -> String {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let head = &path[..at];
    if head.chars().all(|c| c == '/') {
        head.to_owned()
    } else {
        head.trim_end_matches('/').to_owned()
    }
}

/// The last part of a path, as `os.path.basename` and `Path.name` give it.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Stem and suffix of a file name: `a.tar.gz` is `a.tar` and `.gz`.
pub(crate) fn split_suffix(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && at + 1 < name.len() && !name[..at].chars().all(|c| c == '.') => {
            name.split_at(at)
        }
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_python_has_them() {
        assert_eq!(join("/a", "b"), "/a/b");
        assert_eq!(join("/a/", "/b"), "/b");
        assert_eq!(join("/a", ""), "/a");
        assert_eq!(normal("/a/./b/../../c//d"), "/c/d");
        assert_eq!(normal("a/../.."), "..");
        assert_eq!(pathlib("/a/./b/../c//"), "/a/b/../c");
        assert_eq!(parent("/a"), "/");
        assert_eq!(parent("a"), ".");
        assert_eq!(dirname("/a/b/"), "/a/b");
        assert_eq!(dirname("a"), "");
        assert_eq!(split_suffix("a.tar.gz"), ("a.tar", ".gz"));
        assert_eq!(split_suffix(".env"), (".env", ""));
    }
}
