//! The evaluator on small projects: what Python means, what is not known, and what is hostile.

use std::fmt::Write as _;

use proptest::prelude::*;
use tightship_model::{Cause, Deployment, Settings, State, Value};
use tightship_read::{Options, read};

/// A project of a few files, read.
struct Project {
    deployment: Deployment,
    _folder: tempfile::TempDir,
}

impl Project {
    /// `settings` is the module `settings.py`; the environment is known to be empty.
    fn new(settings: &str) -> Self {
        Self::with(settings, &[], Some(&[]))
    }

    /// With further files, and variables; `None` where no environment is known.
    fn with(settings: &str, files: &[(&str, &str)], variables: Option<&[(&str, &str)]>) -> Self {
        Self::of_bytes(settings.as_bytes(), files, variables)
    }

    fn of_bytes(
        settings: &[u8],
        files: &[(&str, &str)],
        variables: Option<&[(&str, &str)]>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, content: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a file is written");
            std::fs::write(path, content).expect("a file is written");
        };
        write("manage.py", MANAGE.as_bytes());
        write("settings.py", settings);
        for (path, content) in files {
            write(path, content.as_bytes());
        }
        let env_file = variables.map(|variables| {
            let lines = variables
                .iter()
                .fold(String::new(), |mut text, (name, value)| {
                    writeln!(text, "{name}={value}").expect("a text takes it");
                    text
                });
            let path = folder.path().join("given.env");
            std::fs::write(&path, lines).expect("a file is written");
            path
        });
        let options = Options {
            settings: Some("settings".to_owned()),
            env_file,
            ..Options::default()
        };
        Self {
            deployment: read(folder.path(), &options).expect("a project"),
            _folder: folder,
        }
    }

    fn settings(&self) -> &Settings {
        self.deployment.settings.as_ref().expect("settings")
    }

    fn value(&self, name: &str) -> &Value {
        &self.settings().overridden[name].value
    }

    /// A value as Python would write it.
    fn shown(&self, name: &str) -> String {
        show(self.value(name))
    }

    fn cause(&self, name: &str) -> Cause {
        match self.value(name) {
            Value::Unknown(unknown) => unknown.cause,
            other => panic!("{name} is known: {}", show(other)),
        }
    }
}

const MANAGE: &str = "import os\n\
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n\
    from django.core.management import execute_from_command_line\n";

fn show(value: &Value) -> String {
    let all = |items: &tightship_model::Items| {
        let mut parts: Vec<_> = items.items.iter().map(|item| show(&item.value)).collect();
        parts.extend(items.rest.iter().map(|_| "...".to_owned()));
        parts.join(", ")
    };
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Str(text) => format!("'{text}'"),
        Value::Secret(secret) => format!("secret '{}'", secret.expose()),
        Value::Path(path) => format!("Path('{path}')"),
        Value::Timedelta(micros) => format!("{}s", micros / 1_000_000),
        Value::List(items) => format!("[{}]", all(items)),
        Value::Tuple(items) => format!("({})", all(items)),
        Value::Set(items) => format!("{{{}}}", all(items)),
        Value::Dict(dict) => {
            let entries = dict.entries.iter();
            let entries =
                entries.map(|(key, value)| format!("{}: {}", show(key), show(&value.value)));
            let mut entries: Vec<_> = entries.collect();
            entries.extend(dict.rest.iter().map(|_| "...".to_owned()));
            format!("{{{}}}", entries.join(", "))
        }
        Value::OneOf(cases) => {
            let cases: Vec<_> = cases.iter().map(|case| show(&case.value.value)).collect();
            cases.join(" | ")
        }
        Value::Environment(dependent) => {
            let unset = dependent.unset.as_ref().map(|unset| show(&unset.value));
            let others: Vec<_> = dependent
                .others
                .iter()
                .map(|case| show(&case.value.value))
                .collect();
            format!(
                "<{}: {}{}{}>",
                dependent.variables.join(","),
                unset.unwrap_or_else(|| "stops".to_owned()),
                others
                    .iter()
                    .map(|other| format!(" | {other}"))
                    .collect::<String>(),
                if dependent.exhaustive { "" } else { " | ..." }
            )
        }
        other => format!("{other:?}"),
    }
}

/// Evaluates one program and compares the names it sets.
fn check(settings: &str, expected: &[(&str, &str)]) {
    let project = Project::new(settings);
    for (name, value) in expected {
        assert_eq!(project.shown(name), *value, "{name}");
    }
}

#[test]
fn an_unset_flag_is_what_python_makes_of_its_default() {
    check(
        "import os\n\
         A = bool(os.environ.get('X', 'False'))\n\
         B = os.environ.get('X', '').split(',')\n\
         C = int(os.getenv('N', '0' if A else '31536000'))\n\
         D = os.environ.get('X')\n",
        &[("A", "True"), ("B", "['']"), ("C", "0"), ("D", "None")],
    );
}

