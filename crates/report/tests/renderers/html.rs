//! The page: what its policy allows, what hostile text can do, and that nothing is lost.

use sha2::{Digest, Sha256};
use tightship_report::html;

use crate::fixture::{HOSTILE, deployment};
use crate::{catalog, document, written};

pub(crate) fn page() -> String {
    let deployment = deployment();
    written(|out| html::render(&document(&deployment), &catalog(), out))
}

#[test]
fn the_policy_allows_this_script_and_this_style_and_nothing_else() {
    use base64::Engine;
    let page = page();
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).expect("it begins");
        rest.split_once(end).expect("it ends").0
    };
    let hash = |text: &str| {
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        format!("'sha256-{digest}'")
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(between("<script>", "</script>")),
            hash(between("<style>", "</style>"))
        )
    );
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
}

/// Tags as they stand in the page, without script and style.
fn tags(page: &str) -> Vec<&str> {
    let (_, body) = page.split_once("</head>").expect("a head");
    let (body, _) = body.split_once("<script>").expect("a script");
    body.split('<')
        .skip(1)
        .map(|rest| rest.split_once('>').expect("each tag ends").0)
        .collect()
}

#[test]
fn no_tag_has_a_handler_or_a_style_and_no_text_makes_a_tag() {
    assert!(HOSTILE.contains("<script>"), "the attempt is made");
    let page = page();
    for tag in tags(&page) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next();
        assert!(name != Some("script"), "{tag}");
        for attribute in tag.split(' ').skip(1) {
            assert!(!attribute.starts_with("on"), "a handler: {tag}");
            assert!(!attribute.starts_with("style="), "a style: {tag}");
        }
    }
    assert!(
        page.contains("&#60;script&#62;"),
        "the text is shown as text"
    );
}

#[test]
fn each_finding_has_its_own_address_and_its_way() {
    let page = page();
    let articles: Vec<_> = tags(&page)
        .into_iter()
        .filter(|tag| tag.starts_with("article "))
        .map(|tag| tag.split('"').nth(3).expect("an id"))
        .collect();
    assert_eq!(articles.len(), 10, "{articles:?}");
    let unique: std::collections::BTreeSet<_> = articles.iter().collect();
    assert_eq!(unique.len(), articles.len(), "{articles:?}");
    assert!(articles.contains(&"django/debug-on+settings:DEBUG"));

    // The setting, the Compose file that names the .env file, the .env file: in this order.
    let (_, finding) = page
        .split_once("id=\"django/debug-on+settings:DEBUG\"")
        .expect("the finding");
    let (finding, _) = finding.split_once("</article>").expect("it ends");
    let places: Vec<_> = ["prod.py", "compose.yml", ".env.prod"]
        .iter()
        .map(|file| finding.find(&format!("</span>{file}</p>")).expect(file))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        finding.contains("<mark>DJANGO_DEBUG=on</mark>"),
        "{finding}"
    );
}

#[test]
fn what_is_not_known_and_what_is_set_aside_is_told() {
    let page = page();
    for text in [
        "give DJANGO_DEBUG with --env-file or --env",
        "is 61 MB; files beyond 16 MB are not read",
        "behind a proxy (platform team, until 2027-01-31)",
        "this waiver matches nothing",
        "four validators, at least 12 characters",
        "corsheaders is not installed",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_checklist_is_a_ring_and_rows_that_lead_to_their_findings() {
    let page = page();
    assert!(page.contains("1 of 3 rows that apply are ticked"), "{page}");
    assert!(page.contains("<b>33%</b>"));
    // A third each: what is ticked first, what fails last.
    for arc in [
        "class=\"pass\" cx=\"18\" cy=\"18\" r=\"15.5\" pathLength=\"1000\" stroke-dasharray=\"333 1000\" stroke-dashoffset=\"-0\"",
        "class=\"fail\" cx=\"18\" cy=\"18\" r=\"15.5\" pathLength=\"1000\" stroke-dasharray=\"334 1000\" stroke-dashoffset=\"-666\"",
    ] {
        assert!(page.contains(arc), "{arc}");
    }
    assert!(page.contains("<small><a href=\"#django/debug-on+settings:DEBUG\">failed</a></small>"));
}
