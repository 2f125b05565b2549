//! Each dialect against the reader itself, over lines written by hand and lines put together.

use proptest::strategy::Strategy;
use serde_json::{Value, json};
use tightship_model::{SourceId, Span};

use super::{Dialect, First, Text, Variable, parse, parse_ini};
use crate::oracle;

const SOURCE: SourceId = SourceId(0);

/// The environment from outside, in every case.
const OUTSIDE: [(&str, &str); 3] = [
    ("HOST", "outer.example"),
    ("EMPTY", ""),
    ("A", "from outside"),
];

#[test]
fn python_dotenv() {
    compare("python-dotenv, file first", &files());
    compare("python-dotenv, environment first", &files());
}

#[test]
fn django_environ() {
    compare("django-environ", &files());
    compare("django-environ, comments", &files());
}

#[test]
fn decouple() {
    compare("decouple", &files());
}

#[test]
fn configurations() {
    compare("configurations", &files());
}

#[test]
fn decouple_ini() {
    let mut files = files_of(&INI_BY_HAND);
    files.extend(generated(&INI_PIECES, 400, "[settings]\n"));
    compare("ini", &files);
}

#[test]
fn shell() {
    let mut files = files_of(&SHELL_BY_HAND);
    files.extend(generated(&SHELL_PIECES, 200, ""));
    compare("shell", &files);
}

#[test]
fn statements_cover_the_text() {
    for text in files() {
        assert_lossless(&text);
    }
}

proptest::proptest! {
    #[test]
    fn statements_cover_any_text(pieces in proptest::collection::vec(
        proptest::prop_oneof![
            proptest::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
            proptest::sample::select(SHELL_PIECES.to_vec()).prop_map(str::to_owned),
            proptest::prelude::any::<String>(),
        ],
        0..16,
    )) {
        assert_lossless(&pieces.concat());
    }
}

/// The statements of each dialect, one behind the other, are the text byte for byte.
fn assert_lossless(text: &str) {
    let dialects = [
        Dialect::python_dotenv(None),
        Dialect::python_dotenv(Some((1, 0, 1))),
        Dialect::DjangoEnviron { comments: true },
        Dialect::DjangoEnviron { comments: false },
        Dialect::Decouple,
        Dialect::Configurations,
        Dialect::Compose,
        Dialect::Raw,
        Dialect::Shell,
    ];
    for dialect in dialects {
        let document = parse(SOURCE, text, dialect);
        let slice = |span: Span| &text[span.start as usize..span.end as usize];
        let statements = document.statements.iter();
        let printed: String = statements.map(|statement| slice(statement.span)).collect();
        assert_eq!(printed, text, "{dialect:?}");
        for binding in document.bindings() {
            let key = slice(binding.key);
            let is_name = key == binding.name || key.replace("\r\n", "\n") == binding.name;
            assert!(
                is_name,
                "{dialect:?}: {key:?} is not {:?} in {text:?}",
                binding.name
            );
        }
    }
}

/// What compose-go 2 (`dotenv.ParseWithLookup` at e70e961, July 2026), the reader of Compose 2, made
/// of each text: the variables, or null where it refuses the file. No package of Compose 2 can be
/// had where the tests run, so that its answers were recorded; Compose 1 reads these files with
/// python-dotenv, which `python_dotenv` holds to account.
#[test]
fn compose() {
    let recorded: Value = serde_json::from_str(include_str!("../../tests/compose/env_files.json"))
        .expect("a list of texts and answers");
    let mut differences = Vec::new();
    let mut lines = 0;
    for pair in recorded.as_array().expect("a list") {
        let text = pair[0].as_str().expect("a text");
        lines += text.lines().count();
        let found = read_compose(text);
        if found != pair[1] {
            differences.push(format!("{text:?}\n  read {found}\n  real {}", pair[1]));
        }
    }
    assert!(lines >= 200, "{lines} lines are few");
    assert!(
        differences.is_empty(),
        "{} texts differ\n{}",
        differences.len(),
        differences[..differences.len().min(12)].join("\n")
    );
}

/// The variables after the file; null where Compose refuses it.
fn read_compose(text: &str) -> Value {
    let document = parse(SOURCE, text, Dialect::Compose);
    let mut statements = document.statements.iter();
    if statements.any(|statement| matches!(statement.kind, super::Kind::Broken(_))) {
        return Value::Null;
    }
    let mut variables = serde_json::Map::new();
    for found in document.assignments(First::Environment, &outside) {
        let value = match found.value {
            Some((_, Text::Known(text))) => text,
            Some(_) => return Value::Null,
            None => match outside(&found.name) {
                Variable::Set(text) => text,
                _ => continue,
            },
        };
        variables.insert(found.name, Value::String(value));
    }
    Value::Object(variables)
}

