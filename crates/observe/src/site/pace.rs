//! How fast requests may follow each other.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Lets a few requests go at once and the others at an even pace (the generic cell rate algorithm).
pub(super) struct Pace {
    interval: Duration,
    /// When the next one would be due if there were no allowance.
    due: Mutex<Option<Instant>>,
}

/// Requests that go at once after a rest: what a browser sends for one page.
const ALLOWANCE: u32 = 10;

impl Pace {
    /// `rate` is in requests a second.
    pub(super) fn new(rate: f64) -> Self {
        let interval = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::ZERO);
        Self {
            interval,
            due: Mutex::new(None),
        }
    }

    /// Waits until the next request may go.
    pub(super) async fn wait(&self) {
        let now = Instant::now();
        let go = {
            let mut due = self.due.lock().unwrap_or_else(|broken| broken.into_inner());
            let at = due.map_or(now, |due| due.max(now));
            *due = at.checked_add(self.interval);
            at.checked_sub(self.interval * ALLOWANCE).unwrap_or(now)
        };
        if go > now {
            sleep_until(go).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_go_at_once_and_the_rest_at_the_rate() {
        let pace = Pace::new(20.0);
        let started = Instant::now();
        for _ in 0..=ALLOWANCE {
            pace.wait().await;
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
        for _ in 0..40 {
            pace.wait().await;
        }
        let seconds = started.elapsed().as_secs_f64();
        assert!((1.99..2.02).contains(&seconds), "{seconds}");
    }
}
