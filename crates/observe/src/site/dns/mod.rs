//! What the DNS says of a site: questions to resolvers, each kept with its answer.

mod names;
mod plan;
mod system;
pub mod transcript;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tightship_model::site::dns::{Dns, Lookup, Question, Reply, View};
use tokio::task::JoinSet;

use super::Options;

/// Whom to ask, and what beyond the site's own name.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Resolvers; the system's where there is none.
    pub resolvers: Vec<SocketAddr>,
    /// DKIM selectors to look for.
    pub selectors: Vec<String>,
    /// Addresses that the project's files send mail as.
    pub senders: Vec<String>,
    /// The host to which they give it.
    pub relay: Option<String>,
}

/// Reads `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`; `None` where it is
/// no address.
pub fn resolver(text: &str) -> Option<SocketAddr> {
    let address = text.parse().map(|ip: IpAddr| (ip, PORT).into());
    address.or_else(|_| text.parse()).ok()
}

/// Where resolvers listen (RFC 1035, section 4.2).
const PORT: u16 = 53;

/// Resolvers that are asked.
const MOST_RESOLVERS: usize = 4;

/// Questions to one resolver.
const MOST_QUESTIONS: usize = 150;

/// For all questions to one resolver.
const LONGEST: Duration = Duration::from_secs(20);

/// For one question, asked twice.
const PATIENCE: Duration = Duration::from_secs(2);

/// Questions that are under way at once.
const AT_ONCE: usize = 8;

/// Asks what the DNS says of the target. Needs a tokio runtime with network and time; never fails:
/// what could not be asked is said in the answer.
pub async fn observe(options: &Options) -> Dns {
    let wish = &options.dns;
    let mut dns = names::names(options);
    if dns.unasked.is_some() {
        return dns;
    }
    let resolvers = match wish.resolvers.is_empty() {
        true => system::resolver().into_iter().collect(),
        false => wish.resolvers.clone(),
    };
    let patience = PATIENCE.min(options.timeout);
    for (number, resolver) in resolvers.into_iter().take(MOST_RESOLVERS).enumerate() {
        let view = look(&dns, resolver, number == 0, patience).await;
        dns.views.push(view);
    }
    dns
}

/// Asks one resolver; only `whole` asks for more than addresses.
async fn look(dns: &Dns, resolver: SocketAddr, whole: bool, patience: Duration) -> View {
    let begun = Instant::now();
    let mut view = View {
        resolver: resolver.to_string(),
        ..View::default()
    };
    loop {
        let mut wanted = plan::wanted(dns, &view, whole);
        if wanted.is_empty() {
            return view;
        }
        let left = MOST_QUESTIONS.saturating_sub(view.lookups.len());
        if left == 0 || begun.elapsed() > LONGEST {
            view.gaps.push(format!(
                "more than {MOST_QUESTIONS} questions, or longer than {} s: the rest was not asked",
                LONGEST.as_secs()
            ));
            return view;
        }
        wanted.truncate(left.min(AT_ONCE));
        view.lookups.extend(ask(resolver, wanted, patience).await);
        if view.lookups.iter().all(is_lost) {
            view.gaps.push("it gives no answer".to_owned());
            return view;
        }
    }
}

fn is_lost(lookup: &Lookup) -> bool {
    matches!(lookup.reply, Reply::None(_))
}

/// Asks several at once; the order of the answers is that of the questions.
async fn ask(resolver: SocketAddr, questions: Vec<Question>, patience: Duration) -> Vec<Lookup> {
    let mut asked = JoinSet::new();
    for (place, question) in questions.into_iter().enumerate() {
        asked.spawn(async move {
            let reply = wire::ask(resolver, &question, patience).await;
            (place, Lookup { question, reply })
        });
    }
    let mut lookups = asked.join_all().await;
    lookups.sort_by_key(|(place, _)| *place);
    lookups.into_iter().map(|(_, lookup)| lookup).collect()
}
