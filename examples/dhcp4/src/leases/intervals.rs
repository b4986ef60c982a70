//! A set of numbers, kept as intervals.

use std::collections::BTreeMap;

/// A set of numbers that needs little room if many neighbours are in it; each step takes logarithmic time.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Intervals {
    /// From the first number of an interval to its last; no two intervals touch.
    intervals: BTreeMap<u32, u32>,
}

impl Intervals {
    /// Adds all numbers from `first` to `last`; none of them may be in the set.
    pub(super) fn insert_range(&mut self, first: u32, last: u32) {
        let (mut first, mut last) = (first, last);
        if let Some((start, end)) = self.intervals.range(..first).next_back().map(|(start, end)| (*start, *end))
            && end.checked_add(1) == Some(first)
        {
            self.intervals.remove(&start);
            first = start;
        }
        if let Some(end) = last.checked_add(1).and_then(|next| self.intervals.remove(&next)) {
            last = end;
        }
        self.intervals.insert(first, last);
    }

    /// Adds the number.
    pub(super) fn insert(&mut self, number: u32) {
        if !self.contains(number) {
            self.insert_range(number, number);
        }
    }

    /// Takes the number out.
    pub(super) fn remove(&mut self, number: u32) {
        let Some((start, end)) = self.around(number) else { return };
        self.intervals.remove(&start);
        if start < number {
            self.intervals.insert(start, number - 1);
        }
        if number < end {
            self.intervals.insert(number + 1, end);
        }
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.around(number).is_some()
    }

    /// The first number of the set that is at least `from` and at most `to`.
    pub(super) fn first_in(&self, from: u32, to: u32) -> Option<u32> {
        if from > to {
            return None;
        }
        if self.contains(from) {
            return Some(from);
        }
        self.intervals.range(from..=to).next().map(|(start, _)| *start)
    }

    fn around(&self, number: u32) -> Option<(u32, u32)> {
        let (start, end) = self.intervals.range(..=number).next_back()?;
        (number <= *end).then_some((*start, *end))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(steps in vec((any::<bool>(), 0_u32..40), 0..200), base in prop_oneof![Just(0), Just(u32::MAX - 39)]) {
            let mut set = BTreeSet::from_iter((base + 10)..(base + 30));
            let mut intervals = Intervals::default();
            intervals.insert_range(base + 10, base + 29);
            for (insert, number) in steps {
                let number = base + number;
                if insert {
                    set.insert(number);
                    intervals.insert(number);
                } else {
                    set.remove(&number);
                    intervals.remove(number);
                }
                prop_assert_eq!(intervals.contains(number), insert);
                prop_assert_eq!(intervals.first_in(number, base + 39), set.range(number..).next().copied());
                prop_assert_eq!(intervals.first_in(base, number), set.range(..=number).next().copied());
            }
            let listed: Vec<u32> = intervals.intervals.iter().flat_map(|(start, end)| *start..=*end).collect();
            prop_assert!(listed.iter().eq(set.iter()));
            let starts: Vec<_> = intervals.intervals.iter().collect();
            prop_assert!(starts.windows(2).all(|pair| pair[0].1 + 1 < *pair[1].0), "{starts:?} touch");
        }
    }
}
