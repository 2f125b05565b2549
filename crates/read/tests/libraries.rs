//! The packages through which settings read their environment: small projects, each value compared
//! with what the real packages give in the virtual environment `django52`, through `dump.py`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use tightship_model::Value;
use tightship_read::{Options, read};

#[test]
fn decouple_reads_the_environment_then_its_file() {
    same(&Project {
        files: &[
            (
                ".env",
                "DEBUG=yes\nHOSTS= a, b ,,c\nEMPTY=\nPORT=80\nWORD='quoted' # no comment\n",
            ),
            (
                "settings.py",
                r#"
from decouple import AutoConfig, Choices, Config, Csv, RepositoryEmpty, RepositoryEnv, config
SECRET_KEY = "x"
DEBUG = config("DEBUG", cast=bool)
OFF = config("OFF", default="off", cast=bool)
NUMBER_DEFAULT = config("NOPE", default=1, cast=bool)
EMPTY = config("EMPTY", default="d")
EMPTY_BOOL = config("EMPTY", cast=bool)
PORT = config("PORT", default=8000, cast=int)
HOSTS = config("HOSTS", cast=Csv())
TUPLE = config("HOSTS", cast=Csv(post_process=tuple))
NUMBERS = config("NUMBERS", default="1; 2;3", cast=Csv(int, delimiter=";"))
QUOTED = config("QUOTED", default="'a,b',c", cast=Csv())
NO_HOSTS = config("NO_HOSTS", default="", cast=Csv())
WORD = config("WORD")
LEVEL = config("LEVEL", default="low", cast=Choices(["low", "high"]))
LAMBDA = config("PORT", cast=lambda text: [text, len(text)])
ELSEWHERE = Config(RepositoryEnv("other.env"))("A", default="none")
NOWHERE = Config(RepositoryEmpty())("A", default="none")
SEARCHED = AutoConfig(search_path="deep/folder")("DEEP", default="none")
"#,
            ),
            ("other.env", "A=other\n"),
            (
                "deep/settings.ini",
                "[settings]\nDEEP = %(base)s/x\nbase = /srv\n",
            ),
            ("deep/folder/keep", ""),
        ],
        environment: &[("PORT", "81"), ("OFF", "n")],
        importer: None,
    });
}

#[test]
fn decouple_stops_without_a_required_variable() {
    let project = Project {
        files: &[(
            "settings.py",
            "from decouple import UndefinedValueError, config\nSECRET_KEY = 'x'\ntry:\n    A = config('A')\n\
             except UndefinedValueError:\n    A = 'caught'\n",
        )],
        environment: &[],
        importer: None,
    };
    same(&project);
}

