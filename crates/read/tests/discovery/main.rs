//! What `read` finds by itself: the project, its settings module, its environment, its packages.

mod production;
mod project;

use tightship_model::{Deployment, EnvOrigin, Mention, Value, Variable};
use tightship_read::{Options, read};

use project::{MANAGE, Project, WSGI};

fn module(deployment: &Deployment) -> &str {
    match &deployment.project.module {
        Some(module) => &module.name,
        None => panic!("no module: {:?}", deployment.project.no_settings),
    }
}

fn mentions(deployment: &Deployment) -> Vec<(Mention, &str)> {
    let mentions = deployment.project.settings_mentions.iter();
    mentions
        .map(|mention| (mention.by, mention.module.as_str()))
        .collect()
}

/// The variable's text, `None` while it is not set.
fn text<'a>(deployment: &'a Deployment, name: &str) -> Option<&'a str> {
    deployment.environment.variables.get(name)?.value.as_str()
}

/// The trail of a variable as `path:line text`.
fn trail(deployment: &Deployment, name: &str) -> Vec<String> {
    let value = &deployment.environment.variables[name];
    let links = value.trail.links().iter();
    links
        .map(|link| {
            let span = link.span.expect("a place");
            let source = &deployment.sources[span.source];
            format!(
                "{}:{} {}",
                source.path,
                source.line_column(span.start).0,
                link.text
            )
        })
        .collect()
}

mod settings_module {
    use super::*;

    /// What manage.py falls back upon is for a developer's machine where its name says so.
    #[test]
    fn manage_py_falls_back_upon_the_developers_module_and_production_has_its_own() {
        let deployment = Project::shop(&[]).read();
        assert_eq!(module(&deployment), "shop.settings.prod");
        assert_eq!(deployment.project.folder.as_deref(), Some(""));
        assert_eq!(
            mentions(&deployment),
            [(Mention::ManagePy, "shop.settings.dev")]
        );
        let mention = &deployment.project.settings_mentions[0];
        assert_eq!(deployment.sources.place(mention.span), "manage.py:3:49");
    }

    /// Each place, with the one that it beats.
    #[test]
    fn places_rank_by_their_say_in_production() {
        let places: [(&str, &str, Mention); 6] = [
            (
                "compose.yml",
                "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n    environment:\n      DJANGO_SETTINGS_MODULE: shop.settings.prod\n",
                Mention::Compose,
            ),
            (
                "Dockerfile",
                "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings.prod\n",
                Mention::Dockerfile,
            ),
            (
                "deploy/shop.service",
                "[Service]\nEnvironment=DJANGO_SETTINGS_MODULE=shop.settings.prod\nExecStart=/srv/venv/bin/gunicorn shop.wsgi\n",
                Mention::Systemd,
            ),
            (
                "Procfile",
                "web: DJANGO_SETTINGS_MODULE=shop.settings.prod gunicorn shop.wsgi\n",
                Mention::Procfile,
            ),
            (
                "start.sh",
                "#!/bin/sh\nexport DJANGO_SETTINGS_MODULE=shop.settings.prod\ngunicorn shop.wsgi\n",
                Mention::StartScript,
            ),
            ("shop/wsgi.py", WSGI, Mention::Wsgi),
        ];
        for (path, text, by) in places {
            let deployment = Project::shop(&[(path, text)]).read();
            assert_eq!(module(&deployment), "shop.settings.prod", "{path}");
            assert_eq!(
                mentions(&deployment)[0],
                (by, "shop.settings.prod"),
                "{path}"
            );
            let all = mentions(&deployment);
            assert!(
                all.contains(&(Mention::ManagePy, "shop.settings.dev")),
                "{path}: {all:?}"
            );
        }
    }

    #[test]
    fn options_of_commands_and_manifests_count() {
        for (path, text) in [
            (
                "Dockerfile",
                "FROM python\nCMD [\"python\", \"manage.py\", \"runserver\", \"--settings=shop.settings.prod\"]\n",
            ),
            (
                "compose.yaml",
                "services:\n  app:\n    build: .\n    command: python manage.py runserver --settings shop.settings.prod\n",
            ),
            (
                "fly.toml",
                "[env]\n  DJANGO_SETTINGS_MODULE = \"shop.settings.prod\"\n",
            ),
            (
                "app.json",
                "{\"env\": {\"DJANGO_SETTINGS_MODULE\": {\"value\": \"shop.settings.prod\"}}}\n",
            ),
            (
                "render.yaml",
                "services:\n- envVars:\n  - key: DJANGO_SETTINGS_MODULE\n    value: shop.settings.prod\n",
            ),
            (
                "entrypoint.sh",
                "export DJANGO_SETTINGS_MODULE=\"${DJANGO_SETTINGS_MODULE:-shop.settings.prod}\"\n",
            ),
        ] {
            let deployment = Project::shop(&[(path, text)]).read();
            assert_eq!(module(&deployment), "shop.settings.prod", "{path}");
        }
    }

    #[test]
    fn tests_and_workflows_never_decide() {
        let deployment = Project::shop(&[
            ("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings.test\n"),
            (".github/workflows/ci.yml", "env:\n  DJANGO_SETTINGS_MODULE: shop.settings.ci\n"),
            ("docker-compose.dev.yml", "services:\n  web:\n    build: .\n    environment: [DJANGO_SETTINGS_MODULE=shop.settings.local]\n"),
        ])
        .read();
        assert_eq!(
            mentions(&deployment),
            [
                (Mention::ManagePy, "shop.settings.dev"),
                (Mention::Workflow, "shop.settings.ci"),
                (Mention::Pytest, "shop.settings.test"),
            ]
        );
        assert_eq!(module(&deployment), "shop.settings.prod");
    }

