//! The routes that are read, against those that the real Django resolves.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tightship_model::{Pattern, Route, Routes, View};
use tightship_read::Options;

#[test]
fn routes_are_those_of_django() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes/site");
    let deployment = tightship_read::read(&folder, &Options::default()).expect("the site is read");
    let read = deployment.routes.expect("it has routes");
    assert_eq!(read.unread, []);
    let real = resolved(&folder);
    assert!(real.len() > 50, "{} routes", real.len());

    // Each real route is one of ours, or stands below one that is said to be open.
    for route in &real {
        assert!(
            read.routes.iter().any(|ours| is_it(ours, route)),
            "Django has {route}, which is not among\n{}",
            written(&read)
        );
    }
    // Each of ours that is not open is a real one, in Django's order.
    let mut next = 0;
    for ours in read.routes.iter().filter(|route| is_closed(route)) {
        let found = real[next..].iter().position(|route| is_it(ours, route));
        let Some(found) = found else {
            panic!(
                "{ours:?} is not Django's, or not after {:?}",
                real.get(next.saturating_sub(1))
            );
        };
        next += found;
    }
}

#[test]
fn what_goes_round_in_a_circle_or_nests_too_deep_is_said() {
    let deep = format!("{}1{}", "(".repeat(30_000), ")".repeat(30_000));
    let hostile = [
        "urlpatterns = [path('a/', include('urls')), path('b/', b)]".to_owned(),
        format!("urlpatterns = [path({deep}, b)]"),
        format!("urlpatterns = {}", "[] + ".repeat(20_000) + "[]"),
        format!("urlpatterns = [path('' {}, b)]", "+ 'a'".repeat(20_000)),
        format!(
            "if {}settings.DEBUG:\n    urlpatterns = []",
            "not ".repeat(5_000)
        ),
        "for name in names:\n    urlpatterns += [path(name, b)]".to_owned(),
    ];
    for text in hostile {
        let imports = "from django.conf import settings\nfrom django.urls import include, path\n";
        let urls = format!("{imports}urlpatterns = []\n{text}\n");
        let routes = of_files(&[("urls.py", &urls)]);
        let is_said = !routes.unread.is_empty()
            || matches!(&routes.routes[0].patterns[..], [Pattern::Unknown(_)]);
        assert!(is_said, "{:?}: {routes:?}", text.get(..60));
    }
}

#[test]
fn the_code_of_a_view_is_followed_through_the_project() {
    let routes = of_files(&[
        (
            "urls.py",
            "from django.urls import path\nfrom django.views.decorators.csrf import csrf_exempt\n\
             from shop import views\n\
             urlpatterns = [path('hook/', csrf_exempt(views.Hook.as_view())), path('a/', views.a)]\n",
        ),
        (
            "shop/views.py",
            "import json\nfrom django.utils.decorators import method_decorator\n\
             from .base import Base, log\n\
             @method_decorator(log, name='dispatch')\nclass Hook(Base):\n\
             \u{20}   permission_classes = [Base.Permission]\n\
             \u{20}   def post(self, request):\n\
             \u{20}       event = json.loads(request.body)\n\
             \u{20}       self.take(event)\n\
             def a(request):\n    return request.body\n",
        ),
        (
            "shop/base.py",
            "from django.views import View\nfrom shop.tasks import store\n\
             def log(view):\n    return view\n\
             class Base(View):\n\
             \u{20}   def take(self, event):\n        store.delay(event)\n",
        ),
        (
            "shop/tasks.py",
            "import stripe\ndef store(event):\n    stripe.Event.retrieve(event['id'])\n\
             \u{20}   event.keep()\n",
        ),
    ]);
    assert_eq!(
        routes.routes[0].wrappers,
        ["django.views.decorators.csrf.csrf_exempt"]
    );
    let hook = &routes.code["shop.views.Hook"];
    assert_eq!(hook.decorators, ["shop.base.log"]);
    assert_eq!(hook.bases, ["django.views.View"]);
    assert_eq!(
        hook.permissions.as_deref(),
        Some(&["shop.base.Base.Permission".to_owned()][..])
    );
    assert_eq!(hook.lost, None);
    assert!(hook.payload.is_some() && hook.headers.is_none());
    let mut calls: Vec<_> = hook
        .calls
        .iter()
        .map(|call| (call.path.as_str(), call.takes_input, call.is_followed))
        .collect();
    calls.sort_unstable();
    assert_eq!(
        calls,
        [
            (".keep", false, false),
            ("json.loads", true, false),
            ("self.take", true, false),
            ("shop.base.log", true, true),
            ("shop.tasks.store.delay", true, true),
            ("stripe.Event.retrieve", true, false),
        ]
    );
    assert!(routes.code["shop.views.a"].payload.is_some());
}

