//! What is production's, and what only developers use.

use tightship_model::{Deployment, Mention};
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

    /// What `runserver` runs is no word on production, nor is a file that nothing takes.
    #[test]
    fn modules_that_nobody_deploys_are_not_told() {
        let compose =
            RUNSERVER.replace("SECRET_KEY=dev", "DJANGO_SETTINGS_MODULE=shop.settings.dev");
        let image = "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings.prod\nCMD gunicorn shop.wsgi\n";
        let deployment = Project::shop(&[
            ("compose.yml", &compose),
            ("Dockerfile", image),
            (".env_chain", "DJANGO_SETTINGS_MODULE=shop.settings.dev\n"),
        ])
        .read();
        let mentions = deployment.project.settings_mentions.iter();
        let by: Vec<_> = mentions.map(|mention| mention.by).collect();
        assert_eq!(by, [Mention::Dockerfile, Mention::ManagePy]);
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

mod left_out {
    use super::*;
    use crate::{module, text};
    use tightship_model::State;

    const MANAGE: &str = "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings.dev')\n";
    const FORCED: &str =
        "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'site1.settings.production'\n";

    /// A project whose wsgi.py names a module that is not here.
    fn without_production(files: &[(&str, &str)]) -> Deployment {
        let mut all = vec![
            ("manage.py", MANAGE),
            ("site1/wsgi.py", FORCED),
            ("site1/settings/__init__.py", ""),
            (
                "site1/settings/base.py",
                "INSTALLED_APPS = []\nDEBUG = True\n",
            ),
            ("site1/settings/dev.py", "from .base import *\n"),
            ("Procfile", "web: gunicorn site1.wsgi\n"),
        ];
        all.extend(files);
        Project::new(&all).read()
    }

    #[test]
    fn settings_that_git_leaves_out_are_not_judged_by_others() {
        for (file, reason) in [
            (
                (".gitignore", "*.pyc\n/site1/settings/production.py\n"),
                "which git leaves out",
            ),
            (
                ("site1/.gitignore", "production.py\n"),
                "which git leaves out",
            ),
            (
                ("site1/settings/production.example.py", "DEBUG = False\n"),
                "which is not here; site1/settings/production.example.py is its example",
            ),
            (
                ("site1/settings/production.py.sample", "DEBUG = False\n"),
                "which is not here; site1/settings/production.py.sample is its example",
            ),
        ] {
            let deployment = without_production(&[file]);
            assert!(deployment.settings.is_none(), "{file:?}");
            let told = deployment.project.no_settings.expect("a reason");
            assert_eq!(
                told,
                format!("wsgi.py names site1.settings.production, {reason}")
            );
        }
    }

    /// A name that is merely wrong says nothing of production's settings, and what is called
    /// production's is judged.
    #[test]
    fn a_wrong_name_leaves_what_is_here() {
        let files = [
            (".gitignore", "production.py\n"),
            (
                "compose.yml",
                "services:\n  web:\n    image: a/b\n    command: gunicorn site1.wsgi\n    environment: [DJANGO_SETTINGS_MODULE=site1.settings.live]\n",
            ),
            ("site1/settings/live.py", "INSTALLED_APPS = []\n"),
            ("site1/wsgi.py", ""),
        ];
        assert_eq!(module(&without_production(&files)), "site1.settings.live");
        for files in [
            (".gitignore", "/other/production.py\nlocal.py\n"),
            ("site1/settings/production_notes.md", ""),
        ] {
            let project = without_production(&[files]).project;
            assert_eq!(
                project.no_settings.as_deref(),
                Some(
                    "manage.py names site1.settings.dev, the developers' by its name, and \
                     production's is not here"
                ),
                "{files:?}"
            );
        }
    }

    #[test]
    fn the_package_of_another_project_in_the_name_is_told() {
        let compose = "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n    environment: [DJANGO_SETTINGS_MODULE=project.settings.prod]\n";
        let deployment = Project::shop(&[("compose.yml", compose)]).read();
        assert_eq!(module(&deployment), "shop.settings.prod");
        let trail = &deployment.project.module.as_ref().expect("a module").trail;
        assert_eq!(
            trail.links()[0].text,
            "Compose names project.settings.prod, which is not here; shop.settings.prod lies beside shop.settings.dev"
        );
    }

    #[test]
    fn tests_alone_are_no_production() {
        let deployment = Project::new(&[
            ("pyproject.toml", ""),
            ("shop/models.py", ""),
            (
                "test_settings.py",
                "INSTALLED_APPS = ['shop']\nDEBUG = True\n",
            ),
        ])
        .read();
        assert!(deployment.settings.is_none());
        assert_eq!(
            deployment.project.no_settings.as_deref(),
            Some(
                "nothing names a settings module, and test_settings is the developers' by its name"
            )
        );
    }

    #[test]
    fn what_the_image_puts_in_place_is_judged() {
        for copy in [
            "COPY docker/config.py settings/config.py",
            "RUN set -eux; cp docker/config.py settings/config.py; ./manage.py check",
            "COPY docker/config.py /srv/settings/config.py",
        ] {
            let image = format!(
                "FROM python:3.13\nWORKDIR /srv\nCOPY . .\n{copy}\nENV DJANGO_SETTINGS_MODULE=settings.config\nCMD gunicorn wsgi\n"
            );
            let deployment = Project::new(&[
                ("manage.py", "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings.common')\n"),
                ("settings/__init__.py", ""),
                ("settings/common.py", "INSTALLED_APPS = []\nDEBUG = True\n"),
                ("docker/config.py", "from .common import *\nDEBUG = False\n"),
                ("docker/Dockerfile", &image),
            ])
            .read();
            assert_eq!(module(&deployment), "settings.config", "{copy}");
            let debug = &deployment.settings.as_ref().expect("settings").overridden["DEBUG"];
            assert_eq!(debug.value, tightship_model::Value::Bool(false), "{copy}");
            assert!(
                deployment
                    .settings
                    .as_ref()
                    .is_some_and(|settings| settings.overridden.contains_key("INSTALLED_APPS")),
                "{copy}"
            );
        }
    }

    #[test]
    fn of_several_images_that_of_the_web_tells_the_project() {
        let image = |name: &str| {
            format!(
                "FROM python:3.13\nENV PROJECT={name}\nCOPY ${{PROJECT}} /app\nWORKDIR /app\nENV DJANGO_SETTINGS_MODULE=${{PROJECT}}.settings_prod\nCMD [\"./run.sh\"]\n"
            )
        };
        let manage = |name: &str| {
            format!(
                "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{name}.settings_dev')\n"
            )
        };
        let (search, web) = (image("search"), image("web"));
        let (manage_search, manage_web) = (manage("search"), manage("web"));
        let deployment = Project::new(&[
            ("search/manage.py", &manage_search),
            ("search/search/settings_prod.py", "INSTALLED_APPS = []\n"),
            ("web/manage.py", &manage_web),
            ("web/web/settings_prod.py", "INSTALLED_APPS = []\n"),
            ("search/run.sh", "gunicorn search.wsgi\n"),
            ("web/run.sh", "gunicorn web.wsgi\n"),
            ("docker/search.Dockerfile", &search),
            ("docker/web.Dockerfile", &web),
        ])
        .read();
        assert_eq!(deployment.project.folder.as_deref(), Some("web"));
        assert_eq!(module(&deployment), "web.settings_prod");
        assert_eq!(text(&deployment, "PROJECT"), Some("web"));
        // What another project is told is no word on this one.
        let mentions = deployment.project.settings_mentions.iter();
        assert!(
            mentions
                .into_iter()
                .all(|mention| mention.module.starts_with("web."))
        );
    }

    /// The names of the example, and what startproject writes while DEBUG is on.
    #[test]
    fn what_a_file_outside_may_set_is_open() {
        let settings = "INSTALLED_APPS = []\nDEBUG = True\nSECRET_KEY = 'x'\nSTRIPE_KEY = 'sk_test_1'\nTIME_ZONE = 'UTC'\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n";
        let state = |settings: &str, beside: &[(&str, &str)], name: &str| {
            let mut files = vec![
                (
                    "manage.py",
                    "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
                ),
                ("shop/__init__.py", ""),
                ("shop/settings.py", settings),
            ];
            files.extend(beside);
            let deployment = Project::new(&files).read();
            let settings = deployment.settings.expect("settings");
            settings.overridden[name].value.state()
        };
        let example = [(
            "shop/local_settings.example.py",
            "STRIPE_KEY = ''\nDATABASES = {}\n",
        )];
        let ignored = [(".gitignore", "local_settings.py\n")];
        for (beside, name, expected) in [
            (&example[..], "STRIPE_KEY", State::Unknown),
            (&example, "DATABASES", State::Unknown),
            (&example, "DEBUG", State::Unknown),
            (&example, "SECRET_KEY", State::Unknown),
            (&example, "TIME_ZONE", State::Known),
            (&ignored, "DEBUG", State::Unknown),
            (&ignored, "STRIPE_KEY", State::Known),
            (&[], "DEBUG", State::Known),
        ] {
            assert_eq!(state(settings, beside, name), expected, "{name} {beside:?}");
        }
        let off = settings.replace("True", "False");
        assert_eq!(state(&off, &ignored, "SECRET_KEY"), State::Known);
        assert_eq!(state(&off, &example, "DEBUG"), State::Known);
        // Without the file the program stops: production has it.
        let demanded =
            "INSTALLED_APPS = []\nSTRIPE_KEY = 'sk_test_1'\nfrom .local_settings import *\n";
        assert_eq!(state(demanded, &example, "STRIPE_KEY"), State::Unknown);
    }
}
