//! The tree of directives, includes put in place.

use std::fs;

use tightship_model::Deployment;
use tightship_model::nginx::Configuration;

#[test]
fn a_file_alone_is_a_configuration() {
    let deployment = read(&[
        (
            "nginx.conf",
            "events {}\nhttp { # web\n  include conf.d/*.conf;\n}\n",
        ),
        (
            "conf.d/b.conf",
            "server { listen 81; return 301 \"https://$host\\\"${request_uri}\"; }",
        ),
        ("conf.d/a.conf", "server { listen 80; }"),
    ]);
    let configuration = only(&deployment);
    let http = configuration.block("http").unwrap();
    let servers: Vec<_> = http.children("server").collect();
    assert_eq!(servers.len(), 2);
    assert_eq!(servers[0].child("listen").unwrap().argument(0), Some("80"));
    let target = &servers[1].child("return").unwrap().arguments[1];
    assert_eq!(target.text, "https://$host\"${request_uri}");
    assert!(target.is_quoted);
    assert_eq!(
        target.variables().collect::<Vec<_>>(),
        ["host", "request_uri"]
    );
    assert_eq!(deployment.sources.place(target.span), "conf.d/b.conf:1:32");
    assert_eq!(configuration.included_by(target.span.source).len(), 1);
    assert!(configuration.problems().is_empty());
}

fn read(files: &[(&str, &str)]) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tightship_read::nginx_configuration(&folder.path().join(files[0].0)).unwrap()
}

fn only(deployment: &Deployment) -> &Configuration {
    &deployment.nginx.configurations[0]
}
