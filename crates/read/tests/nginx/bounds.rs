//! Large, deep and circular configurations.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tightship_model::Deployment;
use tightship_model::nginx::Configuration;

#[test]
fn a_hundred_thousand_locations_are_read() {
    let mut text = "events {}\nhttp { server {\n".to_owned();
    for number in 0..100_000 {
        writeln!(
            text,
            "location /{number}/ {{ proxy_pass http://127.0.0.1:8000; }}"
        )
        .unwrap();
    }
    text.push_str("} }\n");
    let deployment = read(&[("nginx.conf", &text)]);
    let configuration = only(&deployment);
    assert_eq!(configuration.find("location").len(), 100_000);
    assert_eq!(configuration.problems(), []);
}

#[test]
fn ten_thousand_files_are_taken_in_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let sites = folder.path().join("conf.d");
    fs::create_dir(&sites).unwrap();
    for number in 0..10_000 {
        let text = format!("server {{ listen 80; server_name n{number:05}; }}\n");
        fs::write(sites.join(format!("{number:05}.conf")), text).unwrap();
    }
    fs::write(
        folder.path().join("nginx.conf"),
        "events {}\nhttp { include conf.d/*.conf; }",
    )
    .unwrap();
    let deployment = read_at(&folder.path().join("nginx.conf"));
    let names = only(&deployment).find("server_name");
    assert_eq!(names.len(), 10_000);
    assert!(names.is_sorted_by_key(|(_, name)| name.argument(0)));
}

#[test]
fn includes_in_a_circle_end() {
    let deployment = read(&[
        (
            "nginx.conf",
            "events {}\nhttp { include a.conf; include b.conf; }",
        ),
        ("a.conf", "include b.conf; gzip on;"),
        ("b.conf", "include a.conf; include b.conf;"),
    ]);
    let configuration = only(&deployment);
    assert!(
        configuration
            .problems()
            .iter()
            .any(|one| one.message.contains("includes itself"))
    );
    assert!(configuration.find("gzip").len() >= 2);
}

#[test]
fn includes_that_double_meet_a_bound() {
    let mut files = vec![(
        "nginx.conf".to_owned(),
        "events {}\nhttp { include 0.conf; }".to_owned(),
    )];
    for level in 0..25 {
        let next = level + 1;
        let text = format!("include {next}.conf; include {next}.conf;");
        files.push((format!("{level}.conf"), text));
    }
    files.push(("25.conf".to_owned(), "gzip on;".to_owned()));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let deployment = read(&files);
    let configuration = only(&deployment);
    assert_eq!(configuration.files.len(), 20_000);
    assert!(
        configuration
            .gaps
            .iter()
            .any(|gap| gap.reason.contains("more than 20000 files"))
    );
}

#[test]
fn deep_blocks_meet_a_bound() {
    let text = format!(
        "events {{}}\nhttp {{ {} {} }}",
        "server {".repeat(100_000),
        "}".repeat(100_000)
    );
    let deployment = read(&[("nginx.conf", &text)]);
    let deep = |one: &tightship_model::nginx::Problem| one.message.contains("deeper than 100");
    assert!(only(&deployment).problems().iter().any(deep));
}

#[test]
fn a_file_of_fifty_megabytes_is_a_gap() {
    let text = "location / { return 200; }\n".repeat(50 * 1024 * 1024 / 27);
    let deployment = read(&[
        ("nginx.conf", "events {}\nhttp { include big.conf; }"),
        ("big.conf", &text),
    ]);
    let [gap] = only(&deployment).gaps.as_slice() else {
        panic!("{:?}", only(&deployment).gaps);
    };
    assert_eq!(
        gap.reason,
        "includes /etc/nginx/big.conf, which cannot be read"
    );
    assert!(
        deployment
            .gaps
            .iter()
            .any(|gap| gap.reason.contains("50 MB") || gap.reason.contains("49 MB"))
    );
}

#[test]
fn windows_line_ends_are_no_trouble_but_a_byte_order_mark_is() {
    let text = "events {}\r\nhttp {\r\n\tserver {\r\n\t\tlisten 80;\r\n\t}\r\n}\r\n";
    let deployment = read(&[("nginx.conf", text)]);
    assert_eq!(only(&deployment).problems(), []);
    assert_eq!(only(&deployment).find("listen").len(), 1);
    let deployment = read(&[("nginx.conf", &format!("\u{feff}{text}"))]);
    assert_eq!(only(&deployment).problems().len(), 1);
    assert_eq!(only(&deployment).find("listen").len(), 1);
}

#[test]
fn a_secret_that_is_written_down_is_shown_nowhere() {
    let deployment = read(&[(
        "nginx.conf",
        "events {}\nhttp { proxy_set_header X-Api-Key \"k3y-of-the-house\"; set $api_token abc123xyz; }",
    )]);
    let shown = format!("{deployment:?}");
    assert!(!shown.contains("k3y-of-the-house") && !shown.contains("abc123xyz"));
    let file = only(&deployment).file;
    let line = deployment.sources.line_text(file, 2).unwrap();
    assert!(
        !line.contains("k3y-of-the-house") && !line.contains("abc123xyz"),
        "{line}"
    );
}

fn read(files: &[(&str, &str)]) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    read_at(&folder.path().join(files[0].0))
}

fn read_at(path: &Path) -> Deployment {
    tightship_read::nginx_configuration(path).unwrap()
}

fn only(deployment: &Deployment) -> &Configuration {
    &deployment.nginx.configurations[0]
}
