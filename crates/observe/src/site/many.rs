//! Many sites, some of them at a time.

use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tightship_model::site::Site;
use tokio::sync::Notify;

use super::{Options, look_timed};

/// Looks at each of `sites`, at most `at_once` at a time, and hands each over when it is done: not in
/// their order, and not on the thread of the caller. `None` stands for a look that broke, which is a
/// fault in tightship. A host that stands in several places is looked at by one look at a time, so
/// that it is asked no faster than if it stood there once; only this machine is not spared. What is
/// kept does not grow with the number of sites.
///
/// # Errors
///
/// Those of the system, where no runtime can be made.
pub fn observe_each<Key: Send>(
    sites: impl Iterator<Item = (Key, Options)> + Send,
    at_once: NonZeroUsize,
    done: impl Fn(Key, Option<Site>) + Sync,
) -> io::Result<()> {
    let queue = Queue {
        sites: tokio::sync::Mutex::new(sites),
        busy: Mutex::default(),
        freed: Notify::new(),
    };
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = processors.min(at_once.get());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|place| {
                // The first ones take what is left over.
                let slots = (at_once.get() + threads - 1 - place) / threads;
                let (queue, done) = (&queue, &done);
                scope.spawn(move || work(queue, slots, done))
            })
            .collect();
        let broken = || io::Error::other("a thread that looks at sites broke");
        let mut result = Ok(());
        for worker in workers {
            let ended = worker.join().unwrap_or_else(|_| Err(broken()));
            result = result.and(ended);
        }
        result
    })
}

/// Looks at `slots` sites at a time until there are no more.
fn work<Key>(
    queue: &Queue<impl Iterator<Item = (Key, Options)>>,
    slots: usize,
    done: &impl Fn(Key, Option<Site>),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let slot = async || {
        while let Some((key, options)) = queue.next().await {
            let look = AssertUnwindSafe(look_timed(&options)).catch_unwind();
            let site = look.await.ok();
            queue.free(&options);
            done(key, site);
        }
    };
    runtime.block_on(join_all((0..slots).map(|_| slot())));
    // Connections that a hostile server keeps open are dropped, not awaited.
    runtime.shutdown_background();
    Ok(())
}

/// The sites that are still to be looked at, shared by all threads.
struct Queue<Sites> {
    sites: tokio::sync::Mutex<Sites>,
    /// Hosts that are looked at now.
    busy: Mutex<BTreeSet<String>>,
    /// Told when one of them is done.
    freed: Notify,
}

impl<Key, Sites: Iterator<Item = (Key, Options)>> Queue<Sites> {
    /// The next one, when its host is not busy: those behind it wait too.
    async fn next(&self) -> Option<(Key, Options)> {
        let mut sites = self.sites.lock().await;
        let (key, options) = sites.next()?;
        if let Some(host) = spared(&options) {
            loop {
                // Before the look at what is busy: what is freed between them is not missed.
                let freed = self.freed.notified();
                if self.busy().insert(host.clone()) {
                    break;
                }
                freed.await;
            }
        }
        Some((key, options))
    }

    fn free(&self, options: &Options) {
        if let Some(host) = spared(options) {
            self.busy().remove(&host);
            self.freed.notify_waiters();
        }
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The host that is not to be looked at twice at a time.
fn spared(options: &Options) -> Option<String> {
    (!options.target.is_this_machine()).then(|| options.target.host())
}
