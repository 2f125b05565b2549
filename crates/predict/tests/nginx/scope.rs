//! Which directives hold where.

use tightship_model::Deployment;
use tightship_model::nginx::Directive;
use tightship_predict::nginx::{Address, Handler, Http, Level, Scope};

use crate::read;

fn http(deployment: &Deployment) -> Http<'_> {
    Http::new(&deployment.nginx.configurations[0]).expect("an http block")
}

/// The scope of the location with this heading.
fn location<'h, 'a>(http: &'h Http<'a>, heading: &str) -> Scope<'h, 'a> {
    http.servers()
        .flat_map(|server| server.locations())
        .find(|scope| scope.heading() == heading)
        .unwrap_or_else(|| panic!("no {heading}"))
}

fn headings(directives: &[&Directive]) -> Vec<String> {
    directives.iter().map(|one| one.heading()).collect()
}

#[test]
fn arrays_replace_those_around() {
    let deployment = read(
        "http { add_header A 1; server { add_header B 2; add_header C 3;
         location /own { add_header D 4; } location /bare { index x; } } }",
    );
    let http = http(&deployment);
    let own = location(&http, "location /own").effective("add_header");
    assert_eq!(headings(&own.directives), ["add_header D 4"]);
    assert!(!own.is_inherited);
    assert_eq!(
        headings(&own.dropped),
        ["add_header B 2", "add_header C 3", "add_header A 1"]
    );
    let bare = location(&http, "location /bare").effective("add_header");
    assert_eq!(
        headings(&bare.directives),
        ["add_header B 2", "add_header C 3"]
    );
    assert!(bare.is_inherited);
    assert_eq!(bare.block.expect("a block").heading(), "server");
    assert_eq!(headings(&bare.dropped), ["add_header A 1"]);
}

#[test]
fn add_header_inherit_merges_or_cuts() {
    let deployment = read(
        "http { add_header A 1; server { add_header_inherit merge; add_header B 2;
         location /merged { add_header C 3; }
         location /cut { add_header_inherit off; }
         location /on { add_header_inherit on; add_header D 4; } } }",
    );
    let http = http(&deployment);
    let held = |heading| headings(&location(&http, heading).effective("add_header").directives);
    assert_eq!(
        held("location /merged"),
        ["add_header C 3", "add_header B 2", "add_header A 1"]
    );
    assert_eq!(held("location /cut"), [""; 0]);
    assert_eq!(held("location /on"), ["add_header D 4"]);
}

#[test]
fn families_end_each_other() {
    let deployment = read(
        "http { server { root /srv; deny all;
         location /a { alias /x/; location /a/b { index i; } }
         location /c { allow 10.0.0.1; deny 10.0.0.2; allow all; } } }",
    );
    let http = http(&deployment);
    let nested = location(&http, "location /a/b").effective("root");
    assert_eq!(headings(&nested.directives), ["alias /x/"]);
    assert_eq!(headings(&nested.dropped), ["root /srv"]);
    let access = location(&http, "location /c").effective("deny");
    assert_eq!(
        headings(&access.directives),
        ["allow 10.0.0.1", "deny 10.0.0.2", "allow all"]
    );
}

#[test]
fn handlers_reach_conditions_and_nothing_else() {
    let deployment = read(
        "http { server { location / { proxy_pass http://web; try_files $uri =404;
         if ($args) { expires 1h; } limit_except GET { deny all; }
         location /x { index i; } } } }",
    );
    let http = http(&deployment);
    let outer = location(&http, "location /");
    let condition = outer.inside().find(|scope| scope.level() == Level::If);
    let condition = condition.expect("an if");
    assert!(condition.one("proxy_pass").is_some());
    assert!(condition.one("try_files").is_none());
    assert!(location(&http, "location /x").one("proxy_pass").is_none());
    let handlers: Vec<_> = http
        .leaves()
        .iter()
        .map(|leaf| {
            (
                leaf.scope.heading(),
                matches!(leaf.handler, Handler::Upstream(_)),
            )
        })
        .collect();
    let expected = [
        ("location /", true),
        ("if ($args)", true),
        ("limit_except GET", true),
        ("location /x", false),
    ];
    let expected = expected.map(|(heading, proxied)| (heading.to_owned(), proxied));
    assert_eq!(handlers, expected);
}

#[test]
fn values_fall_back_to_what_nginx_does() {
    let deployment = read("http { server { server_tokens off; location / { } } }");
    let http = http(&deployment);
    let scope = location(&http, "location /");
    assert_eq!(scope.flag("server_tokens"), Some(false));
    assert_eq!(scope.value("client_max_body_size"), Some("1m"));
    assert!(scope.effective("client_max_body_size").is_default());
}

#[test]
fn sockets_have_one_default_server() {
    let deployment = read(
        "http { server { listen 443 ssl; server_name a; } server { listen *:443 default_server; }
         server { listen [::]:80; } server { server_name b; } }",
    );
    let http = http(&deployment);
    let sockets: Vec<_> = http
        .sockets()
        .iter()
        .map(|socket| {
            let servers = socket.servers.clone();
            (
                socket.port,
                socket.ssl,
                socket.default,
                socket.default_is_explicit,
                servers,
            )
        })
        .collect();
    assert_eq!(
        sockets,
        [
            (443, true, 1, true, vec![0, 1]),
            (80, false, 2, false, vec![2]),
            (80, false, 3, false, vec![3]),
        ]
    );
    assert_eq!(http.sockets()[2].address, Address::ANY);
    let second = http.server(1).expect("a server");
    assert!(second.has_tls());
    assert!(second.names()[0].word.is_none());
}

#[test]
fn an_include_that_is_not_here_is_a_gap() {
    let deployment = read("http { server { include secret.conf; location / { } } }");
    let http = http(&deployment);
    assert!(
        location(&http, "location /")
            .effective("add_header")
            .gap
            .is_some()
    );
}
