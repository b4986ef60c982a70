//! Collects mistakes, so that all of them are reported at once.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Error, Result};

/// The mistakes so far.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// One more mistake, on `token`.
    pub(crate) fn push(&mut self, token: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(token, message));
    }

    /// One more mistake.
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(all) => all.combine(error),
        }
    }

    /// All mistakes as one error, if there are any.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0 {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

/// What an attribute that failed expands to: the item as it was, and the mistakes. The item stays, so that one mistake gives one
/// message.
pub(crate) fn with_item(error: &Error, item: TokenStream) -> TokenStream {
    let mut tokens = item;
    tokens.extend(error.to_compile_error());
    tokens
}
