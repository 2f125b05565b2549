//! Configurations made by chance from a seed, each with requests that its parts are about.

use std::fmt::Write as _;

use crate::differential::{Ask, Case};

/// The configuration of a seed: always the same one.
pub(crate) fn case(seed: u64) -> Case {
    let mut maker = Maker {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        marks: 0,
        text: String::new(),
    };
    maker.http();
    let asks = maker.asks();
    Case {
        name: format!("seed {seed}"),
        text: maker.text,
        asks,
    }
}

struct Maker {
    state: u64,
    /// Marks so far: each header says where it was set.
    marks: usize,
    text: String,
}

const HOSTS: [&str; 9] = [
    "a.example",
    "www.a.example",
    "x.y.a.example",
    "b.example",
    "mail.b.example",
    "mail.c.test",
    "A.EXAMPLE.",
    "a.example:8080",
    "n7.test",
];

const NAMES: [&str; 14] = [
    "a.example",
    "*.a.example",
    ".a.example",
    "*.example",
    "b.example mail.b.example",
    "mail.*",
    "www.*",
    r"~^n\d+\.test$",
    r"~^(?<sub>[a-z]+)\.b\.example$",
    r#""""#,
    "_",
    r"~^(www\.)?(?<domain>.+)$",
    "a.example b.example",
    "*.b.example",
];

const PATHS: [&str; 36] = [
    "/",
    "/a.txt",
    "/static",
    "/static/",
    "/static/app.js",
    "/static/sub",
    "/static/sub/",
    "/static/sub/x.txt",
    "/static/../a.txt",
    "/static//app.js?v=1",
    "/media/photo.jpg",
    "/media/upload.svg",
    "/photo.JPG",
    "/missing",
    "/missing/",
    "/missing.html?a=b",
    "/with%20space.txt",
    "/api",
    "/api/",
    "/api/v1/users?x=1&y=2",
    "/api/a%20b+c",
    "/empty/",
    "/noextension",
    "/page.html",
    "/old/thing?q=1",
    "/api/status=404",
    "/api/accel=/media/photo.jpg",
    "/api/accel=@named",
    "/api/cookie&cached",
    "/api/status=302&location=/there",
    "/api/status=503",
    "/api//double",
    "/static/sub/%2e%2e/app.js",
    "/old/a%20b?q=%20",
    "/..%2f",
    "/api/v1/%C3%BC",
];

const LOCATIONS: [&str; 28] = [
    "/",
    "= /",
    "/static/",
    "^~ /static/",
    "/static",
    "/media/",
    "= /api",
    "/api/",
    "/api",
    "^~ /api/v1",
    r"~ \.(js|css)$",
    r"~* \.jpg$",
    r"~ ^/old/(.*)$",
    r"~ ^/static/(?<rest>.+)$",
    r"~ ^/(?!static)",
    "= /page.html",
    "/empty/",
    "/missing",
    "~ ^/api/(v[0-9]+)/",
    "/old/",
    "= /a.txt",
    r"~ \.txt$",
    r"~ ^/re/(?<name>[a-z]+)",
    r"~* ^/(API)/(.*)",
    "^~ /media/",
    "= /missing",
    "/static/app.js",
    r"~ /$",
];

impl Maker {
    fn http(&mut self) {
        self.line("types { text/html html; text/plain txt; application/javascript js; text/css css; image/jpeg jpg; }");
        if self.one_in(2) {
            self.line("default_type application/octet-stream;");
        }
        self.line(
            "map $uri $kind { default page; ~^/static asset; ~*\\.jpg$ image; /api/ $args; }",
        );
        self.line(
            "map $host $tenant { hostnames; default none; .a.example a; *.b.example b; mail.* m; }",
        );
        self.line("map $http_x_forwarded_proto $proto { default $scheme; https https; }");
        self.line("map $args $pair { ~(.)=(.) $2=$1; volatile; default \"\"; }");
        self.line("geo $net { default far; 127.0.0.0/8 near; 127.0.0.1 here; }");
        self.line("upstream web { server BEHIND; }");
        self.line("uwsgi_param REQUEST_METHOD $request_method;");
        self.line("uwsgi_param REQUEST_URI $request_uri;");
        // A variable must be set somewhere to be used.
        self.line("server { listen OTHER; set $own \"\"; }");
        self.headers(3);
        self.scalars();
        let servers = 1 + self.below(3);
        for number in 0..servers {
            self.server(number);
        }
    }

