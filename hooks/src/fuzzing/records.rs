//! The reader of descriptors.

use super::{is_in_words, write};
use crate::abi::compare;
use crate::abi::decode;
use crate::abi::info::{BuildInfo, CalloutRecordInfo, PointInfo};

/// The bytes as a section `.hooks`.
///
/// What is read is written again as what it was read from, or shorter; a binary fits itself; and whatever else two binaries
/// hold against each other is told in words.
pub fn records(section: &[u8]) {
    let protocols = decode::protocols(section);
    let records = match decode::records(section) {
        Ok(records) => records,
        Err(error) => return is_in_words(&error),
    };
    let builds = records.libraries.iter().map(|library| (&library.build, true));
    let mut expected: Vec<_> = builds.chain(records.builds.iter().map(|build| (build, false))).collect();
    for protocol in protocols.unwrap() {
        let is_it = |(build, is_library): &(&BuildInfo, bool)| {
            (build.protocol, &build.framework_version, *is_library)
                == (protocol.number, &protocol.framework_version, protocol.is_library)
        };
        expected.remove(expected.iter().position(is_it).unwrap());
    }
    assert!(expected.is_empty(), "protocols that were not read on their own: {expected:?}");
    let written = write::records(&records);
    assert!(written.len() <= section.len(), "{} bytes have become {}", section.len(), written.len());
    assert_eq!(decode::records(&written).as_ref(), Ok(&records));
    for point in &records.points {
        assert_eq!(decode::point(&write::point(point)).as_ref(), Ok(point));
        assert!(compare::same_point(point, point), "{point:?} is not as itself");
    }
    for callout in records.callouts.iter().take(8) {
        for theirs in records.points.iter().take(8) {
            for ours in records.points.iter().take(8) {
                fits(callout, theirs, ours);
            }
        }
    }
}

/// Compares two hook points as that of a library and that of a host.
fn fits(callout: &CalloutRecordInfo, theirs: &PointInfo, ours: &PointInfo) {
    let has = |point: &PointInfo| {
        let named = |name: &String| point.arguments.iter().any(|argument| argument.name == *name);
        callout.arguments.iter().all(named)
    };
    match compare::callout(callout, theirs, ours, "the host") {
        Ok(()) => assert!(has(theirs) && has(ours), "{callout:?} uses what is not there"),
        Err(error) => {
            assert!(!has(theirs) || !compare::same_point(theirs, ours), "{error}, but the hook points are the same");
            is_in_words(&error);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("records", super::records);
    }
}