#[test]
fn lists_are_shared_and_tuples_are_not() {
    check(
        "A = [1]\nB = A\nB += [2]\nT = (1,)\nU = T\nU += (2,)\n\
         D = {'a': {'b': 1}}\nE = dict(D)\nE['a']['b'] = 2\nF = [*A, *T]\n",
        &[
            ("A", "[1, 2]"),
            ("T", "(1)"),
            ("U", "(1, 2)"),
            ("D", "{'a': {'b': 2}}"),
            ("F", "[1, 2, 1]"),
        ],
    );
}

#[test]
fn an_imported_dict_is_the_same_dict() {
    let project = Project::with(
        "from base import *\nfrom base import DATABASES\n\
         DATABASES['default']['CONN_MAX_AGE'] = 60\nHIDDEN = '_private' in globals()\n",
        &[(
            "base.py",
            "DATABASES = {'default': {'ENGINE': 'x'}}\n_private = 1\nAPPS = ['a']\n",
        )],
        Some(&[]),
    );
    assert_eq!(
        project.shown("DATABASES"),
        "{'default': {'ENGINE': 'x', 'CONN_MAX_AGE': 60}}"
    );
    assert_eq!(project.shown("HIDDEN"), "False");
}

#[test]
fn all_decides_what_a_star_gives_and_a_package_beats_a_module() {
    let project = Project::with(
        "from conf import *\n",
        &[
            ("conf.py", "A = 'module'\n"),
            ("conf/__init__.py", "from .inner import *\nB = 2\n"),
            ("conf/inner.py", "__all__ = ['A']\nA = 'package'\nC = 3\n"),
        ],
        Some(&[]),
    );
    assert_eq!(project.shown("A"), "'package'");
    assert!(!project.settings().overrides("C"));
}

#[test]
fn import_cycles_see_what_is_there_so_far() {
    let project = Project::with(
        "A = 1\nimport other\nB = other.SEEN\n",
        &[(
            "other.py",
            "import settings\nSEEN = settings.A\nfrom settings import A as X\n",
        )],
        Some(&[]),
    );
    assert_eq!(project.shown("B"), "1");
}

#[test]
fn functions_closures_and_generators() {
    check(
        "import os\n\
         def env(name, default=None, *, cast=str):\n    value = os.environ.get(name)\n    if value is None:\n        return default\n    return cast(value)\n\
         def pairs(n):\n    for i in range(n):\n        yield i, i * i\n\
         def outer():\n    count = 0\n    def inner():\n        nonlocal count\n        count += 1\n        return count\n    inner()\n    return inner\n\
         A = env('NOPE', 3, cast=int)\nB = dict(pairs(3))\nC = outer()()\nD = sorted([3, 1, 2], key=lambda x: -x)\n",
        &[
            ("A", "3"),
            ("B", "{0: 0, 1: 1, 2: 4}"),
            ("C", "2"),
            ("D", "[3, 2, 1]"),
        ],
    );
}

#[test]
fn exceptions_find_their_handlers() {
    check(
        "import os\n\
         try:\n    A = os.environ['NOPE']\nexcept KeyError:\n    A = 'handled'\nfinally:\n    B = 1\n\
         class Mine(ValueError):\n    pass\n\
         try:\n    raise Mine('x')\nexcept ValueError as error:\n    C = str(error)\n\
         try:\n    int('one')\nexcept (TypeError, ValueError):\n    D = 4\nelse:\n    D = 5\n",
        &[("A", "'handled'"), ("B", "1"), ("C", "'x'"), ("D", "4")],
    );
}

#[test]
fn texts_and_paths() {
    check(
        "from pathlib import Path\nimport os\n\
         BASE = Path('/srv/app/settings/x.py').resolve().parent.parent\n\
         A = BASE / 'static'\nB = os.path.join(str(BASE), 'media', '')\n\
         C = f'{3:03d}-{\"x\":>3}-{1234.5:,.2f}'\nD = '%s=%d' % ('a', 3)\nE = '{0}{b!r}'.format(1, b='z')\n\
         G = 'a,b,,c'.split(',')[::-1]\n",
        &[
            ("A", "Path('/srv/app/static')"),
            ("B", "'/srv/app/media/'"),
            ("C", "'003-  x-1,234.50'"),
            ("D", "'a=3'"),
            ("E", "'1'z''"),
            ("G", "['c', '', 'b', 'a']"),
        ],
    );
}

#[test]
fn namespaces_are_dicts_too() {
    check(
        "globals().update({'A': 1})\nlocals()['B'] = 2\nfor n in ('C', 'D'):\n    globals()[n] = n.lower()\n\
         import sys\nsetattr(sys.modules[__name__], 'E', 5)\n",
        &[
            ("A", "1"),
            ("B", "2"),
            ("C", "'c'"),
            ("D", "'d'"),
            ("E", "5"),
        ],
    );
}

