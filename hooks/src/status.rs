//! Next steps: what a callout asks for and what a hook point honours.

use std::fmt;

/// What a callout asks the component to do next; as in the reference.
///
/// What each value means is the hook point's to say. Each hook point has its own `NextStep` with the values that it honours;
/// this one has all four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum NextStep {
    /// Go on; from a callout: no opinion.
    #[default]
    Continue = 0,
    /// Leave out the component's own next step.
    Skip = 1,
    /// Drop what is being worked on.
    Drop = 2,
    /// Put it aside until it is resumed.
    Park = 3,
}

impl NextStep {
    /// All values.
    pub const ALL: [NextStep; 4] = [NextStep::Continue, NextStep::Skip, NextStep::Drop, NextStep::Park];

    /// The value with the number `raw`.
    pub(crate) fn from_raw(raw: u32) -> Option<NextStep> {
        NextStep::ALL.get(raw as usize).copied()
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NextStep::Continue => "CONTINUE",
            NextStep::Skip => "SKIP",
            NextStep::Drop => "DROP",
            NextStep::Park => "PARK",
        })
    }
}

/// What a function that is a hook point returns: its own result, unless a callout decided otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a callout may have asked to skip or to drop"]
pub enum Step<R> {
    /// The function's body ran and returned this.
    Done(R),
    /// A callout asked to skip: the body did not run.
    Skipped,
    /// A callout asked to drop: the body did not run.
    Dropped,
}

impl<R> Step<R> {
    /// What the body returned, if it ran.
    pub fn done(self) -> Option<R> {
        match self {
            Step::Done(result) => Some(result),
            Step::Skipped | Step::Dropped => None,
        }
    }
}

/// A set of next steps, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statuses(u8);

impl Statuses {
    /// The set with these bits; bit `n` stands for the status with the number `n`.
    pub(crate) const fn from_bits(bits: u8) -> Statuses {
        Statuses(bits)
    }

    pub(crate) const fn contains(self, status: NextStep) -> bool {
        self.0 & (1 << status as u32) != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = NextStep::ALL.into_iter().filter(|&status| self.contains(status));
        for (i, status) in members.enumerate() {
            write!(f, "{}{status}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lists_its_members() {
        assert_eq!(Statuses::from_bits(0b1011).to_string(), "CONTINUE, SKIP, PARK");
        assert!(Statuses::from_bits(0b1011).contains(NextStep::Park));
        assert!(!Statuses::from_bits(0b1011).contains(NextStep::Drop));
    }

    #[test]
    fn numbers_are_the_references() {
        for (number, status) in NextStep::ALL.into_iter().enumerate() {
            assert_eq!(NextStep::from_raw(number as u32), Some(status));
        }
        assert_eq!(NextStep::from_raw(4), None);
    }
}