    fn server(&mut self, number: usize) {
        self.line("server {");
        let listen = match (number, self.below(4)) {
            (0, 0) => "listen PORT default_server;",
            (0, _) => "listen PORT;",
            (_, 0) => "listen 127.0.0.1:PORT;",
            (_, 1) => "listen *:PORT;",
            _ => "listen PORT;",
        };
        self.line(listen);
        for _ in 0..self.below(3) {
            let name = self.pick(&NAMES);
            self.line(&format!("server_name {name};"));
        }
        self.line("root FILES;");
        self.headers(2);
        self.scalars();
        self.proxy_headers(3);
        if self.one_in(3) {
            self.error_page();
        }
        for _ in 0..self.below(3) {
            if self.one_in(3) {
                self.rewriting(true);
            }
        }
        if self.one_in(8) {
            self.line("try_files $uri @named;");
        }
        let mut used: Vec<&str> = Vec::new();
        for _ in 0..2 + self.below(5) {
            let location = self.pick(&LOCATIONS);
            let is_same = |other: &&str| name_of(other) == name_of(location);
            if !used.iter().any(is_same) {
                used.push(location);
                self.location(location, 0);
            }
        }
        self.line("location @named {");
        self.headers(2);
        self.handler("@named");
        self.line("}");
        self.line("}");
    }

    fn location(&mut self, head: &str, depth: usize) {
        self.line(&format!("location {head} {{"));
        self.headers(2);
        self.scalars();
        self.proxy_headers(4);
        if self.one_in(6) {
            self.error_page();
        }
        if self.one_in(12) {
            let access = [
                "deny all;",
                "allow 127.0.0.1; deny all;",
                "deny 10.0.0.0/8;",
            ];
            let access = self.pick(&access);
            self.line(access);
        }
        if self.one_in(20) {
            self.line("internal;");
        }
        if self.one_in(15) {
            self.line("auth_basic realm; auth_basic_user_file FILES/none;");
        }
        if depth == 0 && self.one_in(10) {
            self.line("limit_except GET { deny all; }");
        }
        if self.one_in(4) {
            self.rewriting(false);
        }
        if self.one_in(6) {
            self.condition();
        }
        self.handler(head);
        if depth == 0 && head.starts_with('/') && self.one_in(3) {
            let inner = match head {
                "/" => "/static/sub/",
                "/static/" => "/static/sub/",
                "/api/" => "/api/v1/",
                _ => "~ ^/.*x",
            };
            self.location(inner, 1);
        }
        self.line("}");
    }

    fn handler(&mut self, head: &str) {
        let is_prefix = head.starts_with('/');
        match self.below(15) {
            0 => self.line("return 200 \"$uri|$args|$host|$kind|$tenant|$net|$1\";"),
            1 => self.line("return 301 https://$host$request_uri;"),
            2 => self.line("return 404;"),
            3 | 4 => self.line("proxy_pass http://web;"),
            5 if is_prefix => self.line("proxy_pass http://web/base/;"),
            5 => self.line("proxy_pass http://BEHIND;"),
            6 if is_prefix && head != "/" => self.line("alias FILES/static/;"),
            7 if head != "@named" => {
                let to = self.pick(&[
                    "try_files $uri $uri/ =404;",
                    "try_files $uri @named;",
                    "try_files $uri $uri/index.html /index.html;",
                    "try_files /a.txt =410;",
                ]);
                self.line(to);
            }
            8 if is_prefix => self.line("autoindex on;"),
            9 => self.line("set $to web; proxy_pass http://$to;"),
            10 => self.line("set $to BEHIND; proxy_pass http://$to/fixed$uri?$args;"),
            11 => self.line("uwsgi_pass BEHIND;"),
            12 if head.starts_with('~') => self.line("alias FILES/static/app.js;"),
            13 => self.line("root FILES/$arg_v; index index.html;"),
            _ => {}
        }
    }

    fn rewriting(&mut self, in_server: bool) {
        let to = self.pick(&[
            "rewrite ^/old/(.*)$ /static/$1 last;",
            "rewrite ^/old/(.*)$ /a.txt?was=$1 break;",
            "rewrite ^/missing /page.html;",
            "rewrite ^/api/v1/(.*)$ /api/v2/$1?extra=1 last;",
            "rewrite ^/api/(.*) /static/app.js? break;",
            "rewrite ^/photo /media/photo.jpg redirect;",
            "rewrite ^/empty/?$ https://other.example/$host permanent;",
            "set $own \"$uri-$host\";",
            "rewrite ^(/static)$ $1/ permanent;",
            "rewrite ^/(api|old)/(.*)$ /$2/$1?$args last;",
            "rewrite ^/(.+)/$ /$1 permanent;",
            "rewrite ^/api/(.*)$ /api/$1 break;",
            "rewrite (?<end>[^/]+)$ /found/$end?e=$end break;",
            "set $own $1; set $args \"was=$own\";",
            "rewrite ^/api/ $scheme://other.example$uri? last;",
        ]);
        self.line(to);
        if in_server && self.one_in(4) {
            self.line("if ($host = b.example) { return 301 https://a.example$request_uri; }");
        }
    }

