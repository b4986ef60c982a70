//! How long callouts take, counted while a `Hooks` asks for it: a histogram for each callout.
//!
//! ```text
//!   a callout returns  --->  `clock`: the processor's counter, once for the end of one callout and the beginning of the next
//!                      --->  `Times`: one more in a bucket; each thread has a shard of its own, or shares it with few others
//!   statistics         --->  `CalloutTimes`: the shards added up, counter's ticks as durations
//! ```
//!
//! A call takes no lock and no memory, but for the first one of a callout on a shard.

mod buckets;
pub(crate) mod clock;
mod summary;
mod times;

pub use summary::CalloutTimes;
pub(crate) use times::{Counting, Times};
