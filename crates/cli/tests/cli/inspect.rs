//! What is shown of the deployment: nginx, the environment of a service.

use serde_json::Value;

use crate::documents::assert_valid;
use crate::project::{Answer, Project};

const SHOP: &str = "https://harbourgoods.example/admin/";

/// Asked in the folder of a demo.
fn inspect(what: &str, demo: &str, arguments: &[&str]) -> Answer {
    let folder = format!("{}/../../demo/{demo}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Project::empty().command(&[&["inspect", what], arguments].concat());
    Answer::of(command.current_dir(folder))
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", answer.stdout, answer.stderr))
}

#[test]
fn nginx_says_who_answers_and_why() {
    let url = "https://shop.harbourgoods.example/admin/";
    let answer = inspect("nginx", "careless", &["--url", url]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    for part in [
        "nginx/nginx.conf:43:67  the host fits shop.harbourgoods.example",
        "location / takes /admin/",
        "Host: shop.harbourgoods.example",
        "Strict-Transport-Security: max-age=63072000  (2 times)",
        "service nginx",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {}", answer.stdout);
    }
}

#[test]
fn nginx_as_json_conforms_to_its_schema() {
    let answer = inspect("nginx", "hardened", &["--url", SHOP, "-f", "json"]);
    assert_valid("nginx", &answer.stdout);
    let document = json(&answer);
    assert_eq!(document["schema"], "tightship.nginx/1");
    assert_eq!(document["runs_in"], "service nginx");
    assert!(
        document["upstream"]["servers"]
            .as_array()
            .is_some_and(|servers| !servers.is_empty()),
        "{document:#}"
    );
    let response = inspect("response", "hardened", &["--url", SHOP, "-f", "json"]);
    assert_valid("response", &response.stdout);
}

const SITE: &str = "events {}\nhttp {\n  server {\n    listen 80;\n    server_name a.example;\n    \
                    location /old/ { return 301 /new/; }\n  }\n}\n";

#[test]
fn nginx_is_read_from_one_file_or_a_folder_of_its_files() {
    let project = Project::empty().file("nginx.conf", SITE);
    for path in ["nginx.conf", "."] {
        let url = "http://a.example/old/x";
        let answer = project.run(&["inspect", "nginx", path, "--url", url]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        for part in ["301", "nginx.conf:6:5  location /old/", "Location: "] {
            assert!(answer.stdout.contains(part), "{part}: {}", answer.stdout);
        }
    }
}

#[test]
fn nginx_says_what_it_cannot_tell() {
    let project = Project::empty().file("nginx.conf", SITE);
    let ask = |path: &str, url: &str| project.run(&["inspect", "nginx", path, "--url", url]);
    ask("nginx.conf", "https://a.example/").is_failure("no nginx takes", "80 (http)");
    ask("nginx.conf", "a.example").is_failure("not an address", "--url https://");
    ask("none.conf", "http://a.example/").is_failure("does not exist", "");
    Project::careless()
        .run(&["inspect", "nginx", "--url", "http://a.example/"])
        .is_failure("no nginx", "nginx.conf");
}

#[test]
fn env_shows_where_a_variable_comes_from_and_no_secret() {
    let answer = inspect("env", "careless", &["--service", "web"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("SECRET_KEY"), "{}", answer.stdout);
    assert!(answer.stdout.contains("<secret: "), "{}", answer.stdout);
    assert!(
        !answer.stdout.contains("harbour-goods-secret"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.contains("docker-compose.yml:10:14"),
        "{}",
        answer.stdout
    );
}

#[test]
fn env_puts_environment_over_files_over_the_image() {
    let project = Project::empty()
        .file(
            "Dockerfile",
            "FROM python:3.13\nENV A=image B=image C=image\nENV API_TOKEN=tttttttt\n",
        )
        .file("web.env", "A=file\nB=file\n")
        .file(
            "compose.yml",
            "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n    \
             env_file: web.env\n    environment:\n      A: own\n      HANDED:\n",
        );
    let answer = project.run(&["inspect", "env", "-f", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_valid("env", &answer.stdout);
    let document = json(&answer);
    assert_eq!(
        document["service"], "web",
        "the one that answers with Django"
    );
    let variables = &document["variables"];
    for (name, from, value) in [
        ("A", "environment", "own"),
        ("B", "env_file", "file"),
        ("C", "image", "image"),
    ] {
        assert_eq!(variables[name]["from"], from, "{name}");
        assert_eq!(variables[name]["known"]["value"], value, "{name}");
        assert!(variables[name]["trail"][0]["line"].is_u64(), "{name}");
    }
    assert_eq!(variables["HANDED"]["known"], Value::Null);
    assert!(!answer.stdout.contains("tttttttt"), "{}", answer.stdout);
    let text = project.run(&["inspect", "env", "--service", "web"]).stdout;
    assert!(text.contains("HANDED  passed through"), "{text}");
}

#[test]
fn env_names_the_services_to_choose_from() {
    inspect("env", "careless", &[]).is_failure("2 services answer with Django", "web, backoffice");
    inspect("env", "careless", &["--service", "wep"]).is_failure("wep", "did you mean web?");
    inspect("env", "careless", &["--service", "zzz"])
        .is_failure("zzz", "choose with --service: web");
    Project::careless()
        .run(&["inspect", "env"])
        .is_failure("no Compose file", "folder");
}

#[test]
fn the_deployment_is_drawn_with_what_is_open_and_where_findings_stand() {
    let answer = inspect("deployment", "careless", &[]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    for part in [
        "internet ──▶ nginx, web, backoffice, db, redis",
        "open to the internet: 5432",
        "https harbourgoods.example",
        "──▶ web  (proxy_pass)",
        "──▶ db  (depends_on)",
        "worst critical",
    ] {
        assert!(answer.stdout.contains(part), "{part}: {}", answer.stdout);
    }
    for line in answer.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn a_box_is_marked_by_each_line_of_its_service() {
    let answer = inspect("deployment", "careless", &["-f", "json"]);
    let document = json(&answer);
    let nodes = document["nodes"].as_array().expect("nodes");
    let db = nodes.iter().find(|node| node["name"] == "db").expect("db");
    let findings = db["findings"].as_array().expect("findings");
    let found = |id: &str| findings.iter().any(|finding| finding["check"] == id);
    assert!(found("compose/database-published"), "{db:#}");
    assert!(found("compose/floating-image"), "{db:#}");
    assert!(!found("compose/source-mounted"), "{db:#}");
}

#[test]
fn the_hardened_deployment_has_one_way_in_and_no_finding() {
    let answer = inspect("deployment", "hardened", &["-f", "json"]);
    assert_valid("deployment", &answer.stdout);
    let document = json(&answer);
    let nodes = document["nodes"].as_array().expect("nodes");
    for node in nodes {
        let is_open = node["ports"]
            .as_array()
            .is_some_and(|ports| !ports.is_empty());
        assert_eq!(is_open, node["name"] == "nginx", "{node:#}");
        assert_eq!(
            node["findings"].as_array().map(Vec::len),
            Some(0),
            "{node:#}"
        );
    }
    let links = document["links"].as_array().expect("links");
    let has = |from: &str, to: &str| {
        links
            .iter()
            .any(|link| link["from"] == from && link["to"] == to)
    };
    let by_setting = links
        .iter()
        .any(|link| link["to"] == "db" && link["by"] == "DATABASES");
    assert!(by_setting, "{links:#?}");
    assert!(has("nginx", "web") && has("web", "db") && has("backup", "db"));
    assert!(!has("nginx", "db"));
}

#[test]
fn a_picture_obeys_nothing_of_the_files() {
    let project = Project::empty().file(
        "compose.yml",
        "services:\n  web:\n    image: 'a\"<script>x</script>]'\n    ports: ['127.0.0.1:8000:8000']\n",
    );
    let run = |format: &str| project.run(&["inspect", "deployment", "-f", format]).stdout;
    let (svg, mermaid) = (run("svg"), run("mermaid"));
    assert!(svg.contains("&lt;script&gt;"), "{svg}");
    assert!(!svg.contains("<script"), "{svg}");
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    assert!(
        !mermaid.contains("<script") && !mermaid.contains("internet ==>"),
        "{mermaid}"
    );
    let answer = project.run(&["inspect", "deployment", "-f", "svg", "-o", "chart.svg"]);
    assert_eq!((answer.code, &*answer.stdout), (0, ""), "{}", answer.stderr);
    assert_eq!(project.read("chart.svg"), svg);
    Project::careless()
        .run(&["inspect", "deployment"])
        .is_failure("no Compose file", "folder");
}