#[test]
fn environ_casts_and_proxies() {
    same(&Project {
        files: &[(
            "settings.py",
            r#"
import environ
env = environ.Env(DEBUG=(bool, False), LEVELS=([int], [1]), NAME=str, MAP=(dict, {}))
SECRET_KEY = env("SECRET_KEY")
DEBUG = env("DEBUG")
LEVELS = env("LEVELS")
MAP = env("MAP")
SMART_INT = env("SMART_INT", default=3)
SMART_BOOL = env("SMART_BOOL", default=True)
SMART_LIST = env("SMART_LIST", default=["a"])
SAME_AS_DEFAULT = env.int("SAME", default="5")
NONE = env("EMPTY", default=None)
FLOAT = env.float("FLOAT")
BYTES = env.bytes("TEXT")
LINES = env.str("LINES", multiline=True)
TUPLE = env.tuple("TUPLE", cast=int)
CHOSEN = env.dict("CHOSEN", cast={"value": str, "cast": {"n": int, "b": bool}})
JSON = env.json("JSON")
IN_IT = "TEXT" in env
NOT_IN_IT = "NOPE" in env
SCHEME = env.url("URL").scheme
HOST = env.url("URL").hostname
PORT = env.url("URL").port
ROOT = environ.Path("/srv/app/config/settings.py") - 2
STATIC = str(ROOT.path("static"))
MEDIA = ROOT("media", "user")
del ROOT
EMAIL = env.email_url("MAIL")
SEARCH = env.search_url("SEARCH")
try:
    MISSING = env("MISSING")
except environ.ImproperlyConfigured:
    MISSING = "caught"
other = environ.Env()
other.prefix = "APP_"
PREFIXED = other.int("N")
other.escape_proxy = True
ESCAPED = other("DOLLAR")
"#,
        )],
        environment: &[
            ("SECRET_KEY", "$REAL_KEY"),
            ("REAL_KEY", "behind"),
            ("DEBUG", " Yes "),
            ("LEVELS", "1,2,,3"),
            ("MAP", "a=1,b=x=y"),
            ("SMART_INT", "7"),
            ("SMART_BOOL", "off"),
            ("SMART_LIST", "x,y"),
            ("SAME", "5"),
            ("EMPTY", ""),
            ("FLOAT", "1.234,5"),
            ("TEXT", "é"),
            ("LINES", "a\\nb\\r\\nc"),
            ("TUPLE", "(1,2)"),
            ("CHOSEN", "n=1;b=True;s=x"),
            ("JSON", "{\"a\": [1, null, 1.5]}"),
            ("URL", "https://u:p@Example.org:8443/x"),
            ("MAIL", "smtp+ssl://u%40x:p@mail:465"),
            ("SEARCH", "elasticsearch7s://es:9200/index"),
            ("APP_N", "4"),
            ("APP_DOLLAR", "\\$5"),
        ],
        importer: None,
    });
}

#[test]
fn database_urls_take_their_arguments() {
    same(&Project {
        files: &[(
            "settings.py",
            r#"
import dj_database_url
SECRET_KEY = "x"
DATABASES = {
    "default": dj_database_url.config(conn_max_age=600, ssl_require=True, conn_health_checks=True),
    "parsed": dj_database_url.parse("postgres://u:p%40@h:1/n?a=1&b=true", None, 30),
    "tested": dj_database_url.parse("mysql://h/n", test_options={"NAME": "t"}, engine="my.engine"),
    "memory": dj_database_url.parse("sqlite://:memory:", conn_max_age=5),
}
NOTHING = dj_database_url.config("NOT_SET")
try:
    dj_database_url.parse("nope://x")
except ValueError:
    CAUGHT = True
"#,
        )],
        environment: &[("DATABASE_URL", "postgresql://me@[::1]/db?currentSchema=s")],
        importer: None,
    });
}

#[test]
fn dotenv_loads_and_overrides() {
    same(&Project {
        files: &[
            (
                ".env",
                "A=file\nB=\"x${A}\"\nexport C='it''s'\nD\nE=${NOPE:-none} # note\n",
            ),
            ("more.env", "A=more\nF=${HOME_DIR}/f\n"),
            (
                "settings.py",
                r#"
import os
from dotenv import dotenv_values, find_dotenv, load_dotenv
SECRET_KEY = "x"
LOADED = load_dotenv()
A = os.environ["A"]
B = os.getenv("B")
C = os.getenv("C", "none")
D = os.getenv("D", "none")
E = os.getenv("E")
load_dotenv("more.env", override=True)
A_AFTER = os.environ["A"]
F = os.getenv("F")
VALUES = dotenv_values(find_dotenv())
NOT_THERE = load_dotenv("absent.env")
"#,
            ),
        ],
        environment: &[("A", "process"), ("HOME_DIR", "/h")],
        importer: None,
    });
}

