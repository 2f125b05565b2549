//! Which configurations run, and from which files they are made.

use std::fs;

use tightship_model::Deployment;
use tightship_model::nginx::{Configuration, Directive, RunsIn};
use tightship_read::Options;

#[test]
fn an_image_takes_what_its_dockerfile_copies() {
    let deployment = read(&[
        (
            "Dockerfile",
            "FROM nginx:1.27-alpine\nRUN rm /etc/nginx/conf.d/default.conf\n\
             COPY deploy/shop.conf /etc/nginx/conf.d/\n",
        ),
        (
            "deploy/shop.conf",
            "server { listen 80; server_name shop.example; }",
        ),
        (
            "deploy/old.conf",
            "server { listen 80; server_name old.example; }",
        ),
    ]);
    let configuration = only(&deployment);
    assert_eq!(
        configuration.runs_in,
        RunsIn::Image("Dockerfile".to_owned())
    );
    assert_eq!(configuration.version, Some((1, 27, u32::MAX)));
    assert_eq!(server_names(configuration), ["shop.example"]);
    assert_eq!(
        files(&deployment),
        [
            "/etc/nginx/nginx.conf (of nginx itself)",
            "/etc/nginx/mime.types (of nginx itself)",
            "deploy/shop.conf",
        ]
    );
    assert!(configuration.gaps.is_empty(), "{:?}", configuration.gaps);
    assert!(
        configuration.problems().is_empty(),
        "{:?}",
        configuration.problems()
    );
    assert_eq!(unused(&deployment), ["deploy/old.conf"]);
}

#[test]
fn a_service_sees_what_compose_mounts() {
    let deployment = read(&[
        (
            "docker-compose.yml",
            "services:\n  web:\n    image: shop\n  proxy:\n    image: nginx:1.29.1\n    volumes:\n\
             \x20     - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro\n\
             \x20     - ./nginx/sites:/etc/nginx/conf.d:ro\n\
             \x20     - certificates:/etc/letsencrypt\n\
             volumes:\n  certificates:\n",
        ),
        (
            "nginx/nginx.conf",
            "events {}\nhttp { include conf.d/*.conf; include mime.types;\n\
             include /etc/letsencrypt/own.conf; include /etc/letsencrypt/options-ssl-nginx.conf; }",
        ),
        ("nginx/sites/b.conf", "server { server_name b; }"),
        ("nginx/sites/a.conf", "server { server_name a; }"),
        ("nginx/tls.conf", "ssl_protocols TLSv1;"),
    ]);
    let configuration = only(&deployment);
    assert_eq!(configuration.runs_in, RunsIn::Service("proxy".to_owned()));
    assert_eq!(configuration.version, Some((1, 29, 1)));
    assert_eq!(server_names(configuration), ["a", "b"]);
    let [gap] = configuration.gaps.as_slice() else {
        panic!("{:?}", configuration.gaps);
    };
    assert_eq!(
        gap.reason,
        "includes /etc/letsencrypt/own.conf, which lies in the volume certificates"
    );
    let http = configuration.block("http").unwrap();
    assert_eq!(
        http.child("ssl_protocols").unwrap().argument(0),
        Some("TLSv1.2")
    );
    assert_eq!(unused(&deployment), ["nginx/tls.conf"]);
}

#[test]
fn compose_gives_templates_their_variables_and_a_command_its_envsubst() {
    let deployment = read(&[
        (
            "compose.yaml",
            "services:\n  proxy:\n    image: nginx:alpine\n    environment:\n      HOST: shop.example\n\
             \x20     API_TOKEN: 4f6b2c\n    volumes:\n\
             \x20     - ./nginx/templates:/etc/nginx/templates:ro\n",
        ),
        (
            "nginx/templates/default.conf.template",
            "server { server_name $HOST; return 200 \"$API_TOKEN ${OTHER}\"; }",
        ),
    ]);
    let configuration = only(&deployment);
    assert_eq!(server_names(configuration), ["shop.example"]);
    let server = configuration
        .block("http")
        .unwrap()
        .child("server")
        .unwrap();
    let text = &server.child("return").unwrap().arguments[1];
    assert_eq!(
        (text.text.as_str(), text.is_known),
        ("${API_TOKEN} ${OTHER}", false)
    );

    let deployment = read(&[
        (
            "compose.yaml",
            "services:\n  proxy:\n    image: nginx:alpine\n    environment: {HOST: shop.example}\n\
             \x20   volumes: [\"./site.template:/etc/nginx/conf.d/site.template\"]\n\
             \x20   command: /bin/sh -c \"envsubst '$$HOST' < /etc/nginx/conf.d/site.template > \
             /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'\"\n",
        ),
        (
            "site.template",
            "server { server_name $HOST; return 301 $scheme://a; }",
        ),
    ]);
    assert_eq!(server_names(only(&deployment)), ["shop.example"]);
}

