//! From SMTP to TLS: STARTTLS, RFC 3207.

use std::io::{Error, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of one answer that are read; a server may introduce itself at length.
const MOST: usize = 16 * 1024;

/// Asks a mail server to go on in TLS; what comes next on the connection is TLS.
///
/// # Errors
///
/// Where it ends, says no, or is no mail server.
pub(super) async fn start(stream: &mut TcpStream) -> Result<()> {
    expect(stream, "220").await?;
    // RFC 5321, 4.1.3: who has no name says an address.
    stream.write_all(b"EHLO [127.0.0.1]\r\n").await?;
    let offers = expect(stream, "250").await?;
    let has_tls = offers.lines().any(|line| {
        line.get(4..)
            .is_some_and(|word| word.eq_ignore_ascii_case("STARTTLS"))
    });
    if !has_tls {
        return Err(Error::other("the mail server does not offer STARTTLS"));
    }
    stream.write_all(b"STARTTLS\r\n").await?;
    expect(stream, "220").await?;
    Ok(())
}

/// Reads an answer, which must have this code.
async fn expect(stream: &mut TcpStream, code: &str) -> Result<String> {
    let mut heard = Vec::new();
    let mut buffer = [0; 512];
    loop {
        let length = stream.read(&mut buffer).await?;
        heard.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&heard);
        if is_complete(&text) {
            return match text.starts_with(code) {
                true => Ok(text.into_owned()),
                false => Err(refused(&heard)),
            };
        }
        if length == 0 || heard.len() > MOST {
            return Err(refused(&heard));
        }
    }
}

fn refused(heard: &[u8]) -> Error {
    let first = &heard[..heard.len().min(60)];
    Error::other(format!("the mail server says “{}”", first.escape_ascii()))
}

/// The last line of an answer has a space after its code: RFC 5321, 4.2.1.
fn is_complete(text: &str) -> bool {
    text.ends_with('\n')
        && text
            .lines()
            .last()
            .is_some_and(|line| line.len() < 4 || line.as_bytes()[3] == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_with_its_last_line() {
        assert!(is_complete("220 mail.example ESMTP\r\n"));
        assert!(is_complete("250-mail.example\r\n250 STARTTLS\r\n"));
        assert!(!is_complete("250-mail.example\r\n"));
        assert!(!is_complete("250 STARTT") && !is_complete(""));
    }
}