#[test]
fn environs_keeps_its_prefixes_and_casts() {
    same(&Project {
        files: &[
            (".env", "FROM_FILE=1\nTOKEN=file\n"),
            (
                "settings.py",
                r#"
import os
from environs import Env, EnvError
env = Env()
env.read_env()
SECRET_KEY = "x"
FROM_FILE = env.bool("FROM_FILE")
TOKEN = env("TOKEN")
with env.prefixed("A_"):
    with env.prefixed("B_"):
        INNER = env.int("N")
    OUTER = env.int("N", 5)
AFTER = env("N", "gone")
LIST = env.list("LIST", subcast=int)
EMPTY = env.list("EMPTY")
DICT = env.dict("DICT", subcast_values=int)
JSON = env.json("JSON")
IDLE = env.timedelta("IDLE")
PATH_OF = env.path("PATH_OF")
LEVEL = env.log_level("LEVEL")
NOT_CAST = env.int("NOT_SET", default="7")
CACHE = env.dj_cache_url("CACHE")
try:
    BAD = env.bool("LIST")
except EnvError:
    BAD = "caught"
"#,
            ),
        ],
        environment: &[
            ("A_B_N", "3"),
            ("LIST", "1,2"),
            ("EMPTY", ""),
            ("DICT", "a=1, b=2"),
            ("JSON", "[true]"),
            ("IDLE", "1h 5m"),
            ("PATH_OF", "/a//b/"),
            ("LEVEL", "warn"),
            ("TOKEN", "process"),
            ("CACHE", "redis://:p@r:6379/1?timeout=5"),
        ],
        importer: None,
    });
}

#[test]
fn configurations_read_values_by_their_names() {
    same(&Project {
        files: &[
            (
                "mine.env",
                "DJANGO_FROM_FILE=\"a \\\"b\\\"\"\nDJANGO_FROM_FILE=second\nDJANGO_N=1\n",
            ),
            (
                "settings.py",
                r#"
from configurations import Configuration, values

class Mixin:
    LEFT = "mixin"
    USE_TZ = False

class Base(Configuration):
    DOTENV = "mine.env"
    SECRET_KEY = values.SecretValue()
    FROM_FILE = values.Value("default")
    N = values.IntegerValue(0)
    FLAG = values.BooleanValue(False, environ_prefix="APP")
    NAMES = values.ListValue(["a"], separator=";")
    NUMBERS = values.TupleValue((), converter=int)
    OPTIONS = values.DictValue({})
    NO_ENVIRONMENT = values.Value("fixed", environ=False)
    DATABASES = values.DatabaseURLValue("sqlite:////tmp/x.db")
    CACHES = values.CacheURLValue("locmem://")
    LEFT = "base"

    @property
    def BOTH(self):
        return [self.LEFT, self.N]

    def CALLED(self):
        return self.NAMES + ["z"]

class Live(Mixin, Base):
    N = values.IntegerValue(5)
"#,
            ),
        ],
        environment: &[
            ("DJANGO_CONFIGURATION", "Live"),
            ("DJANGO_SECRET_KEY", "k"),
            ("DJANGO_N", "9"),
            ("APP_FLAG", "Yes"),
            ("DJANGO_NAMES", " x ; ;y"),
            ("DJANGO_NUMBERS", "1,2"),
            ("DJANGO_OPTIONS", "{'a': [1]}"),
        ],
        importer: Some("configurations"),
    });
}

#[test]
fn pydantic_settings_read_fields() {
    same(&Project {
        files: &[
            ("app.env", "APP_NAME=file\napp_port=81\n"),
            (
                "settings.py",
                r#"
from pathlib import Path
from typing import Optional
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

class App(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_file="app.env", extra="ignore")
    name: str = "default"
    port: int = 80
    key: SecretStr = SecretStr("secret")
    hosts: list[str] = []
    ratio: float = 1
    root: Path = Path("/srv")
    note: Optional[str] = None
    mail: str = Field("m", validation_alias=AliasChoices("MAIL_A", "MAIL_B"))
    heat: int = 0

    @field_validator("heat")
    @classmethod
    def bounded(cls, value):
        return min(value, 10)

app = App(note="given")
SECRET_KEY = app.key.get_secret_value()
VALUES = [app.name, app.port, app.hosts, app.ratio, app.root, app.note, app.mail, app.heat]
"#,
            ),
        ],
        environment: &[
            ("app_hosts", "[\"a\", \"b\"]"),
            ("MAIL_B", "b"),
            ("APP_HEAT", "12"),
            ("APP_RATIO", "0.5"),
        ],
        importer: None,
    });
}

