//! How the rows of a list stand, as a ring.

use tightship_model::checklist::Standing;

/// The whole of a ring, as `pathLength` says it.
const WHOLE: usize = 1000;

/// Rows by how they stand; what does not apply is no part of it.
pub(crate) struct Ring {
    pub(crate) arcs: Vec<Arc>,
    /// Rows that are ticked: by proof or by a person.
    pub(crate) ticked: usize,
    /// Rows that apply.
    pub(crate) all: usize,
    /// How many rows stand so, the good first, without what there is none of.
    pub(crate) counts: Vec<(Standing, usize)>,
}

/// A part of the ring, in thousandths.
pub(crate) struct Arc {
    pub(crate) class: &'static str,
    pub(crate) from: usize,
    pub(crate) length: usize,
}

impl Ring {
    pub(crate) fn of(standings: impl IntoIterator<Item = Standing>) -> Self {
        let mut counts = Standing::ALL.map(|standing| (standing, 0));
        counts.reverse();
        for standing in standings {
            for (one, count) in &mut counts {
                *count += usize::from(*one == standing);
            }
        }
        let counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        let applies = |(standing, _): &&(Standing, usize)| *standing != Standing::NotApplicable;
        let all = counts.iter().filter(applies).map(|(_, count)| count).sum();
        let ticked = counts.iter().filter(|(standing, _)| standing.ticks());
        let mut before = 0;
        let arcs = counts.iter().filter(applies).map(|(standing, count)| {
            let from = before * WHOLE / all;
            before += count;
            Arc {
                class: standing.name(),
                from,
                length: before * WHOLE / all - from,
            }
        });
        Self {
            arcs: arcs.collect(),
            ticked: ticked.map(|(_, count)| count).sum(),
            all,
            counts,
        }
    }

    /// Rounded down: only all is 100.
    pub(crate) fn percent(&self) -> usize {
        (self.ticked * 100).checked_div(self.all).unwrap_or(100)
    }

    /// Whether nothing is left open.
    pub(crate) fn is_whole(&self) -> bool {
        self.ticked == self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_is_no_part_of_the_ring() {
        let rows = [
            Standing::Fail,
            Standing::Pass,
            Standing::NotApplicable,
            Standing::Signed,
        ];
        let ring = Ring::of(rows);
        assert_eq!((ring.ticked, ring.all, ring.percent()), (2, 3, 66));
        let arcs: Vec<_> = ring
            .arcs
            .iter()
            .map(|arc| (arc.class, arc.from, arc.length))
            .collect();
        assert_eq!(
            arcs,
            [("pass", 0, 333), ("signed", 333, 333), ("fail", 666, 334)]
        );
        assert_eq!(ring.counts.len(), 4);
    }

    #[test]
    fn an_empty_list_is_whole() {
        let ring = Ring::of([Standing::NotApplicable]);
        assert_eq!((ring.all, ring.percent(), ring.arcs.len()), (0, 100, 0));
        assert!(ring.is_whole());
    }
}
