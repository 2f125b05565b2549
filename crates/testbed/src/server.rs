//! Servers that end with the test.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program;

/// A loopback port that nothing listens on, another one each time. Another process may take it
/// before it is used: whoever starts a server tries again then.
pub fn free_port() -> io::Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if given.insert(port) {
            return Ok(port);
        }
    }
}

/// A server that is ended when this value goes out of scope.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// Starts it; it must stay in the foreground.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// Starts it and waits until each of `ports` takes connections on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Those of the start; and where it ends before it listens, or does not listen for a minute.
    pub fn listening(command: &mut Command, ports: &[u16]) -> io::Result<Self> {
        // The machine may be busy: only a server that will never listen takes as long.
        const PATIENCE: Duration = Duration::from_secs(60);
        let mut server = Self::start(command)?;
        let begin = Instant::now();
        for port in ports {
            while TcpStream::connect(("127.0.0.1", *port)).is_err() {
                let reason = match server.is_alive() {
                    true if begin.elapsed() < PATIENCE => {
                        sleep(Duration::from_millis(5));
                        continue;
                    }
                    true => "does not listen",
                    false => "ends before it listens",
                };
                let program = command.get_program().display();
                return Err(io::Error::other(format!("{program} {reason} on {port}")));
            }
        }
        Ok(server)
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    fn ends_soon(&mut self) -> bool {
        const STEPS: u32 = 100;
        const STEP: Duration = Duration::from_millis(20);
        for _ in 0..STEPS {
            if !self.is_alive() {
                return true;
            }
            sleep(STEP);
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A polite end first: nginx and gunicorn end their workers only then.
        let asked = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status();
        if asked.is_err() || !self.ends_soon() {
            // It may have ended by itself.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Where Debian's package of this module keeps it.
const BROTLI: &str = "/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so";

/// The command that runs an nginx in the foreground with this inside of its `http` block, and with the
/// module for brotli where that is spoken of. All that it writes stays in `folder`; its errors go to
/// standard error.
pub fn nginx(folder: &Path, http: &str) -> io::Result<Command> {
    let root = folder.display();
    let module = match http.contains("brotli on;") {
        true => format!("load_module {BROTLI};\n"),
        false => String::new(),
    };
    let mut text = format!(
        "{module}daemon off;\npid {root}/nginx.pid;\nerror_log stderr crit;\nworker_processes 1;\n\
         events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n"
    );
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{kind}_temp_path {root}/{kind};");
    }
    let _ = writeln!(text, "{http}\n}}");
    let file = folder.join("nginx.conf");
    fs::write(&file, text)?;
    let mut command = Command::new(program("nginx"));
    command
        .args(["-e", "stderr", "-p"])
        .arg(folder)
        .arg("-c")
        .arg(file);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_does_not_listen() {
        let port = free_port().expect("a port");
        let refused = Server::listening(&mut Command::new("false"), &[port]);
        let error = refused.expect_err("it ends").to_string();
        assert!(error.contains("ends before"), "{error}");
    }
}
