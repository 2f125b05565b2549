//! A resolver that means harm: whatever it sends, the look ends and says what happened.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::thread;

use tightship_model::site::dns::{Kind, Reply};

use crate::hurried;

/// What a server does with a question: messages that it sends back over UDP.
type Answers = fn(&[u8]) -> Vec<Vec<u8>>;

/// What it sends over TCP.
type Stream = fn(&[u8]) -> Vec<u8>;

/// A server on loopback; it ends with the test.
fn serve(answers: Answers) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            for message in answers(&buffer[..length]) {
                let _ = socket.send_to(&message, from);
            }
        }
    });
    address
}

/// The header of an answer, with these flags and this number of records, and the question.
fn begin(question: &[u8], flags: [u8; 2], records: u16) -> Vec<u8> {
    let mut answer = question[..2].to_vec();
    answer.extend_from_slice(&flags);
    answer.extend_from_slice(&[0, 1]);
    answer.extend_from_slice(&records.to_be_bytes());
    answer.extend_from_slice(&[0, 0, 0, 0]);
    answer.extend_from_slice(&question[12..end(question)]);
    answer
}

/// An answer, recursion available, without an error.
const FINE: [u8; 2] = [0x81, 0x80];

/// Where the question ends.
fn end(question: &[u8]) -> usize {
    let zero = question[12..].iter().position(|byte| *byte == 0).unwrap();
    12 + zero + 5
}

fn kind(question: &[u8]) -> u8 {
    question[end(question) - 3]
}

fn record(name: &[u8], kind: u8, data: &[u8]) -> Vec<u8> {
    let mut record = name.to_vec();
    record.extend_from_slice(&[0, kind, 0, 1, 0, 0, 0, 60]);
    record.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend_from_slice(data);
    record
}

fn wire(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.') {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend_from_slice(label.as_bytes());
    }
    wire.push(0);
    wire
}

fn text(text: &str) -> Vec<u8> {
    let strings = text.as_bytes().chunks(255);
    strings
        .flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat())
        .collect()
}

const A: u8 = 1;
const CNAME: u8 = 5;
const TXT: u8 = 16;
/// The name of the question, where it stands.
const ASKED: &[u8] = &[0xc0, 12];

/// Why there is no answer to the first question.
fn reason(answers: Answers) -> String {
    let dns = hurried("https://shop.test/", serve(answers));
    match &dns.views[0].lookups[0].reply {
        Reply::None(reason) => reason.clone(),
        Reply::Answer(answer) => panic!("{answer:?}"),
    }
}

#[test]
fn what_is_no_answer_to_the_question_is_passed_over() {
    let late = "no answer in 250ms";
    let cases: [(&str, Answers, &str); 9] = [
        ("silence", |_| Vec::new(), late),
        (
            "another id",
            |question| {
                let mut answer = begin(question, FINE, 0);
                answer[0] ^= 0xff;
                vec![answer; 50]
            },
            late,
        ),
        (
            "another question",
            |question| {
                let mut answer = begin(question, FINE, 0);
                answer[13] ^= 0x01;
                vec![answer]
            },
            late,
        ),
        (
            "the question itself",
            |question| vec![question.to_vec()],
            late,
        ),
        ("one byte", |question| vec![question[..1].to_vec()], late),
        (
            "half a header",
            |question| vec![begin(question, FINE, 0)[..6].to_vec()],
            "cannot be read",
        ),
        (
            "a name that points at itself",
            |question| {
                let mut answer = begin(question, FINE, 1);
                let here = u8::try_from(answer.len()).unwrap();
                answer.extend(record(&[0xc0, here], A, &[192, 0, 2, 1]));
                vec![answer]
            },
            "cannot be read",
        ),
        (
            "a record that is longer than the message",
            |question| {
                let mut answer = begin(question, FINE, 1);
                let mut record = record(ASKED, A, &[192, 0, 2, 1]);
                record[10] = 0xff;
                answer.extend(record);
                vec![answer]
            },
            "cannot be read",
        ),
        (
            "a server that resolves for nobody",
            |question| vec![begin(question, [0x81, 0], 0)],
            "does not resolve for others",
        ),
    ];
    for (name, answers, expected) in cases {
        let reason = reason(answers);
        assert!(reason.contains(expected), "{name}: {reason}");
    }
    // Nothing listens.
    let closed = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let dns = hurried("https://shop.test/", closed);
    assert_eq!(dns.views[0].gaps, ["it gives no answer"]);
}