    #[test]
    fn the_option_beats_everything() {
        let project = Project::shop(&[("shop/wsgi.py", WSGI)]);
        let options = Options {
            settings: Some("shop.settings.dev".to_owned()),
            ..Options::default()
        };
        assert_eq!(module(&project.read_with(&options)), "shop.settings.dev");
        let options = Options {
            settings: Some("shop.nothing".to_owned()),
            ..Options::default()
        };
        let deployment = project.read_with(&options);
        assert!(deployment.project.module.is_none());
        assert!(
            deployment
                .project
                .no_settings
                .is_some_and(|why| why.contains("shop.nothing"))
        );
    }

    #[test]
    fn a_variable_given_on_the_command_line_counts() {
        let options = Options {
            env: vec![("DJANGO_SETTINGS_MODULE".into(), "shop.settings.prod".into())],
            ..Options::default()
        };
        let deployment = Project::shop(&[]).read_with(&options);
        assert_eq!(module(&deployment), "shop.settings.prod");
        assert_eq!(deployment.environment.origin, EnvOrigin::Nothing);
        assert_eq!(
            deployment.environment.variable("OTHER"),
            Variable::Open(None)
        );
    }

    #[test]
    fn an_outright_assignment_in_wsgi_beats_the_environment() {
        let forced = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings.prod'\n";
        let deployment = Project::shop(&[
            ("shop/wsgi.py", forced),
            ("compose.yml", "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n    environment:\n      DJANGO_SETTINGS_MODULE: shop.settings.dev\n"),
        ])
        .read();
        assert_eq!(module(&deployment), "shop.settings.prod");
    }

    #[test]
    fn a_module_that_is_not_here_is_told_and_passed_over() {
        let deployment = Project::shop(&[(
            "Dockerfile",
            "FROM python\nENV DJANGO_SETTINGS_MODULE=shop.settings.gone\n",
        )])
        .read();
        assert_eq!(module(&deployment), "shop.settings.prod");
        let gap = &deployment.gaps[0];
        assert_eq!(gap.place, "Dockerfile:2");
        assert!(gap.reason.contains("shop.settings.gone"), "{}", gap.reason);
    }

    #[test]
    fn a_package_wins_over_a_module_of_the_same_name() {
        let deployment = Project::new(&[
            ("manage.py", "# django\nimport os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"),
            ("config/settings.py", "A = 1\n"),
            ("config/settings/__init__.py", "B = 1\n"),
        ])
        .read();
        let source = deployment.project.module.as_ref().expect("a module").source;
        assert_eq!(
            deployment.sources[source].path,
            "config/settings/__init__.py"
        );
    }

    #[test]
    fn a_branch_for_tests_in_manage_py_does_not_count() {
        let deployment = Project::shop(&[(
            "manage.py",
            "import os, sys, django\nif 'test' in sys.argv:\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.test')\n\
             else:\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.prod')\n",
        )])
        .read();
        assert_eq!(module(&deployment), "shop.settings.prod");
    }

    #[test]
    fn without_manage_py_the_settings_are_found_by_their_content() {
        let deployment = Project::new(&[
            ("src/config/__init__.py", ""),
            ("src/config/settings.py", "INSTALLED_APPS = []\n"),
        ])
        .read();
        assert_eq!(module(&deployment), "config.settings");
        assert_eq!(deployment.project.folder.as_deref(), Some("src"));
    }

    #[test]
    fn the_configuration_class_is_part_of_it() {
        let deployment = Project::shop(&[(
            "shop/wsgi.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.prod')\n\
             os.environ.setdefault('DJANGO_CONFIGURATION', 'Production')\n",
        )])
        .read();
        let configuration = deployment.project.configuration.expect("a configuration");
        assert_eq!(configuration.value, "Production");
    }

    #[test]
    fn of_two_projects_the_one_that_production_builds_is_judged() {
        let files = [
            ("admin/manage.py", MANAGE),
            ("web/manage.py", MANAGE),
            ("web/shop/settings/dev.py", "INSTALLED_APPS = []\n"),
            ("admin/shop/settings/dev.py", "INSTALLED_APPS = []\n"),
        ];
        let deployment = Project::new(&files).read();
        assert_eq!(deployment.project.folder.as_deref(), Some("admin"));
        assert_eq!(deployment.project.others, ["web"]);
        let mut with_compose = files.to_vec();
        with_compose.push(("compose.yml", "services:\n  site:\n    build: ./web\n"));
        let deployment = Project::new(&with_compose).read();
        assert_eq!(deployment.project.folder.as_deref(), Some("web"));
        assert_eq!(deployment.project.others, ["admin"]);
    }

    #[test]
    fn another_framework_is_named() {
        let deployment = Project::new(&[
            ("app/main.py", "from fastapi import FastAPI\n"),
            ("requirements.txt", "fastapi==0.115\n"),
        ])
        .read();
        assert!(deployment.project.folder.is_none());
        let why = deployment.project.no_settings.expect("a reason");
        assert!(why.contains("FastAPI"), "{why}");
        assert!(deployment.packages.get("FastAPI").is_some());
        let empty = Project::new(&[("README.md", "hello")]).read();
        assert_eq!(
            empty.project.no_settings.as_deref(),
            Some("no Python file is here")
        );
    }
}

mod environment {
    use super::*;

    const COMPOSE: &str = "services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: hunter2hunter2
  worker:
    build: .
    command: celery -A shop worker
    environment: [ONLY=worker]
  web:
    build: .
    command: gunicorn shop.wsgi
    env_file: .env.prod
    environment:
      DEBUG: True
      PORT: 010
      QUOTED: 'True'
      HOST: ${HOST:-example.org}
      NAME: ${FROM_DOTENV}-x
      SECRET_KEY: ${SECRET_KEY}
      PASSED:
      STRICT: ${STRICT:?must be set}
";

