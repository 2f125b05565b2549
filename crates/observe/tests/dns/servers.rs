//! Real servers: Knot DNS has a signed zone, and unbound resolves what stands in it.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tightship_testbed::{Server, free_port, program};

/// Knot DNS with the zone `test`.
pub(crate) struct Zone {
    port: u16,
    /// The record that a validating resolver trusts.
    pub(crate) anchor: String,
    // Ended before its folder goes.
    _server: Server,
    _folder: TempDir,
}

/// unbound, which asks the zone alone.
pub(crate) struct Resolver {
    pub(crate) address: SocketAddr,
    // Ended before its folder goes.
    _server: Server,
    _folder: TempDir,
}

impl Zone {
    pub(crate) fn start(records: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("knot.conf");
        let here = folder.path().display();
        let zone = format!(
            "$ORIGIN test.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n\
             ns A 127.0.0.1\n{records}"
        );
        fs::write(folder.path().join("test.zone"), zone).unwrap();
        let (server, port) = start(folder.path(), |port| {
            let text = format!(
                "server:\n  rundir: {here}\n  listen: 127.0.0.1@{port}\ndatabase:\n  storage: {here}\n\
                 policy:\n  - id: fast\n    algorithm: ecdsap256sha256\n\
                 zone:\n  - domain: test.\n    storage: {here}\n    file: test.zone\n    \
                 zonefile-load: difference\n    zonefile-sync: -1\n    journal-content: all\n    \
                 dnssec-signing: on\n    dnssec-policy: fast\n"
            );
            fs::write(&configuration, text).unwrap();
            let mut command = Command::new(program("knotd"));
            command.arg("-c").arg(&configuration);
            command
        });
        // The zone is signed a little later.
        loop {
            if let Some(anchor) = anchor(&configuration)
                && is_loaded(port)
            {
                return Self {
                    port,
                    anchor,
                    _server: server,
                    _folder: folder,
                };
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// A resolver in front of the zone; `anchor` is what it trusts, and without one it validates
    /// nothing.
    pub(crate) fn resolver(&self, anchor: Option<&str>) -> Resolver {
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("unbound.conf");
        let here = folder.path().display();
        let modules = match anchor {
            Some(anchor) => format!("\"validator iterator\"\n  trust-anchor: \"{anchor}\""),
            None => "\"iterator\"".to_owned(),
        };
        // Debian's AppArmor profile lets the program in its place read /etc/unbound alone.
        let own = folder.path().join("unbound");
        fs::copy(program("unbound"), &own).unwrap();
        let zone = self.port;
        let (server, port) = start(folder.path(), |port| {
            let text = format!(
                "server:\n  interface: 127.0.0.1@{port}\n  port: {port}\n  directory: \"{here}\"\n  \
                 pidfile: \"{here}/pid\"\n  chroot: \"\"\n  username: \"\"\n  do-daemonize: no\n  \
                 use-syslog: no\n  num-threads: 1\n  access-control: 127.0.0.0/8 allow\n  \
                 do-not-query-localhost: no\n  local-zone: \"test.\" nodefault\n  \
                 module-config: {modules}\nremote-control:\n  control-enable: no\n\
                 stub-zone:\n  name: \"test.\"\n  stub-addr: 127.0.0.1@{zone}\n\
                 forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{zone}\n"
            );
            fs::write(&configuration, text).unwrap();
            let mut command = Command::new(&own);
            command.arg("-d").arg("-c").arg(&configuration);
            command
        });
        Resolver {
            address: ([127, 0, 0, 1], port).into(),
            _server: server,
            _folder: folder,
        }
    }
}

/// Starts a server on a free port; again on another one where that was taken meanwhile.
fn start(folder: &Path, command: impl Fn(u16) -> Command) -> (Server, u16) {
    let mut failures = Vec::new();
    for _ in 0..3 {
        let port = free_port().unwrap();
        let log = folder.join("log");
        let output = fs::File::create(&log).unwrap();
        let mut command = command(port);
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output);
        match Server::listening(&mut command, &[port]) {
            Ok(server) => return (server, port),
            Err(error) => {
                let log = fs::read_to_string(&log).unwrap_or_default();
                failures.push(format!("{error}: {log}"));
            }
        }
    }
    panic!("{}", failures.join("\n"));
}

/// The digest of the key that signs the zone.
fn anchor(configuration: &Path) -> Option<String> {
    let done = Command::new(program("keymgr"))
        .arg("-c")
        .arg(configuration)
        .args(["test.", "ds"])
        .output()
        .ok()?;
    // One line for each kind of digest: SHA-256 is number 2.
    let text = String::from_utf8(done.stdout).ok()?;
    let line = text.lines().find(|line| line.contains(" 13 2 "))?;
    Some(line.to_owned())
}

/// Whether the server of the zone knows it: until then its answers have a code that is not 0.
fn is_loaded(port: u16) -> bool {
    let question = b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x04test\0\0\x06\0\x01";
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    socket.connect(("127.0.0.1", port)).unwrap();
    let mut buffer = [0; 512];
    socket.send(question).is_ok()
        && socket
            .recv(&mut buffer)
            .is_ok_and(|length| length >= 12 && buffer[3] & 0x0f == 0)
}
