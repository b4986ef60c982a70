//! What can be done to a set of libraries.

/// One change, or one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Another build of one library.
    Replace(By),
    /// Another build of each library.
    ReplaceAll,
    /// Other parameters for one library.
    Parameters,
    /// A library less, or one more.
    RemoveOrAdd,
    /// The same libraries in another order.
    Move,
    /// The same set again.
    Keep,
    /// A set that the component refuses after a look at it.
    Refuse,
    /// No library for a moment.
    Unload,
    /// A set that cannot be loaded.
    Fail(Because),
}

/// Where another build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// In another file.
    Path,
    /// In another file of the same name.
    Rename,
    /// In the same file.
    Overwrite,
}

/// Why a set cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// The last library's `load` returns an error, after those of the others have succeeded.
    Load,
    /// The same with a panic.
    Panic,
    /// A callout asks for an argument that is not there any more.
    Layout,
    /// The file has another SHA-256 than the configuration.
    Hash,
    Truncated,
    Text,
    Missing,
}

impl Operation {
    /// All of them, in a round: one in five fails.
    pub(crate) const ROUND: [Operation; 31] = [
        Operation::Replace(By::Path),
        Operation::Replace(By::Path),
        Operation::Replace(By::Path),
        Operation::Replace(By::Rename),
        Operation::Replace(By::Rename),
        Operation::Replace(By::Rename),
        Operation::Replace(By::Overwrite),
        Operation::Replace(By::Overwrite),
        Operation::Replace(By::Overwrite),
        Operation::ReplaceAll,
        Operation::ReplaceAll,
        Operation::ReplaceAll,
        Operation::Parameters,
        Operation::Parameters,
        Operation::RemoveOrAdd,
        Operation::RemoveOrAdd,
        Operation::RemoveOrAdd,
        Operation::RemoveOrAdd,
        Operation::Move,
        Operation::Move,
        Operation::Keep,
        Operation::Refuse,
        Operation::Refuse,
        Operation::Unload,
        Operation::Fail(Because::Load),
        Operation::Fail(Because::Panic),
        Operation::Fail(Because::Layout),
        Operation::Fail(Because::Hash),
        Operation::Fail(Because::Truncated),
        Operation::Fail(Because::Text),
        Operation::Fail(Because::Missing),
    ];
}