    fn compose() -> Deployment {
        Project::shop(&[
            ("docker-compose.yml", COMPOSE),
            (
                ".env.prod",
                "DEBUG=0\nEXTRA='a b'\nAPI_TOKEN=abcdef0123456789\n",
            ),
            (".env", "FROM_DOTENV=dot\n"),
            (
                "Dockerfile",
                "FROM python:3.13\nARG V=7\nENV IMAGE=v$V DEBUG=2\n",
            ),
        ])
        .read()
    }

    #[test]
    fn the_web_service_of_compose_gives_it() {
        let deployment = compose();
        let origin = EnvOrigin::Compose {
            service: "web".to_owned(),
            files: vec!["docker-compose.yml".to_owned()],
        };
        assert_eq!(deployment.environment.origin, origin);
        assert!(deployment.environment.is_known());
        for (name, expected) in [
            ("DEBUG", Some("true")),
            ("PORT", Some("8")),
            ("QUOTED", Some("True")),
            ("EXTRA", Some("a b")),
            ("NAME", Some("dot-x")),
            ("IMAGE", Some("v7")),
            ("ONLY", None),
            ("POSTGRES_PASSWORD", None),
        ] {
            assert_eq!(text(&deployment, name), expected, "{name}");
        }
    }

    #[test]
    fn each_variable_has_its_trail() {
        let deployment = compose();
        assert_eq!(
            trail(&deployment, "DEBUG"),
            ["docker-compose.yml:15 sets DEBUG"]
        );
        assert_eq!(
            trail(&deployment, "EXTRA"),
            [
                "docker-compose.yml:13 takes it from .env.prod",
                ".env.prod:2 sets EXTRA"
            ]
        );
        assert_eq!(
            trail(&deployment, "NAME"),
            ["docker-compose.yml:19 sets NAME", ".env:1 sets FROM_DOTENV"]
        );
    }

    #[test]
    fn what_the_shell_gives_is_open_not_empty() {
        let deployment = compose();
        let environment = &deployment.environment;
        let dependent = |name: &str| match &environment.variables[name].value {
            Value::Environment(dependent) => (**dependent).clone(),
            other => panic!("{name}: {other:?}"),
        };
        let host = dependent("HOST");
        assert_eq!(host.variables, ["HOST"]);
        assert_eq!(
            host.unset.expect("a default").value,
            Value::Str("example.org".into())
        );
        assert_eq!(
            dependent("SECRET_KEY").unset.map(|unset| unset.value),
            Some(Value::Str(String::new()))
        );
        assert_eq!(
            dependent("STRICT").unset,
            None,
            "Compose then refuses to start"
        );
        assert!(matches!(
            environment.variable("PASSED"),
            Variable::Open(Some(_))
        ));
        assert_eq!(environment.variable("NEVER_SET"), Variable::Unset);
        assert!(matches!(
            environment.variable("HOSTNAME"),
            Variable::Open(_)
        ));
    }

    #[test]
    fn secrets_are_secret_in_values_and_in_files() {
        let deployment = compose();
        assert!(matches!(
            deployment.environment.variables["API_TOKEN"].value,
            Value::Secret(_)
        ));
        let source = deployment.sources.by_path(".env.prod").expect("the file");
        assert_eq!(
            deployment.sources[source].line_text(3).as_deref(),
            Some("API_TOKEN=••••••••••••••••")
        );
        assert!(!format!("{:?}", deployment.environment).contains("abcdef"));
    }

    #[test]
    fn a_default_secret_is_masked_where_it_is_written() {
        let deployment = Project::shop(&[(
            "compose.yml",
            "services:\n  web:\n    build: .\n    environment:\n      - SECRET_KEY=${SECRET_KEY:-changeme123}\n",
        )])
        .read();
        let source = deployment.sources.by_path("compose.yml").expect("the file");
        assert_eq!(
            deployment.sources[source].line_text(5).as_deref(),
            Some("      - SECRET_KEY=${SECRET_KEY:-•••••••••••}")
        );
    }

    #[test]
    fn a_file_that_is_not_here_leaves_the_environment_open() {
        let deployment = Project::shop(&[
            ("docker-compose.yml", "services:\n  web:\n    build: .\n    env_file:\n      - path: secret.env\n    environment:\n      DEBUG: '0'\n"),
            ("Dockerfile", "FROM python\nCMD gunicorn shop.wsgi\n"),
        ])
        .read();
        let environment = &deployment.environment;
        assert!(!environment.is_known());
        let reason = environment.incomplete.as_deref().expect("a reason");
        assert!(
            reason.contains("secret.env") && reason.contains("docker-compose.yml:5"),
            "{reason}"
        );
        assert_eq!(text(&deployment, "DEBUG"), Some("0"));
        assert!(matches!(
            environment.variable("SECRET_KEY"),
            Variable::Open(None)
        ));
    }

    #[test]
    fn an_image_that_is_built_elsewhere_leaves_the_environment_open() {
        let deployment = Project::shop(&[(
            "compose.yml",
            "services:\n  cache:\n    image: bitnami/redis\n  web:\n    image: registry.example/shop:1\n    environment:\n      DEBUG: '0'\n",
        )])
        .read();
        assert_eq!(text(&deployment, "DEBUG"), Some("0"));
        let reason = deployment.environment.incomplete.expect("a reason");
        assert_eq!(
            reason,
            "the image registry.example/shop:1 is not built here"
        );
    }

