//! The list of statuses that a hook point honours, and what a failing callout counts as.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Bracket;
use syn::{Ident, Result, Token, bracketed};

use crate::errors::Errors;

/// The four statuses by their numbers.
pub(crate) const NAMES: [&str; 4] = ["Continue", "Skip", "Drop", "Park"];

/// `[Continue, Skip, …]` as it is written.
pub(crate) struct StatusList {
    bracket: Bracket,
    names: Punctuated<Ident, Token![,]>,
}

/// A list that has been checked.
pub(crate) struct Statuses {
    /// Each honoured status with its number, in the order of the numbers.
    pub(crate) honoured: Vec<(Ident, u8)>,
    /// The number of the status that a failing callout counts as.
    pub(crate) on_failure: u8,
}

impl Parse for StatusList {
    fn parse(input: ParseStream<'_>) -> Result<StatusList> {
        let content;
        let bracket = bracketed!(content in input);
        Ok(StatusList { bracket, names: Punctuated::parse_terminated(&content)? })
    }
}

fn number(name: &Ident) -> Option<u8> {
    NAMES.iter().position(|known| name == known).map(|number| number as u8)
}

impl StatusList {
    /// The brackets with all between them.
    pub(crate) fn span(&self) -> Span {
        self.bracket.span.join()
    }

    /// The bracket at the end.
    pub(crate) fn end(&self) -> Span {
        self.bracket.span.close()
    }

    /// Checks the list and `on_failure`, which goes with it.
    pub(crate) fn check(&self, on_failure: Option<&Ident>, errors: &mut Errors) -> Statuses {
        let mut honoured: Vec<(Ident, u8)> = Vec::new();
        // A misspelt status is one mistake; what then seems to be missing is none.
        let mut misspelt = false;
        for name in &self.names {
            let Some(number) = number(name) else {
                errors.push(name, format!("`{name}` is no status; expected `Continue`, `Skip`, `Drop` or `Park`"));
                misspelt = true;
                continue;
            };
            if honoured.iter().any(|(_, known)| *known == number) {
                errors.push(name, format!("`{name}` is listed twice; leave one of them out"));
                continue;
            }
            honoured.push((name.clone(), number));
        }
        honoured.sort_by_key(|(_, number)| *number);
        let has = |status: u8| honoured.iter().any(|(_, number)| *number == status);
        if !has(0) && !misspelt {
            let message = "`Continue` is missing; every hook point honours it: write `[Continue, …]`";
            errors.add(syn::Error::new(self.span(), message));
        }
        let on_failure = match on_failure {
            None if has(2) || misspelt => 2,
            None => {
                let message = "what does a failing callout count as? A hook point without `Drop` says it: write \
                               `on_failure = Skip` or `on_failure = Continue` after the statuses";
                errors.add(syn::Error::new(self.span(), message));
                0
            }
            Some(name) => self.failure(name, &honoured, errors),
        };
        Statuses { honoured, on_failure }
    }

    fn failure(&self, name: &Ident, honoured: &[(Ident, u8)], errors: &mut Errors) -> u8 {
        match number(name) {
            Some(3) => {
                errors.push(name, "a callout that failed cannot park; expected `Continue`, `Skip` or `Drop`");
                0
            }
            Some(number) if honoured.iter().any(|(_, known)| *known == number) => number,
            Some(_) => {
                errors.push(
                    name,
                    format!("`{name}` is not among the statuses that this hook point honours; add it to them"),
                );
                0
            }
            None => {
                errors.push(name, format!("`{name}` is no status; expected `Continue`, `Skip` or `Drop`"));
                0
            }
        }
    }
}

impl Statuses {
    pub(crate) fn honours(&self, number: u8) -> bool {
        self.honoured.iter().any(|(_, known)| *known == number)
    }

    /// A bit for each honoured status.
    pub(crate) fn bits(&self) -> u8 {
        self.honoured.iter().fold(0, |bits, (_, number)| bits | 1 << number)
    }
}
