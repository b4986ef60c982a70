//! A generation: one complete set of libraries with the chains of callouts that follow from it. Never changed once published.

use std::ffi::c_void;
use std::sync::Arc;

use crate::abi::callout::Thunk;
use crate::abi::info::PointInfo;
use crate::callout::CalloutInfo;
use crate::library::Library;
use crate::park::Holder;

/// What a request sees from its first hook point to its last.
#[derive(Debug)]
pub(crate) struct Generation {
    /// By the index of the hook point; shorter than the registry if hook points came later.
    chains: Box<[Option<Chain>]>,
    /// The libraries in the order of the configuration.
    pub(crate) libraries: Vec<Arc<Library>>,
}

/// The callouts of one hook point, in the order in which they are called.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) point: Arc<PointInfo>,
    pub(crate) links: Box<[Link]>,
}

/// One attached callout.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) thunk: Thunk,
    pub(crate) state: *const c_void,
    pub(crate) info: CalloutInfo,
    /// The library, as one that parks.
    pub(crate) holder: Arc<Holder>,
}

#[expect(unsafe_code, reason = "a link holds the address of a plugin's state")]
mod sync {
    use super::Link;

    // SAFETY: the state is that of a `Plugin`, which is `Send + Sync`; the thunk only takes it by shared reference.
    unsafe impl Send for Link {}
    // SAFETY: as for `Send`.
    unsafe impl Sync for Link {}
}

impl Generation {
    /// The set of `libraries`: chains in the order of the libraries, within a library in the order of its callouts.
    pub(crate) fn new(libraries: Vec<Arc<Library>>, points: usize) -> Generation {
        let mut chains: Vec<Option<(Arc<PointInfo>, Vec<Link>)>> = Vec::new();
        chains.resize_with(points, || None);
        for library in &libraries {
            for attachment in &library.attachments {
                let Some(chain) = chains.get_mut(attachment.index as usize) else { continue };
                let (_, links) = chain.get_or_insert_with(|| (Arc::clone(&attachment.point), Vec::new()));
                links.push(Link {
                    thunk: attachment.thunk,
                    state: library.state(),
                    info: attachment.info.clone(),
                    holder: Arc::clone(&library.holder),
                });
            }
        }
        let chain = |(point, links): (_, Vec<_>)| Chain { point, links: links.into_boxed_slice() };
        Generation { chains: chains.into_iter().map(|entry| entry.map(chain)).collect(), libraries }
    }

    /// The chain of the hook point `index`, if it has callouts.
    #[inline]
    pub(crate) fn chain(&self, index: u32) -> Option<&Chain> {
        self.chains.get(index as usize)?.as_ref()
    }

    /// The indexes of the hook points that have callouts.
    pub(crate) fn attached(&self) -> impl Iterator<Item = u32> + '_ {
        self.chains.iter().enumerate().filter(|(_, chain)| chain.is_some()).map(|(index, _)| index as u32)
    }

    /// All attached callouts, by hook point and in the order of calls.
    pub(crate) fn callouts(&self) -> Vec<CalloutInfo> {
        self.chains.iter().flatten().flat_map(|chain| chain.links.iter().map(|link| link.info.clone())).collect()
    }
}