#[test]
fn pydantic_settings_take_no_empty_text_where_they_are_told() {
    same(&Project {
        files: &[
            ("app.env", "RATIO=\nMODE=b\n"),
            (
                "settings.py",
                r#"
from typing import Optional
from pydantic_settings import BaseSettings, SettingsConfigDict

class App(BaseSettings):
    model_config = SettingsConfigDict(env_file="app.env", env_ignore_empty=True)
    port: int = 80
    note: Optional[int] = None
    ratio: float = 0.5
    mode: str = "a"

app = App()
SECRET_KEY = "x"
VALUES = [app.port, app.note, app.ratio, app.mode]
"#,
            ),
        ],
        environment: &[("PORT", ""), ("NOTE", ""), ("MODE", "")],
        importer: None,
    });
}

#[test]
fn constants_of_packages() {
    same(&Project {
        files: &[(
            "settings.py",
            r#"
from celery.schedules import crontab
from corsheaders.defaults import default_headers, default_methods
from csp.constants import NONE, SELF
from django.contrib.messages import constants as levels
from urllib.parse import urlparse
SECRET_KEY = "x"
HEADERS = (*default_headers, "x-more")
METHODS = list(default_methods)
POLICY = {"default-src": [SELF], "object-src": [NONE]}
TAGS = {levels.ERROR: "danger", levels.DEBUG: "d"}
HOST = urlparse("https://example.org:8443/a;b?c#d").netloc
PARTS = [urlparse("//h").scheme, urlparse("http://h").port, urlparse("http://a@h:1").username]
"#,
        )],
        environment: &[],
        importer: None,
    });
}

#[test]
fn texts_are_coded_as_the_standard_library_codes_them() {
    same(&Project {
        files: &[(
            "settings.py",
            r##"
import base64, json, string
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin
SECRET_KEY = "x"
PRETTY = json.dumps({"b": [1, {}, []], "a": {"é\x7f\n": 1.5, "x": None}}, indent=2, sort_keys=True)
TABBED = json.dumps([1, [True]], indent="\t", ensure_ascii=False)
DENSE = json.dumps({"a": [1, "😀"]}, separators=(",", ":"))
ENCODED = [base64.b64encode(b"key?>").decode(), base64.urlsafe_b64encode("k\xff~".encode())]
DECODED = [base64.b64decode("a2V5\n"), base64.urlsafe_b64decode(b"_-8=").hex(), base64.b64decode("YR==")]
try:
    base64.b64decode("abcde")
except ValueError:
    PADDING = "refused"
TEMPLATE = string.Template("$a $$ ${b}c $not_there ${ $").safe_substitute({"a": 1}, b=None)
SUBSTITUTED = string.Template("${a}$a").substitute(a="x")
try:
    string.Template("$a").substitute()
except KeyError:
    MISSING = "refused"
QUERY = parse_qs("a=1&a=2&b=x+y%20z&empty=&c")
PAIRS = parse_qsl("a=1&b=%C3%A9")
URLENCODED = urlencode({"a": 1, "b c": "x y/é", "n": None, "l": [1]})
JOINED = [urljoin(base, url) for base in (
    "https://example.org/a/b?q#f", "https://example.org", "http://h/a/b/", "/x/y", ""
) for url in ("../c", "c/./d/..", "//other/z", "/abs/../x", "?q=1", "#g", "ftp://f/x", "", "../../../up")]
TRANSLATED = ["abcd".translate(str.maketrans("ab", "xy", "d")), "aé".translate(str.maketrans({"a": "A-", "é": None, 98: 99}))]
FOLDED = ["STRASSE ß µ".casefold(), "ÀÞ×".casefold()]
EXPANDED = ["a\tbc\n\td".expandtabs(4), "a\tb".expandtabs(), "a\tb".expandtabs(tabsize=0)]
LINES = ["a\rb\r\nc\x0bd\u2028e\n".splitlines(), "a\n\nb".splitlines(True), "".splitlines()]
BACKWARDS = sorted(["b1", "a1", "b2", "a2"], key=lambda word: word[0], reverse=True)
ROWS = [("x", 1), ("y", 2), ("z", 1)]
ROWS.sort(key=lambda row: row[1], reverse=True)
"##,
        )],
        environment: &[],
        importer: None,
    });
}

