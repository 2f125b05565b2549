//! Ports that must not be reached from the internet: one connection each, and what it speaks.

mod greeting;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tightship_model::site::ports::{Door, Greeting, Ports, Service, State};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::pace::Pace;
use super::{Options, address};

/// For a connection, and again for what is heard on it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the first address of the target. Needs a tokio runtime with network and time; never fails:
/// what was not seen is said in the answer.
pub(super) async fn observe(options: &Options) -> Ports {
    let own = options.target.port().unwrap_or_default();
    let host = options.target.host();
    let found = address::addresses(&host, own, &options.connect_to, options.timeout).await;
    let address = match found.as_deref() {
        Ok([first, ..]) => *first,
        Ok([]) => return unasked("the name has no address"),
        Err(failure) => return unasked(&failure.detail),
    };
    // What the user named is the site itself.
    let doors = Service::ALL
        .into_iter()
        .filter(|(port, _)| ![own, address.port()].contains(port));
    look(address.ip(), doors, options).await
}

fn unasked(reason: &str) -> Ports {
    Ports {
        unasked: Some(reason.to_owned()),
        ..Ports::default()
    }
}

/// Asks ports of an address, each once.
async fn look(ip: IpAddr, doors: impl Iterator<Item = (u16, Service)>, options: &Options) -> Ports {
    let patience = PATIENCE.min(options.timeout);
    let pace = Pace::new(options.rate);
    let mut asked = JoinSet::new();
    for (port, service) in doors {
        pace.wait().await;
        let host = options.target.host();
        asked.spawn(async move {
            let address = SocketAddr::new(ip, port);
            let state = knock(address, service, &host, patience).await;
            Door {
                port,
                service,
                state,
            }
        });
    }
    let mut doors = asked.join_all().await;
    doors.sort_by_key(|door| door.port);
    Ports {
        address: ip.to_string(),
        unasked: None,
        doors,
    }
}

/// Asks one port as if the service were at home there, with the name that HTTP wants to know. Needs a
/// tokio runtime with network and time.
pub async fn knock(address: SocketAddr, service: Service, host: &str, patience: Duration) -> State {
    use std::io::ErrorKind;
    let stream = match timeout(patience, TcpStream::connect(address)).await {
        Err(_) => return State::Silent,
        Ok(Err(error)) => {
            return match error.kind() {
                ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => State::Closed,
                ErrorKind::TimedOut => State::Silent,
                _ => State::Unreachable(error.to_string()),
            };
        }
        Ok(Ok(stream)) => stream,
    };
    let heard = timeout(patience, greeting::hear(stream, service, host)).await;
    State::Open(heard.unwrap_or(Greeting::Nothing))
}
