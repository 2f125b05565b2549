//! Each parser against the package itself.

use serde_json::{Value, json};

use super::{DatabaseOptions, Installed, Refusal, Url};
use crate::oracle;
use crate::python::plain::{Plain, literal};

#[test]
fn dj_database_url() {
    compare("dj_database_url", &databases(), &json!({}));
    let options = json!({
        "conn_max_age": 600,
        "ssl_require": true,
        "conn_health_checks": true,
        "test_options": {"NAME": "test"},
    });
    compare("dj_database_url", &databases(), &options);
    compare(
        "dj_database_url",
        &databases(),
        &json!({"engine": "my.engine"}),
    );
}

#[test]
fn environ_databases() {
    compare("db_url", &databases(), &json!({}));
    compare("db_url", &databases(), &json!({"engine": "my.engine"}));
}

#[test]
fn environ_caches() {
    compare("cache_url", &caches(), &json!({}));
    compare("cache_url", &caches(), &json!({"backend": "my.backend"}));
}

#[test]
fn environ_email() {
    compare("email_url", &emails(), &json!({}));
    compare("email_url", &emails(), &json!({"backend": "my.backend"}));
}

#[test]
fn environ_search_and_channels() {
    let texts: Vec<String> = SEARCH.iter().map(|text| (*text).to_owned()).collect();
    compare("search_url", &texts, &json!({}));
    compare("search_url", &texts, &json!({"engine": "my.engine"}));
    let texts: Vec<String> = CHANNELS.iter().map(|text| (*text).to_owned()).collect();
    compare("channels_url", &texts, &json!({}));
}

#[test]
fn small_packages() {
    compare("dj_email_url", &emails(), &json!({}));
    compare("django_cache_url", &caches(), &json!({}));
}

#[test]
fn literals() {
    let texts: Vec<String> = LITERALS.iter().map(|text| (*text).to_owned()).collect();
    compare("literal", &texts, &json!({}));
}