#[test]
fn records_and_iterators_are_followed() {
    same(&Project {
        files: &[(
            "settings.py",
            r#"
import copy, itertools
from collections import namedtuple
from dataclasses import asdict, dataclass, field, replace
from types import SimpleNamespace
SECRET_KEY = "x"
Host = namedtuple("Host", "name, port scheme", defaults=["https"])
hosts = [Host("a", 1), Host(port=2, name="b", scheme="http")]
HOSTS = [hosts[0].name, hosts[1].scheme, hosts[0][1], hosts[1][-1], hosts[0]._asdict(), Host._fields]
HOST_TUPLE = hosts[0]
(NAME, PORT, _) = hosts[1]
space = SimpleNamespace(debug=False, hosts=["x"])
space.extra = space.hosts + ["y"]
SPACE = [space.debug, space.extra, getattr(space, "nope", "none"), dict(vars(space))]
@dataclass
class Cache:
    url: str
    options: dict = field(default_factory=dict)
    nested: "Cache" = None
cache = Cache("redis://a", {"x": [1]})
CACHE = asdict(replace(cache, url="redis://b", nested=Cache("inner")))
other = copy.deepcopy(cache)
other.options["x"].append(2)
shallow = copy.copy(cache)
shallow.url = "changed"
shallow.options["y"] = 1
COPIES = [asdict(cache), asdict(other), asdict(shallow)]
taken = iter([1, 2, 3, 4])
SLICED = [list(itertools.islice(itertools.count(5, 5), 1, 3)), list(itertools.islice(taken, 2)), list(taken)]
REPEATED = list(itertools.repeat("x", 2))
STARRED = list(itertools.starmap(lambda a, b: a + b, [(1, 2), (3, 4)]))
"#,
        )],
        environment: &[],
        importer: None,
    });
}

#[test]
fn dicts_with_methods_of_their_own_are_dicts() {
    same(&Project {
        files: &[(
            "settings.py",
            r#"
import copy
SECRET_KEY = "x"
class Stack(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)
    def over(self, **values):
        return Stack({**self, **values})
stack = Stack({"debug": False}, hosts=["a"])
stack.setdefault("hosts", []).append("b")
stack["port"] = 1
other = copy.copy(stack)
other.update(port=2)
deep = copy.deepcopy(stack)
deep.hosts.append("c")
STACK = stack
READ = [stack.debug, stack.hosts, stack["port"], other.port, deep.hosts, stack.get("x", 0), len(stack)]
ASKED = ["port" in stack, "x" in stack, hasattr(stack, "x"), sorted(stack), list(stack.items())]
OVER = stack.over(port=3)
class Attributes(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
attributes = Attributes(a=1)
attributes.b = 2
ATTRIBUTES = [attributes, attributes.b, attributes.c]
class Loud(dict):
    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self.seen = len(self)
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)
    def __missing__(self, key):
        return "no " + key
loud = Loud(a=1)
loud["b"] = 2
LOUD = [loud, loud.seen, loud["c"], loud.get("c")]
del loud["B"]
AFTER = loud
try:
    stack["nowhere"]
except KeyError as error:
    MISSING = [error.args[0], str(error), f"{error}"]
try:
    raise KeyError("x")
except KeyError as error:
    TEXT = str(error)
NUMBER = "{n.real}".format(n=5)
PAIR = SAME = (1, 2)
IDENTICAL = PAIR is SAME
"#,
        )],
        environment: &[],
        importer: None,
    });
}

