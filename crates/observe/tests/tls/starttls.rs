//! TLS of a mail server: a server of ours says what SMTP says, then passes on to openssl.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use tightship_model::site::tls::{Reach, Tls, Version};
use tightship_observe::site::tls::Budget;

use crate::servers::{look, look_within, openssl};
use tightship_testbed::tls::Keys;

#[test]
fn mail_servers_are_seen_as_servers_of_tls_are() {
    let keys = Keys::make();
    let text = "-cert rsa.crt -key rsa.key -cipher AES";
    let (_server, address) = openssl(&keys, &text.split(' ').collect::<Vec<_>>());
    let direct = look(address);
    let mail = look_at(relay(
        address,
        "250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
    ));
    assert_eq!(mail.reach, Reach::Speaks);
    assert!(mail.speaks(Version::Tls13));
    assert_eq!(mail.protocols, direct.protocols);
    assert_eq!(mail.chains, direct.chains);
}

#[test]
fn mail_servers_without_tls_are_said_to_have_none() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    for (offers, said) in [
        ("250 mail.example\r\n", "does not offer STARTTLS"),
        ("554 go away\r\n", "554 go away"),
    ] {
        let seen = look_at(relay(nobody, offers));
        let Reach::Unreachable { reason } = &seen.reach else {
            panic!("{offers}: {:?}", seen.reach)
        };
        assert!(reason.contains(said), "{reason}");
    }
}

fn look_at(address: SocketAddr) -> Tls {
    let budget = Budget {
        starttls: true,
        ..Budget::default()
    };
    look_within(address, budget)
}

/// Says these things to EHLO, and after STARTTLS what the server says.
fn relay(server: SocketAddr, offers: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || pass(client, server, offers));
        }
    });
    address
}

fn pass(mut client: TcpStream, server: SocketAddr, offers: &str) -> std::io::Result<()> {
    client.write_all(b"220-mail.example\r\n220 ESMTP\r\n")?;
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    assert!(line.starts_with("EHLO "), "{line}");
    client.write_all(offers.as_bytes())?;
    line.clear();
    lines.read_line(&mut line)?;
    if line != "STARTTLS\r\n" {
        return Ok(());
    }
    let mut upstream = TcpStream::connect(server)?;
    client.write_all(b"220 go ahead\r\n")?;
    let mut to = upstream.try_clone()?;
    std::thread::spawn(move || {
        let copied = std::io::copy(&mut lines, &mut to);
        to.shutdown(std::net::Shutdown::Both).and(copied)
    });
    std::io::copy(&mut upstream, &mut client)?;
    client.shutdown(std::net::Shutdown::Both)
}