#[test]
fn nginx_on_the_host_before_compose() {
    let deployment = read(&[
        ("docker-compose.yml", "services:\n  web:\n    image: shop\n"),
        (
            "deploy/nginx.conf",
            "server { listen 80; location / { proxy_pass http://127.0.0.1:8000; } }",
        ),
    ]);
    assert!(matches!(only(&deployment).runs_in, RunsIn::Host(_)));
}

/// The server that the official image brings is the default one: its file sorts first.
#[test]
fn the_default_server_of_the_image_stays_where_nothing_removes_it() {
    let deployment = read(&[
        (
            "Dockerfile",
            "FROM nginx\nCOPY shop.conf /etc/nginx/conf.d/shop.conf\n",
        ),
        (
            "shop.conf",
            "server { listen 80; server_name shop.example; }",
        ),
    ]);
    assert_eq!(
        server_names(only(&deployment)),
        ["localhost", "shop.example"]
    );
}

#[test]
fn templates_are_rendered_with_the_environment() {
    let deployment = read(&[
        (
            "Dockerfile",
            "FROM nginx:1.29\nENV DOMAIN=shop.example NGINX_ENVSUBST_OUTPUT_DIR=/etc/nginx\n\
             COPY nginx/templates /etc/nginx/templates\n",
        ),
        (
            "nginx/templates/nginx.conf.template",
            "events {}\nhttp { server { server_name ${DOMAIN}; return 301 https://$host; } }\n",
        ),
    ]);
    let configuration = only(&deployment);
    let server = &configuration
        .block("http")
        .unwrap()
        .children("server")
        .next()
        .unwrap();
    let name = &server.child("server_name").unwrap().arguments[0];
    assert_eq!(name.text, "shop.example");
    assert!(name.is_known);
    let source = &deployment.sources[name.span.source];
    assert_eq!(
        &source.raw()[name.span.start as usize..name.span.end as usize],
        "${DOMAIN}"
    );
    assert_eq!(source.path, "nginx/templates/nginx.conf.template");
    assert_eq!(
        server.child("return").unwrap().argument(1),
        Some("https://$host")
    );
}

#[test]
fn without_containers_sites_are_those_of_a_host() {
    let deployment = read(&[
        (
            "deploy/nginx/sites-available/shop",
            "server { listen 80; include snippets/a.conf; }",
        ),
        (
            "deploy/nginx/snippets/a.conf",
            "add_header X-Frame-Options DENY;",
        ),
        (
            "deploy/nginx/snippets/b.conf",
            "add_header X-Frame-Options DENY;",
        ),
        ("deploy/apache.conf", "<VirtualHost *:80>\n</VirtualHost>\n"),
    ]);
    let configuration = only(&deployment);
    assert!(matches!(configuration.runs_in, RunsIn::Host(_)));
    let http = configuration.block("http").unwrap();
    assert!(configuration.has_gap_in(Some(http)));
    let server = http.child("server").unwrap();
    assert!(server.child("add_header").is_some());
    assert!(!configuration.has_gap_in(Some(server)));
    assert_eq!(unused(&deployment), ["deploy/nginx/snippets/b.conf"]);
}

#[test]
fn developers_files_and_those_beside_production_do_not_run() {
    let site = "events {}\nhttp { server { listen 80; } }";
    let deployment = read(&[
        ("nginx/nginx.prod.conf", site),
        ("nginx/nginx.conf", site),
        ("nginx/nginx.dev.conf", site),
    ]);
    assert_eq!(files(&deployment), ["nginx/nginx.prod.conf"]);
    assert_eq!(deployment.nginx.unused.len(), 2);
}

fn unused(deployment: &Deployment) -> Vec<&str> {
    let unused = deployment.nginx.unused.iter();
    unused.map(|one| one.path.as_str()).collect()
}

fn read(files: &[(&str, &str)]) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tightship_read::read(folder.path(), &Options::default()).unwrap()
}

fn only(deployment: &Deployment) -> &Configuration {
    let [configuration] = deployment.nginx.configurations.as_slice() else {
        panic!("{} configurations", deployment.nginx.configurations.len());
    };
    configuration
}

fn server_names(configuration: &Configuration) -> Vec<&str> {
    let servers = configuration.block("http").unwrap().children("server");
    let names = servers.filter_map(|server| server.child("server_name"));
    names
        .filter_map(|name: &Directive| name.argument(0))
        .collect()
}

fn files(deployment: &Deployment) -> Vec<&str> {
    let files = only(deployment).files.iter();
    files
        .map(|one| deployment.sources[one.file].path.as_str())
        .collect()
}
