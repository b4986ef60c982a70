//! What is done to one option of an answer.

use dhcp4_api::{Packet, Subnet};

use crate::condition::Condition;

/// What is done to an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// The answer gets the option, unless it has one with this code.
    Add(Vec<u8>),
    /// The answer gets the option, in place of the one that it has with this code.
    Supersede(Vec<u8>),
    /// The answer loses the option.
    Remove,
}

/// What is done to one option of the answers that meet a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    code: u8,
    action: Action,
    condition: Condition,
}

impl Rule {
    /// The rule for the option with this code.
    pub(crate) fn new(code: u8, action: Action, condition: Condition) -> Self {
        Self { code, action, condition }
    }

    /// The code of the option.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// Whether the two rules always meet at the same option.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        self.code == other.code && self.condition == other.condition
    }

    /// Changes the answer, if it meets the condition.
    pub(crate) fn apply(&self, query: &Packet, response: &mut Packet, subnet: Option<&Subnet>) {
        if !self.condition.is_met(query.mac(), subnet) {
            return;
        }
        match &self.action {
            Action::Add(_) if response.option(self.code).is_some() => {}
            Action::Add(data) | Action::Supersede(data) => response.set_option(self.code, data.clone()),
            Action::Remove => {
                response.remove_option(self.code);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(action: Action, before: Option<&[u8]>) -> Option<Vec<u8>> {
        let mut response = Packet::default();
        if let Some(data) = before {
            response.set_option(6, data);
        }
        Rule::new(6, action, Condition::default()).apply(&Packet::default(), &mut response, None);
        response.option(6).map(<[u8]>::to_vec)
    }

    #[test]
    fn each_action_does_what_its_name_says() {
        let (old, new) = (&[1][..], vec![2]);
        assert_eq!(after(Action::Add(new.clone()), None), Some(vec![2]));
        assert_eq!(after(Action::Add(new.clone()), Some(old)), Some(vec![1]));
        assert_eq!(after(Action::Supersede(new.clone()), None), Some(vec![2]));
        assert_eq!(after(Action::Supersede(new), Some(old)), Some(vec![2]));
        assert_eq!(after(Action::Remove, Some(old)), None);
        assert_eq!(after(Action::Remove, None), None);
    }
}
