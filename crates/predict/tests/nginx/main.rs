//! Predictions against what the configuration language says, and against the real nginx.

mod cgi;
mod differential;
mod generate;
mod grpc;
mod scope;
mod unknown;
mod upstream;

use tightship_model::Deployment;

/// Reads one configuration from text.
fn read(text: &str) -> Deployment {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nginx.conf");
    std::fs::write(&path, text).expect("written");
    tightship_read::nginx_configuration(&path).expect("read")
}