fn compare(parser: &str, texts: &[String], keywords: &Value) {
    let question = texts
        .iter()
        .map(|text| json!([parser, text, keywords]))
        .collect();
    let reply = oracle::ask("urls.py", &question);
    let found = reply["found"].as_array().expect("packages");
    let installed = Installed {
        django_environ: oracle::version(&reply["versions"]["django-environ"]),
        django_redis: found.contains(&json!("django_redis")),
        pymemcache: found.contains(&json!("pymemcache")),
    };
    let text_of = |name: &str| keywords[name].as_str();
    let options = DatabaseOptions {
        version: oracle::version(&reply["versions"]["dj-database-url"]),
        engine: text_of("engine").map(str::to_owned),
        conn_max_age: Plain::Int(keywords["conn_max_age"].as_i64().unwrap_or(0).into()),
        conn_health_checks: Plain::Bool(keywords["conn_health_checks"] == true),
        ssl_require: keywords["ssl_require"] == true,
        test_options: keywords["test_options"]["NAME"]
            .as_str()
            .map(|name| Plain::Dict(vec![(Plain::str("NAME"), Plain::str(name))])),
        ..DatabaseOptions::default()
    };
    let answers = reply["answers"].as_array().expect("answers");
    assert_eq!(answers.len(), texts.len());
    let mut differences = Vec::new();
    for (text, expected) in texts.iter().zip(answers) {
        let parsed = |parse: &dyn Fn(&Url) -> Result<Plain, Refusal>| {
            Url::parse(text).and_then(|url| parse(&url))
        };
        let backend = text_of("backend");
        let result = match parser {
            "dj_database_url" => super::dj_database_url(text, &options),
            "db_url" => super::db_url(text, text_of("engine"), installed),
            "cache_url" => parsed(&|url| super::cache_url(url, backend, installed)),
            "email_url" => parsed(&|url| super::email_url(url, backend)),
            "search_url" => parsed(&|url| super::search_url(url, text_of("engine"))),
            "channels_url" => parsed(&|url| super::channels_url(url, None, installed)),
            "dj_email_url" => super::dj_email_url(text),
            "django_cache_url" => super::django_cache_url(text),
            "literal" => Ok(literal(text).unwrap_or_else(|| Plain::str(text))),
            _ => panic!("no such parser: {parser}"),
        };
        let found = match result {
            Ok(plain) => tree(&plain),
            Err(refusal) => json!({"raises": refusal.class}),
        };
        if found != *expected && found != json!(["unknown"]) {
            differences.push(format!("{text:?}\n  read {found}\n  real {expected}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{parser}: {} of {} URLs differ\n{}",
        differences.len(),
        texts.len(),
        differences[..differences.len().min(12)].join("\n")
    );
}

fn tree(plain: &Plain) -> Value {
    let all = |items: &[Plain]| items.iter().map(tree).collect::<Vec<_>>();
    match plain {
        Plain::None => json!(["NoneType", null]),
        Plain::Bool(value) => json!(["bool", value]),
        Plain::Int(value) => json!(["int", i64::try_from(*value).expect("small")]),
        Plain::Float(value) => json!(["float", value]),
        Plain::Str(text) => json!(["str", text]),
        Plain::Bytes(bytes) => json!(["bytes", bytes]),
        Plain::List(items) => json!(["list", all(items)]),
        Plain::Tuple(items) => json!(["tuple", all(items)]),
        Plain::Set(items) => {
            let mut items = all(items);
            items.sort_by_key(Value::to_string);
            json!(["set", items])
        }
        Plain::Dict(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| json!([tree(key), tree(value)]))
                .collect();
            json!(["dict", entries])
        }
        Plain::Unknown(_) => json!(["unknown"]),
    }
}

/// Every scheme with every rest.
fn products(schemes: &[&str], rests: &[&str]) -> Vec<String> {
    schemes
        .iter()
        .flat_map(|scheme| rests.iter().map(move |rest| format!("{scheme}{rest}")))
        .collect()
}

fn databases() -> Vec<String> {
    let schemes = [
        "postgres",
        "postgresql",
        "pgsql",
        "psql",
        "postgis",
        "mysql",
        "mysql2",
        "mysqlgis",
        "mysql-connector",
        "mssql",
        "mssqlms",
        "pyodbc",
        "oracle",
        "oraclegis",
        "redshift",
        "sqlite",
        "spatialite",
        "cockroach",
        "cockroachdb",
        "timescale",
        "ldap",
        "unknown",
        "",
        "POSTGRES",
    ];
    products(
        &schemes,
        &[
            "://user:pass@db.Example.org:5432/name",
            "://user:pass@db/name",
            "://user@db/name",
            "://db/name",
            "://user:p%40ss%2Fw%3Ard@db:5432/na%20me",
            "://user:p+w@db:5432/na+me",
            "://user:p#ss@db:5432/name",
            "://user:p?ss@db:5432/name",
            "://user:p[ss@db:5432/name",
            "://user:pa:ss@db:5432/name",
            "://us@er:pa@ss@db:5432/name",
            "://:@/name",
            "://",
            ":///",
            ":///name",
            ":////var/lib/db.sqlite3",
            "://:memory:",
            "://%2Fvar%2Frun%2Fpostgresql/name",
            "://user:pass@%2Fvar%2Frun:5432/name",
            ":////cloudsql/project:region:instance/name",
            "://user:pass@[::1]:5432/name",
            "://user:pass@a:1,b:2/name",
            "://user:pass@a,b:2/name",
            "://user:pass@[::1]:1,b/name",
            "://user:pass@db:port/name",
            "://user:pass@db:99999/name",
            "://user:pass@db:0/name",
            "://user:pass@db:5432/name?sslmode=require",
            "://user:pass@db/name?conn_max_age=60&CONN_HEALTH_CHECKS=True&a=1&b=x",
            "://user:pass@db/name?currentSchema=other",
            "://user:pass@db/name?ssl-ca=ca.pem",
            "://user:pass@db/name?a=1&a=2&empty=&flag=true&neg=-1&f=1.5",
            "://user:pass@db/name?charset=utf8%20mb4&x=a+b#frag",
            "://user:pass@db/a/b/c",
            "://üser:pässwörd@db/nämé",
            " ://user@db/name",
            "://user:pass@db:5432",
            "://user:p%40ss@db:5432",
        ],
    )
}

fn caches() -> Vec<String> {
    let schemes = [
        "redis",
        "rediss",
        "rediscache",
        "valkey",
        "memcache",
        "pymemcache",
        "pylibmc",
        "locmemcache",
        "dbcache",
        "dummycache",
        "filecache",
        "db",
        "dummy",
        "file",
        "locmem",
        "memcached",
        "pymemcached",
        "hiredis",
        "uwsgicache",
        "elasticache",
        "unknown",
        "",
    ];
    products(
        &schemes,
        &[
            "://127.0.0.1:6379/1",
            "://127.0.0.1:6379",
            "://:secret@Redis:6379/0",
            "://user:secret@redis/0",
            "://a:1,b:2/0",
            "://a,b",
            "://",
            ":///tmp/cache.sock",
            ":///tmp/cache.sock/3",
            "://my_table",
            "://c:/foo/bar",
            "://127.0.0.1:6379/1?timeout=60&key_prefix=x&client_class=django_redis.client.DefaultClient",
            "://127.0.0.1:6379/1?max_entries=10&cull_frequency=3&binary=1&options=%7B'a'%3A1%7D",
            "://127.0.0.1:6379/1?timeout=None",
            "://127.0.0.1/1?max_entries=x",
            "://host:port/1",
        ],
    )
}

fn emails() -> Vec<String> {
    let schemes = [
        "smtp",
        "smtps",
        "smtp+tls",
        "smtp+ssl",
        "submission",
        "submit",
        "console",
        "consolemail",
        "file",
        "filemail",
        "memorymail",
        "dummymail",
        "memory",
        "dummy",
        "other",
        "",
    ];
    products(
        &schemes,
        &[
            "://user@example.org:pass@Smtp.example.org:587",
            "://user%40example.org:p%2Fss@smtp.example.org:25",
            "://smtp.example.org",
            "://smtp.example.org:465/?ssl=True",
            "://smtp.example.org:465/?tls=on&timeout=10",
            "://smtp.example.org/?ssl=no&tls=yes",
            "://smtp.example.org/?timeout=x",
            "://smtp.example.org/?email_use_tls=1&foo=bar&n=3",
            "://u:p@h?_server_email=a%40b.c&_default_from_email=D%20E",
            "://",
            ":///tmp/mails",
            "://host:port",
        ],
    )
}

const SEARCH: [&str; 22] = [
    "elasticsearch://127.0.0.1:9200/index",
    "elasticsearchs://127.0.0.1:9200/index",
    "elasticsearch2://127.0.0.1:9200/a/b/index/",
    "elasticsearch5s://u:p@host:9200/index?TIMEOUT=360",
    "elasticsearch7://127.0.0.1:9200/",
    "elasticsearch7s://127.0.0.1:9200",
    "elasticsearch3://127.0.0.1:9200/index",
    "elasticsearch://h/index?KWARGS=x&BATCH_SIZE=10&INCLUDE_SPELLING=1&EXCLUDED_INDEXES=a,b",
    "elasticsearch://h/index?BATCH_SIZE=x",
    "solr://127.0.0.1:8983/solr",
    "solr://127.0.0.1:8983/solr/?TIMEOUT=360&KWARGS=y",
    "solr://127.0.0.1:8983/solr?TIMEOUT=soon",
    "whoosh:///home/search/whoosh_index",
    "whoosh:///home/search/whoosh%20index?STORAGE=file&POST_LIMIT=128000000",
    "whoosh:///a?POST_LIMIT=x",
    "xapian:///home/search/xapian_index?FLAGS=myflags",
    "simple:///",
    "simple:///?INCLUDE_SPELLING=ok&BATCH_SIZE=1",
    "simples:///",
    "unknown://x",
    "",
    "solr://h/a+b?INCLUDE_SPELLING=%20Yes%20",
];

const CHANNELS: [&str; 9] = [
    "redis://localhost:6379/0",
    "rediss://u:p@localhost:6379/0?a=b#c",
    "redis+pubsub://localhost:6379/0",
    "rediss+pubsub://localhost",
    "inmemory://",
    "inmemory",
    "other://x",
    "",
    "REDIS://x",
];

const LITERALS: [&str; 39] = [
    "",
    " ",
    "1",
    "-1",
    "+1",
    "- 1",
    "--1",
    "1_000",
    "01",
    "0x1f",
    "1.5",
    "-1e3",
    "1j",
    "True",
    "true",
    "None",
    "'a'",
    "\"a\" 'b'",
    "b'a'",
    "[1, 'a', None]",
    "(1,)",
    "()",
    "{}",
    "{1, 2}",
    "{'a': 1}",
    "{**{}}",
    "1 + 1",
    "a",
    "f'x'",
    "[1, a]",
    "'unclosed",
    " 1",
    "\t1",
    "1 ",
    "1,2",
    "1;2",
    "(1)",
    "'\\x41\\n'",
    "not True",
];