#[test]
fn an_open_environment_leaves_names_open() {
    let open = |name: &str| Variable::Open(vec![name.to_owned()]);
    let document = parse(
        SOURCE,
        "URL=http://${HOST:-local}/\nX=1",
        Dialect::python_dotenv(None),
    );
    let found = document.assignments(First::File, &open);
    let expected = Text::Open {
        variables: vec!["HOST".to_owned()],
        unset: Some("http://local/".to_owned()),
    };
    assert_eq!(
        found[0].value.as_ref().map(|(_, text)| text),
        Some(&expected)
    );
    let known = Text::Known("1".to_owned());
    assert_eq!(found[1].value.as_ref().map(|(_, text)| text), Some(&known));
}

#[test]
fn doubling_lines_hit_the_bound() {
    let mut text = "A0=xxxxxxxxxx\n".to_owned();
    for i in 1..64 {
        text.push_str(&format!("A{i}=${{A{0}}}${{A{0}}}\n", i - 1));
    }
    let document = parse(SOURCE, &text, Dialect::python_dotenv(None));
    let found = document.assignments(First::File, &outside);
    assert!(matches!(found[63].value, Some((_, Text::Unknown(_)))));
}

fn compare(reader: &str, files: &[String]) {
    let question = json!({
        "environ": OUTSIDE.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "cases": files.iter().map(|text| json!([reader, text])).collect::<Vec<_>>(),
    });
    let reply = oracle::ask("env_files.py", &question);
    let answers = reply["answers"].as_array().expect("answers");
    assert_eq!(answers.len(), files.len());
    let mut differences = Vec::new();
    let mut lines = 0;
    for (text, expected) in files.iter().zip(answers) {
        lines += text.lines().count();
        let found = match reader {
            "ini" => read_ini(text),
            _ => read(reader, text, &reply["versions"]),
        };
        // A shell stops at some broken files; that is not compared.
        let skipped = reader == "shell" && (expected.is_null() || found.is_null());
        let expected = match reader {
            "shell" => sorted(expected),
            _ => expected.clone(),
        };
        if !skipped && found != expected {
            differences.push(format!("{text:?}\n  read {found}\n  real {expected}"));
        }
    }
    assert!(lines >= 200, "{lines} lines are few");
    assert!(
        differences.is_empty(),
        "{reader}: {} of {} files differ\n{}",
        differences.len(),
        files.len(),
        differences[..differences.len().min(12)].join("\n")
    );
}

fn read(reader: &str, text: &str, versions: &Value) -> Value {
    let python_dotenv = Dialect::python_dotenv(Some(oracle::version(&versions["python-dotenv"])));
    let (dialect, first) = match reader {
        "python-dotenv, file first" => (python_dotenv, First::File),
        "python-dotenv, environment first" => (python_dotenv, First::Environment),
        "django-environ" => (Dialect::DjangoEnviron { comments: false }, First::File),
        "django-environ, comments" => (Dialect::DjangoEnviron { comments: true }, First::File),
        "decouple" => (Dialect::Decouple, First::File),
        "configurations" => (Dialect::Configurations, First::File),
        "shell" => (Dialect::Shell, First::File),
        _ => panic!("no such reader: {reader}"),
    };
    let document = parse(SOURCE, text, dialect);
    if dialect == Dialect::Shell {
        return read_shell(&document);
    }
    document
        .assignments(first, &outside)
        .into_iter()
        // It sets only what is not set outside.
        .filter(|found| reader != "configurations" || outside(&found.name) == Variable::Unset)
        .map(|found| match found.value {
            Some((_, Text::Known(text))) => json!([found.name, text]),
            None => json!([found.name, null]),
            Some((_, other)) => panic!("everything is known, yet {other:?}"),
        })
        .collect()
}

/// The environment after the file; null where a statement or a value cannot be followed.
fn read_shell(document: &super::Document) -> Value {
    let is_followed = document
        .statements
        .iter()
        .all(|statement| !matches!(statement.kind, super::Kind::Broken(_)));
    if !is_followed {
        return Value::Null;
    }
    let mut environment: std::collections::BTreeMap<String, String> = OUTSIDE
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for found in document.assignments(First::File, &outside) {
        match found.value {
            Some((_, Text::Known(text))) => {
                environment.insert(found.name, text);
            }
            None => {}
            Some(_) => return Value::Null,
        }
    }
    environment
        .into_iter()
        .map(|(name, value)| json!([name, value]))
        .collect()
}

