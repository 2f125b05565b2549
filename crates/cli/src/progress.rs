//! A sign of life on stderr when reading takes long.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Silence up to here needs no explanation.
const PATIENCE: Duration = Duration::from_millis(500);

/// Does `work`; says what it is about on a terminal if that takes longer than half a second.
pub(crate) fn watched<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = match supports_unicode::on(supports_unicode::Stream::Stderr) {
                true => ProgressBar::new_spinner().with_message(what.to_owned()),
                false => ProgressBar::new_spinner()
                    .with_style(ProgressStyle::default_spinner().tick_chars("|/-\\ "))
                    .with_message(tightship_report::ascii(what).into_owned()),
            };
            bar.enable_steady_tick(Duration::from_millis(100));
            // Ends when `done` is dropped, also by a panic.
            let _ = wait.recv();
            bar.finish_and_clear();
        });
        let result = work();
        drop(done);
        result
    })
}
