//! What stands behind paths in containers, on whole projects.

use std::fs;

use tightship_model::{Deployment, Place};
use tightship_read::Options;

fn read(files: &[(&str, &str)]) -> Deployment {
    let root = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    tightship_read::read(root.path(), &Options::default()).expect("reads")
}

const COMPOSE: &str = "\
services:
  web:
    build: .
    read_only: true
    volumes:
      - media:/app/media
      - ./conf/app.ini:/etc/app.ini:ro
      - /srv/data:/data
    tmpfs: /tmp
    secrets: [key]
  edge:
    image: nginx:1.27
    volumes:
      - ./nginx:/etc/nginx/conf.d:ro
      - ./nginx/special:/etc/nginx/conf.d/special
      - media:/var/www/media:ro
      - certs:/etc/letsencrypt:ro
    volumes_from: [certbot:ro]
  certbot:
    image: certbot/certbot
    volumes:
      - certs:/etc/letsencrypt
      - ./challenges:/var/www/certbot
secrets:
  key:
    file: ./secrets/key.txt
volumes:
  media:
  certs:
";

const DOCKERFILE: &str = "\
FROM node:22 AS assets
WORKDIR /build
COPY frontend/ .
FROM python:3.12
WORKDIR /app
COPY --from=assets /build/dist /app/static
COPY deploy/start.sh /start.sh
COPY requirements.txt deploy/*.conf ./
COPY . .
VOLUME /var/cache
";

fn project() -> Deployment {
    read(&[
        ("compose.yml", COMPOSE),
        ("Dockerfile", DOCKERFILE),
        (".dockerignore", ".env\nsecrets\n!secrets/public.txt\n"),
        (".env", "A=1\n"),
        ("requirements.txt", "Django\n"),
        ("manage.py", ""),
        ("deploy/start.sh", ""),
        ("deploy/app.conf", ""),
        ("frontend/dist/app.js", ""),
        ("nginx/site.conf", ""),
        ("nginx/special/a.conf", ""),
        ("conf/app.ini", ""),
        ("secrets/key.txt", "x"),
        ("secrets/public.txt", "x"),
    ])
}

#[test]
fn mounts_come_before_the_image_and_the_longest_wins() {
    let made = project();
    let repository = |path: &str| Place::Repository(path.to_owned());
    let copied = |path: &str| Place::Copied(path.to_owned());
    let volume = |name: Option<&str>, path: &str| Place::Volume {
        name: name.map(str::to_owned),
        path: path.to_owned(),
    };
    for (service, path, place, read_only) in [
        (
            "web",
            "/app/media/a/b.jpg",
            volume(Some("media"), "a/b.jpg"),
            false,
        ),
        ("web", "/etc/app.ini", repository("conf/app.ini"), true),
        (
            "web",
            "/data/x",
            Place::Host("/srv/data/x".to_owned()),
            false,
        ),
        ("web", "/tmp/x", Place::Tmpfs, false),
        (
            "web",
            "/run/secrets/key",
            repository("secrets/key.txt"),
            true,
        ),
        ("web", "/start.sh", copied("deploy/start.sh"), true),
        ("web", "/app/manage.py", copied("manage.py"), true),
        ("web", "/app/app.conf", copied("deploy/app.conf"), true),
        (
            "web",
            "/app/deploy/app.conf",
            copied("deploy/app.conf"),
            true,
        ),
        (
            "web",
            "/app/static/app.js",
            copied("frontend/dist/app.js"),
            true,
        ),
        ("web", "/app/.env", Place::Image, true),
        (
            "web",
            "/app/secrets/public.txt",
            copied("secrets/public.txt"),
            true,
        ),
        ("web", "/var/cache/x", volume(None, "x"), false),
        ("web", "/usr/bin/python", Place::Image, true),
        (
            "edge",
            "/etc/nginx/conf.d/site.conf",
            repository("nginx/site.conf"),
            true,
        ),
        (
            "edge",
            "/etc/nginx/conf.d/special/a.conf",
            repository("nginx/special/a.conf"),
            false,
        ),
        ("edge", "/etc/nginx/conf.d", repository("nginx"), true),
        ("edge", "/etc/nginx/conf.dx", Place::Image, false),
        (
            "edge",
            "/etc/letsencrypt/live",
            volume(Some("certs"), "live"),
            true,
        ),
        (
            "edge",
            "/var/www/certbot/x",
            repository("challenges/x"),
            true,
        ),
        (
            "edge",
            "/var/www/certbot/../media/y",
            volume(Some("media"), "y"),
            true,
        ),
    ] {
        let found = made.locate(service, path).expect("a Compose model");
        assert_eq!(found.place, place, "{service} {path}");
        assert_eq!(found.read_only, read_only, "{service} {path}");
    }
    let nobody = made.locate("nobody", "/x").expect("a Compose model");
    assert!(matches!(nobody.place, Place::Unknown(_)));
}

#[test]
fn those_who_share_a_place_are_told() {
    let made = project();
    let containers = made.containers().expect("a Compose model");
    let place = containers
        .locate("edge", "/etc/letsencrypt/live/shop")
        .place;
    let sharers: Vec<(&str, String, bool)> = containers
        .sharers(&place)
        .into_iter()
        .map(|sharer| (sharer.service, sharer.path, sharer.read_only))
        .collect();
    let live = || "/etc/letsencrypt/live/shop".to_owned();
    assert_eq!(
        sharers,
        [("edge", live(), true), ("certbot", live(), false)]
    );
}

#[test]
fn the_context_and_what_is_copied_of_it() {
    let made = project();
    let [image] = made.images.as_slice() else {
        panic!("{} images", made.images.len());
    };
    assert_eq!(image.services, ["web"]);
    let context: Vec<&str> = image.context_files(&made.files).collect();
    assert!(!context.contains(&".env") && !context.contains(&"secrets/key.txt"));
    assert!(context.contains(&"secrets/public.txt") && context.contains(&"manage.py"));
    let copies = |path: &str| -> Vec<Option<String>> {
        let copies = image.copies_of(path).into_iter();
        copies.map(|copied| copied.destination).collect()
    };
    let at = |path: &str| Some(path.to_owned());
    assert_eq!(
        copies("deploy/app.conf"),
        [at("/app/app.conf"), at("/app/deploy/app.conf")]
    );
    assert_eq!(
        copies("deploy/start.sh"),
        [at("/start.sh"), at("/app/deploy/start.sh")]
    );
    assert_eq!(copies("manage.py"), [at("/app/manage.py")]);
    assert_eq!(copies(".env"), []);
    assert_eq!(made.files.modes.contains_key(".env"), cfg!(unix));
}