#[test]
fn an_open_flag_decides_between_both_branches() {
    let project = Project::with(
        "import os\n\
         DEBUG = os.environ.get('DEBUG', '0') == '1'\n\
         APPS = ['a']\n\
         if DEBUG:\n    APPS += ['toolbar']\n    HOSTS = ['*']\nelse:\n    HOSTS = ['example.org']\n\
         KEY = os.environ['KEY']\nNAME = os.environ.get('NAME', 'shop').upper()\n",
        &[],
        None,
    );
    assert_eq!(project.shown("DEBUG"), "<DEBUG: False | True>");
    assert_eq!(project.shown("APPS"), "<DEBUG: ['a'] | ['a', 'toolbar']>");
    assert_eq!(project.shown("HOSTS"), "<DEBUG: ['example.org'] | ['*']>");
    assert_eq!(project.shown("KEY"), "<KEY: stops | ...>");
    assert_eq!(project.shown("NAME"), "<NAME: 'SHOP' | ...>");
}

/// Evaluates one program with no known environment and compares the names it sets.
fn check_open(settings: &str, expected: &[(&str, &str)]) {
    let project = Project::with(&format!("import os\n{settings}"), &[], None);
    for (name, value) in expected {
        assert_eq!(project.shown(name), *value, "{name}");
    }
}

#[test]
fn a_helper_that_raises_for_other_words_gives_what_it_returns() {
    check_open(
        "def flag(v):\n    if v in ('1',):\n        return True\n    elif v in ('0',):\n        \
         return False\n    raise ValueError\nDEBUG = flag(os.getenv('D', '0'))\n",
        &[("DEBUG", "<D: False | True>")],
    );
}

#[test]
fn a_method_changes_an_object_in_each_state_that_it_may_be_in() {
    check_open(
        "APPS = ['a']\nif os.getenv('GZIP'):\n    APPS.insert(0, 'gzip')\nAPPS.append('z')\n\
         LAST = APPS.pop()\nALIAS = APPS\nSAME = ALIAS is APPS\n",
        &[
            ("APPS", "<GZIP: ['a'] | ['gzip', 'a']>"),
            ("LAST", "'z'"),
            ("SAME", "True"),
        ],
    );
}

#[test]
fn a_dict_that_open_flags_build_gets_what_is_laid_over_it() {
    check_open(
        "def database(**options):\n    config = {'ENGINE': 'x'}\n    host = os.getenv('HOST', '')\n    \
         if host:\n        config['HOST'] = host\n    config.update(options)\n    return config\n\
         D = database(ATOMIC=True)\n",
        &[(
            "D",
            "<HOST: {'ENGINE': 'x', 'ATOMIC': True} | \
             {'ENGINE': 'x', 'HOST': <HOST: stops | ...>, 'ATOMIC': True}>",
        )],
    );
}

#[test]
fn what_a_variable_chooses_from_a_table_is_one_of_its_entries() {
    check_open(
        "P = {'dev': {'AGE': 1}, 'live': {'AGE': 2}}\nC = P[os.getenv('MODE', 'dev')]\n\
         AGE = C['AGE']\nglobals().update(C)\n",
        &[("C", "<MODE: {'AGE': 1} | {'AGE': 2}>")],
    );
    let project = Project::with(
        "import os\nP = {'dev': {'X': 1}, 'live': {'Y': 2}}\nMODE = os.getenv('MODE', 'dev')\n\
         globals().update(P[MODE])\nGOT = globals().get('Y', -1)\n",
        &[],
        None,
    );
    assert_eq!(project.shown("GOT"), "<MODE: -1 | 2>");
}

#[test]
fn text_that_does_not_fit_raises_where_a_handler_waits() {
    check_open(
        "try:\n    PORT = int(os.getenv('PORT', '80'))\nexcept ValueError:\n    PORT = 0\n    BAD = True\n\
         else:\n    BAD = False\n",
        &[("BAD", "<PORT: False | True>")],
    );
    check_open(
        "import json\ntry:\n    C = json.loads(os.environ.get('C', '{}'))\n\
         except json.JSONDecodeError:\n    BAD = 'json'\nexcept ValueError:\n    BAD = 'never'\n\
         else:\n    BAD = None\n",
        &[("BAD", "<C: None | 'json'>")],
    );
}

#[test]
fn a_walrus_over_an_open_list_is_not_known() {
    let project = Project::with(
        "import os\nHOSTS = os.getenv('H', 'a').split(',')\n\
         LONG = [up for host in HOSTS if (up := host.upper())]\nLAST = up\n",
        &[],
        None,
    );
    assert_eq!(project.shown("LONG"), "<H: ['A'] | [...]>");
    assert_eq!(project.value("LAST").state(), State::Unknown);
}