    #[test]
    fn production_files_make_the_set() {
        let web = "services:\n  web:\n    build: .\n    environment:\n      FROM: ";
        let name = |text: &str| format!("{web}{text}\n");
        let (base, prod, over) = (name("base"), name("prod"), name("override"));
        let partial = "services:\n  web:\n    environment:\n      MORE: yes\n";
        for (files, chosen, from) in [
            (
                vec![
                    ("docker-compose.yml", &*base),
                    ("docker-compose.override.yml", &*over),
                ],
                vec!["docker-compose.yml"],
                "base",
            ),
            (
                vec![
                    ("docker-compose.yml", &*base),
                    ("docker-compose.prod.yml", &*prod),
                ],
                vec!["docker-compose.prod.yml"],
                "prod",
            ),
            (
                vec![
                    ("compose.yaml", &*base),
                    ("compose.production.yaml", partial),
                ],
                vec!["compose.yaml", "compose.production.yaml"],
                "base",
            ),
            (
                vec![("local.yml", &*over), ("production.yml", &*prod)],
                vec!["production.yml"],
                "prod",
            ),
        ] {
            let deployment = Project::shop(&files).read();
            let EnvOrigin::Compose { files, .. } = &deployment.environment.origin else {
                panic!("{:?}", deployment.environment.origin)
            };
            assert_eq!(*files, chosen);
            assert_eq!(text(&deployment, "FROM"), Some(from));
        }
        let with_db = format!("{base}  db:\n    image: postgres:17\n");
        let needs_db = "services:\n  web:\n    build: .\n    depends_on: [db]\n";
        for partial in [prod.as_str(), needs_db] {
            let files = [
                ("compose.yml", with_db.as_str()),
                ("compose.prod.yml", partial),
            ];
            let deployment = Project::shop(&files).read();
            let EnvOrigin::Compose { files, .. } = &deployment.environment.origin else {
                panic!("{:?}", deployment.environment.origin)
            };
            assert_eq!(*files, ["compose.yml", "compose.prod.yml"]);
        }
        let only_dev = Project::shop(&[("docker-compose.dev.yml", &*base)]).read();
        assert_eq!(only_dev.environment.origin, EnvOrigin::Nothing);
    }

    #[test]
    fn merging_extending_and_anchors() {
        let deployment = Project::shop(&[
            ("compose.yml", "x-env: &env\n  A: 1\n  B: 1\nservices:\n  web:\n    extends:\n      file: common.yml\n      service: base\n    build: .\n    command: gunicorn shop.wsgi\n    environment:\n      <<: *env\n      B: 2\n"),
            ("common.yml", "services:\n  base:\n    environment:\n      - B=0\n      - C=3\n"),
            ("compose.prod.yml", "services:\n  web:\n    environment: [D=4, A=9]\n"),
        ])
        .read();
        let values: Vec<_> = ["A", "B", "C", "D"]
            .iter()
            .map(|name| text(&deployment, name))
            .collect();
        assert_eq!(values, [Some("9"), Some("2"), Some("3"), Some("4")]);
    }

    #[test]
    fn a_start_script_may_set_more() {
        let deployment = Project::shop(&[
            ("production.yml", "services:\n  django:\n    build:\n      context: .\n      dockerfile: ./compose/production/django/Dockerfile\n    env_file: [./.envs/.production/.postgres]\n    command: /start\n"),
            ("compose/production/django/Dockerfile", "FROM python:3.12\nCOPY ./compose/production/django/entrypoint /entrypoint\nCOPY ./compose/production/django/start /start\nENTRYPOINT [\"/entrypoint\"]\n"),
            ("compose/production/django/entrypoint", "#!/bin/bash\nif [ -z \"${POSTGRES_USER}\" ]; then\n  base='postgres'\n  export POSTGRES_USER=\"${base}\"\nfi\nexport DATABASE_URL=\"postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@db:5432/x\"\nexport STARTED=$(date)\nexec \"$@\"\n"),
            ("compose/production/django/start", "#!/bin/bash\npython manage.py collectstatic\nexec gunicorn shop.wsgi\n"),
            (".envs/.production/.postgres", "POSTGRES_USER=u\nPOSTGRES_PASSWORD=p\n"),
        ])
        .read();
        assert_eq!(
            text(&deployment, "DATABASE_URL"),
            Some("postgres://u:p@db:5432/x")
        );
        assert!(matches!(
            deployment.environment.variables["DATABASE_URL"].value,
            Value::Secret(_)
        ));
        assert!(matches!(
            deployment.environment.variables["STARTED"].value,
            Value::Unknown(_)
        ));
        assert_eq!(text(&deployment, "POSTGRES_USER"), Some("u"));
    }

    #[test]
    fn every_way_of_a_shell_to_set_a_variable() {
        let read = |script: &str| {
            Project::shop(&[
                ("compose.yml", "services:\n  web:\n    build: .\n    command: A=cmd ./run.sh\n    environment: [GIVEN=g]\n"),
                ("run.sh", script),
            ])
            .read()
        };
        let deployment = read(
            "export ONE=1 TWO=\"2 $GIVEN\" # note\nLOCAL=l\nexport LOCAL\nNOT=n\nGIVEN=new\n\
             . venv/bin/activate\nset -a\nALL=x\nexec gunicorn shop.wsgi\n",
        );
        for (name, expected) in [
            ("A", Some("cmd")),
            ("ONE", Some("1")),
            ("TWO", Some("2 g")),
            ("LOCAL", Some("l")),
            ("NOT", None),
            ("GIVEN", Some("new")),
            ("ALL", Some("x")),
        ] {
            assert_eq!(text(&deployment, name), expected, "{name}");
        }
        assert!(deployment.environment.is_known());
        assert_eq!(
            trail(&deployment, "TWO"),
            ["run.sh:1 sets TWO", "compose.yml:5 sets GIVEN"]
        );
        for script in [
            "export $(grep -v '^#' .env | xargs)\ngunicorn shop.wsgi\n",
            "set -a\n. ./.env\ngunicorn shop.wsgi\n",
        ] {
            assert!(!read(script).environment.is_known(), "{script}");
        }
    }

