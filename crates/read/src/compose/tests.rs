//! Ways of values, choices of files, and files that mean harm.

use tightship_model::compose::Compose;
use tightship_model::{Sources, Trail, Value, Variable};

use crate::files::Tree;

/// What is read of a project that holds these files, with the places of its gaps.
struct Read {
    compose: Compose,
    sources: Sources,
    gaps: Vec<(String, String)>,
}

fn read(files: &[(&str, &str)]) -> Read {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        std::fs::write(path, text).expect("the file");
    }
    let mut tree = Tree::walk(folder.path()).expect("a tree");
    let compose = super::read(&mut tree, "").unwrap_or_default();
    let (sources, _, gaps) = tree.into_parts();
    Read {
        compose,
        sources,
        gaps: gaps
            .into_iter()
            .map(|gap| (gap.place, gap.reason))
            .collect(),
    }
}

impl Read {
    /// `path:line what happened`, link by link.
    fn way(&self, trail: &Trail) -> Vec<String> {
        let links = trail.links().iter().map(|link| {
            let place = link.span.map_or_else(String::new, |span| {
                let source = &self.sources[span.source];
                format!("{}:{} ", source.path, source.line_column(span.start).0)
            });
            format!("{place}{}", link.text)
        });
        links.collect()
    }

    fn paths(&self) -> Vec<&str> {
        let files = self.compose.files.iter();
        files
            .map(|file| self.sources[*file].path.as_str())
            .collect()
    }
}

#[test]
fn a_value_leads_through_variables_and_extended_services_to_its_origin() {
    let found = read(&[
        (
            "compose.yml",
            "services:\n  web:\n    extends:\n      file: ops/base.yml\n      service: base\n    \
             environment:\n      URL: postgres://${HOST}/x\n",
        ),
        (
            "ops/base.yml",
            "services:\n  base:\n    image: shop:${TAG:-1}\n    env_file: base.env\n    \
             restart: always\n",
        ),
        ("ops/base.env", "A=1\n"),
        (".env", "# c\nHOST=db\nTAG=2\n"),
    ]);
    assert_eq!(found.gaps, []);
    let web = found.compose.service("web").expect("web");
    let image = web.image.as_ref().expect("an image");
    assert_eq!(image.known(), Some("shop:2"));
    assert_eq!(
        found.way(&image.trail),
        [
            "ops/base.yml:3 sets image",
            ".env:3 sets TAG",
            "compose.yml:4 extends base of ops/base.yml"
        ]
    );
    let url = &web.environment.variables["URL"];
    assert_eq!(
        found.way(&url.trail),
        ["compose.yml:7 sets URL", ".env:2 sets HOST"]
    );
    let a = &web.environment.variables["A"];
    assert_eq!(
        found.way(&a.trail),
        [
            "ops/base.yml:4 takes it from base.env",
            "ops/base.env:1 sets A"
        ]
    );
    assert!(web.own_variables.contains_key("URL") && !web.own_variables.contains_key("A"));
    assert_eq!(found.compose.taken_in.len(), 1);
}

#[test]
fn an_included_service_says_who_includes_it() {
    let found = read(&[
        (
            "compose.yml",
            "include: [db/db.yml]\nservices:\n  web:\n    image: x\n",
        ),
        ("db/db.yml", "services:\n  db:\n    image: postgres\n"),
    ]);
    let db = found.compose.service("db").expect("db");
    let image = db.image.as_ref().expect("an image");
    assert_eq!(
        found.way(&image.trail),
        ["db/db.yml:3 sets image", "compose.yml:1 includes db/db.yml"]
    );
}

#[test]
fn what_only_the_shell_may_set_is_open() {
    let found = read(&[(
        "compose.yml",
        "services:\n  web:\n    image: shop:${TAG:-1}${SUFFIX}\n    ports: ['${PORT:-80}:80']\n    \
         environment:\n      KEY: ${KEY:?say it}\n      PASSED:\n      A: a${SUFFIX}\n",
    )]);
    let web = found.compose.service("web").expect("web");
    let image = web.image.as_ref().expect("an image");
    assert_eq!(image.known(), None);
    assert_eq!(image.value, "shop:1");
    assert_eq!(image.open, ["SUFFIX", "TAG"]);
    assert_eq!(image.blank, ["SUFFIX"]);
    assert_eq!(web.ports[0].open, ["PORT"]);
    assert!(web.ports[0].publishes(80));
    let variable = |name: &str| match web.environment.variable(name) {
        Variable::Set(value) => match &value.value {
            Value::Environment(open) => Some(open.unset.as_ref().map(|unset| unset.value.clone())),
            _ => None,
        },
        _ => None,
    };
    assert_eq!(variable("KEY"), Some(None));
    assert_eq!(variable("A"), Some(Some(Value::Str("a".to_owned()))));
    assert!(matches!(
        web.environment.variable("PASSED"),
        Variable::Open(Some(_))
    ));
}

