//! What of a library is the same in each of its instances: its functions, and where its callouts belong.

use std::sync::Arc;

use crate::abi::PluginApi;
use crate::abi::callout::{CalloutEntry, Thunk};
use crate::abi::info::{CalloutRecordInfo, PointInfo};
use crate::callout_info::{CalloutInfo, CalloutNames};

/// What of a library is the same in each of its instances: made once per file content, and once per built-in plugin.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) name: Arc<str>,
    pub(crate) version: String,
    pub(crate) plugin: PluginApi,
    /// Whether its callouts may run on several threads at once, as it says.
    pub(crate) multi_threading_compatible: bool,
    /// All of its functions that are callouts, also those that it registers itself.
    pub(crate) callouts: Vec<Attachment>,
    /// What a plain C library is; nothing for a plugin in Rust.
    pub(crate) c: Option<Arc<crate::c::Image>>,
}

/// A callout with the hook point to which it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) index: u32,
    pub(crate) point: Arc<PointInfo>,
    pub(crate) thunk: Thunk,
    /// Whether it cannot reach the handle of the call.
    pub(crate) is_plain: bool,
    pub(crate) info: CalloutInfo,
    /// What is the same for one callout and for no other: the address of its record, or of its closure.
    pub(crate) identity: usize,
    /// Whether it is attached only when its library registers it.
    pub(crate) manual: bool,
}

impl Attachment {
    /// The function that `entry` and its `record` describe.
    pub(crate) fn new(
        index: u32,
        point: &Arc<PointInfo>,
        entry: &CalloutEntry,
        library: &Arc<str>,
        record: &CalloutRecordInfo,
    ) -> Attachment {
        let names = CalloutNames {
            hook: point.name.clone(),
            library: Arc::clone(library),
            callout: record.name.clone(),
            file: record.file.clone(),
            line: record.line,
        };
        Attachment {
            index,
            point: Arc::clone(point),
            thunk: entry.thunk,
            is_plain: entry.is_plain,
            info: CalloutInfo { inner: Arc::new(names) },
            identity: entry.record().as_ptr().addr(),
            manual: record.manual,
        }
    }
}

/// Sorts by where the callouts stand in their sources: the order of linking is not stable.
pub(crate) fn sort(callouts: &mut [Attachment]) {
    callouts.sort_by(|one, other| {
        let key = |attachment: &Attachment| (attachment.info.file().to_owned(), attachment.info.line());
        key(one).cmp(&key(other))
    });
}