    #[test]
    fn systemd_gives_it_where_there_is_no_compose() {
        let unit = "[Service]\nWorkingDirectory=/srv/shop\nEnvironment=\"A=1 2\" B=3\n\
                    EnvironmentFile=/srv/shop/web.env\nExecStart=/srv/venv/bin/gunicorn shop.wsgi\n";
        let deployment =
            Project::shop(&[("etc/web.service", unit), ("web.env", "C=$literal\n")]).read();
        assert_eq!(
            deployment.environment.origin,
            EnvOrigin::Systemd("etc/web.service".into())
        );
        assert!(deployment.environment.is_known());
        assert_eq!(text(&deployment, "A"), Some("1 2"));
        assert_eq!(text(&deployment, "C"), Some("$literal"));
        let without = Project::shop(&[("etc/web.service", unit)]).read();
        assert!(!without.environment.is_known());
    }

    #[test]
    fn a_file_that_names_production_else_nothing() {
        let deployment = Project::shop(&[(".env.production", "A=1\n"), (".env", "A=2\n")]).read();
        assert_eq!(
            deployment.environment.origin,
            EnvOrigin::DotEnv(".env.production".into())
        );
        assert_eq!(text(&deployment, "A"), Some("1"));
        let plain = Project::shop(&[(".env", "A=2\n"), (".env.example", "A=3\n")]).read();
        assert_eq!(plain.environment.origin, EnvOrigin::Nothing);
        assert!(matches!(
            plain.environment.variable("A"),
            Variable::Open(None)
        ));
        let sourced = Project::shop(&[
            (".env", "A=2\n"),
            ("Procfile", "web: set -a; . ./.env; gunicorn shop.wsgi\n"),
        ])
        .read();
        assert_eq!(sourced.environment.origin, EnvOrigin::DotEnv(".env".into()));
    }

    #[test]
    fn what_the_user_gives_comes_first() {
        let project = Project::shop(&[
            ("docker-compose.yml", COMPOSE),
            (".env.prod", "DEBUG=0\n"),
            ("other.env", "DEBUG=5\nA=1\n"),
        ]);
        let options = Options {
            env_file: Some(project.path().join("other.env")),
            env: vec![("A".into(), "2".into())],
            ..Options::default()
        };
        let deployment = project.read_with(&options);
        assert_eq!(
            deployment.environment.origin,
            EnvOrigin::Given("other.env".into())
        );
        assert_eq!(text(&deployment, "DEBUG"), Some("5"));
        assert_eq!(text(&deployment, "A"), Some("2"));
        assert_eq!(deployment.environment.variable("QUOTED"), Variable::Unset);
        let options = Options {
            env: vec![("DEBUG".into(), "7".into())],
            ..Options::default()
        };
        let deployment = project.read_with(&options);
        assert_eq!(text(&deployment, "DEBUG"), Some("7"));
        assert_eq!(text(&deployment, "QUOTED"), Some("True"));
        let missing = Options {
            env_file: Some("/no/such/file".into()),
            ..Options::default()
        };
        assert!(read(project.path(), &missing).is_err());
    }
}

mod packages {
    use super::*;

    fn version(files: &[(&str, &str)], name: &str) -> Option<String> {
        let deployment = Project::shop(files).read();
        let package = deployment.packages.get(name)?.clone();
        assert!(package.trail.first_span().is_some(), "{name} has a place");
        package.version
    }

