//! What a server accepts of a list: it chooses, the choice is taken off the list, and it is asked again
//! until it refuses the rest. So n things cost n + 1 connections.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::connection::Prober;

/// From here on waiting costs more than connections.
pub(super) const FAR: Duration = Duration::from_millis(20);

/// Why a list was not asked for further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// None of the rest is accepted.
    Refused,
    /// The version is not.
    Version,
    /// No answer.
    Lost(String),
}

impl End {
    pub(super) fn worse(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Lost(_), _) => self,
            _ => other,
        }
    }
}

/// What was accepted, in the order of its choice, and why it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken<T> {
    pub(super) chosen: Vec<T>,
    pub(super) end: End,
}

impl<T> Taken<T> {
    pub(super) fn join(&mut self, other: Self) {
        self.chosen.extend(other.chosen);
        self.end = self.end.clone().worse(other.end);
    }
}

/// Asks for one of these; what comes back is among them.
pub(super) type Choose<'a, T> =
    &'a (dyn Fn(Vec<T>) -> Later<'a, Result<T, End>> + Send + Sync + 'a);
pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How often lists may still be cut in two, whose halves are asked for side by side. Each cut saves
/// waiting and costs a connection, that of one more refusal.
#[derive(Debug)]
pub(super) struct Cuts(AtomicUsize);

impl Cuts {
    /// So many where the server is far away, none where it is near.
    pub(super) fn if_far(prober: &Prober, cuts: usize) -> Self {
        let is_far = prober.distance() >= FAR;
        Self(AtomicUsize::new(if is_far { cuts } else { 0 }))
    }

    pub(super) fn none() -> Self {
        Self(AtomicUsize::new(0))
    }

    fn cut(&self) -> bool {
        let left = |cuts: usize| cuts.checked_sub(1);
        self.0.fetch_update(Relaxed, Relaxed, left).is_ok()
    }
}

/// Takes what the server chooses of the list until it refuses the rest.
pub(super) fn take<'a, T>(
    mut left: Vec<T>,
    cuts: &'a Cuts,
    choose: Choose<'a, T>,
) -> Later<'a, Taken<T>>
where
    T: Copy + PartialEq + Send + Sync + 'a,
{
    Box::pin(async move {
        let mut taken = Taken {
            chosen: Vec::new(),
            end: End::Refused,
        };
        while !left.is_empty() {
            match choose(left.clone()).await {
                Ok(one) => {
                    left.retain(|other| *other != one);
                    taken.chosen.push(one);
                }
                Err(end) => {
                    taken.end = end;
                    break;
                }
            }
            if left.len() > 1 && cuts.cut() {
                let half = |start| left.iter().skip(start).step_by(2).copied().collect();
                let (one, other) =
                    tokio::join!(take(half(0), cuts, choose), take(half(1), cuts, choose));
                taken.join(one);
                taken.join(other);
                break;
            }
        }
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Server = fn(&[u8]) -> Result<u8, End>;

    async fn ask(list: Vec<u8>, cuts: usize, server: Server) -> Taken<u8> {
        let cuts = Cuts(AtomicUsize::new(cuts));
        take(list, &cuts, &|list| -> Later<'_, _> {
            Box::pin(async move { server(&list) })
        })
        .await
    }

    /// A server that accepts four numbers, the seven first of all.
    fn some(list: &[u8]) -> Result<u8, End> {
        let chosen = [7, 3, 16, 9].into_iter().find(|code| list.contains(code));
        chosen.ok_or(End::Refused)
    }

    #[tokio::test]
    async fn everything_that_is_accepted_is_taken_in_order() {
        let taken = ask((0..20).collect(), 0, some).await;
        assert_eq!(taken.chosen, [7, 3, 16, 9]);
        assert_eq!(taken.end, End::Refused);
    }

    #[tokio::test]
    async fn cuts_change_nothing_but_the_order() {
        for cuts in 0..20 {
            let mut taken = ask((0..20).collect(), cuts, some).await;
            assert_eq!(taken.chosen.first(), Some(&7));
            taken.chosen.sort_unstable();
            assert_eq!(taken.chosen, [3, 7, 9, 16]);
        }
    }

    #[tokio::test]
    async fn a_lost_answer_of_one_half_is_not_a_refusal() {
        let taken = ask(vec![1, 2, 3, 4, 5], 1, |list| match list {
            [first, _, _, ..] => Ok(*first),
            [2, ..] => Err(End::Lost("gone".to_owned())),
            _ => Err(End::Refused),
        })
        .await;
        assert_eq!(taken.end, End::Lost("gone".to_owned()));
    }
}