fn read_ini(text: &str) -> Value {
    let Ok(ini) = parse_ini(SOURCE, text) else {
        return Value::Null;
    };
    ini.names()
        .into_iter()
        .map(|name| match ini.get(name) {
            Some((_, Text::Known(value))) => json!([name, value]),
            _ => json!([name, null]),
        })
        .collect()
}

fn sorted(pairs: &Value) -> Value {
    let mut pairs = pairs.as_array().cloned().unwrap_or_default();
    pairs.sort_by_key(|pair| pair[0].as_str().unwrap_or_default().to_owned());
    Value::Array(pairs)
}

fn outside(name: &str) -> Variable {
    OUTSIDE
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(Variable::Unset, |(_, value)| {
            Variable::Set((*value).to_owned())
        })
}

fn files() -> Vec<String> {
    let mut files = files_of(&BY_HAND);
    files.extend(generated(&PIECES, 900, ""));
    files
}

fn files_of(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Files of up to twelve pieces in a fixed pseudo-random order (Knuth's MMIX generator).
fn generated(pieces: &[&str], count: usize, head: &str) -> Vec<String> {
    let mut state = 20_260_101_u64;
    let mut next = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    (0..count)
        .map(|_| {
            let length = 3 + next(10);
            let body: String = (0..length).map(|_| pieces[next(pieces.len())]).collect();
            format!("{head}{body}")
        })
        .collect()
}

const PIECES: [&str; 46] = [
    "A=",
    "B=",
    "KEY=",
    "export C=",
    "export\tD=",
    "SPACED = ",
    "lower.dot-dash=",
    "'quoted key'=",
    "\u{e9}=",
    "x",
    "value",
    "0",
    "é",
    " ",
    "  ",
    "\t",
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "'",
    "'",
    "\"",
    "\"",
    "\\",
    "\\n",
    "\\'",
    "\\\"",
    "#",
    " #",
    " # note",
    "${A}",
    "${HOST}",
    "${B:-fallback}",
    "${EMPTY:-x}",
    "${",
    "}",
    "$A",
    "$",
    "=",
    ":",
    "\u{a0}",
    "\u{b}",
    "https://u:p%40@h/",
    "\\t",
];

const BY_HAND: [&str; 70] = [
    "",
    "\n\n",
    "# only a comment",
    "DEBUG=True",
    "DEBUG=True\n",
    "DEBUG = True\n",
    " DEBUG=True\n",
    "DEBUG=False # in production\n",
    "DEBUG=False#no blank\n",
    "DEBUG= # empty\n",
    "DEBUG=# empty\n",
    "DEBUG=\n",
    "DEBUG\n",
    "export DEBUG\n",
    "export DEBUG=1\n",
    "export  DEBUG=1\n",
    "exportDEBUG=1\n",
    "SECRET_KEY='a$b\"c#d'\n",
    "SECRET_KEY=\"a'b#c\"\n",
    "SECRET_KEY='it\\'s'\n",
    "SECRET_KEY='ends with backslash\\\\'\n",
    "SECRET_KEY='unclosed\nNEXT=1\n",
    "SECRET_KEY=\"unclosed\nNEXT=1\n",
    "SECRET_KEY='a'b'\n",
    "SECRET_KEY='a' 'b'\n",
    "SECRET_KEY='a'# note\n",
    "SECRET_KEY='a' # it's a note\n",
    "SECRET_KEY='a'junk\nNEXT=1\n",
    "SECRET_KEY=\"a\"junk\nNEXT=1\n",
    "SECRET_KEY=\"a\" # \"note\"\n",
    "SECRET_KEY=  'padded'  \n",
    "PEM=\"-----BEGIN\nline\n-----END\"\nNEXT=1\n",
    "PEM=\"-----BEGIN\\nline\\n-----END\"\n",
    "PEM='one\ntwo'\nNEXT=1\n",
    "CRLF=one\r\nNEXT=two\r\n",
    "CR=one\rNEXT=two\r",
    "CRLF=\"one\r\ntwo\"\r\n",
    "TABS=\ta\tb\t\n",
    "ALLOWED_HOSTS=a.example,b.example\n",
    "ALLOWED_HOSTS=a.example, b.example\n",
    "ALLOWED_HOSTS=['a.example', 'b.example']\n",
    "DATABASE_URL=postgres://user:p#ss@host:5432/name\n",
    "DATABASE_URL=postgres://user:p ss@host:5432/name?a=b&c=d\n",
    "URL=${HOST}:80\n",
    "URL=$HOST:80\n",
    "URL='${HOST}'\n",
    "URL=\"${NOWHERE:-none}\"\n",
    "URL=${EMPTY:-none}\n",
    "URL=${NOWHERE:-${HOST}}\n",
    "URL=${NOWHERE-none}\n",
    "URL=${HO${HOST}}\n",
    "URL=${:-none}\n",
    "URL=${}\n",
    "A=inside\nURL=${A}\n",
    "URL=${A}\nA=inside\n",
    "A\nURL=[${A}]\n",
    "B=1\nB=2\nURL=${B}\n",
    "B=1\nC=3\nB=2\n",
    "key with space=1\n",
    "1ST=1\n",
    "a.b=1\n",
    "a-b=1\n",
    "=novalue\nNEXT=1\n",
    "X==y\n",
    "X=a=b=c\n",
    "X=\"a\\tb\\\\n\\$c\\q\"\n",
    "X='a\\tb\\\\n\\q'\n",
    "X=a\\nb\n",
    "YAML: style\nNEXT=1\n",
    "X=1\u{85}Y=2\u{2028}Z=3\n",
];

const INI_PIECES: [&str; 30] = [
    "A=",
    "A = ",
    "B: ",
    "key=",
    "KEY2 = ",
    "lower",
    "x",
    "1",
    " ",
    "  ",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n\t",
    "\r\n",
    "# note",
    "; note",
    " # inline",
    "%(a)s",
    "%(KEY)s",
    "%%",
    "%",
    "%(gone)s",
    "[other]\n",
    "[DEFAULT]\n",
    "=",
    ":",
    "'q'",
    "\"q\"",
];

const INI_BY_HAND: [&str; 22] = [
    "[settings]\nDEBUG=True\n",
    "[settings]\nDEBUG = True\nKEY: value\n",
    "[settings]\nURL=http://%(HOST)s:%(port)s/\nHost=h\nPORT=80\n",
    "[settings]\nPERCENT=100%%\nBAD=100%\n",
    "[settings]\nHOSTS = a,\n  b,\n  c\nNEXT=1\n",
    "[settings]\nHOSTS =\n  a\n\n  b\n\nNEXT=1\n",
    "[settings]\nHOSTS = a\n  # note\n  b\nNEXT=1\n",
    "[settings]\nA=1\na=2\n",
    "[settings]\nA=1\n[settings]\nB=2\n",
    "[other]\nA=1\n",
    "[DEFAULT]\nA=base\n[settings]\nB=%(A)s\n",
    "[settings]\nB=%(A)s\n[DEFAULT]\nA=base\n",
    "A=1\n[settings]\n",
    "[settings]\nnonsense\n",
    "[settings]\n=1\n",
    "[settings]\nA='quoted'\nB=\"quoted\" # note\n",
    "[settings]\nA=1 ; note\n",
    "  [settings]\n  A=1\n  B=2\n",
    "[settings]\nLOOP=%(loop)s\n",
    "[settings]\nA B=1\n",
    "",
    "[settings]",
];

const SHELL_PIECES: [&str; 34] = [
    "A=",
    "B=",
    "KEY=",
    "export C=",
    "export KEY",
    "x",
    "value",
    "é",
    "\n",
    "\n",
    "\n",
    "\n",
    "'",
    "'",
    "\"",
    "\"",
    "\\",
    "\\n",
    "\\\"",
    "#",
    " # note",
    "$A",
    "${HOST}",
    "${B:-fallback}",
    "${EMPTY:-x}",
    "${EMPTY-y}",
    "${HOST:+z}",
    "$",
    "=",
    ":",
    ";",
    " ",
    "\\$",
    "\\\n",
];

const SHELL_BY_HAND: [&str; 22] = [
    "DEBUG=True\nKEY=\"a b\"\n",
    "KEY='a b'c\"d e\"\\ f\n",
    "KEY=a b\n",
    "A=1 B=2\nC=$A$B\n",
    "A=1; B=2 # note\n",
    "export A=1 B=2\nexport A\n",
    "A=a#b # c\n",
    "A=\"a\\$b\\`c\\\"d\\\\e\\f\"\n",
    "A='a\\b'\n",
    "A=\"one\ntwo\"\n",
    "A=one\\\ntwo\n",
    "A=$HOST:80\nB=${HOST}s\n",
    "A=${NONE:-d}${NONE-e}${EMPTY:-f}${EMPTY-g}${HOST:+h}${NONE+i}\n",
    "A=inside\nB=$A\nA=later\n",
    "A=$(echo 1)\n",
    "A=~/x\n",
    "A=x~\n",
    "echo hello\nA=1\n",
    "A = 1\n",
    "A=$\nB=\"$\"\n",
    "A=\nB=''\nC=\"\"\n",
    "KEY=postgres://u:p@h/db?x=1\n",
];