    #[test]
    fn every_format_gives_the_version() {
        for (path, text) in [
            (
                "requirements.txt",
                "# note\nDjango==5.2.1 \\\n    --hash=sha256:abc\n",
            ),
            ("requirements", "Django==5.2.1\n"),
            ("requirements/production.txt", "Django==5.2.1\n"),
            (
                "requirements.txt",
                "Django[argon2]==5.2.1 ; python_version > '3.9'  # why\n",
            ),
            (
                "uv.lock",
                "version = 1\n[[package]]\nname = \"django\"\nversion = \"5.2.1\"\n",
            ),
            (
                "poetry.lock",
                "[[package]]\nname = \"Django\"\nversion = \"5.2.1\"\n",
            ),
            (
                "pdm.lock",
                "[[package]]\nname = \"django\"\nversion = \"5.2.1\"\n",
            ),
            (
                "pylock.toml",
                "lock-version = '1.0'\n[[packages]]\nname = \"django\"\nversion = \"5.2.1\"\n",
            ),
            (
                "Pipfile.lock",
                "{\"default\": {\"django\": {\"version\": \"==5.2.1\"}}}",
            ),
            ("Pipfile", "[packages]\ndjango = \"==5.2.1\"\n"),
            (
                "pyproject.toml",
                "[project]\ndependencies = [\"Django==5.2.1\"]\n",
            ),
            (
                "pyproject.toml",
                "[tool.poetry.dependencies]\ndjango = \"5.2.1\"\n",
            ),
            (
                "pyproject.toml",
                "[dependency-groups]\nprod = [\"Django==5.2.1\"]\n",
            ),
            (
                "setup.cfg",
                "[options]\ninstall_requires =\n    Django==5.2.1\n",
            ),
            (
                "setup.py",
                "from setuptools import setup\nsetup(install_requires=['Django==5.2.1'])\n",
            ),
            (
                "environment.yml",
                "dependencies:\n  - python=3.12\n  - pip:\n    - Django==5.2.1\n",
            ),
            ("environment.yml", "dependencies:\n  - django=5.2.1=py312\n"),
        ] {
            assert_eq!(
                version(&[(path, text)], "django").as_deref(),
                Some("5.2.1"),
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn a_lock_beats_a_requirement_and_production_beats_development() {
        let lock = (
            "uv.lock",
            "[[package]]\nname = \"django\"\nversion = \"5.2.9\"\n",
        );
        assert_eq!(
            version(&[lock, ("requirements.txt", "Django==4.2\n")], "django").as_deref(),
            Some("5.2.9")
        );
        let files = [
            ("requirements/base.txt", "Django==5.1\n"),
            ("requirements/dev.txt", "Django==6.0\nipdb==1\n"),
            ("requirements/prod.txt", "-r base.txt\nDjango==5.2\n"),
        ];
        assert_eq!(version(&files, "django").as_deref(), Some("5.2"));
        assert_eq!(version(&files, "ipdb"), None);
    }

    #[test]
    fn includes_constraints_and_loops() {
        let files = [
            (
                "requirements.txt",
                "-r other/more.txt\n-c pins.txt\nDjango>=5\n-r gone.txt\n",
            ),
            (
                "other/more.txt",
                "--requirement=../requirements.txt\ncelery==5.4\n",
            ),
            ("pins.txt", "django==5.2.3\n"),
        ];
        assert_eq!(version(&files, "Django").as_deref(), Some("5.2.3"));
        assert_eq!(version(&files, "celery").as_deref(), Some("5.4"));
        let deployment = Project::shop(&files).read();
        assert!(
            deployment
                .gaps
                .iter()
                .any(|gap| gap.place == "requirements.txt:4")
        );
    }

    #[test]
    fn an_ascii_file_with_a_utf_16_tail_is_read_whole() {
        let project = Project::shop(&[]);
        let mut bytes = b"Django==5.2.1\r\n".to_vec();
        bytes.extend("celery==5.4\r\n".encode_utf16().flat_map(u16::to_le_bytes));
        std::fs::write(project.path().join("requirements.txt"), bytes).expect("the file");
        let deployment = project.read();
        let version = |name: &str| {
            deployment
                .packages
                .get(name)
                .and_then(|package| package.version.clone())
        };
        assert_eq!(version("django").as_deref(), Some("5.2.1"));
        assert_eq!(version("celery").as_deref(), Some("5.4"));
    }

    #[test]
    fn a_broken_lock_is_told_with_its_line() {
        let deployment = Project::shop(&[("poetry.lock", "[[package]]\nname = \n")]).read();
        assert!(
            deployment
                .gaps
                .iter()
                .any(|gap| gap.place == "poetry.lock:2"),
            "{:?}",
            deployment.gaps
        );
    }
}

#[test]
fn equal_input_gives_an_equal_deployment() {
    let files: Vec<(String, String)> = (0..60)
        .map(|at| {
            (
                format!("shop/app{at}/views.py"),
                format!("import os\nos.environ['V{at}']\n"),
            )
        })
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let project = Project::shop(&files);
    let first = format!("{:?}", project.read());
    for _ in 0..5 {
        assert_eq!(format!("{:?}", project.read()), first);
    }
}

#[test]
fn facts_of_the_code_have_their_places() {
    let deployment = Project::shop(&[(
        "shop/views.py",
        "import os\nfrom django.conf import settings\nprint(settings.API_URL, os.environ['REGION'])\n",
    )])
    .read();
    let facts = &deployment.facts;
    let read = facts
        .env_reads
        .iter()
        .find(|read| read.name == "REGION")
        .expect("a read");
    assert_eq!(deployment.sources.place(read.span), "shop/views.py:3:36");
    assert_eq!(facts.settings_reads[0].name, "API_URL");
    assert_eq!(facts.python_files, 6);
}

mod symbols {
    use super::*;
    use tightship_model::Symbol;

    fn symbols(files: &[(&str, &str)], names: &[&str]) -> Vec<Option<Symbol>> {
        let settings: String = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("NAME_{at} = ['{name}']\n"))
            .collect();
        let mut all = vec![("shop/settings/prod.py", settings.as_str())];
        all.extend(files);
        let deployment = Project::shop(&[&all[..], &[("shop/wsgi.py", WSGI)]].concat()).read();
        names
            .iter()
            .map(|name| deployment.facts.symbols.get(*name).cloned())
            .collect()
    }

    #[test]
    fn paths_lead_to_classes_functions_and_nothing() {
        let files = [
            ("accounts/__init__.py", "from .views import handler\n"),
            (
                "accounts/adapters.py",
                "from allauth.account.adapter import DefaultAccountAdapter as Base\nfrom .mixins import Quiet\n\
                 class Middle(Quiet, Base):\n    pass\nclass Adapter(Middle):\n    pass\nvalue = 1\n",
            ),
            (
                "accounts/mixins.py",
                "import abc\nclass Quiet(abc.ABC):\n    pass\n",
            ),
            (
                "accounts/views.py",
                "def handler(request, /, reason='', *args, key, **kwargs):\n    pass\n",
            ),
            ("accounts/star.py", "from .mixins import *\n"),
            ("accounts/open.py", "from somewhere import *\n"),
        ];
        let found = symbols(
            &files,
            &[
                "accounts.adapters.Adapter",
                "accounts.handler",
                "accounts.adapters.Gone",
                "accounts.adapters.value",
                "accounts.star.Quiet",
                "accounts.open.Anything",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
        );
        let Some(Symbol::Class { bases, .. }) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(
            *bases,
            [
                "accounts.adapters.Middle",
                "accounts.mixins.Quiet",
                "allauth.account.adapter.DefaultAccountAdapter",
                "abc.ABC",
            ]
        );
        let Some(Symbol::Function { signature, .. }) = &found[1] else {
            panic!("{found:?}")
        };
        assert_eq!(signature.positional_only, [("request".to_owned(), false)]);
        assert_eq!(
            signature.positional_or_keyword,
            [("reason".to_owned(), true)]
        );
        assert_eq!(signature.keyword_only, [("key".to_owned(), false)]);
        assert!(signature.takes_any_positional && signature.takes_any_keyword);
        assert_eq!(found[2], Some(Symbol::Missing));
        assert!(matches!(found[3], Some(Symbol::Other { .. })));
        assert!(matches!(found[4], Some(Symbol::Class { .. })));
        assert!(
            matches!(found[5], Some(Symbol::Other { .. })),
            "a star import may bring it"
        );
        assert_eq!(found[6], None);
    }

    #[test]
    fn imports_in_a_circle_end() {
        let files = [
            (
                "a.py",
                "from b import x\nclass C(D):\n    pass\nclass D(C):\n    pass\n",
            ),
            ("b.py", "from a import x\n"),
        ];
        let found = symbols(&files, &["a.x", "a.C"]);
        assert!(matches!(found[0], Some(Symbol::Other { .. })));
        assert!(matches!(found[1], Some(Symbol::Class { .. })));
    }
}

#[test]
fn settings_are_evaluated_with_and_without_the_environment() {
    let deployment = Project::new(&[
        ("manage.py", &MANAGE.replace("settings.dev", "settings")),
        (
            "shop/settings.py",
            "import os\nDEBUG = os.environ.get('DEBUG', '1') == '1'\nSECRET_KEY = os.environ['SECRET_KEY']\n",
        ),
        ("compose.yml", "services:\n  web:\n    build: .\n    environment: [DEBUG=0, SECRET_KEY=abc]\n"),
        ("requirements.txt", "Django~=5.1.0\n"),
    ])
    .read();
    let settings = deployment.settings.expect("settings");
    assert_eq!(settings.overridden["DEBUG"].value, Value::Bool(false));
    assert_eq!(settings.django, (5, 1));
    let unset = deployment.settings_unset.expect("settings");
    assert_eq!(unset.overridden["DEBUG"].value, Value::Bool(true));
    assert!(deployment.gaps.is_empty(), "{:?}", deployment.gaps);
}

#[test]
fn settings_beside_another_source_folder_are_imported_from_there() {
    let deployment = Project::new(&[
        ("manage.py", "import django, os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n"),
        ("src/config/__init__.py", ""),
        ("src/config/base.py", "A = 1\n"),
        ("src/config/settings.py", "from config.base import *\nB = A\n"),
    ])
    .read();
    let settings = deployment.settings.expect("settings");
    assert_eq!(settings.overridden["B"].value, Value::Int(1));
}

mod developers_compose {
    use super::*;

    const DEV: &str = "services:\n  web:\n    build: .\n    volumes: ['.:/srv']\n    environment:\n      DJANGO_SETTINGS_MODULE: shop.settings.dev\n      DEBUG: 'true'\n";
    const IMAGE: &str =
        "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings.prod\nCMD gunicorn shop.wsgi\n";

    fn module_and_origin(deployment: &Deployment) -> (&str, bool) {
        let is_compose = matches!(deployment.environment.origin, EnvOrigin::Compose { .. });
        (module(deployment), is_compose)
    }

    #[test]
    fn the_image_wins_over_a_service_with_the_settings_of_developers() {
        let deployment = Project::shop(&[("compose.yml", DEV), ("Dockerfile", IMAGE)]).read();
        assert_eq!(
            module_and_origin(&deployment),
            ("shop.settings.prod", false)
        );
        assert_eq!(text(&deployment, "DEBUG"), None);
        assert_eq!(
            mentions(&deployment),
            [
                (Mention::Dockerfile, "shop.settings.prod"),
                (Mention::ManagePy, "shop.settings.dev"),
                (Mention::DevelopmentCompose, "shop.settings.dev"),
            ]
        );
        let links = deployment.project.module.as_ref().map(|found| {
            let links = found.trail.links().iter();
            links.map(|link| link.text.as_str()).collect::<Vec<_>>()
        });
        assert_eq!(
            links.expect("a module"),
            [
                "the Dockerfile names shop.settings.prod",
                "compose.yml is set aside: its service web runs shop.settings.dev",
            ]
        );
    }

    #[test]
    fn wsgi_names_what_runserver_is_not_used_for() {
        let runserver = "services:\n  web:\n    build: .\n    command: ./manage.py runserver 0:80\n    environment: [SECRET_KEY=dev]\n";
        let deployment =
            Project::shop(&[("compose.yml", runserver), ("shop/wsgi.py", WSGI)]).read();
        assert_eq!(
            module_and_origin(&deployment),
            ("shop.settings.prod", false)
        );
        assert_eq!(text(&deployment, "SECRET_KEY"), None);
    }

    #[test]
    fn a_procfile_serves_the_same_settings_in_production() {
        let one = |name: &str| name.replace("settings.dev", "settings");
        let compose = "services:\n  web:\n    build: .\n    command: ./manage.py runserver 0:80\n    environment: [DEBUG=1]\n";
        let manage = one(MANAGE);
        let deployment = Project::new(&[
            ("manage.py", &manage),
            ("shop/settings.py", "INSTALLED_APPS = []\n"),
            ("compose.yml", compose),
            ("Procfile", "web: gunicorn shop.wsgi\n"),
        ])
        .read();
        assert_eq!(module_and_origin(&deployment), ("shop.settings", false));
    }

    #[test]
    fn a_set_of_production_in_another_folder_wins_over_that_of_developers() {
        let production = "services:\n  web:\n    image: ${REGISTRY}/shop\n    command: gunicorn \
                          shop.wsgi\n";
        let beside = "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n";
        for (path, text) in [
            ("deployment/docker-compose.prod.yml", production),
            ("docker-compose-proxy.yml", beside),
        ] {
            let deployment = Project::shop(&[("docker-compose.yml", DEV), (path, text)]).read();
            let compose = deployment.compose.as_ref().expect("a set");
            let files: Vec<_> = compose
                .files
                .iter()
                .map(|file| deployment.sources[*file].path.as_str())
                .collect();
            assert_eq!(files, [path]);
        }
    }

    #[test]
    fn debug_on_and_mounted_code_are_for_developers() {
        let compose = "services:\n  web:\n    build: .\n    command: uvicorn shop.asgi\n    volumes:\n      - type: bind\n        source: ./shop\n        target: /srv/shop\n    environment: [DJANGO_DEBUG=on]\n";
        let files = [("compose.yml", compose), ("shop/wsgi.py", WSGI)];
        assert!(!module_and_origin(&Project::shop(&files).read()).1);
        for kept in [
            compose.replace("./shop", "./media"),
            compose.replace("=on", "=off"),
            compose.replace("    build: .\n", "    build: .\n    ports: ['443:443']\n"),
        ] {
            let files = [("compose.yml", &*kept), ("shop/wsgi.py", WSGI)];
            let deployment = Project::shop(&files).read();
            assert!(module_and_origin(&deployment).1, "{kept}");
        }
    }

    /// What nothing contradicts is judged, and the head says what is in doubt.
    #[test]
    fn it_is_judged_where_nothing_else_tells() {
        let deployment = Project::shop(&[("compose.yml", DEV)]).read();
        assert_eq!(module_and_origin(&deployment), ("shop.settings.dev", true));
        let [gap] = &deployment.gaps[..] else {
            panic!("{:?}", deployment.gaps);
        };
        assert_eq!(
            gap.reason,
            "names shop.settings.dev, and nothing names shop.settings.prod"
        );
        let public = DEV.replace(
            "services:\n",
            "services:\n  nginx:\n    image: nginx\n    ports: ['443:443']\n",
        );
        let deployment = Project::shop(&[("compose.yml", &public), ("Dockerfile", IMAGE)]).read();
        assert_eq!(module_and_origin(&deployment), ("shop.settings.dev", true));
    }
}

/// Where nothing names a module: production's, else one that is not merely a base.
#[test]
fn a_module_that_stands_on_another_is_found_by_its_name() {
    let base = "INSTALLED_APPS = []\n";
    let over = "from .base import *\n";
    let manage = "import django\n";
    let module_of = |files: &[(&str, &str)]| {
        let mut all = vec![("manage.py", manage), ("shop/settings/base.py", base)];
        all.extend(files);
        module(&Project::new(&all).read()).to_owned()
    };
    assert_eq!(module_of(&[]), "shop.settings.base");
    assert_eq!(
        module_of(&[
            ("shop/settings/dev.py", over),
            ("shop/settings/test.py", over)
        ]),
        "shop.settings.base"
    );
    assert_eq!(
        module_of(&[
            ("shop/settings/heroku.py", over),
            ("shop/settings/dev.py", over)
        ]),
        "shop.settings.heroku"
    );
    assert_eq!(
        module_of(&[
            ("shop/settings/heroku.py", over),
            ("shop/settings/prod.py", over),
            ("shop/settings/prod.example.py", over),
            ("shop/settings/aaa.py", "X = 1\n"),
        ]),
        "shop.settings.prod"
    );
}

#[test]
fn a_template_of_projects_is_not_a_project() {
    let folder = "{{cookiecutter.slug}}";
    let deployment = Project::new(&[
        (&format!("{folder}/manage.py"), MANAGE),
        (
            &format!("{folder}/config/settings/production.py"),
            "INSTALLED_APPS = []\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = 'x'\ndependencies = ['starlette']\n",
        ),
        ("hooks/post_gen_project.py", ""),
    ])
    .read();
    let reason = deployment.project.no_settings.expect("a reason");
    assert!(reason.contains("({{cookiecutter.slug}})"), "{reason}");
}

#[test]
fn a_stage_for_developers_names_no_module_of_production() {
    let image = "FROM python:3.13 AS runtime\nENV DJANGO_SETTINGS_MODULE=shop.settings.prod\nCMD gunicorn shop.wsgi\nFROM runtime AS development\nENV DJANGO_SETTINGS_MODULE=shop.settings.dev\n";
    let compose = "services:\n  web:\n    build:\n      context: .\n      target: runtime\n";
    let deployment = Project::shop(&[("Dockerfile", image), ("compose.yml", compose)]).read();
    assert_eq!(
        mentions(&deployment),
        [
            (Mention::Dockerfile, "shop.settings.prod"),
            (Mention::ManagePy, "shop.settings.dev"),
        ]
    );
}

/// A module whose name manage.py puts together is the one that it is while nothing else is set.
#[test]
fn a_computed_name_of_the_settings_is_computed() {
    const COMPUTED: &str = "import os\n\ndef main():\n    env = os.environ.get('STAGE', 'prod')\n    \
        os.environ.setdefault('DJANGO_SETTINGS_MODULE', f'shop.settings.{env}')\n\n\
        if __name__ == '__main__':\n    main()\n";
    let project = Project::shop(&[("manage.py", COMPUTED)]);
    assert_eq!(module(&project.read()), "shop.settings.prod");
    let env = vec![("STAGE".to_owned(), "dev".to_owned())];
    let given = project.read_with(&Options {
        env,
        ..Options::default()
    });
    assert_eq!(module(&given), "shop.settings.dev");
    assert_eq!(mentions(&given), [(Mention::ManagePy, "shop.settings.dev")]);
}

/// A name that no file tells names nothing.
#[test]
fn a_name_of_the_settings_that_is_not_known_names_nothing() {
    let files = [(
        "manage.py",
        "import os, socket\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.' + socket.gethostname())\n",
    )];
    assert!(mentions(&Project::shop(&files).read()).is_empty());
}