#[test]
fn a_command_or_compose_file_names_the_set() {
    let base = ("docker-compose.yml", "services:\n  web:\n    image: x\n");
    let tls = (
        "docker-compose.tls.yml",
        "services:\n  web:\n    ports: ['443:443']\n",
    );
    let without = read(&[base, tls]);
    assert_eq!(without.paths(), ["docker-compose.yml"]);
    assert_eq!(without.compose.not_chosen[0].path, "docker-compose.tls.yml");
    let set = ["docker-compose.yml", "docker-compose.tls.yml"];
    for (path, text) in [
        (
            "deploy.sh",
            "docker compose -f docker-compose.yml -f docker-compose.tls.yml up -d\n",
        ),
        (
            "ops/Makefile",
            "up:\n\tdocker-compose --file docker-compose.yml --file=docker-compose.tls.yml up\n",
        ),
        (
            "README.md",
            "Deploy:\n\n    $ docker compose -f docker-compose.yml -f docker-compose.tls.yml up\n",
        ),
        (
            ".env",
            "COMPOSE_FILE=docker-compose.yml:docker-compose.tls.yml\n",
        ),
    ] {
        let found = read(&[base, tls, (path, text)]);
        assert_eq!(found.paths(), set, "{path}");
        let because = found.way(&found.compose.chosen_because);
        assert!(because[0].starts_with(path), "{because:?}");
        assert_eq!(found.compose.not_chosen, []);
    }
    let dev = (
        "docker-compose.dev.yml",
        "services:\n  web:\n    ports: ['1:1']\n",
    );
    let command = "docker compose -f docker-compose.yml -f docker-compose.dev.yml up\n";
    let found = read(&[base, dev, ("README.md", command)]);
    assert_eq!(found.paths(), ["docker-compose.yml"]);
}

#[test]
fn what_compose_refuses_is_said_with_its_place() {
    for (text, place, reason) in [
        (
            "services:\n  a:\n    image: ${}\n",
            "compose.yml:3",
            "`${…}` holds no name",
        ),
        (
            "services:\n  a:\n    ports: ['x:80']\n",
            "compose.yml:3",
            "refused by Compose",
        ),
        (
            "services:\n  a:\n    volumes: [':/a']\n",
            "compose.yml:3",
            "refused by Compose",
        ),
        (
            "services:\n  a:\n    extends: b\n",
            "compose.yml:3",
            "extends the service b",
        ),
        (
            "include: [no.yml]\nservices:\n  a:\n    image: x\n",
            "compose.yml:1",
            "includes no.yml",
        ),
        (
            "services:\n  a:\n    image: x\n    image: y\n",
            "compose.yml:4",
            "given before",
        ),
        (
            "services:\n  a:\n\timage: x\n",
            "compose.yml:3",
            "is not YAML",
        ),
    ] {
        let found = read(&[("compose.yml", text)]);
        let is_said = |(at, why): &(String, String)| at == place && why.contains(reason);
        assert!(found.gaps.iter().any(is_said), "{text}: {:?}", found.gaps);
    }
}