#[test]
fn what_comes_over_tcp_is_bounded() {
    let cases: [(&str, Stream, &str); 3] = [
        (
            "half a message",
            |question| {
                let mut answer = begin(question, FINE, 0);
                answer.truncate(12);
                [&[0xff, 0xff], &answer[..]].concat()
            },
            "over TCP",
        ),
        (
            "truncated again",
            |question| {
                let answer = begin(question, [0x83, 0x80], 0);
                let length = u16::try_from(answer.len()).unwrap();
                [&length.to_be_bytes()[..], &answer].concat()
            },
            "cut short",
        ),
        ("nothing", |_| Vec::new(), "over TCP"),
    ];
    for (name, answers, expected) in cases {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(address).unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(&begin(&buffer[..length], [0x83, 0x80], 0), from);
            }
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 2048];
                let length = stream.read(&mut buffer).unwrap_or(0);
                if length > 14 {
                    let _ = stream.write_all(&answers(&buffer[2..length]));
                }
            }
        });
        let dns = hurried("https://shop.test/", address);
        let Reply::None(reason) = &dns.views[0].lookups[0].reply else {
            panic!("{name}: {dns:?}");
        };
        assert!(reason.contains(expected), "{name}: {reason}");
    }
}

#[test]
fn records_without_end_come_to_one() {
    // Each domain includes one more, deeper by a label; each has an alias chain of 40.
    let address = serve(|question| {
        let name = question[12..end(question) - 4].to_vec();
        let mut answer = Vec::new();
        let mut count = 0;
        if kind(question) == TXT {
            let asked = String::from_utf8_lossy(&name).replace(|c: char| c.is_control(), ".");
            let asked = asked.trim_matches('.');
            let spf = format!("v=spf1 include:x{asked} include:y{asked} a:z{asked} -all");
            answer.extend(record(ASKED, TXT, &text(&spf)));
            count = 1;
        } else {
            for number in 0..40 {
                let next = wire(&format!("a{}.test", number + 1));
                let own = match number {
                    0 => ASKED.to_vec(),
                    _ => wire(&format!("a{number}.test")),
                };
                answer.extend(record(&own, CNAME, &next));
                count += 1;
            }
        }
        vec![[begin(question, FINE, count), answer].concat()]
    });
    let dns = hurried("https://shop.test/", address);
    let view = &dns.views[0];
    assert!(view.lookups.len() <= 150, "{}", view.lookups.len());
    let alias = view.answer("shop.test", Kind::A).unwrap();
    assert_eq!(alias.of("shop.test", Kind::A).count(), 0);
    assert!(alias.end("shop.test").starts_with('a'));
}

#[test]
fn texts_are_kept_as_they_are() {
    let address = serve(|question| {
        let escape = "v=spf1 \u{1b}]0;owned\u{7} -all";
        let answer = record(ASKED, TXT, &text(escape));
        match kind(question) {
            TXT => vec![[begin(question, FINE, 1), answer].concat()],
            _ => vec![begin(question, FINE, 0)],
        }
    });
    let dns = hurried("https://shop.test/", address);
    let text = dns.views[0].answer("shop.test", Kind::Txt).unwrap();
    assert_eq!(text.of("shop.test", Kind::Txt).count(), 1);
    let json = serde_json::to_string(&dns).unwrap();
    assert!(
        !json.contains('\u{1b}'),
        "JSON escapes what a terminal would obey"
    );
}
