//! One of sixteen callouts, as the parameters say. They do the same, each in a place of its own: so are the callouts of different
//! libraries, whereas those of copies of one library lie at the same place of a page, which no cache is made for.

#![forbid(unsafe_code)]

use bench_api::{Packet, received};
use hooks::{BoxError, Callout, LibraryHandle};

hooks::library!();

/// The plugin's root: it has no state.
#[derive(Debug)]
struct Chaining;

/// What the configuration says.
#[derive(Debug, serde::Deserialize)]
struct Parameters {
    /// Which of the callouts; they repeat after sixteen.
    place: usize,
}

#[hooks::plugin]
impl hooks::Plugin for Chaining {
    type Parameters = Parameters;

    fn load(parameters: Parameters, library: &mut LibraryHandle) -> Result<Chaining, BoxError> {
        let all = callouts();
        let callout = all.get(parameters.place % all.len()).ok_or("there are callouts")?;
        library.register_callout(callout)?;
        Ok(Chaining)
    }
}

macro_rules! chaining {
    ($($name:ident $number:literal,)*) => {
        $(
            // Each adds another number, so that the compiler keeps sixteen functions.
            #[hooks::callout(received, manual)]
            fn $name(packet: &mut Packet, from: &Packet) -> received::NextStep {
                packet.length = packet.id.wrapping_add(from.id).wrapping_add($number);
                if packet.length == u64::MAX { received::NextStep::Drop } else { received::NextStep::Continue }
            }
        )*

        fn callouts() -> Vec<Callout> {
            vec![$($name::callout()),*]
        }
    };
}

chaining! {
    chain_1 1, chain_2 2, chain_3 3, chain_4 4, chain_5 5, chain_6 6, chain_7 7, chain_8 8,
    chain_9 9, chain_10 10, chain_11 11, chain_12 12, chain_13 13, chain_14 14, chain_15 15, chain_16 16,
}
