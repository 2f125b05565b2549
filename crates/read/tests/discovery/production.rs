//! What is production's, and what only developers use.

use tightship_model::Deployment;
use tightship_read::Options;

use crate::project::{Project, WSGI};

const RUNSERVER: &str = "services:\n  web:\n    build: .\n    command: python manage.py runserver 0.0.0.0:8000\n    volumes: ['.:/srv']\n    ports: ['8000:8000']\n    environment: [SECRET_KEY=dev]\n";

/// Whether a Compose set is judged, and whether one is told to be the developers'.
fn judged_and_aside(deployment: &Deployment) -> (bool, bool) {
    let aside = deployment.developers_compose.is_some();
    (deployment.compose.is_some(), aside)
}

mod only_developers {
    use super::*;

    #[test]
    fn their_server_over_their_code_is_no_production() {
        for (path, text) in [
            ("compose.yml", RUNSERVER.to_owned()),
            (
                "docker-compose.yml",
                RUNSERVER.replace(
                    "python manage.py runserver 0.0.0.0:8000",
                    "gunicorn shop.wsgi --reload",
                ),
            ),
            (
                "compose.yml",
                RUNSERVER
                    .replace(
                        "    command: python manage.py runserver 0.0.0.0:8000\n",
                        "    command: uwsgi --ini app.ini\n",
                    )
                    .replace("SECRET_KEY=dev", "UWSGI_PYTHON_AUTORELOAD=1"),
            ),
        ] {
            let deployment = Project::shop(&[(path, &text)]).read();
            assert_eq!(judged_and_aside(&deployment), (false, true), "{text}");
            assert!(deployment.environment.variables.is_empty(), "{text}");
            let lost: Vec<_> = deployment
                .gaps
                .iter()
                .map(|gap| gap.lost.as_str())
                .collect();
            let told = "no Compose file of production is here to be judged: name it with --compose";
            assert!(lost.contains(&told), "{lost:?}");
        }
    }

    #[test]
    fn a_script_of_the_image_starts_it() {
        let compose =
            RUNSERVER.replace("    command: python manage.py runserver 0.0.0.0:8000\n", "");
        let deployment = Project::shop(&[
            ("compose.yml", &compose),
            (
                "Dockerfile",
                "FROM python:3.13\nCOPY rootfs /\nENTRYPOINT [\"/start.sh\"]\n",
            ),
            (
                "rootfs/start.sh",
                "#!/bin/sh\n./manage.py runserver 0.0.0.0:8000\n",
            ),
        ])
        .read();
        assert_eq!(judged_and_aside(&deployment), (false, true));
        // The image starts it itself, so it is none of production's.
        assert!(deployment.images.is_empty());
    }

    /// Who has the word for production in the script runs production by it.
    #[test]
    fn a_script_with_a_word_for_each_use_tells_what_production_runs() {
        let compose = RUNSERVER.replace("python manage.py runserver 0.0.0.0:8000", "web-dev");
        let script = "case \"$1\" in\nweb-dev) ./manage.py runserver ;;\nweb-prod) gunicorn shop.wsgi ;;\nesac\n";
        let deployment = Project::shop(&[
            ("compose.yml", &compose),
            (
                "Dockerfile",
                "FROM python:3.13\nCOPY start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\n",
            ),
            ("start.sh", script),
        ])
        .read();
        assert_eq!(judged_and_aside(&deployment), (false, false));
        assert_eq!(deployment.images.len(), 1);
    }

    #[test]
    fn what_visitors_may_reach_is_judged() {
        let with = |from: &str, to: &str| RUNSERVER.replace(from, to);
        let whole = "    ports: ['8000:8000']\n";
        for (text, beside) in [
            (with("8000:8000", "80:8000"), None),
            (with(whole, "    restart: unless-stopped\n"), None),
            (
                with(whole, "    deploy: {restart_policy: {condition: any}}\n"),
                None,
            ),
            (with("['.:/srv']", "['media:/srv/media']"), None),
            (with("SECRET_KEY=dev", "DEBUG=0"), None),
            (
                format!("{RUNSERVER}  certbot:\n    image: certbot/certbot\n"),
                None,
            ),
            (
                RUNSERVER.to_owned(),
                Some(("deploy.sh", "git pull\ndocker compose up -d --build\n")),
            ),
            (
                RUNSERVER.to_owned(),
                Some((
                    "README.md",
                    "# Shop\n## Deploy on the server\n\n    docker-compose up -d\n",
                )),
            ),
            (
                RUNSERVER.to_owned(),
                Some((
                    ".github/workflows/main.yml",
                    "jobs:\n  go:\n    steps:\n    - run: ssh shop 'cd shop && docker compose up -d'\n",
                )),
            ),
            (
                RUNSERVER.to_owned(),
                Some(("Makefile", "deploy:\n\tdocker compose up -d\n")),
            ),
        ] {
            let mut files = vec![("compose.yml", &*text)];
            files.extend(beside);
            let deployment = Project::shop(&files).read();
            assert_eq!(judged_and_aside(&deployment), (true, false), "{files:?}");
        }
    }

    #[test]
    fn guides_for_developers_are_no_deployment() {
        for beside in [
            (
                "README.md",
                "# Shop\n## Development\n\n    docker-compose up -d\n## Deployment\nAsk us.\n",
            ),
            (
                "README.md",
                "# Shop\n## Local server\n\n    docker-compose up -d\n",
            ),
            (
                "deploy.sh",
                "docker compose -f docker-compose.tools.yml up -d\n",
            ),
            (
                ".github/workflows/test.yml",
                "jobs:\n  go:\n    steps:\n    - run: docker compose up -d\n",
            ),
            ("Makefile", "up:\n\tdocker compose up\n"),
        ] {
            let deployment = Project::shop(&[("compose.yml", RUNSERVER), beside]).read();
            assert_eq!(judged_and_aside(&deployment), (false, true), "{beside:?}");
        }
    }

    #[test]
    fn databases_that_only_they_build_are_set_aside() {
        let compose = format!("{RUNSERVER}  db:\n    build: db\n");
        let files = [
            ("compose.yml", &*compose),
            (
                "Dockerfile",
                "FROM python:3.13\nCOPY . .\nCMD [\"gunicorn\", \"shop.wsgi\"]\n",
            ),
            (
                "db/Dockerfile",
                "FROM postgres:17\nCOPY dev.key /etc/dev.key\n",
            ),
            ("shop/wsgi.py", WSGI),
        ];
        let deployment = Project::shop(&files).read();
        assert_eq!(judged_and_aside(&deployment), (false, false));
        let images: Vec<_> = deployment
            .images
            .iter()
            .map(|image| deployment.sources[image.file].path.as_str())
            .collect();
        assert_eq!(images, ["Dockerfile"]);
    }

    #[test]
    fn what_the_user_gives_is_judged() {
        let project = Project::shop(&[("compose.yml", RUNSERVER)]);
        let given = |files: &[&str]| Options {
            compose: files.iter().map(|file| (*file).to_owned()).collect(),
            ..Options::default()
        };
        let deployment = project.read_with(&given(&["compose.yml"]));
        assert_eq!(judged_and_aside(&deployment), (true, false));
        let missing = tightship_read::read(project.path(), &given(&["other.yml"]));
        let error = missing.expect_err("no such file").to_string();
        assert_eq!(
            error,
            "other.yml is no Compose file with services below the project's folder"
        );
    }
}