#[test]
fn bombs_meet_a_bound() {
    let large: String = (0..20_000).map(|at| format!("      K{at}: v\n")).collect();
    let mut text = format!("services:\n  base:\n    environment:\n{large}");
    for at in 0..500 {
        text.push_str(&format!("  s{at}:\n    extends: base\n"));
    }
    let found = read(&[("compose.yml", &text)]);
    assert!(
        found
            .gaps
            .iter()
            .any(|(_, why)| why.contains("300000 nodes")),
        "{:?}",
        found.gaps
    );

    let names: Vec<String> = (0..20).map(|at| format!("f{at}.yml")).collect();
    let texts: Vec<String> = (1..=20)
        .map(|at| format!("include: [f{at}.yml, f{at}.yml]\nservices:\n  s{at}:\n    image: x\n"))
        .collect();
    let mut files = vec![(
        "compose.yml",
        "include: [f0.yml]\nservices:\n  a:\n    image: x\n",
    )];
    files.extend(
        names
            .iter()
            .zip(&texts)
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let found = read(&files);
    assert!(
        found
            .gaps
            .iter()
            .any(|(_, why)| why.contains("too many files")),
        "{:?}",
        found.gaps
    );

    let chain: String = (0..100)
        .map(|at| format!("  s{at}:\n    extends: s{}\n", at + 1))
        .collect();
    let found = read(&[(
        "compose.yml",
        &format!("services:\n{chain}  s100:\n    image: x\n"),
    )]);
    assert!(!found.gaps.is_empty());

    let ports = "    - 1-65535:1-65535\n".repeat(20_000);
    let text = format!("services:\n  a:\n    image: x\n    ports:\n{ports}");
    let found = read(&[("compose.yml", &text)]);
    assert_eq!(found.compose.services[0].ports.len(), 1);
}

#[test]
fn what_is_reset_twice_is_taken_away_once() {
    let resets = "    restart: !reset always\n".repeat(2);
    let text = format!("services:\n  a:\n{resets}    restart: [a]\ninclude: [b.yml]\n");
    let found = read(&[("compose.yml", &text), ("b.yml", &text)]);
    assert_eq!(found.compose.services.len(), 1);
}

proptest::proptest! {
    /// Whatever the file says, nothing panics, and each place is one of the file.
    #[test]
    fn no_text_panics(lines in proptest::collection::vec(proptest::sample::select(LINES), 0..24)) {
        let text = format!("services:\n  a:\n{}", lines.concat());
        let found = read(&[("compose.yml", &text), (".env", "A=1\n"), ("b.yml", &text)]);
        for service in &found.compose.services {
            for text in service.image.iter().chain(&service.restart) {
                let span = text.span().expect("a place");
                let source = &found.sources[span.source];
                proptest::prop_assert!(source.raw().get(span.start as usize..span.end as usize).is_some());
            }
        }
    }
}

const LINES: &[&str] = &[
    "    image: x\n",
    "    image: ${A}é\n",
    "    image: *x\n",
    "    image: &x ü\n",
    "    restart: [a]\n",
    "    restart: !reset always\n",
    "    ports:\n",
    "    - '80:80'\n",
    "    - 80-90:80\n",
    "    - {target: 80, published: ${A}}\n",
    "    volumes: [./a:/b, 'c:d:e:f', {type: bind}]\n",
    "    environment: [A, B=${C:?x}, {}]\n",
    "    environment:\n",
    "      A: ${B:-${C}}\n",
    "      <<: *x\n",
    "    extends: a\n",
    "    extends: {file: b.yml, service: a}\n",
    "    depends_on: {a: }\n",
    "    healthcheck: {test: x, disable: true}\n",
    "    build: {context: ., args: [A=1]}\n",
    "    networks: !override [n]\n",
    "    ulimits: {a: {soft: 1}}\n",
    "    command: \"a 'b\n",
    "  b:\n",
    "include: [b.yml]\n",
    "---\n",
    "networks: {n: }\n",
    "\t\n",
    "  ]\n",
    "    tmpfs: /a:b=c,ro\n",
    "    env_file: [{path: .env, format: raw}, x.env]\n",
];

#[test]
fn the_folder_in_which_compose_is_started_is_that_of_its_file() {
    let found = read(&[
        (
            "compose.yml",
            "services:\n  nginx:\n    image: nginx:1.29\n    volumes:\n      - \
             ${PWD}/nginx.conf:/etc/nginx/nginx.conf:ro\n    environment:\n      ROOT: \
             ${PWD}/site\n",
        ),
        ("nginx.conf", "events {}\n"),
    ]);
    let nginx = found.compose.service("nginx").expect("the service");
    assert_eq!(nginx.mounts[0].path.as_deref(), Some("nginx.conf"));
    let root = &nginx.environment.variables["ROOT"].value;
    assert!(
        matches!(root, Value::Environment(_)),
        "what a program gets is another matter: {root:?}"
    );
}

#[test]
fn an_image_that_production_pulls_is_built_by_the_developers_file() {
    let production = "services:\n  web:\n    image: me/shop\n  db:\n    image: me/postgres\n";
    let developers = "services:\n  web:\n    build: web\n  db:\n    build: db\n";
    let found = read(&[
        ("docker-compose.production.yml", production),
        ("docker-compose.yml", developers),
        ("web/Dockerfile", "FROM python:3.13\n"),
        ("db/Dockerfile", "FROM postgres:17\n"),
    ]);
    assert_eq!(found.paths(), ["docker-compose.production.yml"]);
    let built = |name: &str| {
        let service = found.compose.service(name)?;
        service.build.as_ref()?.dockerfile_path.clone()
    };
    assert_eq!(built("web").as_deref(), Some("web/Dockerfile"));
    assert_eq!(built("db"), None, "no code of the project is in it");
}
