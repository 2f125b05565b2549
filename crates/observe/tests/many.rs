//! Many sites: each is told once, and none is asked faster for standing in several places.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tightship_observe::site::{ConnectTo, Options, Target, observe_each};

/// A server that answers each request, and the addresses that were asked for, in order.
fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (mut stream, noted) = (stream, Arc::clone(&noted));
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                noted.lock().expect("no panic").push(path);
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            });
        }
    });
    (port, asked)
}

fn options(url: &str, port: u16) -> Options {
    let to = format!("shop.example:80:127.0.0.1:{port}");
    Options {
        rate: 10_000.0,
        timeout: Duration::from_secs(60),
        connect_to: vec![ConnectTo::parse(&to).expect("an address")],
        ..Options::new(Target::parse(url).expect("an address"))
    }
}

#[test]
fn a_host_in_several_places_is_looked_at_by_one_look_at_a_time() {
    let (port, asked) = server();
    let sites = [
        "http://shop.example/a",
        "http://shop.example/b",
        "http://shop.example/c",
    ];
    let sites = sites.map(|url| (url, options(url, port)));
    let told = Mutex::new(Vec::new());
    observe_each(
        sites.into_iter(),
        NonZeroUsize::new(8).expect("8"),
        |url, site| {
            assert_eq!(site.expect("a look").url, url);
            told.lock().expect("no panic").push(url);
        },
    )
    .expect("a runtime");
    assert_eq!(told.into_inner().expect("no panic").len(), 3);
    let asked = asked.lock().expect("no panic");
    let mut pages: Vec<_> = asked.iter().filter(|path| path.len() == 2).collect();
    assert!(pages.len() > 20, "{asked:?}");
    pages.dedup();
    assert_eq!(pages, ["/a", "/b", "/c"], "none comes between the others");
}

#[test]
fn many_are_told_once_each_whatever_their_number() {
    let (port, _) = server();
    for (at_once, count) in [(1, 3), (2, 1), (7, 40)] {
        let sites = (0..count).map(|number| {
            let url = format!("http://127.0.0.1:{port}/{number}");
            let mut options = options(&url, port);
            options.max_requests = 1;
            (number, options)
        });
        let told = Mutex::new(Vec::new());
        observe_each(
            sites,
            NonZeroUsize::new(at_once).expect("a number"),
            |number, site| {
                let site = site.expect("a look");
                assert!(site.url.ends_with(&format!("/{number}")));
                told.lock().expect("no panic").push(number);
            },
        )
        .expect("a runtime");
        let mut told = told.into_inner().expect("no panic");
        told.sort_unstable();
        assert_eq!(told, (0..count).collect::<Vec<_>>());
    }
}
