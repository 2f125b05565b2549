//! What a body is: marks that tell it, and the elements of an HTML page. The body itself is not
//! kept, for the secrets in it.

use hyper::header::HeaderMap;
use ring::digest;
use tightship_model::site::http::{Content, Mark, Purpose};
use url::Url;

use super::{breach, html, notices};

/// Stands in a body for the account that was made up for one look.
pub(super) const ACCOUNT: &str = "tightship-account";

/// Reads the marks and the page of a body that answers a request for `purpose`.
pub(super) fn content(
    purpose: Purpose,
    bytes: &[u8],
    cut: Option<String>,
    url: &Url,
    headers: &HeaderMap,
) -> Content {
    let kind = headers.get(hyper::header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let text = String::from_utf8_lossy(bytes);
    let is_page = is_html(kind, &text);
    Content {
        bytes: bytes.len(),
        cut,
        page: is_page.then(|| html::page(&text, url)),
        marks: marks(purpose, bytes, &text, is_page, url),
        wording: purpose.is_compared().then(|| match is_page {
            true => wording(&html::words(&text, url)),
            false => wording(&text),
        }),
        ..Content::default()
    }
}

/// The beginning of a digest of words; those with figures are left out, as they count or tell the time.
fn wording(words: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for word in words.split_whitespace() {
        if word != ACCOUNT && !word.contains(|c: char| c.is_numeric()) {
            context.update(word.as_bytes());
            context.update(b" ");
        }
    }
    let digest = context.finish();
    let bytes = digest.as_ref().iter().take(8);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// By the header, or without one by its first words, as browsers do.
fn is_html(kind: &str, text: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or("").trim();
    match essence.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => starts_as_html(text),
        _ => false,
    }
}

fn starts_as_html(text: &str) -> bool {
    let start = text
        .trim_start()
        .get(..9)
        .unwrap_or("")
        .to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html")
}

fn marks(purpose: Purpose, bytes: &[u8], text: &str, is_page: bool, url: &Url) -> Vec<Mark> {
    let mut marks = Vec::new();
    of_django(text, &mut marks);
    of_limits(text, &mut marks);
    if text.contains("Traceback (most recent call last)") {
        marks.push(Mark::Traceback);
    }
    if is_page {
        marks.extend(listing(text).map(Mark::Listing));
    }
    if !is_page && !starts_as_html(text) {
        of_files(bytes, text, &mut marks);
        match purpose {
            Purpose::Robots => marks.extend(notices::disallowed(text)),
            Purpose::SecurityText => marks.extend(notices::security_text(text)),
            _ => {}
        }
    }
    if repeats_request(text, url) {
        marks.push(Mark::Echo);
    }
    if purpose == Purpose::BreachWord && breach::repeats_word(text, url) {
        marks.push(Mark::QueryRepeated);
    }
    marks
}

/// The words of Django 4.2 to 6.1 (`django/views/templates`, `views/defaults.py`, `views/csrf.py`),
/// of its admin and of django-axes.
fn of_django(text: &str, marks: &mut Vec<Mark>) {
    let developers = [
        "because you have <code>DEBUG = True</code> in",
        "because you have DEBUG = True in your",
        "because you have <code>DEBUG =\n",
        "DEBUG=True</a> is in your settings file and you have not configured any URLs",
    ];
    if let Some(words) = developers.iter().find(|words| text.contains(**words)) {
        let words = words.replace("<code>", "").replace("</code>", "");
        let words = words.replace("</a>", "");
        marks.push(Mark::DjangoDebug(words.trim().to_owned()));
    }
    if let Some(version) = after(text, "Django Version:").and_then(version) {
        marks.push(Mark::DjangoVersion(version));
    }
    let plain = [
        "<h1>Not Found</h1><p>The requested resource was not found on this server.</p>",
        "<h1>Bad Request (400)</h1><p></p>",
        "<h1>Server Error (500)</h1><p></p>",
    ];
    if plain.iter().any(|words| text.contains(words)) {
        marks.push(Mark::DjangoPlain);
    }
    if text.contains("CSRF verification failed. Request aborted.") {
        marks.push(Mark::CsrfRefused);
    }
    let is_login = text.contains("id=\"login-form\"") && text.contains("name=\"password\"");
    if is_login && (text.contains("data-admin-utc-offset") || text.contains("admin/css/login")) {
        marks.push(Mark::AdminLogin);
    }
}

/// The words with which a request too many is refused by django-axes 8 (`axes/conf.py`), by
/// django-allauth 65 (`account/adapter.py`, `core/internal/ratelimit.py`), by Django REST framework
/// 3.17 (`exceptions.py`), and nginx's own page of an error; and the account that was made up.
fn of_limits(text: &str, marks: &mut Vec<Mark>) {
    let allauth = [
        "Too many failed login attempts. Try again later.",
        "You have sent too many requests. Please try again later.",
    ];
    for (is_there, mark) in [
        (
            text.contains("Account locked: too many login attempts"),
            Mark::AxesLocked,
        ),
        (
            allauth.iter().any(|words| text.contains(words)),
            Mark::AllauthLimited,
        ),
        (text.contains("Request was throttled."), Mark::Throttled),
        (text.contains("<hr><center>nginx"), Mark::NginxPage),
        (
            // Its page for 496, which goes out as 400 (ngx_http_special_response.c of nginx 1.29).
            text.contains("<title>400 No required SSL certificate was sent</title>"),
            Mark::CertificateDemanded,
        ),
        (text.contains(ACCOUNT), Mark::AccountRepeated),
    ] {
        if is_there {
            marks.push(mark);
        }
    }
}

fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    Some(&text[text.find(words)? + words.len()..])
}

