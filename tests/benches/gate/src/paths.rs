//! Shows the instructions that a turn of the idle path and of the path of one callout executes, for the document.

use std::path::Path;

use crate::Problem;
use crate::build::subject;
use crate::callgrind::count;
use crate::disassembly::listing;
use crate::expected;

/// Prints them, for each workload whose calls are listed, in Markdown.
pub(crate) fn print(benches: &Path) -> Result<(), Problem> {
    let subject = subject(benches, None)?;
    for (name, entry) in &expected::read(benches)?.workload {
        if entry.calls.is_some() {
            let turns = count(&subject, name)?;
            println!(
                "`{name}`, {} instructions:\n\n```text\n{}```\n",
                turns.instructions(),
                listing(&turns.profile, &subject)?
            );
        }
    }
    Ok(())
}