struct Project {
    files: &'static [(&'static str, &'static str)],
    environment: &'static [(&'static str, &'static str)],
    importer: Option<&'static str>,
}

/// Every setting that the real import gives is known here, and the same.
fn same(project: &Project) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    for (path, text) in project.files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }
    std::fs::write(root.join("manage.py"), MANAGE).expect("a file");
    let nothing = tempfile::NamedTempFile::new().expect("a file");
    let options = Options {
        settings: Some("settings".to_owned()),
        env_file: Some(nothing.path().to_owned()),
        env: project
            .environment
            .iter()
            .chain(&[("DJANGO_SETTINGS_MODULE", "settings")])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Options::default()
    };
    let deployment = read(&root, &options).expect("a project");
    let settings = deployment.settings.expect("settings");
    let real = real(&root, project);
    let inherited: Vec<&str> = real["inherited"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let expected = real["settings"]
        .as_object()
        .unwrap_or_else(|| panic!("Django stops: {real}"));
    let mut differences = Vec::new();
    for (name, expected) in expected {
        let found = settings
            .overridden
            .get(name)
            .map_or(Json::Null, |value| tagged(&value.value));
        let is_default = found.is_null() && inherited.contains(&name.as_str());
        if found != *expected && !is_default {
            differences.push(format!("{name}\n  read {found}\n  real {expected}"));
        }
    }
    let gaps = &deployment.gaps;
    assert!(
        differences.is_empty(),
        "{}\n{gaps:?}",
        differences.join("\n")
    );
}

const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";

/// What `dump.py` says of the project.
fn real(root: &Path, project: &Project) -> Json {
    let environment: std::collections::BTreeMap<_, _> =
        project.environment.iter().copied().collect();
    let jobs = json!([{
        "project": root,
        "settings": "settings",
        "importer": project.importer,
        "environment": environment,
    }]);
    let mut child = Command::new(tightship_testbed::python("django52"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dump.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(jobs.to_string().as_bytes())
        .expect("a question");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    let line = output
        .stdout
        .split(|byte| *byte == b'\n')
        .next()
        .expect("a line");
    serde_json::from_slice(line).expect("an answer in JSON")
}

/// A value with the tags of `dump.py`; what is not known is a text that no tag is.
fn tagged(value: &Value) -> Json {
    let all = |items: &tightship_model::Items| -> Json {
        assert!(items.rest.is_none(), "elements are not known");
        items.items.iter().map(|item| tagged(&item.value)).collect()
    };
    match value {
        Value::None => json!({"none": null}),
        Value::Bool(value) => json!({"bool": value}),
        Value::Int(value) => json!({"int": value.to_string()}),
        Value::Float(value) => json!({"float": format!("{value:?}")}),
        Value::Str(text) => json!({"str": text}),
        Value::Secret(secret) => json!({"str": secret.expose()}),
        Value::Bytes(bytes) => json!({"bytes": bytes}),
        Value::List(items) => json!({"list": all(items)}),
        Value::Tuple(items) => json!({"tuple": all(items)}),
        Value::Set(items) => json!({"set": all(items)}),
        Value::Dict(dict) => {
            let entries: Vec<Json> = dict
                .entries
                .iter()
                .map(|(key, value)| json!([tagged(key), tagged(&value.value)]))
                .collect();
            json!({"dict": entries})
        }
        Value::Path(path) => json!({"path": path}),
        Value::Timedelta(micros) => json!({"timedelta": micros}),
        other => json!(format!("{other:?}")),
    }
}