/// The first number of the form `5.2.1`, near the beginning, tags passed over.
fn version(text: &str) -> Option<String> {
    const NEAR: usize = 80;
    let near: String = text.chars().take(NEAR).collect();
    let start = near.find(|c: char| c.is_ascii_digit())?;
    let number: String = near[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '.')
        .collect();
    number.contains('.').then_some(number)
}

/// The title of a list of files, as nginx, Apache, lighttpd, Django's `static.serve` and Python's
/// `http.server` make it, where links follow.
fn listing(text: &str) -> Option<String> {
    const LONGEST: usize = 100;
    let title = after(text, "<title>")?;
    let title = title[..title.find("</title>")?].trim();
    let is_one = ["Index of ", "Directory listing for "]
        .iter()
        .any(|start| title.starts_with(start));
    (is_one && text.contains("<a href=")).then(|| title.chars().take(LONGEST).collect())
}

fn of_files(bytes: &[u8], text: &str, marks: &mut Vec<Mark>) {
    if let Some(target) = git_head(text) {
        marks.push(Mark::GitHead(target));
    }
    let names = variables(text);
    if !names.is_empty() {
        marks.push(Mark::Variables(names));
    }
    let databases: [(&[u8], &str); 5] = [
        (b"SQLite format 3\0", "an SQLite database"),
        (b"PGDMP", "a dump of PostgreSQL"),
        (b"--\n-- PostgreSQL database dump", "a dump of PostgreSQL"),
        (b"-- MySQL dump", "a dump of MySQL"),
        (b"-- MariaDB dump", "a dump of MariaDB"),
    ];
    let is_at_start = |start: &&(&[u8], &str)| bytes.starts_with(start.0);
    if let Some((_, name)) = databases.iter().find(is_at_start) {
        marks.push(Mark::Database((*name).to_owned()));
    }
    let archives: [(&[u8], &str); 3] = [
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"BZh", "a bzip2 archive"),
    ];
    if let Some((_, name)) = archives.iter().find(is_at_start) {
        marks.push(Mark::Archive((*name).to_owned()));
    }
    let python = ["DJANGO_SETTINGS_MODULE", "INSTALLED_APPS", "SECRET_KEY"];
    let assigned = |name: &&&str| {
        text.lines().any(|line| {
            let rest = line.trim_start().strip_prefix(**name);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        }) || (**name == "DJANGO_SETTINGS_MODULE" && text.contains("os.environ.setdefault("))
    };
    if text.contains("import ")
        && let Some(name) = python.iter().find(assigned)
    {
        marks.push(Mark::Python((*name).to_owned()));
    }
    if text.lines().any(|line| line.trim_end() == "services:") && text.contains("image:") {
        marks.push(Mark::Compose);
    }
}