#[test]
fn an_open_keyword_mapping_promises_no_key() {
    check_open(
        "import package\nC = dict(a=1, **package.options())\n",
        &[("C", "{'a': 1, ...}")],
    );
}

#[test]
fn what_is_given_by_stars_is_given_in_each_case() {
    check_open(
        "C = dict(a=1, **({'b': 2} if os.getenv('X') is None else {}))\n\
         D = {}\nD.update(a=1, **({'b': 2} if os.getenv('X') else {}))\n",
        &[
            ("C", "<X: {'a': 1, 'b': 2} | {'a': 1}>"),
            ("D", "<X: {'a': 1} | {'a': 1, 'b': 2}>"),
        ],
    );
}

#[test]
fn a_comprehension_with_open_tests_has_its_elements_in_each_case() {
    check_open(
        "A = [n for n in ('x', 'y') if os.getenv(n)]\nB = {n: 1 for n in ('x', 'y') if os.getenv(n)}\n\
         C = {n for n in ('x',) if os.getenv(n)}\nD = list(filter(None, ['x', os.getenv('F') and 'y']))\n\
         E = next((n for n in ('x', 'y') if os.getenv(n)), 'z')\n",
        &[
            ("A", "<x,y: [] | ['x'] | ['y'] | ['x', 'y']>"),
            ("B", "<x,y: {} | {'x': 1} | {'y': 1} | {'x': 1, 'y': 1}>"),
            ("C", "<x: {} | {'x'}>"),
            ("D", "<F: ['x'] | ['x', 'y'] | ...>"),
            ("E", "<x,y: 'z' | 'x' | 'y'>"),
        ],
    );
}

#[test]
fn a_generator_yields_in_each_case() {
    check_open(
        "def names():\n    if os.getenv('F'):\n        yield 'f'\n    yield 'g'\nA = list(names())\n",
        &[("A", "<F: ['g'] | ['f', 'g']>")],
    );
}

#[test]
fn a_pattern_looks_into_each_case() {
    check_open(
        "match os.getenv('DB', 'lite').split(':'):\n    case [kind]:\n        A = kind\n    \
         case [kind, port] if port.isdigit():\n        A = port\n    case _:\n        A = None\n",
        &[("A", "<DB: 'lite' | None | ...>")],
    );
}

#[test]
fn a_loop_over_all_variables_is_empty_without_any() {
    check_open(
        "A = {k: v for k, v in os.environ.items() if k.startswith('A_')}\n\
         B = [k for k in sorted(os.environ) if k == 'B']\nC = 0\nfor k in os.environ:\n    C += 1\n",
        &[
            ("A", "<*: {} | ...>"),
            ("B", "<*: [] | ...>"),
            ("C", "<*: 0 | ...>"),
        ],
    );
}

#[test]
fn a_star_of_an_open_list_makes_the_display_open() {
    check_open(
        "HOSTS = os.getenv('H', 'a').split(',')\nO = [*map(str.upper, HOSTS), 'z']\n\
         P = [*(['x'] if os.getenv('F') else []), 'y']\n",
        &[
            ("O", "<H: ['A', 'z'] | ...>"),
            ("P", "<F: ['y'] | ['x', 'y']>"),
        ],
    );
}

#[test]
fn names_that_only_a_chosen_module_sets_leave_room() {
    let project = Project::with(
        "import importlib, os\n_name = os.environ.get('STATION', 'south')\n\
         _module = importlib.import_module(_name)\nfor _key in dir(_module):\n    \
         if _key.isupper():\n        globals()[_key] = getattr(_module, _key)\n",
        &[("south.py", "A = 1\n"), ("north.py", "B = 2\n")],
        None,
    );
    assert!(project.settings().rest.is_some());
}

#[test]
fn an_attribute_of_a_module_that_is_not_there_is_not_known() {
    let project = Project::with(
        "import importlib, os\nconf = importlib.import_module(os.environ.get('CONF', 'conf.own'))\n\
         LIMIT = getattr(conf, 'LIMIT', 5)\nDOUBLE = LIMIT * 2\n",
        &[("conf/__init__.py", "")],
        None,
    );
    for name in ["LIMIT", "DOUBLE"] {
        assert_ne!(project.value(name).state(), State::Known, "{name}");
    }
    let stops = |gap: &&tightship_model::Gap| gap.reason.starts_with("the program stops here");
    assert_eq!(project.deployment.gaps.iter().find(stops), None);
}

#[test]
fn a_guard_that_raises_says_that_the_variable_must_be_set() {
    let project = Project::with(
        "import os\nSECRET_KEY = os.environ.get('KEY')\n\
         if not SECRET_KEY:\n    raise RuntimeError('no key')\nAFTER = SECRET_KEY[:4]\n",
        &[],
        None,
    );
    assert_eq!(project.shown("SECRET_KEY"), "<KEY: stops | ...>");
    assert_eq!(project.shown("AFTER"), "<KEY: stops | ...>");
}