    fn condition(&mut self) {
        let test = self.pick(&[
            "$args",
            "$args ~ (?<key>[a-z])=",
            "$host != a.example",
            "$request_method = POST",
            "-f $request_filename",
            "!-e $request_filename",
            "$kind = asset",
            "$tenant ~ ^(.)",
            "$uri ~* \"/(api)/(v\\d)\"",
            "$pair",
        ]);
        self.line(&format!("if ({test}) {{"));
        match self.below(6) {
            4 => self.line("set $own \"$1-$2\";"),
            5 => self.line("break;"),
            0 => self.line("return 418;"),
            1 => self.headers(1),
            2 => self.line("rewrite ^ /a.txt last;"),
            _ => self.line("set $own yes;"),
        }
        self.line("}");
    }

    fn error_page(&mut self) {
        let page = self.pick(&[
            "error_page 404 /404.html;",
            "error_page 404 403 = @named;",
            "error_page 404 =200 /page.html;",
            "error_page 500 502 503 504 /50x.html;",
            "error_page 404 https://other.example/gone;",
            "error_page 410 418 =302 https://other.example/$uri;",
            "error_page 404 @named;",
            "error_page 404 = /missing;",
            "recursive_error_pages on; error_page 404 = /page.html; error_page 403 401 @named;",
            "error_page 401 =403 /a.txt; error_page 301 302 =200 /page.html;",
        ]);
        self.line(page);
    }

    /// Headers with a mark of their own, in one of `chance` blocks.
    fn headers(&mut self, chance: usize) {
        if !self.one_in(chance) {
            return;
        }
        for _ in 0..1 + self.below(2) {
            self.marks += 1;
            let always = if self.one_in(2) { " always" } else { "" };
            let value = self.pick(&["plain", "$uri", "$tenant-$kind", "$own", "$pair", ""]);
            let mark = self.marks;
            let name = self.pick(&[
                "X-Leaf",
                "X-Frame-Options",
                "Strict-Transport-Security",
                "Cache-Control",
            ]);
            self.line(&format!("add_header {name} \"{mark} {value}\"{always};"));
        }
    }

    fn proxy_headers(&mut self, chance: usize) {
        if !self.one_in(chance) {
            return;
        }
        for _ in 0..1 + self.below(3) {
            let header = self.pick(&[
                "proxy_set_header Host $host;",
                "proxy_set_header Host $http_host;",
                "proxy_set_header X-Forwarded-Proto $scheme;",
                "proxy_set_header X-Forwarded-Proto $proto;",
                "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
                "proxy_set_header X-Real-IP $remote_addr;",
                "proxy_set_header Connection \"\";",
                "proxy_set_header X-Custom \"\";",
            ]);
            self.line(header);
        }
        if self.one_in(3) {
            self.line("proxy_hide_header X-Powered-By;");
        }
    }

    fn scalars(&mut self) {
        const SCALARS: [(usize, &[&str]); 14] = [
            (6, &["server_tokens off;", "server_tokens on;"]),
            (
                8,
                &["expires 1h;", "expires -1;", "expires max;", "expires off;"],
            ),
            (8, &["charset utf-8;"]),
            (10, &["absolute_redirect off;", "port_in_redirect off;"]),
            (10, &["index index.html a.txt;", "index missing.html;"]),
            (10, &["proxy_intercept_errors on;"]),
            (12, &["etag off;"]),
            (12, &["gzip on; gzip_vary on;"]),
            (12, &["satisfy any;"]),
            (12, &["client_max_body_size 4;"]),
            (
                15,
                &["set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"],
            ),
            (15, &["proxy_cookie_path / /sub/;", "proxy_redirect off;"]),
            (
                15,
                &[
                    "proxy_pass_header Server;",
                    "proxy_hide_header X-Frame-Options;",
                ],
            ),
            (
                15,
                &["keepalive_timeout 0;", "chunked_transfer_encoding off;"],
            ),
        ];
        for (chance, texts) in SCALARS {
            if self.one_in(chance) {
                let text = self.pick(texts);
                self.line(text);
            }
        }
    }

    fn asks(&mut self) -> Vec<Ask> {
        (0..14)
            .map(|_| {
                let mut ask = Ask::get(self.pick(&HOSTS), self.pick(&PATHS));
                if self.one_in(8) {
                    ask.method = self.pick(&["POST", "HEAD", "PUT"]).to_owned();
                }
                if self.one_in(4) {
                    let (name, value) = match self.below(6) {
                        0 => ("X-Forwarded-For", "203.0.113.7"),
                        1 => ("X-Custom", "sent"),
                        2 => ("Accept-Encoding", "gzip"),
                        3 => ("X_Under", "score"),
                        _ => ("X-Forwarded-Proto", "https"),
                    };
                    ask.headers.push((name.to_owned(), value.to_owned()));
                }
                if self.one_in(12) {
                    ask.host = None;
                }
                ask
            })
            .collect()
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    /// The xorshift generator of Marsaglia: the test needs the same numbers everywhere, not good
    /// ones.
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % limit
    }
}

/// What nginx takes for the name of a location: two with the same name are refused.
fn name_of(location: &str) -> &str {
    location.trim_start_matches("^~ ")
}