/// What the head of a git repository points to: a branch, or a commit.
fn git_head(text: &str) -> Option<String> {
    const LONGEST: usize = 120;
    let line = text.trim_end();
    let is_branch = line.starts_with("ref: refs/") && !line.contains('\n');
    let is_commit = line.len() == 40 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_branch || is_commit).then(|| line.chars().take(LONGEST).collect())
}

/// The names that an environment file sets; none where a line is nothing of the kind.
fn variables(text: &str) -> Vec<String> {
    const MOST: usize = 50;
    let mut names = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, _)) = line.split_once('=') else {
            return Vec::new();
        };
        let name = name.trim_end();
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name {
            return Vec::new();
        }
        if names.len() < MOST {
            names.push(name.to_owned());
        }
    }
    names
}

/// Whether the first line of a request for this address stands in the body, as TRACE sends it back.
fn repeats_request(text: &str, url: &Url) -> bool {
    let line = format!(
        "TRACE {} HTTP/1.1",
        &url[url::Position::BeforePath..url::Position::AfterQuery]
    );
    text.trim_start().starts_with(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: &str) -> Vec<Mark> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().expect("a value"));
        let url = Url::parse("https://shop.example/").expect("an address");
        content(Purpose::Page, text.as_bytes(), None, &url, &headers).marks
    }

    #[test]
    fn files_are_told_by_what_they_hold() {
        let plain = "application/octet-stream";
        assert_eq!(
            read("ref: refs/heads/main\n", plain),
            [Mark::GitHead("ref: refs/heads/main".to_owned())]
        );
        let env = "# shop\nexport DEBUG=False\nSECRET_KEY = \"hunter2\"\n\n";
        let names = vec!["DEBUG".to_owned(), "SECRET_KEY".to_owned()];
        assert_eq!(read(env, plain), [Mark::Variables(names)]);
        assert_eq!(
            read("PK\x03\x04rest", plain),
            [Mark::Archive("a ZIP archive".to_owned())]
        );
        let settings = "import os\nINSTALLED_APPS = []\n";
        assert_eq!(
            read(settings, plain),
            [Mark::Python("INSTALLED_APPS".to_owned())]
        );
    }

    #[test]
    fn what_only_looks_like_them_is_none() {
        for text in [
            "Not found",
            "user=1&name=2\nnot an assignment",
            "a=b\n",
            "ref: refs/heads/main\nand more",
            "",
        ] {
            assert_eq!(read(text, "text/plain"), [], "{text}");
        }
        // One page for every path, as single-page applications answer.
        assert_eq!(read("<!doctype html>\nA=1\n", "text/plain"), []);
        assert_eq!(read("<html>ref: refs/heads/main", "text/html"), []);
    }

    #[test]
    fn wordings_are_equal_where_people_read_the_same() {
        let said = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", "text/html".parse().expect("a value"));
            let url = Url::parse("https://shop.example/").expect("an address");
            let purpose = Purpose::LockoutTry;
            content(purpose, text.as_bytes(), None, &url, &headers).wording
        };
        let first = said("<p>Wrong.</p> 3 left at 12:01 <input value=a><script>x=1</script>");
        assert_eq!(
            first,
            said("<b>Wrong.</b> 2 left at 12:02 <input value=b> <style>p{}</style>")
        );
        assert_ne!(first, said("<p>Locked.</p>"));
        assert_eq!(said("<p>tightship-account is wrong"), said("<p>is wrong"));
    }

    #[test]
    fn listings_need_the_title_and_links() {
        let nginx = "<html><head><title>Index of /static/</title></head><a href=\"../\">../</a>";
        assert_eq!(
            read(nginx, "text/html"),
            [Mark::Listing("Index of /static/".to_owned())]
        );
        let book = "<html><head><title>Index of names</title></head><p>none";
        assert_eq!(read(book, "text/html"), []);
    }
}