#[test]
fn a_condition_that_no_file_tells_keeps_its_words() {
    let project = Project::new(
        "import socket\nif socket.gethostname() == 'web1':\n    A = 1\nelse:\n    A = 2\n",
    );
    assert_eq!(project.shown("A"), "1 | 2");
    let Value::OneOf(cases) = project.value("A") else {
        panic!("one of two")
    };
    assert_eq!(cases[0].when, "socket.gethostname() == 'web1'");
}

#[test]
fn a_trail_leads_from_the_setting_to_the_variable() {
    let project = Project::with(
        "from helper import flag\nDEBUG = flag('DEBUG')\n",
        &[(
            "helper.py",
            "import os\ndef flag(name):\n    return os.environ[name] == '1'\n",
        )],
        Some(&[("DEBUG", "1")]),
    );
    let trail = &project.settings().overridden["DEBUG"].trail;
    let places: Vec<_> = trail
        .links()
        .iter()
        .filter_map(|link| Some(project.deployment.sources.place(link.span?)))
        .collect();
    assert_eq!(places[0], "settings.py:2:1");
    assert_eq!(places[1], "helper.py:3:12");
    assert_eq!(places.last().unwrap(), "given.env:1:1");
}

#[test]
fn a_secret_is_in_no_trail_and_in_no_frame() {
    let project = Project::new(
        "SECRET_KEY = 'correct horse battery staple'\n\
         DATABASES = {'default': {'USER': 'u', 'PASSWORD': 'hunter2hunter2'}}\n",
    );
    let shown = format!("{:?}", project.deployment.settings);
    assert!(!shown.contains("horse") && !shown.contains("hunter2"));
    let source = project
        .deployment
        .sources
        .by_path("settings.py")
        .expect("a file");
    for line in 1..=2 {
        let text = project.deployment.sources[source]
            .line_text(line)
            .expect("a line");
        assert!(
            !text.contains("horse") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

/// Neither the settings nor any line of the module show these.
fn hides(settings: &str, hidden: &[&str]) -> Project {
    let project = Project::new(settings);
    let shown = format!("{:?}", project.deployment.settings);
    let source = project
        .deployment
        .sources
        .by_path("settings.py")
        .expect("a file");
    for text in hidden {
        assert!(!shown.contains(text), "{text} is shown: {shown}");
        for line in 1..=settings.lines().count() {
            let line = project.deployment.sources[source]
                .line_text(line)
                .expect("a line");
            assert!(!line.contains(text), "{text} stands in {line}");
        }
    }
    project
}

#[test]
fn the_parts_of_a_secret_are_secret_under_any_name() {
    hides(
        "PREFIX = 'abc'\nSECRET_KEY = PREFIX + 'tail-of-it'\n",
        &["abc", "tail-of-it"],
    );
    hides(
        "PART = 'q7x'\nSECRET_KEY = f'{PART}-rest-of-it'\n",
        &["q7x", "rest-of-it"],
    );
    hides(
        "ONE = 'q7x'\nDATABASES = {'default': {'USER': 'shop', 'PASSWORD': ONE + 'z8y'}}\n",
        &["q7x", "z8y"],
    );
    hides(
        "def key(start):\n    return start + '-hunter2-hunter2'\nONE = 'q7x'\nSECRET_KEY = key(ONE)\n",
        &["q7x", "hunter2"],
    );
}

#[test]
fn what_a_secret_is_joined_or_formatted_of_is_secret() {
    for secret in [
        "''.join([ONE, TWO])",
        "'-'.join((ONE, TWO))",
        "'%s-%s' % (ONE, TWO)",
        "'{}{}'.format(ONE, TWO)",
        "'{a}{b}'.format(a=ONE, b=TWO)",
        "ONE + '-' + TWO",
        "f'{ONE}{TWO}'",
        "os.path.join(ONE, TWO)",
        "KEEP['one'] + KEEP['two']",
        "glue(ONE, TWO)",
        "glue(TWO, b=ONE)",
    ] {
        hides(
            &format!(
                "import os\nONE = 'q7x'\nTWO = 'z8yk'\nKEEP = {{'one': ONE, 'two': TWO}}\n\
                 def glue(a, b):\n    return ''.join([a, b])\n\
                 SECRET_KEY = {secret}\n"
            ),
            &["q7x", "z8yk"],
        );
    }
}

#[test]
fn the_host_and_the_user_of_an_address_with_a_password_are_shown() {
    let project = hides(
        "HOST = 'db.example.org'\nOWNER = 'shop'\nWORD = 'q7xz8y'\n\
         LINK = 'postgres://%s:%s@%s/shop' % (OWNER, WORD, HOST)\n",
        &["q7xz8y"],
    );
    assert_eq!(project.shown("HOST"), "'db.example.org'");
    assert_eq!(project.shown("OWNER"), "'shop'");
}

#[test]
fn what_is_no_part_of_a_secret_is_shown() {
    let project = hides(
        "NAME = 'shop'\nSAME = 'abc'\nPREFIX = 'abc'\nSECRET_KEY = PREFIX + 'xyz'\n\
         TITLE = NAME + '!'\nMODE = 'prod'\nAPI_KEY = 'q7x' if MODE == 'prod' else 'z8y'\n",
        &["abcxyz", "q7x", "z8y"],
    );
    assert_eq!(project.shown("NAME"), "'shop'");
    assert_eq!(project.shown("SAME"), "'abc'");
    assert_eq!(project.shown("TITLE"), "'shop!'");
    assert_eq!(project.shown("MODE"), "'prod'");
    assert_eq!(project.shown("PREFIX"), "secret 'abc'");
}

#[test]
fn code_after_an_error_is_still_read() {
    let project = Project::new("A = 1\nB = undefined_thing + 1\nC = 3\n");
    assert_eq!(project.shown("C"), "3");
    assert_eq!(project.cause("B"), Cause::Error);
    let gaps = &project.deployment.gaps;
    assert!(
        gaps.iter()
            .any(|gap| gap.place.starts_with("settings.py:2")),
        "{gaps:?}"
    );
}

#[test]
fn what_is_made_by_chance_is_not_known() {
    let project = Project::new("import secrets\nSECRET_KEY = secrets.token_hex(32)\n");
    assert_eq!(project.cause("SECRET_KEY"), Cause::Random);
}

#[test]
fn a_star_from_a_missing_package_leaves_room_for_any_name() {
    let project = Project::new("from somewhere.defaults import *\nA = 1\n");
    assert!(project.settings().rest.is_some());
    assert_eq!(project.shown("A"), "1");
}

#[test]
fn bombs_hit_a_bound() {
    let project = Project::new(
        "A = [0] * 10**9\nB = 'x' * 10**12\nC = 10 ** 10 ** 10\nD = list(range(10**12))\n\
         def f(n):\n    return f(n + 1)\nE = f(0)\n\
         X = []\nwhile True:\n    X.append(1)\nF = 6\n\
         W = []\nwhile True:\n    W.append(str(len(W)))\n\
         L = ['lol']\nfor _ in range(40):\n    L = [L, L]\nG = 7\n",
    );
    for name in ["A", "B", "C", "E"] {
        assert_eq!(project.cause(name), Cause::Bound, "{name}");
    }
    for name in ["D", "X", "W", "L"] {
        assert_eq!(project.value(name).state(), State::Unknown, "{name}");
    }
    assert_eq!(project.shown("F"), "6");
    assert_eq!(project.shown("G"), "7");
}

#[test]
fn bombs_of_every_form_meet_a_bound() {
    let deep = |open: &str, middle: &str, close: &str, times: usize| {
        format!(
            "A = {}{middle}{}\n",
            open.repeat(times),
            close.repeat(times)
        )
    };
    let numbered = |head: &str, form: &str| {
        let lines = (0..300).map(|number| form.replace("{}", &number.to_string()));
        format!("{head}\n{}", lines.collect::<String>())
    };
    let doubled = |start: &str, line: &str, last: &str| {
        format!("x = {start}\n{}{last}\n", format!("{line}\n").repeat(100))
    };
    let programs = [
        numbered("A = [1]", "if os.environ.get('V{}'):\n    A.append({})\n"),
        numbered("A = 0", "if os.environ.get('V{}'):\n    A = A + {}\n"),
        numbered(
            "A = 0",
            "try:\n    A = int(os.environ['V{}'])\nexcept Exception:\n    A = A + 1\n",
        ),
        deep("lambda: ", "1", "", 5_000),
        deep("(lambda: ", "1", ")()", 500),
        deep("f'{", "1", "}'", 300),
        deep("[", "1", " for x in [1]]", 2_000),
        deep("1 if os.getenv('X') else ", "0", "", 2_000),
        deep("'aaaaaaaaaa' + ", "''", "", 20_000),
        format!("{}def f(): pass\nA = 1\n", "@len\n".repeat(10_000)),
        doubled("'x'", "x = x + x", "A = x"),
        doubled("os.environ.get('X', 'a')", "x = x + x", "A = x"),
        doubled("[1]", "x = x + x", "A = x"),
        doubled("2", "x = x * x", "A = x"),
        doubled("(1,)", "x = (x, x)", "A = x == x\nB = {x: 1}"),
        doubled("[1]", "x = [x, x]", "A = x == x"),
        "x = ['a']\nfor _ in range(5):\n    x = [x] * 100\nA = str(x)\nB = '%s' % {1: x}\n"
            .to_owned(),
        "x = []\nx.append(x)\nx += x\nA = x == x\ny = {}\ny['y'] = y\nB = y == y\n".to_owned(),
    ];
    for program in programs {
        let text = format!("import os\n{program}AFTER = 7\n");
        let project = Project::new(&text);
        let is_told = project.settings().rest.is_some() || !project.deployment.gaps.is_empty();
        let after = project.settings().overridden.get("AFTER");
        let after = after.map(|value| show(&value.value));
        let head: String = text.chars().take(60).collect();
        assert!(
            after.as_deref() == Some("7") || is_told,
            "{head}: {after:?}"
        );
    }
}

#[test]
fn an_endless_loop_on_one_way_loses_what_it_touches_on_all() {
    let project = Project::with(
        "import os\nAPPS = ['a']\nALIAS = APPS\nCONF = {'apps': APPS}\nNUMBER = 1\nKEPT = ['k']\n\
         def add(items):\n    global COUNT\n    COUNT = 2\n    items.append('x')\n\
         COUNT = 1\n\
         if os.environ.get('FLAG'):\n    while NUMBER < 2:\n        add(CONF['apps'])\n\
         ALIAS.append('b')\nKEPT.append('l')\n",
        &[],
        None,
    );
    for name in ["APPS", "ALIAS", "COUNT"] {
        assert_eq!(project.value(name).state(), State::Unknown, "{name}");
    }
    assert_eq!(project.shown("KEPT"), "['k', 'l']");
}

#[test]
fn an_endless_loop_of_a_module_costs_its_own_names() {
    let project = Project::with(
        "from base import *\nB = A\n",
        &[(
            "base.py",
            "A = 1\nX = []\nwhile True:\n    X.append(1)\nC = 3\n",
        )],
        Some(&[]),
    );
    assert_eq!(project.shown("B"), "1");
    assert_eq!(project.shown("C"), "3");
    assert_eq!(project.value("X").state(), State::Unknown);
}

#[test]
fn what_is_in_a_list_in_any_case_stays_in_it_after_many_additions() {
    let additions: String = (0..12).fold(String::new(), |mut text, number| {
        writeln!(
            text,
            "if os.getenv('V{number}'):\n    APPS += ['v{number}']\n    CONF['v{number}'] = 1"
        )
        .unwrap();
        text
    });
    check_open(
        &format!(
            "APPS = ['a', 'b']\nCONF = {{'a': 1}}\n{additions}APPS.append('z')\nAPPS.insert(0, 'first')\n"
        ),
        &[
            ("APPS", &told("['first', 'a', 'b'", "", ", 'z'", "]")),
            ("CONF", &told("{'a': 1", ": 1", "", "}")),
        ],
    );
}

/// What holds while nothing is set, and what is common to the rest, in the forms that are told.
fn told(start: &str, entry: &str, last: &str, end: &str) -> String {
    let names: Vec<_> = (0..12).map(|number| format!("V{number}")).collect();
    let names = std::collections::BTreeSet::from_iter(names);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut cases = Vec::new();
    for added in [&[][..], &["v10"], &["v11"], &["v10", "v11"]] {
        let added: String = added
            .iter()
            .map(|name| format!(", '{name}'{entry}"))
            .collect();
        cases.push(format!("{start}{added}{last}{end}"));
        cases.push(format!("{start}{added}{last}, ...{end}"));
    }
    format!("<{}: {}>", names.join(","), cases.join(" | "))
}

#[test]
fn equal_lists_stay_two() {
    check_open(
        "A = ['x']\nB = A\nif os.getenv('F'):\n    A = ['x']\nB.append('y')\n",
        &[("A", "<F: ['x', 'y'] | ['x']>"), ("B", "['x', 'y']")],
    );
    check_open(
        "if os.getenv('F'):\n    A = ['x']\nelse:\n    A = ['x']\n",
        &[("A", "['x']")],
    );
}

#[test]
fn deep_nesting_overflows_nothing() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("-", ""),
        ("not ", ""),
        ("f(", ")"),
        ("1+", ""),
    ] {
        let text = format!(
            "A = {}1{}\nB = 2\n",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        let project = Project::new(&text);
        assert!(project.deployment.settings.is_some(), "{open}");
    }
    let mut blocks = String::new();
    for depth in 0..2_000 {
        writeln!(blocks, "{}if True:", " ".repeat(depth)).unwrap();
    }
    writeln!(blocks, "{}A = 1", " ".repeat(2_000)).unwrap();
    assert!(Project::new(&blocks).deployment.settings.is_some());
}

#[test]
fn long_lines_are_read() {
    let long = "x".repeat(5 * 1024 * 1024);
    let project = Project::new(&format!("A = '{long}'\nB = 2\n"));
    assert_eq!(project.cause("A"), Cause::Bound);
    assert_eq!(project.shown("B"), "2");
    let sum = vec!["1"; 500_000].join("+");
    let project = Project::new(&format!("A = {sum}\n"));
    assert!(project.deployment.settings.is_some());
}

#[test]
fn odd_encodings_are_read() {
    for bytes in [&b"\xEF\xBB\xBFA = 1\n"[..], b"A = 1\nB = '\xFF'\n"] {
        let project = Project::of_bytes(bytes, &[], Some(&[]));
        assert_eq!(project.shown("A"), "1");
    }
    let latin = Project::of_bytes(b"# coding: latin-1\nA = 'caf\xE9'\n", &[], Some(&[]));
    assert_eq!(latin.shown("A"), "'caf\u{e9}'");
    for bytes in [&b"A = 'caf\xE9'\n"[..], b"A = f'{1}caf\xE9'\n"] {
        let broken = Project::of_bytes(bytes, &[], Some(&[]));
        assert_eq!(broken.cause("A"), Cause::Error);
    }
    for bytes in [
        &b""[..],
        b"\0\0\0",
        b"A = 1\0\nB = 2\n",
        b"if True:\n\tA = 1\n        B = 2\n",
    ] {
        assert!(
            Project::of_bytes(bytes, &[], Some(&[]))
                .deployment
                .settings
                .is_some()
        );
    }
}

fn statement() -> impl Strategy<Value = String> {
    let expression = prop_oneof![
        Just("1".to_owned()),
        Just("'a,b'.split(',')".to_owned()),
        Just("os.environ.get('X')".to_owned()),
        Just("os.environ['Y']".to_owned()),
        Just("[A, B]".to_owned()),
        Just("{'k': A, **C}".to_owned()),
        Just("A + B".to_owned()),
        Just("A[B]".to_owned()),
        Just("f(A)".to_owned()),
        Just("[x for x in A if x]".to_owned()),
        Just("unknown.thing(A)".to_owned()),
        Just("int(A)".to_owned()),
        Just("A if B else C".to_owned()),
        Just("(lambda q: q)(B)".to_owned()),
        Just("-A % 3 ** 2".to_owned()),
        Just("'%s' % A".to_owned()),
    ];
    let name = prop_oneof![
        Just("A"),
        Just("B"),
        Just("C"),
        Just("A['k']"),
        Just("A.b"),
        Just("B[0]")
    ];
    let simple = (
        name,
        expression,
        prop_oneof![Just("="), Just("+="), Just("|=")],
    )
        .prop_map(|(name, expression, op)| format!("{name} {op} {expression}"));
    let leaf = prop_oneof![
        4 => simple,
        1 => Just("del A".to_owned()),
        1 => Just("raise ValueError(B)".to_owned()),
        1 => Just("A.append(B)".to_owned()),
        1 => Just("break".to_owned()),
        1 => Just("return A".to_owned()),
        1 => Just("from base import *".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let block = prop::collection::vec(inner, 1..4).prop_map(|statements| {
            statements
                .iter()
                .flat_map(|statement| statement.lines())
                .map(|line| format!("    {line}\n"))
                .collect::<String>()
        });
        let head = prop_oneof![
            Just("if A:"),
            Just("if os.environ.get('X'):"),
            Just("for A in B:"),
            Just("while C:"),
            Just("def f(x=1, *y, **z):"),
            Just("class B(C):"),
        ];
        prop_oneof![
            (head, block.clone()).prop_map(|(head, block)| format!("{head}\n{block}")),
            (block.clone(), block).prop_map(|(body, handler)| {
                format!("try:\n{body}except (KeyError, ValueError) as e:\n{handler}")
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        Project::of_bytes(&bytes, &[], None);
    }

    #[test]
    fn no_statements_panic(statements in prop::collection::vec(statement(), 1..8), known in any::<bool>()) {
        let text = format!("import os\nA = B = C = None\ndef f(x): return x\n{}\n", statements.join("\n"));
        let variables: &[(&str, &str)] = &[("X", "1")];
        Project::with(&text, &[("base.py", "A = [1]\n")], known.then_some(variables));
    }
}

#[test]
fn a_default_of_compose_is_what_the_program_finds_while_the_shell_sets_nothing() {
    let compose = "services:\n  web:\n    build: .\n    command: gunicorn wsgi\n    environment:\n      \
                   ZONE: ${ZONE:-north}\n";
    let settings = "import os\nZONE = os.environ.get(\"ZONE\", \"south\")\n";
    let project = Project::with(settings, &[("docker-compose.yml", compose)], None);
    let Value::Environment(dependent) = project.value("ZONE") else {
        panic!("{:?}", project.value("ZONE"));
    };
    assert_eq!(dependent.variables, ["ZONE"]);
    assert!(!dependent.exhaustive);
    let unset = &dependent.unset.as_ref().expect("a value while unset").value;
    assert_eq!(*unset, Value::Str("north".to_owned()));
}