#[test]
fn code_that_goes_round_in_a_circle_or_nests_too_deep_is_followed_to_an_end() {
    let hostile = [
        "hook = a\na = b\nb = hook\n".to_owned(),
        "from views import hook\n".to_owned(),
        "from views import *\n".to_owned(),
        "def hook(request):\n    hook(request)\n".to_owned(),
        "class hook(hook):\n    post = hook\n".to_owned(),
        format!("hook = {}v{}\n", "f(".repeat(20_000), ")".repeat(20_000)),
        format!(
            "def hook(request):\n    return request{}\n",
            ".a(request)".repeat(20_000)
        ),
        (0..2_000).fold("def hook(request):\n    f0()\n".to_owned(), |text, at| {
            format!("{text}def f{at}():\n    f{}()\n", at + 1)
        }),
    ];
    for text in hostile {
        let urls = "from django.urls import path\nimport views\n\
                    urlpatterns = [path('hook/', views.hook)]\n";
        let routes = of_files(&[("urls.py", urls), ("views.py", &text)]);
        assert_eq!(routes.routes.len(), 1, "{:?}", text.get(..60));
        let calls = routes.code.values().map(|code| code.calls.len());
        assert!(calls.sum::<usize>() <= 4_000, "{:?}", text.get(..60));
    }
}

/// The routes of a project whose URL configuration is `urls.py`.
fn of_files(files: &[(&str, &str)]) -> Routes {
    let folder = tempfile::tempdir().expect("a folder");
    let given = [
        (
            "manage.py",
            "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')",
        ),
        ("settings.py", "ROOT_URLCONF = 'urls'"),
    ];
    for (name, text) in given.iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let read = tightship_read::read(folder.path(), &Options::default()).expect("it is read");
    read.routes.expect("there is a module")
}

/// Whether Django's route is this one of ours.
fn is_it(ours: &Route, real: &Value) -> bool {
    let patterns = real[0].as_array().expect("patterns");
    let mut left = patterns.iter();
    for pattern in &ours.patterns {
        match pattern {
            Pattern::Open => return true,
            // A router's prefix is the beginning of each of its patterns.
            Pattern::Path(text) if ours.patterns.last() == Some(&Pattern::Open) => {
                let Some(next) = left.next() else {
                    return false;
                };
                let text_there = next[1].as_str().unwrap_or_default();
                if next != &json!(["path", text]) && !text_there.starts_with(&format!("^{text}")) {
                    return false;
                }
            }
            Pattern::Path(text) => {
                if left.next() != Some(&json!(["path", text])) {
                    return false;
                }
            }
            Pattern::Regex(text) => {
                let Some(next) = left.next() else {
                    return false;
                };
                let text_there = next[1].as_str().unwrap_or_default();
                let is_open = ours.patterns.last() == Some(&Pattern::Open);
                if text_there != text && !(is_open && text_there.starts_with(text.as_str())) {
                    return false;
                }
            }
            Pattern::Language { default_is_bare } => {
                if left.next() != Some(&json!(["language", !default_is_bare])) {
                    return false;
                }
            }
            Pattern::Unknown(_) => return false,
        }
    }
    let view = match &ours.view {
        View::Callable(view) => view,
        View::Admin | View::Package(_) | View::Unknown => return false,
    };
    left.next().is_none()
        && is_same_view(real[1].as_str().expect("a view"), view)
        && ours.name.as_ref().is_none_or(|name| real[2] == json!(name))
}

/// Packages hand their views on under shorter paths than those of the modules that define them.
fn is_same_view(real: &str, ours: &str) -> bool {
    let ends = |path: &str| {
        let first = path.split('.').next().unwrap_or_default().to_owned();
        (
            first,
            path.rsplit('.').next().unwrap_or_default().to_owned(),
        )
    };
    ends(real) == ends(ours)
}

fn is_closed(route: &Route) -> bool {
    !route.patterns.contains(&Pattern::Open)
}

fn written(routes: &Routes) -> String {
    let lines = routes
        .routes
        .iter()
        .map(|route| format!("{:?} {:?}", route.patterns, route.view));
    lines.collect::<Vec<_>>().join("\n")
}

fn resolved(folder: &Path) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/routes.py");
    let mut child = Command::new(tightship_testbed::python("django52"))
        .arg(script)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let question = json!(folder).to_string();
    stdin.write_all(question.as_bytes()).expect("a question");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "routes.py failed");
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}
